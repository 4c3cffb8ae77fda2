# SPDX-License-Identifier: Apache-2.0
# nginx staples what the module says of nginx's own certificate.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../compat", $FindBin::Bin;
use POSIX qw(WNOHANG);
use T::Server;
use Cohost;
use Site;

my ($nginx) = grep { -x } map { "$_/nginx" } split(/:/, $ENV{PATH}),
    qw(/usr/sbin /usr/local/sbin);
plan(skip_all => 'nginx is not installed') unless $nginx;
plan(skip_all => 'this nginx has no TLS')
    unless (run($nginx, '-V'))[1] =~ /--with-http_ssl_module/;
my ($python, $why_not) = python();
plan(skip_all => $why_not) unless $python;

my $server = T::Server->new(db => 0, dbd => <<'DBD');
DBDriver sqlite3
DBDParams @ROOT@/site/db.sqlite3
DBD
my $site = Site->new("$server->{root}/site", $python);
my $url  = "http://127.0.0.1:$server->{port}/django_ca/ocsp";
my ($root, %cert) = make_root($site, $url, 'localhost');
share($site);
$server->write_conf(<<"CONF");
<Location "/django_ca/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage $site->{root}/files
</Location>
CONF
$server->start;

# -- a private nginx -----------------------------------------------------------

my $owner  = $$;
my $place  = "$server->{root}/nginx";
my $port   = T::Platform::free_port();
my ($user) = user();
my $pid;

mkdir $place, 0755;
spew("$place/nginx.conf", <<"CONF");
@{[$user ? "user $user;" : '']}
daemon off;
worker_processes 1;
pid $server->{root}/run/nginx.pid;
error_log $place/error.log info;
events {
    worker_connections 64;
}
http {
    access_log off;
@{[map { "    ${_}_temp_path $place/$_;\n" }
    qw(client_body proxy fastcgi uwsgi scgi)]}
    server {
        listen 127.0.0.1:$port ssl;
        server_name localhost;
        ssl_certificate $cert{localhost}{pem};
        ssl_certificate_key $site->{root}/files/localhost.key;
        ssl_trusted_certificate $root->{pem};
        ssl_stapling on;
        ssl_stapling_verify on;
    }
}
CONF

sub nginx_log { return -e "$place/error.log" ? slurp("$place/error.log") : '' }

sub nginx_start {
    $pid = background({}, "$place/output", $nginx, '-p', $place, '-e',
        "$place/error.log", '-c', "$place/nginx.conf");
    return;
}

sub nginx_stop {
    return unless $pid;
    kill TERM => $pid;
    my $gone = wait_for { waitpid($pid, WNOHANG) } 10;
    kill KILL => -$pid;
    waitpid $pid, 0 unless $gone;
    undef $pid;
    return $gone;
}

END {
    if (defined $owner && $$ == $owner) {
        local $?;
        nginx_stop();
    }
}

# What a client of nginx finds stapled: good, revoked or none.
sub stapled {
    my ($code, $text) = run(qw(timeout 10 openssl s_client -status -servername
        localhost -CAfile), $root->{pem}, '-connect', "127.0.0.1:$port");
    return 'none' if $text =~ /^OCSP responses?: no responses? sent/m;
    return lc $1 if $text =~ /^\s*Cert Status: (\w+)/m;
    return "exit $code: $text";
}

# It asks when the first client comes, and has an answer for the next.
nginx_start();
wait_for { stapled() eq 'good' } 20;
is stapled(), 'good', 'nginx staples the answer: good'
    or diag nginx_log(), slurp("$place/output");

# Without a resolver it takes the addresses that it had at its start.
my @complaints = grep { /\[(?:warn|error|crit|alert|emerg)\]/
    && !/no resolver defined/ } split /\n/, nginx_log();
is join("\n", @complaints), '', 'it has verified it and complains of nothing';
like $server->access_log, qr{ 200 GET /django_ca/ocsp/\w+/cert/\S+ HTTP/1\.0$}m,
    'it asks by GET';

note 'revoked';
$site->manage('revoke_cert', '--reason=superseded', $cert{localhost}{serial});
share($site);
is openssl_says($cert{localhost}{pem}, $root->{pem}), 'revoked',
    'openssl ocsp: revoked';

# What it has, it keeps until shortly before nextUpdate; a new one asks anew. It
# staples no answer but "good", and tells its log of any other.
kill HUP => $pid;
my $told = qr/certificate status "revoked" in the OCSP response/;
wait_for { stapled(); nginx_log() =~ $told } 20;
like nginx_log(), $told, 'nginx is told: revoked';

# Its old worker may take a client yet, with what that has.
my $retired = qr/worker process \d+ exited with code 0/;
ok((wait_for { nginx_log() =~ $retired } 20), 'its old worker is gone');
is join(' ', map { stapled() } 1 .. 5), 'none none none none none',
    'and it staples "good" no longer';
ok nginx_stop(), 'nginx stops';

finish;
