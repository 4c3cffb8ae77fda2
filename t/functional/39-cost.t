# SPDX-License-Identifier: Apache-2.0
# What the dearest request costs: the processor time of httpd for it, against
# that for a normal one that is signed. What no answer depends on is not
# decoded, so certificates with keys that are slow to decode cost nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::DER;
use T::PKI;
use T::Server;

plan(skip_all => 'there is no /proc') unless -e "/proc/$$/stat";
plan(skip_all => 'a sanitizer has costs of its own') if $ENV{SAN_PRELOAD};

my $server = T::Server->new(mpm => 'worker', conf => <<'CONF');
<OCSPResponderTable decimals>
    From django_ca_certificate
    Serial serial decimal
    CA any
    Status revoked 0=good 1=revoked
    RevokedAt revoked_date datetime
</OCSPResponderTable>
OCSPResponderReuse off
<Location "/ocsp/">
    @responder ec@
</Location>
<Location "/table/">
    OCSPResponderCA @ec.pem@
    OCSPResponderKey @ec.key@
    OCSPResponderCert @ec.cert@
    OCSPResponderSource sql decimals
</Location>
CONF
$server->start;

# Processor time that the children have used, in ticks.
sub ticks {
    my $sum = 0;
    for my $pid ($server->children) {
        my @stat = split ' ', slurp("/proc/$pid/stat") =~ s/^.*\) //sr;
        $sum += $stat[11] + $stat[12];
    }
    return $sum;
}

# Ticks for that many of one request, all of which are answered.
sub cost {
    my ($path, $request, $count) = @_;
    my $client = $server->client(timeout => 30);
    my ($before, $good) = (ticks(), 0);
    for (1 .. $count) {
        my $response = $client->request('POST', $path, body => $request);
        $good++ if ($response->{status} // 0) == 200
            && ocsp_status($response->{body}) eq 'successful';
        $client = $server->client(timeout => 30)
            if ($response->{headers}{connection} // 'close') =~ /close/i;
    }
    is $good, $count, '  each is answered';
    return ticks() - $before;
}

# A certificate whose key names its curve by all of its parameters.
my $explicit = do {
    my $key = scratch_file('');
    must('openssl', 'ecparam', '-name', 'secp521r1', '-genkey', '-noout',
        '-param_enc', 'explicit', '-out', $key);
    pem_der(scratch_file(must('openssl', 'req', '-x509', '-new', '-key', $key,
        '-subj', '/CN=x', '-days', '3')));
};

my $certid = certid_of('ec-good-1');
my $algorithm = seq(oid('1.2.840.10045.4.3.2'));
my $many = int(7000 / length $explicit);
my $name = explicit(4, seq(map { tlv(0x31, seq(oid('2.5.4.3'),
    tlv(0x0c, 'n' x 40))) } 1 .. 120));
my %dear = (
    "$many certificates with explicit curves in optionalSignature" =>
        ocsp_request([$certid], signature => seq($algorithm, bits('x' x 64),
            explicit(0, seq(($explicit) x $many)))),
    'a requestorName of 120 parts' =>
        ocsp_request([$certid], requestor => $name),
    'extensions that are not critical' =>
        ocsp_request([$certid], extensions =>
            [map { extension("1.2.3.4.$_", octet_string('x' x 10)) } 1 .. 250]),
    'one certificate sixteen times, and a long nonce' =>
        ocsp_request([($certid) x 16], extensions => [nonce('n' x 128)]),
    'sixteen certificates, by the longest hash' =>
        ocsp_request([map { certid('ec', sprintf('5EED%X', $_),
            digest => 'sha512') } 1 .. 16]),
    'a serial of 7000 bytes in a table of decimals' =>
        ocsp_request([certid('ec', 'AB' x 7000)]),
    'sixteen of 64 bytes in a table of decimals' =>
        ocsp_request([map { certid('ec', sprintf('%X', $_ + 16) . 'AB' x 63) }
            1 .. 16]),
);

note 'case 61: the dearest request';
my $count = 1500;
my $normal = ocsp_request([$certid], extensions => [nonce('n' x 32)]);
cost('/ocsp/', $normal, 300);
cmp_ok cost('/ocsp/', $normal, $count), '>', 5, 'a normal one is measured';
for my $what (sort keys %dear) {
    my $path = $what =~ /decimal/ ? '/table/' : '/ocsp/';
    cmp_ok length $dear{$what}, '<=', 8192, "$what: of the size allowed";
    # Next to each other, as how fast a processor is changes with what else the
    # machine does.
    my ($usual, $ticks);
    for (1 .. 3) {
        $usual = cost('/ocsp/', $normal, $count);
        $ticks = cost($path, $dear{$what}, $count);
        last if $ticks <= 3 * $usual;
    }
    cmp_ok $ticks, '<=', 3 * $usual, "  no more than three times $usual";
}

finish;
