# SPDX-License-Identifier: Apache-2.0
# One signature operation an answer, whatever the key's algorithm; none where an
# answer is sent again or nothing is signed. A library counts the calls.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use T::PKI;
use T::PKI::Responder;

my $work  = folder();
my $calls = spew("$work/calls", '');
chmod 0666, $calls;
must('cc', '-shared', '-fPIC', '-o', "$work/count.so",
    top_dir() . '/t/lib/count_signatures.c', '-ldl');

my @kinds   = qw(rsa rsa_pss p256 p384 ed25519);
my @quantum = qw(ML-DSA-44 ML-DSA-65 ML-DSA-87 SLH-DSA-SHA2-128f);
my @known   = grep { can_sign($_) } @quantum;
my $root    = ca('root');
my $conf    = '';
for my $kind (@kinds, @known) {
    my $key  = make_key($kind);
    my $cert = make_cert(key => $key, cn => $kind,
        issuer     => { pem => $root->{pem}, key => $root->{ca_key} },
        extensions => ['extendedKeyUsage = OCSPSigning', 'noCheck = ignored',
            'keyUsage = digitalSignature']);
    chmod 0644, $key;
    $conf .= <<"CONF";
<Location "/$kind/">
    OCSPResponderCA $root->{serial}
    OCSPResponderKey $key
    OCSPResponderCert $cert
</Location>
CONF
}
my $server = T::Server->new(modules => ['socache_shmcb'], conf => $conf,
    env => { LD_PRELOAD => "$work/count.so", COUNT_SIGNATURES => $calls });
$server->start;

# What is asked of libcrypto while code runs: "ss" for two signatures.
sub asked {
    my ($code) = @_;
    my $before = length slurp($calls);
    $code->();
    return substr slurp($calls), $before;
}

my $n = 0;
for my $kind (@kinds, @known) {
    my $post = sub { $server->post("/$kind/", $_[0]) };
    # Who signs is made, and tried, at the first request.
    is $post->(request_for('root-good-1', nonce => 'n' x 16))->{says}, 'good',
        $kind;
    is asked(sub { $post->(request_for('root-good-1', nonce => 'n' x 15
        . ++$n % 10)) for 1 .. 5 }), 'sssss', '  five answers, five signatures';
    my $two = ocsp_request([certid_of('root-good-1'), certid_of('root-good-2')],
        extensions => [nonce('m' x 16)]);
    is asked(sub { $post->($two) }), 's', '  one for an answer of two';
    my $plain = request_for('root-good-2');
    kept_answer(sub { $post->($plain) });
    is asked(sub { $post->($plain) for 1 .. 5 }), '', '  none from the cache';
    is asked(sub { $post->(request_for('inter-good-1')) }), '',
        '  none for unauthorized';
}
SKIP: {
    my (undef, $version) = run('openssl', 'version');
    chomp $version;
    skip "without @quantum, which come with OpenSSL 3.5: $version", 1
        unless @known;
    is scalar @known, @quantum, 'with the algorithms of FIPS 204 and 205';
}

finish;
