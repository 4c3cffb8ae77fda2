# SPDX-License-Identifier: Apache-2.0
# nginx checks clients' certificates (ssl_ocsp).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Server;
use Clients;

my $nginx = program('nginx');
plan(skip_all => 'nginx is not installed') unless $nginx;

my ($root, $own) = (ca('root'), tls_server());
my $place = File::Temp->newdir('nginx-XXXXXX', TMPDIR => 1);
chmod 0755, $place;
my $port = T::Platform::free_port();
my ($user) = user();
my $owner = $$;
my $pid;
END { stop() if $$ == $owner }

# Ends nginx; its workers end with it.
sub stop {
    return unless $pid;
    local $?;
    kill TERM => $pid;
    waitpid $pid, 0;
    undef $pid;
    return;
}

# Starts nginx, which asks at such a path.
sub start {
    my ($path) = @_;
    my $url = responder()->url($path);
    spew("$place/conf", <<"CONF");
@{[$user ? "user $user;" : '']}
daemon off;
worker_processes 1;
pid $place/pid;
error_log $place/log info;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $place/body;
    proxy_temp_path $place/proxy;
    fastcgi_temp_path $place/fastcgi;
    uwsgi_temp_path $place/uwsgi;
    scgi_temp_path $place/scgi;
    server {
        listen 127.0.0.1:$port ssl;
        ssl_protocols TLSv1.2;
        ssl_certificate $own->{pem};
        ssl_certificate_key $own->{key};
        ssl_client_certificate $root->{pem};
        ssl_verify_client on;
        ssl_verify_depth 3;
        ssl_ocsp leaf;
        ssl_ocsp_responder $url;
        location / { return 200 "hello\\n"; }
    }
}
CONF
    $pid = background({}, "$place/out", $nginx, '-c', "$place/conf",
        '-e', "$place/log", '-p', "$place");
    ok((wait_for { is_listening($port) } 20), "nginx asks at $path");
    return;
}

sub gets_in {
    my ($cert) = @_;
    my ($code, $text) = run('curl', '-s', '-k', '--max-time', '20',
        '--cert', $cert->{pem}, '--key', $cert->{key},
        "https://localhost:$port/");
    note "curl: exit $code: $text";
    return $text eq "hello\n" ? 1 : 0;
}

for my $path ('/ocsp/', '/unauthorized/') {
    start($path);
    each_status(sub {
        my ($status, $cert) = @_;
        is gets_in($cert), $status eq 'good' ? 1 : 0, "$path: $status"
            or diag slurp("$place/log");
    });
    stop();
}
my $log = slurp("$place/log");
like $log, qr/$_/, "it was told: $_"
    for 'certificate revoked', 'unauthorized', 'trylater';

finish;
