# SPDX-License-Identifier: Apache-2.0
# The container's image: what docker load takes, run as its user in a chroot, and
# asked through the nginx of conf/container.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin, "$FindBin::Bin/../compat";
use Compose ();
use JSON::PP qw(decode_json encode_json);
use Package;
use T::OCSP::Client;
use T::Server;

plan(skip_all => 'not root') if $>;
for my $need (qw(mmdebstrap dpkg-buildpackage dh_apache2 unshare)) {
    plan(skip_all => "$need is not installed")
        if (run('sh', '-c', "command -v $need"))[0];
}

my $scratch = File::Temp->newdir('image-XXXXXX', TMPDIR => 1);
chmod 0755, $scratch;
my ($top, $place) = (top_dir(), "$scratch/image");
my ($folder, $fault) = package_folder('image');
SKIP: {
    skip "there is no mirror to build it of: $fault", 1
        if !$folder && $fault =~ /apt-get update|Failed to fetch|resolve/i;
    ok $folder, 'it is built' or diag $fault;
    skip 'there is no image', 1 unless $folder;

    note 'the file';
    mkdir $place;
    must('tar', '-xf', "$folder/mod-ocsp-responder.tar", '-C', $place);
    my ($manifest) = @{ decode_json(slurp("$place/manifest.json")) };
    my $config = decode_json(slurp("$place/$manifest->{Config}"));
    my ($digest) = split ' ', must('sha256sum',
        "$place/$manifest->{Layers}[0]");
    is $config->{rootfs}{diff_ids}[0], "sha256:$digest", 'the layer is its own';
    is $config->{config}{User}, '9000:9000', "django-ca's user";
    my $version = module_version();
    is_deeply $manifest->{RepoTags},
        ['mod-ocsp-responder:latest', "mod-ocsp-responder:$version"],
        'its names';
    my @command = @{ $config->{config}{Cmd} };
    is $command[0], 'apache2', 'its command';
    is $config->{config}{Healthcheck}{Test}[0], 'CMD', 'its health check';

    note 'running';
    my $root = "$scratch/root";
    mkdir $root;
    must('tar', '-xf', "$place/$manifest->{Layers}[0]", '-C', $root);
    mkdir "$root/srv/db";
    my $options = encode_json({
        private_key => { pem => slurp(ca('root')->{key}) },
        certificate => { pem => slurp(ca('root')->{cert}) } });
    must('sqlite3', '-bail', "$root/srv/db/db.sqlite3",
        '.read ' . fixture_sql(), 'UPDATE django_ca_certificateauthority SET'
        . " ocsp_key_backend_options='{}'",
        'UPDATE django_ca_certificateauthority SET'
        . " ocsp_key_backend_alias='db', ocsp_key_backend_options='$options'"
        . " WHERE name='root'");
    must('chown', '-R', '9000:9000', "$root/srv/db");
    my $port = T::Platform::free_port();
    my $responder = bless { port => $port }, 'T::OCSP::Client';
    my $pid = background({}, "$scratch/log", 'unshare', '--mount', '--pid',
        '--fork', '--kill-child', 'sh', '-c',
        'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&'
            . ' exec chroot --userspec=9000:9000 "$0" env "$@"',
        $root, "OCSP_PORT=$port", 'OCSP_URL_PATH=django_ca/',
        'OCSP_DBDRIVER=sqlite3', 'OCSP_DBDPARAMS=/srv/db/db.sqlite3',
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin', @command);
    my $health = sub {
        my $answer = eval { $responder->request('GET', '/ocsp-health') };
        return $answer ? $answer->{status} : 0;
    };
    ok((wait_for { $health->() == 200 } 30), 'its health check says 200')
        or diag slurp("$scratch/log");
    my $ask = sub {
        my ($at) = @_;
        return $at->post('/django_ca/ocsp/', request_for('root-good-1'))
            ->{says};
    };
    is $ask->($responder), 'good', 'it answers';
    my $users = (run('ps', '-eo', 'uid,args'))[1];
    like $users, qr{^ *9000 apache2 -f /etc/ocsp-responder/httpd\.conf}m,
        'as its user';

  SKIP: {
        my ($nginx) = grep { -x } qw(/usr/sbin/nginx /usr/local/sbin/nginx);
        skip 'no nginx', 1 unless $nginx;
        my $front = bless { port => T::Platform::free_port() },
            'T::OCSP::Client';
        my $location = slurp("$top/conf/container/nginx.conf")
            =~ s/ocsp:8080/127.0.0.1:$port/r;
        spew("$scratch/nginx.conf", <<"CONF");
daemon off;
master_process off;
pid $scratch/nginx.pid;
error_log $scratch/nginx.log;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $scratch/body;
    proxy_temp_path $scratch/proxy;
    fastcgi_temp_path $scratch/fastcgi;
    uwsgi_temp_path $scratch/uwsgi;
    scgi_temp_path $scratch/scgi;
    server {
        listen 127.0.0.1:$front->{port};
        location /django_ca/ocsp/ { return 404; }
        $location
    }
}
CONF
        my $proxy = background({}, "$scratch/nginx.out", $nginx, '-c',
            "$scratch/nginx.conf", '-e', "$scratch/nginx.log");
        wait_for { eval { $front->client } } 20;
        is $ask->($front), $ask->($responder), 'through nginx, by POST';
        my $slashes = '/django_ca/ocsp/'
            . (base64(request_for('root-good-1')) =~ s{/}{%2F}gr);
        is $front->request('GET', $slashes)->{says}, $ask->($responder),
            '  and by GET with %2F';
        put_down($proxy);
    }
    # All of the group: unshare does not pass a signal on, and what it started
    # is another user's and outlives it.
    kill TERM => -$pid;
    wait_for { waitpid($pid, 1); !kill 0 => -$pid } 10;
    kill KILL => -$pid;
    put_down($pid);
    unlike +(run('ps', '-eo', 'pgid,args'))[1],
        qr{^\s*$pid apache2 -f /etc/ocsp-responder/httpd\.conf}m, 'and it ends';

    note 'compose.override.yaml';
    my $why_not = Compose::why_not();
    skip $why_not, 1 if $why_not;
    my ($failed, $told) =
        Compose::story("$scratch/compose", "$folder/mod-ocsp-responder.tar");
    is $failed, 0, 'its commands work with podman' or diag $told;
    ok 1, $_ for $told =~ /^STEP (.*)$/mg;
}

finish;
