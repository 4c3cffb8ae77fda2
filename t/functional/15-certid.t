# SPDX-License-Identifier: Apache-2.0
# Whose certificate is asked for: hashes and serials.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/root/">
    @responder root@
</Location>
<Location "/inter/">
    @responder inter@
</Location>
<Location "/unauthorized/">
    @responder root@
    OCSPResponderUnknown unauthorized
</Location>
<Location "/revoked/">
    @responder root@
    OCSPResponderUnknown revoked
</Location>
CONF

sub certid_says {
    my ($location, $certid) = @_;
    return $server->post($location, ocsp_request([$certid]))->{says};
}

note 'case 15: the CertID is echoed byte for byte';
for my $digest (qw(sha1 sha256 sha384 sha512 sha224 sha3-224 sha3-256
    sha3-384 sha3-512)) {
    for my $null (1, 0) {
        my $certid = certid_of('root-good-1', digest => $digest, null => $null);
        my $answer = $server->post('/root/', ocsp_request([$certid]));
        my $name = "$digest, parameters " . ($null ? 'NULL' : 'absent');
        is $answer->{says}, 'good', $name;
        is unpack('H*', $answer->{single}{certid} // ''), unpack('H*', $certid),
            "$name: echoed";
    }
}

note 'case 16: digests that are not answered';
is certid_says('/root/', certid_of('root-good-1', digest => 'md5')),
    'unauthorized', 'MD5';
is certid_says('/root/', certid_of('root-good-1', oid => '1.2.3.4.5')),
    'unauthorized', 'an unknown digest';
is certid_says('/root/', certid_of('root-good-1', oid => '2.5.4.3')),
    'unauthorized', 'an OID that is no digest';
like certid_says('/root/', certid_of('root-good-1', null => integer('05'))),
    qr/^(?:good|unauthorized|malformedRequest)$/, 'strange parameters';

note 'case 17: hashes that are not the CA\'s';
my ($name, $key) = issuer_hashes('root', 'sha1');
my $other = "\x55" x 20;
my %wrong = (
    'another key hash'       => [key_hash  => $other],
    'another name hash'      => [name_hash => $other],
    'both swapped'           => [name_hash => $key, key_hash => $name],
    'the last byte differs'  => [key_hash  => $key ^ "\0" x 19 . "\1"],
);
is certid_says('/root/', certid_of('root-good-1', @{ $wrong{$_} })),
    'unauthorized', $_ for sort keys %wrong;
my %length = (
    'an empty key hash'          => [key_hash  => ''],
    'an empty name hash'         => [name_hash => ''],
    'both empty'                 => [name_hash => '', key_hash => ''],
    'a key hash cut short'       => [key_hash  => substr $key, 0, 19],
    'a longer name hash'         => [name_hash => "$name\0"],
    'SHA-1 called SHA-256'       => [oid => $OID{sha256}],
    'SHA-256 called SHA-1'       => [digest => 'sha256', oid => $OID{sha1}],
);
like certid_says('/root/', certid_of('root-good-1', @{ $length{$_} })),
    qr/^(?:unauthorized|malformedRequest)$/, $_ for sort keys %length;
is certid_says('/inter/', certid('twin', cert('twin-good-1')->{serial})),
    'unauthorized', "a CA of the same name with another key";
is certid_says('/root/', certid_of('inter-good-1')), 'unauthorized',
    'another CA';

note 'case 18: a serial of another CA';
is certid_says('/root/', certid('root', cert('inter-good-1')->{serial})),
    'unknown', 'a leaf of the child';
is certid_says('/inter/', certid('inter', cert('root-good-1')->{serial})),
    'unknown', 'a leaf of the parent';
is certid_says('/inter/', certid('inter', ca('inter')->{serial})), 'unknown',
    "the child's own serial";
is certid_says('/inter/', certid('inter', ca('root')->{serial})), 'unknown',
    "the parent's own serial";
my $shared = cert('inter-serial-of-ca-inter2')->{serial};
is $shared, ca('inter2')->{serial}, 'a leaf and a CA that share a serial:';
$server->sql("UPDATE django_ca_certificate SET revoked=1, revoked_reason="
    . "'superseded', revoked_date='2024-01-01 00:00:00'"
    . " WHERE serial='$shared'");
is certid_says('/inter/', certid('inter', $shared)), 'revoked', 'the leaf';
is certid_says('/root/', certid('root', $shared)), 'good', 'the CA';

note 'case 19: never issued';
my $never  = certid('root', '5EED5EED5EED5EED5EED');
is certid_says('/root/', $never), 'unknown', 'by default';
is certid_says('/unauthorized/', $never), 'unauthorized', 'unauthorized';
my $answer = $server->post('/revoked/', ocsp_request([$never]));
is $answer->{says}, 'revoked', 'revoked';
is $answer->{single}{revoked_text}, '19700101000000Z', 'in 1970';
is $answer->{single}{reason}, 6, 'for certificateHold';
my $extended = $answer->{response}{extensions}{ $OID{extended_revoke} };
is unpack('H*', $extended->{value} // ''), '0500',
    'with id-pkix-ocsp-extended-revoke';
is certid_says($_, certid_of('root-good-1')), 'good', "$_: a good one"
    for '/unauthorized/', '/revoked/';
$answer = $server->post('/revoked/',
    ocsp_request([$never, certid_of('root-revoked-superseded')]));
is $answer->{says}, 'revoked,revoked', 'beside a real revocation';
is $answer->{response}{singles}[1]{reason}, 4, 'which keeps its reason';

note 'case 20: strange serials';
my %strange = (
    'zero'                      => "\0",
    'minus one'                 => "\xff",
    'negative, like 80'         => "\x80",
    'a long negative'           => "\x80" . "\0" x 19,
    '21 bytes'                  => "\x01" . "\x23" x 20,
    '40 bytes'                  => "\x01" x 40,
    '1000 bytes'                => "\x01" x 1000,
);
is certid_says('/root/', certid('root', \$strange{$_})), 'unknown', $_
    for sort keys %strange;
my $even   = cert('root-good-2')->{serial};
$even      = "0$even" if length($even) % 2;
my %broken = (
    'no bytes'                  => '',
    'serial 5 with a zero'      => "\0\x05",
    'serial 5 with many zeros'  => "\0\0\0\0\0\0\0\x05",
    'the good one with zeros'   => "\0\0" . pack('H*', $even),
    'a non-minimal negative'    => "\xff\xff\x80",
);
like certid_says('/root/', certid('root', \$broken{$_})),
    qr/^(?:unknown|malformedRequest)$/, $_ for sort keys %broken;

# What it is the opposite of has a row, and is good.
my $positive = cert('root-good-1')->{serial};
my $content = pack 'H*', (length($positive) % 2 ? '0' : '00') . $positive;
my @byte = map { ~$_ & 255 } unpack 'C*', $content =~ s/\A\0(?=[\0-\x7f])//r;
for my $i (reverse 0 .. $#byte) {
    $byte[$i] = ($byte[$i] + 1) & 255;
    last if $byte[$i];
}
my $opposite = certid('root', \pack 'C*', @byte);
is certid_says('/root/', $opposite), 'unknown', 'a good one, but negative';
is $server->post('/root/',
    ocsp_request([certid_of('root-good-1'), $opposite]))->{says},
    'good,unknown', '  behind the good one';
is $server->post('/root/',
    ocsp_request([$opposite, certid_of('root-good-1')]))->{says},
    'unknown,good', '  and before it';

note 'case 21: serials of every shape are found';
for my $tag (grep { cert($_)->{issuer} eq 'root' } cert_tags()) {
    my $serial = cert($tag)->{serial};
    is certid_says('/root/', certid('root', $serial)), cert($tag)->{status},
        "$tag: " . length($serial) . " digits, first " . substr $serial, 0, 1;
}
is certid_says('/root/', certid('root', $_)), 'unknown', "a neighbour, $_"
    for '5A17E9C3D0', '5A17E9C';

finish;
