# SPDX-License-Identifier: Apache-2.0
# mod_ssl checks clients' certificates (SSLOCSPEnable): with its default, a
# nonce, and without.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Server;
use Clients;

plan(skip_all => 'no mod_ssl') unless has_module('ssl');

my ($root, $own) = (ca('root'), tls_server());
my $front = T::Server->new(db => 0, dbd => 0, load => 0, modules => ['ssl'],
    loglevel => 'warn ssl:debug', conf => <<"CONF");
SSLSessionCache none
SSLEngine on
SSLCertificateFile $own->{pem}
SSLCertificateKeyFile $own->{key}
SSLCACertificateFile $root->{pem}
SSLVerifyClient require
SSLVerifyDepth 3
SSLOCSPEnable leaf
<Directory \@ROOT\@/htdocs>
    Require all granted
</Directory>
CONF
spew("$front->{root}/htdocs/hello", "hello\n");

# Whether a client with the certificate gets in.
sub gets_in {
    my ($cert) = @_;
    my ($code, $text) = run('curl', '-s', '-k', '--max-time', '20',
        '--tls-max', '1.2', '--cert', $cert->{pem}, '--key', $cert->{key},
        "https://localhost:$front->{port}/hello");
    return $text eq "hello\n" ? 1 : 0;
}

$front->allow_log(qw(AH01873 AH01922 AH03239));
my $conf = $front->{conf};
for my $nonce (qw(on off)) {
    $front->write_conf("$conf\nSSLOCSPUseRequestNonce $nonce\n");
    $front->start;
    each_status(sub {
        my ($status, $cert) = @_;
        is gets_in($cert), $status eq 'good' ? 1 : 0,
            "nonce $nonce: $status";
    });
    $front->stop;
}
like $front->error_log, qr/certificate status: $_/, "it was told $_"
    for qw(good revoked unknown);

note 'a clock that is half a minute slow, where the root itself signs';
my $faketime = T::Platform::faketime();
SKIP: {
    skip 'no libfaketime', 3 unless $faketime;
    my ($direct, $fresh) = map { certificate('good', cn => $_, path => "/$_/") }
        qw(direct direct-fresh);
    # mod_ssl itself forgives five minutes. Its lines have no ids to expect.
    $front->write_conf("$conf\nSSLOCSPResponseTimeSkew 0\nLogLevel crit\n");
    $front->start;
    is gets_in($fresh), 1, 'on time, without OCSPResponderBackdate';
    $front->stop;
    $front->{env} = { LD_PRELOAD => $faketime, FAKETIME => '-30s' };
    $front->start;
    is gets_in($direct), 1, 'slow: thisUpdate lies a minute back';
    is gets_in($fresh), 0, '  and is refused where it lies ahead';
}

finish;
