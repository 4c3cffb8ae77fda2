# SPDX-License-Identifier: Apache-2.0
# Who accepts the two SingleResponses of OCSPResponderDualCertID, and who does
# not: as the chapter "Clients" of the operator's manual has it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../compat",
    "$FindBin::Bin/../cohost", $FindBin::Bin;
use T::Server;
use Clients;
use Cohost;

hurry();

# What openssl says of a certificate, with this digest in the CertID. It asks
# without a nonce: with one, each answer is made for its request alone.
sub openssl_without_nonce {
    my ($cert, $issuer, $digest) = @_;
    my (undef, $text) = run('openssl', 'ocsp', '-no_nonce', "-$digest", '-url',
        url_of($cert), '-issuer', $issuer, '-cert', $cert, '-CAfile', $issuer);
    return $text =~ /^Response verify OK.*?: (good|revoked)$/ms ? $1 : $text;
}

sub nss {
    my ($cert) = @_;
    my $text = nss_says({ pem => $cert });
    return $text =~ /^taken/ ? 'good'
        : $text =~ /Certificate has been revoked/ ? 'revoked' : $text;
}

# Bouncy Castle's own path validation.
sub bouncy_castle {
    my $says = client_says('java', @_,
        'org.bouncycastle.jce.provider.BouncyCastleProvider');
    return $says =~ /certificate revoked, reason=/ ? 'revoked' : $says;
}

# Those that take the SingleResponse with the CertID, or the serial, they asked
# for: what asks, and with what arguments besides.
my %accepts = (
    'openssl ocsp, SHA-1'   => ['openssl', 'sha1'],
    'openssl ocsp, SHA-256' => ['openssl', 'sha256'],
    'ocsptool (GnuTLS)'     => ['ocsptool'],
    'ocspclnt (NSS)'        => ['nss'],
    'Java'                  => ['java'],
    'Bouncy Castle'         => ['bouncycastle'],
    'Chromium'              => ['chromium'],
    'Go, ParseResponseForCert' => ['go'],
    'cryptography, OCSPResponse.responses' => ['cryptography', 'each'],
);

# Those that want a single one, with the words in which they refuse two.
my %refuses = (
    'Go, ParseResponse without a certificate' => ['go', 'first'],
    'cryptography, OCSPResponse.certificate_status' => ['cryptography'],
);
my %words = (go => qr/contains bad number of responses/,
    cryptography => qr/contains 2 SINGLERESP|more than one SingleResponse/);

my %own = (openssl => \&openssl_without_nonce, nss => \&nss,
    bouncycastle => \&bouncy_castle);

sub verdict {
    my ($cert, $who, @more) = @_;
    return chromium_says($cert) if $who eq 'chromium';
    my @asked = ($cert->{pem}, ca('root')->{pem}, @more);
    return $own{$who} ? $own{$who}->(@asked) : client_says($who, @asked);
}

# Why it cannot be asked here; undef when it can.
sub lacks {
    my ($who) = @_;
    my @jars = glob '/usr/share/java/bcpkix*.jar';
    return client_lacks('java') // (@jars ? undef : 'no libbcpkix-java')
        if $who eq 'bouncycastle';
    return (chromium() ? undef : 'no chromium')
        // (program('certutil') ? undef : 'no certutil')
        if $who eq 'chromium';
    return client_lacks($who) unless $own{$who};
    return $who eq 'nss' && (grep { !program($_) } qw(certutil ocspclnt))
        ? 'no certutil or ocspclnt' : undef;
}

sub issued {
    my ($path, $status) = @_;
    return certificate($status, path => $path, cn => 'localhost',
        usage => 'serverAuth');
}

# The least and the greatest size of the answers at a location since this was
# called last, once there are some.
my $read = 0;
sub sizes {
    my ($path) = @_;
    my @sizes;
    wait_for {
        my $text = substr slurp(responder()->{root} . '/logs/sizes'), $read;
        @sizes = sort { $a <=> $b } $text =~ /^\Q$path\E\S* (\d+)$/mg;
    } 10;
    $read = -s responder()->{root} . '/logs/sizes';
    return @sizes[0, -1];
}

for my $name (sort(keys %accepts), sort keys %refuses) {
    my ($who, @more) = @{ $accepts{$name} // $refuses{$name} };
  SKIP: {
        my $why = lacks($who);
        skip "$name: $why", 6 if $why;
        for my $status (qw(good revoked)) {
            my ($one, $both) = map { issued($_, $status) } '/ocsp/', '/dual/';
            is verdict($one, $who, @more), $status, "$name: $status, alone";
            my (undef, $alone) = sizes('/ocsp/');
            my $says = verdict($both, $who, @more);
            $accepts{$name} ? is $says, $status, '  accepted with another'
                : like $says, $words{$who}, '  refused with another';
            my ($dual) = sizes('/dual/');
            cmp_ok $dual, '>', $alone + 60, '  which was sent';
        }
    }
}

finish;
