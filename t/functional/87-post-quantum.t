# SPDX-License-Identifier: Apache-2.0
# ML-DSA (RFC 9881) and SLH-DSA (RFC 9909), by a delegated responder and by the
# CA itself: signed, verified by OpenSSL, and kept in the cache.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use T::PKI;
use T::PKI::Responder;

my (undef, $version) = run('openssl', 'version');
chomp $version;
plan(skip_all => "$version has no ML-DSA, which comes with OpenSSL 3.5")
    unless can_sign('ML-DSA-65');

sub key {
    my $path = make_key($_[0]);
    chmod 0644, $path;
    return $path;
}

my $DAY = 86_400;
my (%ca, $conf);
for my $algorithm (qw(ML-DSA-44 ML-DSA-65 ML-DSA-87 SLH-DSA-SHA2-128s
                      SLH-DSA-SHA2-128f)) {
    my $name = lc $algorithm;
    my $key  = key($algorithm);
    my $pem  = make_cert(key => $key, cn => $name, end => 1000 * $DAY,
        extensions => ['basicConstraints = critical, CA:true',
            'keyUsage = critical, keyCertSign, cRLSign, digitalSignature',
            'subjectKeyIdentifier = hash']);
    my $own = key($algorithm);
    my $cert = make_cert(key => $own, end => 900 * $DAY,
        issuer     => { pem => $pem, key => $key },
        extensions => ['extendedKeyUsage = OCSPSigning', 'noCheck = ignored',
            'keyUsage = digitalSignature']);
    my $leaf = make_cert(key => make_key('p256'), end => 900 * $DAY,
        issuer => { pem => $pem, key => $key });
    $ca{$name} = { pem => $pem, leaf => $leaf };
    $conf .= <<"CONF";
<Location "/$name/delegated/">
    OCSPResponderCA $name
    OCSPResponderKey $own
    OCSPResponderCert $cert
</Location>
<Location "/$name/direct/">
    OCSPResponderCA $name
    OCSPResponderKey $key
    OCSPResponderCert $pem
</Location>
CONF
}

# Three pairs of one location, for a CA with RSA.
my %oid = (rsa => '1.2.840.113549.1.1.11', p256 => '1.2.840.10045.4.3.2',
    'ML-DSA-65' => '2.16.840.1.101.3.4.3.18');
my $root = ca('root');
my %cert = (rsa => $root->{cert});
$conf .= <<'CONF';
<Location "/beside/">
    @responder root@
CONF
for my $kind ('p256', 'ML-DSA-65') {
    my $own = key($kind);
    $cert{$kind} = make_cert(key => $own, cn => $kind,
        issuer     => { pem => $root->{pem}, key => $root->{ca_key} },
        extensions => ['extendedKeyUsage = OCSPSigning', 'noCheck = ignored',
            'keyUsage = digitalSignature']);
    $conf .= "    OCSPResponderKey $own\n    OCSPResponderCert $cert{$kind}\n";
}
$conf .= "</Location>\n";

my $server = T::Server->new(modules => ['socache_shmcb'], conf => $conf);
for my $name (sort keys %ca) {
    insert_ca($server, $ca{$name}{pem}, name => $name);
    insert_cert($server, $name, $ca{$name}{leaf});
}
my ($code, $text) = $server->configtest;
is $code, 0, 'httpd -t' or diag $text;
like $text, qr/more than the 4125 that some clients take/,
    '  tells of large answers';
$server->start;
for my $name (sort keys %ca) {
    my $request = scratch_file();
    must('openssl', 'ocsp', '-issuer', $ca{$name}{pem}, '-cert',
        $ca{$name}{leaf}, '-no_nonce', '-reqout', $request);
    for my $how (qw(delegated direct)) {
        my ($failed, $said) = run('openssl', 'ocsp', '-issuer',
            $ca{$name}{pem}, '-cert', $ca{$name}{leaf}, '-CAfile',
            $ca{$name}{pem}, '-url', $server->url("/$name/$how/"));
        like $said, qr/Response verify OK/, "$name, $how: verified";
        like $said, qr/: good\b/, '  good';
        my $post = sub { $server->post("/$name/$how/", slurp($request)) };
        my $kept = kept_answer($post)->{body};
        is $post->()->{body}, $kept, '  kept, and sent again';
    }
}

note 'RSA, P-256 and ML-DSA-65 beside each other';
# A request that prefers these algorithms, in this order (RFC 6960 4.4.7).
sub wish {
    my (@wanted) = @_;
    return ocsp_request([certid_of('root-good-1')], !@wanted ? ()
        : (extensions => [extension('1.3.6.1.5.5.7.48.1.8',
            seq(map { seq(seq(oid($oid{$_}))) } @wanted))]));
}

# Twice, so that each comes from the cache as well.
for my $case (([], ['rsa'], ['p256'], ['ML-DSA-65'], [qw(ML-DSA-65 rsa)],
    [qw(p256 ML-DSA-65)]) x 2) {
    my $by     = $case->[0] // 'rsa';
    my $answer = $server->post('/beside/', wish(@$case));
    is $answer->{says}, 'good', "prefers @$case";
    is $answer->{response}{algorithm}, $oid{$by}, "  signed by $by";
    is_deeply $answer->{response}{certs}, [pem_der($cert{$by})],
        '  with its certificate';
    my ($failed, $said) = run('openssl', 'ocsp', '-respin',
        scratch_file($answer->{body}), '-issuer', $root->{pem}, '-cert',
        cert('root-good-1')->{pem}, '-CAfile', $root->{pem}, '-no_nonce');
    like $said, qr/Response verify OK.*: good\b/s, '  verified';
}

finish;
