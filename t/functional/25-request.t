# SPDX-License-Identifier: Apache-2.0
# The structure of requests: several CertIDs, nonces, extensions, signatures.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/root/">
    @responder root@
</Location>
<Location "/two/">
    @responder root@
    OCSPResponderMaxCertIDs 2
</Location>
<Location "/nononce/">
    @responder root@
    OCSPResponderNonce off
</Location>
CONF

sub says { return $server->post('/root/', ocsp_request(@_))->{says} }

my $good = certid_of('root-good-1');

note 'case 28: several CertIDs';
my @certids = (
    certid_of('root-good-1',             digest => 'sha1'),
    certid_of('root-revoked-superseded', digest => 'sha256'),
    certid('root', '5EED5EED',           digest => 'sha384', null => 0),
    certid_of('inter',                   digest => 'sha512'),
    certid_of('root-good-1',             digest => 'sha1'),
);
my $answer = $server->post('/root/', ocsp_request(\@certids));
is $answer->{says}, 'good,revoked,unknown,good,good',
    'one answer each, in order';
is_deeply [map { unpack 'H*', $_->{certid} } @{ $answer->{response}{singles} }],
    [map { unpack 'H*', $_ } @certids], 'each with its own CertID';
is says([($good) x 16]), join(',', ('good') x 16), 'sixteen';
is says([($good) x 17]), 'malformedRequest', 'seventeen';
is $server->post('/two/', ocsp_request([$good, $good]))->{says}, 'good,good',
    'as many as are allowed';
is $server->post('/two/', ocsp_request([($good) x 3]))->{says},
    'malformedRequest', 'one more';
is says([$good, certid_of('inter-good-1')]), 'unauthorized',
    'one of another CA';
is says([certid_of('inter-good-1'), $good]), 'unauthorized', 'the first, too';
is says([$good, certid_of('root-good-2', digest => 'md5')]), 'unauthorized',
    'one with a digest that is not answered';
is says([]), 'malformedRequest', 'none';

note 'case 29: nonces';
for my $length (1, 8, 16, 32, 33, 127, 128) {
    my $nonce = join '', map { chr } map { $_ * 37 & 255 } 1 .. $length;
    my $one = $server->post('/root/', request_for('root-good-1',
        nonce => $nonce));
    my $echo = $one->{response}{extensions}{ $OID{nonce} } // {};
    is unpack('H*', $echo->{value} // ''), unpack('H*', octet_string($nonce)),
        "$length bytes are echoed";
    ok !$echo->{critical}, '  not critical';
}
for my $bytes ("\0", "\0" x 32, "\xff" x 32, "\x30\x80\0\0") {
    is unpack('H*', $server->get('/root/', request_for('root-good-1',
        nonce => $bytes))->{response}{extensions}{ $OID{nonce} }{value} // ''),
        unpack('H*', octet_string($bytes)), 'bytes ' . unpack 'H8', $bytes;
}
is says([$good], extensions => [nonce('')]),        'malformedRequest', 'empty';
is says([$good], extensions => [nonce('n' x 129)]), 'malformedRequest',
    '129 bytes';
is says([$good], extensions => [nonce('a'), nonce('a')]), 'malformedRequest',
    'twice';
my %shape = (
    'not an OCTET STRING'      => integer('1234'),
    'bare bytes'               => 'abcdefgh',
    'no bytes at all'         => '',
    'an OCTET STRING and more' => octet_string('abcd') . null(),
    'one in pieces'            => "\x24\x06" . octet_string('abcd'),
    'an indefinite length'     => "\x24\x80" . octet_string('abcd') . "\0\0",
);
is says([$good], extensions => [extension('nonce', $shape{$_})]),
    'malformedRequest', $_ for sort keys %shape;
is says([$good],
        extensions => [extension('nonce', octet_string('abcd'), 1)]), 'good',
    'marked as critical';

note 'case 30: a responder without nonces';
$answer = $server->post('/nononce/', request_for('root-good-1',
    nonce => 'n' x 16));
is $answer->{says}, 'good', 'answers';
ok !$answer->{response}{extensions}{ $OID{nonce} }, 'without one';
is $server->post('/nononce/', ocsp_request([$good], extensions => [nonce('')]))
    ->{says}, 'malformedRequest', 'but a bad one is refused all the same';

note 'case 31: extensions';
my @unknown = ('1.2.3.4.5', octet_string('x'));
is says([$good], extensions => [extension(@unknown, 1)]), 'malformedRequest',
    'critical, in the request';
is says([$good], extensions => [extension(@unknown)]), 'good', 'not critical';
is says(undef, single => [single_request($good, extension(@unknown, 1))]),
    'malformedRequest', 'critical, in a single request';
is says(undef, single => [single_request($good, extension(@unknown))]), 'good',
    'not critical';
is says(undef, single => [single_request($good),
    single_request($good, extension(@unknown, 1))]), 'malformedRequest',
    'critical, in the second single request';
$answer = $server->post('/root/', ocsp_request([$good],
    extensions => [extension(@unknown), nonce('n')]));
is_deeply [keys %{ $answer->{response}{extensions} }], [$OID{nonce}],
    'only the nonce is echoed';

note 'a nonce in singleRequestExtensions';
for my $critical (0, 1) {
    my $inside = single_request($good,
        extension('nonce', octet_string('inside'), $critical));
    my $what = $critical ? 'critical' : 'not critical';
    $answer = $server->post('/root/', ocsp_request(undef, single => [$inside]));
    is $answer->{says}, 'good', "$what: is answered";
    is_deeply $answer->{response}{extensions}, {}, '  is not echoed';
    is_deeply $answer->{single}{extensions}, {}, '  nor with the status';
    $answer = $server->post('/root/', ocsp_request(undef,
        single => [$inside, single_request($good)],
        extensions => [nonce('outside')]));
    is $answer->{says}, 'good,good', '  among others, with one of the request';
    is $answer->{response}{extensions}{ $OID{nonce} }{value},
        octet_string('outside'), '  which alone is echoed';
}

note 'case 32: who asks';
my $name = ((der(pem_der(ca('ec')->{pem}))->inside)[0]->inside)[5]{der};
is says([$good], requestor => explicit(4, $name)), 'good', 'requestorName';
is says([$good], requestor => implicit(2, 'client.example')), 'good',
    'another form of it';
my @asked = ('-issuer', ca('root')->{pem}, '-cert', cert('root-good-1')->{pem});
my $signed = openssl_request(@asked, '-no_nonce',
    '-signer', ca('ec')->{pem}, '-signkey', ca('ec')->{ca_key});
cmp_ok length $signed, '>', length(request_for('root-good-1')) + 200, 'signed:';
is $server->post('/root/', $signed)->{says}, 'good', 'is answered';
substr $signed, -1, 1, chr(ord(substr $signed, -1) ^ 1);
is $server->post('/root/', $signed)->{says}, 'good',
    'a broken signature as well';
is $server->post('/root/', openssl_request(@asked))->{says}, 'good',
    "openssl's own request";

note 'case 33: versions and response types';
is says([$good], version => '00'), 'good', 'v1, said so';
is says([$good], version => '01'), 'malformedRequest', 'v2';
is says([$good], version => 'FF'), 'malformedRequest', 'v256';
my $basic = oid($OID{basic});
is says([$good], extensions => [extension('acceptable', seq(oid('1.2.3')))]),
    'malformedRequest', 'the basic type is not acceptable';
is says([$good], extensions => [extension('acceptable',
    seq(oid('1.2.3'), $basic))]), 'good', 'it is among others';
is says([$good], extensions => [extension('acceptable', seq($basic))]), 'good',
    'it alone';
is says([$good], extensions => [extension('acceptable', 'x')]),
    'malformedRequest',
    'what is no list of types';

finish;
