# SPDX-License-Identifier: Apache-2.0
# OCSPResponderCertHash as asn1crypto reads it, and Python's hashlib computes
# it: from django-ca's tables, and from a described one, whatever its column has.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use Digest::SHA qw(sha256 sha256_hex);
use File::Temp ();
use MIME::Base64 qw(encode_base64);

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
    is scalar(() = $body =~ /\Q$hash\E/g), 1, '  the hash is there once';
    is verdict(flipped($body, $hash, $_), $cert{$tag}), $OTHER,
        "  refused with byte $_ of the hash flipped" for 0, 31;
}
# Of which a byte of the hash is another.
sub flipped {
    my ($body, $hash, $byte) = @_;
    my $at = index $body, $hash;
    substr($body, $at + $byte, 1) ^= "\x01" if $at >= 0;
    return $body;
}

is verdict($server->get('/without/', request_for('root-good-1'))->{body},
    $cert{'root-good-1'}), 'refused: 0 CertHash extensions',
    'refused without one';

note 'other sources';
my $good   = 'root-good-1';
my $serial = cert($good)->{serial} =~ s/^(?=.(?:..)*$)/0/r;
my $hex    = unpack 'H*', $cert{$good};
my %column = (pem => slurp(cert($good)->{pem}),
    base64 => encode_base64($cert{$good}, ''), der => \"x'$hex'",
    'sha256-hex' => sha256_hex($cert{$good}),
    'sha256-base64' => encode_base64(sha256($cert{$good}), ''));
my @forms  = sort keys %column;
my $folder = File::Temp->newdir('hash-XXXXXX', TMPDIR => 1);
chmod 0755, $folder;
spew("$folder/index", "V\t391225202502Z\t\t$serial\tunknown\t/CN=x\n");
chmod 0644, "$folder/index";
$server->stop;
$server = T::Server->new(db => 'CREATE TABLE certs (serial TEXT, state TEXT,'
    . ' at BIGINT, ' . join(', ', map { qq("$_") } @forms) . ');'
    . " INSERT INTO certs VALUES ('$serial', 'V', NULL, " . join(', ', map {
        ref $_ ? $$_ : "'$_'" } @column{@forms}) . ')', conf => join '',
    map { my $name = $_; my $source = $name eq 'index' ? "index $folder/index"
        : "sql $name"; ($name eq 'index' ? '' : <<"TABLE") . <<"CONF" }
<OCSPResponderTable $name>
    From        certs
    Serial      serial HEX even
    CA          any
    Status      state V=good R=revoked
    RevokedAt   at seconds
    Certificate '"$name"' $name
</OCSPResponderTable>
TABLE
<Location "/$name/">
    \@responder root: $source\@
    OCSPResponderCertHash on
</Location>
CONF
    @forms, 'index')->start;
for my $form (@forms) {
    my $body = $server->get("/$form/", request_for($good))->{body};
    is verdict($body, $cert{$good}), 'accepted: sha256',
        "a table's, $form: accepted";
    is verdict(flipped($body, sha256($cert{$good}), 7), $cert{$good}), $OTHER,
        '  refused with a byte of the hash flipped';
    is verdict($body, $cert{'root-good-2'}), $OTHER,
        '  refused for another certificate';
}
is verdict($server->get('/index/', request_for($good))->{body}, $cert{$good}),
    'refused: 0 CertHash extensions', 'an index.txt has no certificates';

finish;
