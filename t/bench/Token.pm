# SPDX-License-Identifier: Apache-2.0
# Keys in SoftHSM: asked for signatures by the module, and by a loop of nothing
# else.
package Token;

use strict;
use warnings;
use Exporter 'import';
use FindBin;
use POSIX ();

use T::PKI::Responder;
use T::Platform;
use T::Server;
use T::Token;

our @EXPORT = qw(token token_location token_rate);

my %MECHANISM = (rsa2048 => 0x1, p256 => 0x1041);    # CKM_RSA_PKCS, CKM_ECDSA

# A token with those keys, by their kinds: {env (for what uses it), conf (lines
# that name a key, by its kind), way (what OpenSSL reaches it through: the engine
# where there are both), module}. undef when there is none to be had here.
sub token {
    my (%keys) = @_;
    my $module = softhsm() or return;
    my $folder = folder();
    mkdir "$folder/tokens";
    my %env = (SOFTHSM2_CONF => spew("$folder/softhsm.conf",
        "directories.tokendir = $folder/tokens\nlog.level = ERROR\n"));
    my %ways = token_ways($folder, $module, %env);
    my ($way) = $ENV{BENCH_TOKEN} || (sort keys %ways)[0];
    return unless $way && $ways{$way};
    must(\%env, qw(softhsm2-util --init-token --free --label bench --so-pin),
        qw(4321 --pin 1234));
    my $id = 'A0';
    must(\%env, qw(softhsm2-util --import), $keys{$_}, qw(--token bench --label),
        $_, '--id', ++$id, qw(--pin 1234)) for sort keys %keys;
    must('chmod', '-R', 'a+rwX', $folder);
    spew("$folder/pin", "1234\n");
    my %conf = map { $_ => <<"CONF" } keys %keys;
OCSPResponderKey "pkcs11:token=bench;object=$_;type=private"
OCSPResponderKeyPassPhrase "file:$folder/pin"
CONF
    return { env => $ways{$way}, conf => \%conf, way => $way,
        module => $module, bare => \%env };
}

# Where the fixture's CA "ec" answers with such a token's key, p256.
sub token_location {
    my ($token) = @_;
    return <<"CONF";
<Location "/ec/">
    OCSPResponderCA ec
    $token->{conf}{p256}
    OCSPResponderCert \@ec.cert\@
</Location>
CONF
}

# Signatures a second by a key of that kind, by a thread for each processor:
# more get in each other's way.
sub token_rate {
    my ($token, $kind, $seconds) = @_;
    my $program = top_dir() . '/build/bench/c_sign';
    must('cc', '-O2', '-o', $program, "$FindBin::Bin/c_sign.c", '-ldl',
        '-lpthread') unless -e $program;
    my ($rate) = must($token->{bare}, $program, $token->{module}, '1234',
        $MECHANISM{$kind}, POSIX::sysconf(84) || 1, $seconds) =~ /(\d+)/;
    return $rate;
}

1;
