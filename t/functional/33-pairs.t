# SPDX-License-Identifier: Apache-2.0
# Several pairs of key and certificate in one location: the request's preferred
# signature algorithms choose among them (RFC 6960 4.4.7).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::DER;
use T::PKI;
use T::Server;

my %issuer = (pem => ca('root')->{pem}, key => ca('root')->{ca_key});
my %key  = map { ($_ => make_key($_)) } qw(p256 p384 ed25519);
my @delegated = (issuer => \%issuer,
    extensions => ['extendedKeyUsage=OCSPSigning', 'noCheck=yes']);
my %cert = map {
    ($_ => make_cert(key => $key{$_}, cn => $_, @delegated))
} keys %key;
my $ended = make_cert(key => $key{p256}, cn => 'ended', start => -2000,
    end => -1000, @delegated);

sub pair { return "    OCSPResponderKey $key{$_[0]}\n"
    . "    OCSPResponderCert " . ($_[1] // $cert{ $_[0] }) . "\n" }
my $server = T::Server->new(
    modules => [grep { has_module($_) } 'socache_shmcb'], conf => join '',
    <<'CONF', map({ pair($_) } qw(p256 p384)), <<'CONF', pair('ed25519'),
<Location "/ocsp/">
    OCSPResponderCA root
    OCSPResponderKey @root.key@
    OCSPResponderCert @root.cert@
CONF
</Location>
<Location "/ocsp/many/">
    OCSPResponderMaxRequest 1048576
</Location>
<Location "/ocsp/one/">
CONF
    "</Location>\n<Location \"/curves/\">\n    OCSPResponderCA root\n",
    "    OCSPResponderDigest sha256\n", pair('p256'), pair('p384'),
    "</Location>\n<Location \"/ended/\">\n    OCSPResponderCA root\n",
    pair('p256', $ended), pair('p384'), "</Location>\n",
    "<Location \"/all/\">\n    OCSPResponderCA *\n", pair('p256'),
    pair('ed25519'), "</Location>\n")->start;
$server->expect_log('OCSP0104');

my %oid = (
    rsa     => '1.2.840.113549.1.1.11',
    p256    => '1.2.840.10045.4.3.2',
    p384    => '1.2.840.10045.4.3.3',
    ed25519 => '1.3.101.112',
    sha1rsa => '1.2.840.113549.1.1.5',
    p521    => '1.2.840.10045.4.3.4',
);
my %name = reverse %oid;

# A request that prefers these algorithms, in this order.
sub wish {
    my (@wanted) = @_;
    return ocsp_request([certid_of('root-good-1')], !@wanted ? ()
        : (extensions => [extension('1.3.6.1.5.5.7.48.1.8',
            seq(map { seq(seq(oid($oid{$_}))) } @wanted))]));
}

# By what the answer to it is signed, when it is good and the certificate with
# it is the one that goes with the key.
sub signed {
    my ($location, $method, @wanted) = @_;
    my $answer = $server->$method($location, wish(@wanted));
    return $answer->{says} if $answer->{says} ne 'good';
    my $name = $name{ $answer->{response}{algorithm} }
        // $answer->{response}{algorithm};
    my $cert = $cert{$name} // ca('root')->{cert};
    return "$name, with another certificate"
        if $answer->{response}{certs}[0] ne pem_der($cert);
    return $name;
}

note 'which of several';
my @cases = (
    [[], 'rsa'],
    [['rsa'], 'rsa'],
    [['p256'], 'p256'],
    [['p384'], 'p384'],
    [[qw(p384 p256 rsa)], 'p384'],
    [[qw(p256 p384)], 'p256'],
    [[qw(p521 sha1rsa)], 'rsa'],
    [[qw(p521 ed25519 p384)], 'p384'],
    [['ed25519'], 'rsa'],
);
for my $case (@cases) {
    my ($wanted, $by) = @$case;
    my $name = "prefers @$wanted";
    is signed('/ocsp/', $_, @$wanted), $by, "$name: $by, by $_"
        for qw(get post get);
}

note 'what nobody would ask for';
# The same for a list of preferences as they stand, DER.
sub signed_for {
    my (@list) = @_;
    my $answer = $server->post('/ocsp/many/', ocsp_request(
        [certid_of('root-good-1')], extensions =>
            [extension('1.3.6.1.5.5.7.48.1.8', seq(@list))]));
    return $answer->{says} if $answer->{says} ne 'good';
    return $name{ $answer->{response}{algorithm} };
}
my %wish    = map { ($_ => seq(seq(oid($oid{$_})))) } keys %oid;
my $unknown = seq(seq(oid('1.2.3.4')));
my @odd = (
    ['no preference', 'rsa'],
    ['10 000 that nobody knows, and one', 'p384', ($unknown) x 10_000,
        $wish{p384}],
    ['as many as there is room for', 'rsa', ($unknown) x 100_000],
    ['10 000 different ones', 'p256', map({ seq(seq(oid("1.2.3.4.$_"))) }
        1 .. 10_000), $wish{p256}],
    ['one twice', 'p384', $wish{p384}, $wish{p384}],
    ['one twice, with another between', 'p384', @wish{qw(p384 p256 p384)}],
    ['an OID of 60 000 bytes', 'p256', seq(seq(tlv(0x06, "\x2a" x 60_000))),
        $wish{p256}],
    ['one with parameters that it does not have', 'rsa', seq(seq(
        oid($oid{p384}), octet_string('x')))],
    ['one for keys of a kind that does not go with it', 'rsa', seq(seq(
        oid($oid{p384})), seq(oid('1.2.3.4')))],
    ['an empty one', 'malformedRequest', seq()],
    ['one without a name', 'malformedRequest', seq(seq())],
    ['an empty name', 'malformedRequest', seq(seq(tlv(0x06)))],
    ['a bare name', 'malformedRequest', oid($oid{p384})],
    ['one behind a good one', 'malformedRequest', $wish{p384}, oid('1.2.3')],
    ['one that is cut', 'malformedRequest', substr $wish{p384}, 0, -1],
);
for my $case (@odd) {
    my ($name, $by, @list) = @$case;
    is signed_for(@list), $by, "$name: $by";
}
is signed('/ocsp/', 'get'), 'rsa', 'and httpd goes on';

note 'the key that signs: its curve';
my %curve = (p256 => '1.2.840.10045.3.1.7', p384 => '1.3.132.0.34',
    p521 => '1.3.132.0.35');
# Who signs, for a client that prefers ECDSA with SHA-256 by keys of curves.
sub by_curve {
    my ($method, @curves) = @_;
    my $answer = $server->$method('/curves/', ocsp_request(
        [certid_of('root-good-1')], extensions =>
            [extension('1.3.6.1.5.5.7.48.1.8', seq(map { seq(
                seq(oid($oid{p256})), seq(oid('1.2.840.10045.2.1'),
                    oid($curve{$_}))) } @curves))]));
    my ($kind) = grep { $answer->{response}{certs}[0] eq pem_der($cert{$_}) }
        qw(p256 p384);
    return "$answer->{says} by $kind";
}
for my $method (qw(get post get)) {
    is by_curve($method, 'p384'), 'good by p384', "the second's, by $method";
    is by_curve($method, qw(p256 p384)), 'good by p256', 'the first\'s';
    is by_curve($method, qw(p521 p384)), 'good by p384', 'one of two';
}

note 'a section with one of its own has that alone';
is signed('/ocsp/one/', 'get'), 'ed25519', 'no wish';
is signed('/ocsp/one/', 'get', 'p256'), 'ed25519', 'what it has not';

note 'one that has ended is passed over';
is signed('/ended/', 'get'), 'p384', 'no wish';
is signed('/ended/', 'get', 'p256'), 'p384', 'what has ended';

note 'every CA';
is signed('/all/', 'get'), 'p256', 'the first';
is signed('/all/', 'get', 'ed25519'), 'ed25519', 'the other';

note 'a CA that has another one\'s id by now';
my $reused = T::Server->new(conf => join '', "<Location \"/ocsp/\">\n",
    "    OCSPResponderCA \"Some CA\"\n", pair('p384'), pair('p256'),
    "</Location>\n");
my ($old, $new) = map { ca($_)->{serial} } qw(root ec);
my $table = 'django_ca_certificateauthority';
$reused->sql("UPDATE $table SET name = 'Some CA' WHERE serial = '$old'");
$reused->start;
$reused->allow_log(qw(OCSP0202 OCSP0204));
my $wish = [extension('1.3.6.1.5.5.7.48.1.8',
    seq(map { seq(seq(oid($oid{$_}))) } qw(p256)))];
is $reused->get('/ocsp/', ocsp_request([certid_of('root-good-1')],
    extensions => $wish))->{says}, 'good', 'before';
$reused->sql("CREATE TEMP TABLE it AS SELECT * FROM $table"
    . " WHERE serial = '$new'; DELETE FROM $table WHERE serial = '$new';"
    . " UPDATE $table SET (name, serial, pub) = (SELECT 'Some CA', serial, pub"
    . " FROM it) WHERE serial = '$old'");
my $says = sub { $reused->get('/ocsp/', ocsp_request([certid_of($_[0])],
    extensions => $wish))->{says} };
wait_for { $says->('root-good-1') eq 'unauthorized' } 10;
my %says = map { $says->('ec-good-1') => 1 } 1 .. 10;
is join(' ', keys %says), 'internalError', 'is not signed for by its pair';
$reused->stop;

note 'httpd -t judges each';
check_on(T::Server->new);
sub both {
    my (@lines) = @_;
    return join '', <<'CONF', map({ "    $_\n" } @lines), "</Location>\n";
<Location "/ocsp/">
    OCSPResponderCA root
    OCSPResponderKey @root.key@
    OCSPResponderCert @root.cert@
CONF
}
accepted('two pairs', both("OCSPResponderKey $key{p256}",
    "OCSPResponderCert $cert{p256}"));
refused('a second key without a certificate', 'OCSPResponderCA',
    qr/without OCSPResponderCert for each pair: there must be as many/,
    both("OCSPResponderKey $key{p256}"));
refused('a second that do not go together', 'OCSPResponderCert',
    qr/does not match the certificate/, both("OCSPResponderKey $key{p256}",
    "OCSPResponderCert $cert{p384}"));
refused('a second key that is not there', 'OCSPResponderKey', qr/nonexistent/,
    both('OCSPResponderKey /nonexistent', "OCSPResponderCert $cert{p384}"));

finish;
