# SPDX-License-Identifier: Apache-2.0
# Guard, unit and wire tests in a fresh Debian 13, and the proofs, whose program
# no Debian before has. Not a part of `make test`, as it downloads that Debian;
# .ci/run has it, and `make test-on trixie GOAL='wire prove-c'`.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $SECONDS = 1500;

# Its tests are to find a make that knows nothing of ours.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B CC MODULE APXS)};
my ($code, $text) = run({ JOBS => 2 }, 'timeout', $SECONDS,
    top_dir() . '/t/test-on', 'trixie', '--', 'wire', 'prove-c');
my ($last) = $text =~ /^(test-on: .*)\n\z/m;
plan(skip_all => $last // $text) if $code == 77;
plan(skip_all => "it took longer than $SECONDS seconds") if $code == 124;
is $code, 0, 'make wire prove-c' or diag $text;
my ($files, $tests) = $text =~ /^Files=(\d+), Tests=(\d+)/m;
cmp_ok $files // 0, '>', 30, 'as many files as here';
cmp_ok $tests // 0, '>', 3_000, 'and tests';
like $text, qr/^Result: PASS$/m, 'and all pass';
my @proofs = glob top_dir() . '/t/prove/*.c';
my @proved = $text =~ /^(\S+\.c): proved, /mg;
is scalar(@proved), @proofs - 1, 'all is proved but what others are with';
finish;
