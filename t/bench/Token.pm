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

our @EXPORT = qw(token token_rate);

my $MODULE = (grep { -e } '/usr/lib/softhsm/libsofthsm2.so',
    glob '/usr/lib/*/softhsm/libsofthsm2.so')[0];
my %MECHANISM = (rsa2048 => 0x1, p256 => 0x1041);    # CKM_RSA_PKCS, CKM_ECDSA

# A token with those keys, by their kinds: {env (for what uses it), conf (lines
# that name a key, by its kind)}. undef when there is none to be had here.
sub token {
    my (%keys) = @_;
    my @engines = glob '/usr/lib/*/engines-3/pkcs11.so';
    return unless $MODULE && @engines && !(run('softhsm2-util', '-v'))[0];
    my $folder = folder();
    mkdir "$folder/tokens";
    my %env = (PKCS11_MODULE_PATH => $MODULE, SOFTHSM2_CONF =>
        spew("$folder/softhsm.conf", "directories.tokendir = $folder/tokens\n"
            . "log.level = ERROR\n"));
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
    return { env => \%env, conf => \%conf };
}

# Signatures a second by a key of that kind, by a thread for each processor:
# more get in each other's way.
sub token_rate {
    my ($token, $kind, $seconds) = @_;
    my $program = top_dir() . '/build/bench/c_sign';
    must('cc', '-O2', '-o', $program, "$FindBin::Bin/c_sign.c", '-ldl',
        '-lpthread') unless -e $program;
    my ($rate) = must($token->{env}, $program, $MODULE, '1234',
        $MECHANISM{$kind}, POSIX::sysconf(84) || 1, $seconds) =~ /(\d+)/;
    return $rate;
}

1;
