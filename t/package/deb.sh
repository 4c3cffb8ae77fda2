# SPDX-License-Identifier: Apache-2.0
# What an administrator does with the package, in a fresh Debian; a line "STEP
# ..." for each step that went well.
export DEBIAN_FRONTEND=noninteractive APACHE_STARTED_BY_SYSTEMD=1
PATH=/usr/sbin:/usr/bin:/sbin:/bin
name=libapache2-mod-ocsp-responder
mods=/etc/apache2/mods-enabled
url=http://127.0.0.1/django_ca/ocsp/root/

# No init system is here, and packages reload httpd only where there is one or
# this says that they may.
printf '#!/bin/sh\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d

ip link set lo up
find / -xdev -path /proc -prune -o -path /srv -prune -o -path /var/log -prune \
    -o -path '/var/lib/dpkg' -prune -o -path /var/cache -prune -o -print |
    sort >/srv/before

asked() {
    openssl ocsp -issuer /srv/ocsp/ca.pem -cert /srv/ocsp/good.pem -no_nonce \
        -CAfile /srv/ocsp/ca.pem -url "$url" 2>&1 | grep -q '^/srv.*: good'
}

# Waits for a command to be true, for twenty seconds.
until_true() {
    for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$@" && return
        sleep 1
    done
    "$@"
}

dpkg -i /srv/new.deb
test ! -e $mods/ocsp_responder.load
cat /srv/ocsp/values.conf >/etc/apache2/conf-available/values.conf
a2enconf values
apache2ctl -t
echo STEP installed, and nothing is enabled

a2enmod ocsp_responder
test -e $mods/dbd.load -a -e $mods/socache_shmcb.load
cp /usr/share/doc/$name/examples/example-vhost.conf \
    /etc/apache2/sites-available/ocsp.conf
a2dissite 000-default
a2ensite ocsp
chown -R www-data /srv/ocsp
apache2ctl -t
echo STEP a2enmod, and the example is a site

# Some releases' apache2ctl becomes the server itself, and does not return.
apache2ctl start &
until_true asked
echo STEP it answers

# Eight clients ask, each one request after the other, until there is a file
# /srv/enough.
request=$(openssl ocsp -issuer /srv/ocsp/ca.pem -cert /srv/ocsp/good.pem \
    -no_nonce -reqout - | base64 -w 0 | sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g')
load() {
    while test ! -e /srv/enough; do
        curl -s -o "/srv/answer.$1" \
            -w '%{http_code} %{content_type} ' "$url$request" || :
        # An answer, not an OCSP error, which has five bytes.
        test "$(wc -c <"/srv/answer.$1")" -gt 100 && echo whole || echo none
        rm -f "/srv/answer.$1"
    done >"/srv/answers.$1" 2>&1
}
. /srv/versions
runs() { grep -q "mod_ocsp_responder/$1 runs" /var/log/apache2/error.log; }
all() { cat /srv/answers.*; }
enough() { test "$(all | wc -l)" -gt "$1"; }
until_true runs "$old"
loaders=
for client in 1 2 3 4 5 6 7 8; do
    load $client &
    loaders="$loaders $!"
done
until_true enough 40
dpkg -i /srv/next.deb
until_true runs "$new"
until_true enough $(($(all | wc -l) + 80))
touch /srv/enough
wait $loaders
test -z "$(all | grep -v '^200 application/ocsp-response whole$')" || {
    all | sort | uniq -c
    exit 1
}
dpkg-query -W -f '${Version}' $name | grep -qx "$new"
echo "STEP upgraded from $old to $new while 8 clients got $(all | wc -l) answers"
asked
echo STEP it answers after the upgrade

man=/usr/share/man/man8/mod_ocsp_responder.8.gz
test -e $man || test ! -d /usr/share/man/man8
dpkg -r $name
test ! -e $mods/ocsp_responder.load
dpkg -i /srv/next.deb
test -e $mods/ocsp_responder.load
apache2ctl -t
asked
echo STEP removed and installed again, and the site is what it was

a2dissite ocsp
a2dismod ocsp_responder
dpkg -i /srv/next.deb
test ! -e $mods/ocsp_responder.load
a2enmod ocsp_responder
dpkg -r $name
test ! -e $mods/ocsp_responder.load
test ! -e /usr/lib/apache2/modules/mod_ocsp_responder.so
apache2ctl -t
echo STEP removed, and httpd goes on without it

test -e /etc/apache2/mods-available/ocsp_responder.conf
echo STEP its configuration stays until it is purged
dpkg -P $name
test ! -e /etc/apache2/mods-available/ocsp_responder.conf
echo STEP purged

apache2ctl stop || :
rm -f /etc/apache2/sites-available/ocsp.conf
a2disconf values
rm -f /etc/apache2/conf-available/values.conf
a2dismod -q socache_shmcb dbd || :
a2ensite -q 000-default
find / -xdev -path /proc -prune -o -path /srv -prune -o -path /var/log -prune \
    -o -path '/var/lib/dpkg' -prune -o -path /var/cache -prune -o -print |
    sort >/srv/after
diff /srv/before /srv/after | grep '^>' |
    grep -v '/run/\|/tmp/\|/var/lib/apache2/' >/srv/left || :
cat /srv/left
test ! -s /srv/left
echo STEP nothing is left
