# SPDX-License-Identifier: Apache-2.0
# What image.t does with compose.override.yaml: podman runs it, beside a project
# of django-ca's shape, with the templates for nginx out of its newest release.
package Compose;

use strict;
use warnings;
use File::Basename qw(dirname);
use JSON::PP qw(encode_json);
use T::Database;
use T::PKI::Responder;
use T::Platform qw(kept);
use T::Server;
use Site;

my $bin = dirname(__FILE__);

# The folder of nginx's templates in the sources of django-ca's newest release,
# which are kept below the build folder; undef where they cannot be had.
sub templates {
    my $release  = $Site::RELEASES[-1];
    my $name     = "django_ca-$release";
    my ($folder) = kept("sdist-$release", sub {
        my ($made) = @_;
        my ($fails, $said) = run(qw(python3 -m pip download --quiet --no-deps
            --no-binary :all: --no-input --disable-pip-version-check
            --timeout=15), '--dest', $made, "django-ca==$release");
        return $said if $fails;
        must('tar', '-xzf', "$made/$name.tar.gz", '-C', $made, "$name/nginx");
        return undef;
    });
    return $folder && "$folder/$name/nginx";
}

# Why it cannot be run here; undef: it can.
sub why_not {
    for my $need (qw(podman podman-compose nginx iptables)) {
        return "$need is not installed"
            if (run('sh', '-c', "command -v $need"))[0];
    }
    my ($fails, $said) = run(qw(unshare --mount --net sh -c), <<'TRY');
mount -t tmpfs none /mnt && cd /mnt && mkdir lower upper work merged &&
    mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none merged &&
    iptables -t nat -L -n
TRY
    return "no overlay file system or packet filter for containers: $said"
        if $fails;
    return T::Database::why_not('pgsql')
        || (templates() ? undef : "pip cannot download django-ca's sources");
}

# Everything that podman keeps is below a folder; limits and groups of processes
# are left as they are, as not every machine lets them be set.
sub settings {
    my ($place) = @_;
    mkdir "$place/$_" for qw(storage run tmp networks);
    return (
        CONTAINERS_STORAGE_CONF => spew("$place/storage.conf", <<"CONF"),
[storage]
driver = "overlay"
graphroot = "$place/storage"
runroot = "$place/run"
CONF
        CONTAINERS_CONF => spew("$place/containers.conf", <<"CONF"));
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
static_dir = "$place/static"
tmp_dir = "$place/tmp"
volume_path = "$place/volumes"
[network]
network_backend = "netavark"
network_config_dir = "$place/networks"
CONF
}

# A folder with the project, and rows for its database.
sub project {
    my ($site) = @_;
    mkdir $site;
    must('cp', '-r', glob("$bin/compose/*"), templates(), $site);
    my ($root, $inter) = (ca('root'), ca('inter'));
    spew("$site/ca.pem",    slurp($root->{pem}));
    spew("$site/inter.pem", slurp($inter->{pem}));
    spew("$site/inter.key", slurp($inter->{key}));
    spew("$site/$_.pem", slurp(fixture_dir() . "/certs/$_.pem"))
        for qw(root-good-1 inter-good-1);
    my $options = encode_json({
        private_key => { pem => slurp($root->{key}) },
        certificate => { pem => slurp($root->{cert}) } });
    my $db = T::Database->start('pgsql');
    $db->sql("UPDATE django_ca_certificateauthority SET"
        . " ocsp_key_backend_alias='db', ocsp_key_backend_options="
        . "'$options' WHERE name='root'");
    $options = pair_json('{"path": "ocsp/inter.key"}', $inter->{cert});
    $db->sql("UPDATE django_ca_certificateauthority SET"
        . " ocsp_key_backend_alias='default', ocsp_key_backend_options="
        . "'$options' WHERE name='inter'");
    spew("$site/dump.sql", must($db->program('pg_dump'), '-h', $db->{root},
        '-p', $db->{port}, qw(-U postgres --no-owner --no-privileges ocsp)));
    $db->down;
    return $site;
}

# (exit code, what it printed) of compose.sh.
sub story {
    my ($place, $image) = @_;
    mkdir $place;
    my $site = project("$place/site");
    return run({ settings($place), POSTGRES_PASSWORD => 'secret' },
        qw(timeout 400 unshare --mount --net --pid --fork --kill-child),
        'sh', "$bin/compose.sh", $site, top_dir(), $image);
}

1;
