#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The commands of conf/container/compose.override.yaml, one by one, with podman
# for docker; run by compose.t in namespaces of its own.
#
#   compose.sh SITE TOP IMAGE    the project, the sources, what docker load takes
set -eu
cd "$1"
top=$2 image=$3
mount -t proc proc /proc
# podman leaves a lock there.
mount -t tmpfs tmpfs /dev/shm
# crun knows control groups of the first and of the second kind, not both, and
# from 1.28 on those of the second alone.
mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null || true
ip link set lo up

step() { echo "STEP $*"; }
docker() {
    if test "$1" = compose; then
        shift
        podman-compose "$@"
    else
        podman "$@"
    fi
}

# All but the last, which asks.
sed -n 's/^#   \([a-z].*\)/\1/p' "$top/conf/container/compose.override.yaml" |
    sed "s|\.\.\./build/image/mod-ocsp-responder.tar|$image|
         s|\.\.\./conf|$top/conf|" >commands
test "$(wc -l <commands)" = 5
sed '$d' commands >first
trap 'docker compose down -v >/dev/null 2>&1' EXIT
. ./first
step 'the project is up'

# Until it says what somebody wants to hear, for a minute.
until_says() {
    wanted=$1
    shift
    for second in $(seq 60); do
        said=$("$@" 2>&1) || true
        case $said in
        *"$wanted"*) return 0 ;;
        esac
        sleep 1
    done
    echo "after $second seconds: $said"
    for name in $(podman ps -a --format '{{.Names}}'); do
        echo "-- $name"
        podman logs "$name" 2>&1 | tail -n 20
    done
    exit 1
}
ask() { openssl ocsp -issuer "$1" -CAfile ca.pem -cert "$2" -url "$url"; }

url=http://localhost/django_ca/ocsp/
until_says ENUMERATED sh -c "$(tail -n 1 commands)"
step 'the last command is answered, through nginx'
until_says 'root-good-1.pem: good' ask ca.pem root-good-1.pem
step 'good, by the key in the database'
until_says 'inter-good-1.pem: good' ask inter.pem inter-good-1.pem
step 'good, by the key in the volume, which user 9000 alone may read'
until_says django-ca curl -s http://localhost/django_ca/crl/1/
until_says django-ca curl -s http://localhost/admin/
step "everything else is django-ca's still"
# Not by podman exec, which in a chroot ends outside of the container.
psql() {
    process=$(podman inspect -f '{{.State.Pid}}' "$(podman ps -q --filter name=db)")
    command psql -q -h "/proc/$process/root/tmp" -U postgres
}
echo "UPDATE django_ca_certificate SET revoked = true, revoked_date = now()" |
    psql
until_says 'root-good-1.pem: revoked' ask ca.pem root-good-1.pem
step 'revoked'
