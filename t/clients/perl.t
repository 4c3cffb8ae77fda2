# SPDX-License-Identifier: Apache-2.0
# Perl's IO::Socket::SSL asks about the certificate of a TLS server.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Server;
use Clients;

plan(skip_all => 'no IO::Socket::SSL')
    unless eval { require IO::Socket::SSL; 1 };

my $owner = $$;
my $pid;
END { put_down($pid) if $pid && $$ == $owner }

# Asks about the certificate of a TLS server; prints good, or why not. Arguments:
# the server's port, the root's certificate.
my $client = <<'PERL';
use strict;
use warnings;
use IO::Socket::SSL;
my ($port, $root) = @ARGV;
my $client = IO::Socket::SSL->new(PeerAddr => "127.0.0.1:$port",
    SSL_hostname => 'localhost', SSL_verifycn_name => 'localhost',
    SSL_verifycn_scheme => 'http', SSL_ca_file => $root,
    SSL_ocsp_mode => IO::Socket::SSL::SSL_OCSP_NO_STAPLE()
        | IO::Socket::SSL::SSL_OCSP_FULL_CHAIN()
        | IO::Socket::SSL::SSL_OCSP_FAIL_HARD());
my $resolver = $client ? $client->ocsp_resolver : undef;
$resolver->resolve_blocking(timeout => 10) if $resolver;
print !$client ? "no connection: $IO::Socket::SSL::SSL_ERROR"
    : $resolver->hard_error || $resolver->soft_error || 'good';
PERL

# What the client says of a server with the certificate, in such an environment.
sub verdict {
    my ($cert, $env) = @_;
    my $port = T::Platform::free_port();
    $pid = background({}, '/dev/null', 'openssl', 's_server', '-accept',
        "127.0.0.1:$port", '-cert', $cert->{pem}, '-key', $cert->{key}, '-www',
        '-quiet');
    wait_for { is_listening($port) } 20;
    my (undef, $verdict) = run($env // {}, $^X, '-e', $client, $port,
        ca('root')->{pem});
    put_down($pid);
    undef $pid;
    return $verdict;
}

my %want = (good => qr/^good$/, revoked => qr/status is revoked/,
    unknown => qr/status is unknown/, unauthorized => qr/failed: unauthorized/,
    tryLater => qr/failed: trylater/);
each_status(sub {
    my ($status, $cert) = @_;
    like verdict($cert), $want{$status}, $status;
}, cn => 'localhost', usage => 'serverAuth');

note 'a client whose clock is half a minute slow';
my $faketime = T::Platform::faketime();
SKIP: {
    skip 'no libfaketime', 3 unless $faketime;
    my %slow = (LD_PRELOAD => $faketime, FAKETIME => '-30s');
    my @usual = (cn => 'localhost', usage => 'serverAuth');
    is verdict(certificate('good', @usual), \%slow), 'good',
        'takes thisUpdate, which lies a minute back';
    my $fresh = certificate('fresh', @usual, path => '/fresh/');
    is verdict($fresh), 'good', 'without OCSPResponderBackdate, on time';
    like verdict($fresh, \%slow), qr/response not yet valid/,
        '  but refuses what lies ahead of it';
}

finish;
