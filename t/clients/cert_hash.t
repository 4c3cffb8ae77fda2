# SPDX-License-Identifier: Apache-2.0
# OCSPResponderCertHash as asn1crypto reads it, and Python's hashlib computes it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use Digest::SHA qw(sha256);

my ($lacks, $why) = run('/usr/bin/python3', '-c', 'import asn1crypto');
plan(skip_all => "no asn1crypto: $why") if $lacks;

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/with/">
    @responder root@
    OCSPResponderCertHash on
</Location>
<Location "/without/">
    @responder root@
</Location>
CONF

# What the verifier says of an answer and a certificate in DER.
sub verdict {
    my ($answer, $cert) = @_;
    my (undef, $text) = run('/usr/bin/python3', "$FindBin::Bin/cert_hash.py",
        scratch_file($answer), scratch_file($cert));
    chomp $text;
    return $text;
}

my %cert = map { $_ => pem_der(cert($_)->{pem}) }
    qw(root-good-1 root-good-2 root-revoked-superseded);
my $OTHER = 'refused: not the sha256 of this certificate';

for my $tag (qw(root-good-1 root-revoked-superseded)) {
    my $body = $server->get('/with/', request_for($tag))->{body};
    is verdict($body, $cert{$tag}), 'accepted: sha256', "$tag: accepted";
    is verdict($body, $cert{'root-good-2'}), $OTHER,
        '  refused for another certificate';
    my $hash = sha256($cert{$tag});
    my $at   = index $body, $hash;
    is index($body, $hash, $at + 1), -1, '  the hash is there once';
    for my $byte (0, 31) {
        my $bad = $body;
        substr($bad, $at + $byte, 1) ^= "\x01";
        is verdict($bad, $cert{$tag}), $OTHER,
            "  refused with byte $byte of the hash flipped";
    }
}
is verdict($server->get('/without/', request_for('root-good-1'))->{body},
    $cert{'root-good-1'}), 'refused: 0 CertHash extensions',
    'refused without one';

finish;
