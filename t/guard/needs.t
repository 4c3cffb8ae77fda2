# SPDX-License-Identifier: Apache-2.0
# Where a machine has nothing, t/lib/needs asks for all that the tests can use:
# what not every release has, too, where apt knows it.
use strict;
use warnings;
use File::Temp;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $needs  = top_dir() . '/t/lib/needs';
my @wanted = map { [/^test(\??)\|([^|]+)\|\s*([^|\s]+)/] }
    grep { /^test\??\|/ } split /\n/, slurp($needs);
my @known = grep { $_->[0] } @wanted;

# Programs that it runs itself, and no others: nothing is there, and apt-get is
# not, so that it says what to install.
my $bin = File::Temp->newdir('needs-XXXXXX', TMPDIR => 1);
for my $name (qw(apt-cache cat cut grep id sed sh tr uname)) {
    my ($path) = grep { -x } map { "$_/$name" } '/usr/bin', '/bin';
    $path && symlink $path, "$bin/$name"
        or plan(skip_all => "there is no $name");
}
cmp_ok scalar @known, '>', 4, 'things that not every release has';
ok scalar(grep { $_->[2] eq 'pgbouncer' } @known), 'nor every CPU: i386';

my ($code, $text) = run({ PATH => "$bin" }, 'sh', $needs, 'test');
is $code, 1, 'something is missing';
my ($packages) = $text =~ /^Debian, Ubuntu: apt-get install (.*)$/m;
my %named = map { $_ => 1 } split ' ', $packages // '';
ok $named{gcovr}, 'gcovr is' or diag $text;

# A library for another CPU than the kernel's.
spew("$bin/clang", <<"CLANG");
#!/bin/sh
echo $bin/libclang_rt.builtins-i386.a
CLANG
chmod 0755, "$bin/clang";
($code, $text) = run({ PATH => "$bin" }, 'sh', $needs, 'test');
like $text, qr/ libclang-rt-dev /, 'clang is there, its libraries are not';
spew("$bin/libclang_rt.fuzzer-i386.a", '');
($code, $text) = run({ PATH => "$bin" }, 'sh', $needs, 'test');
unlike $text, qr/ libclang-rt-dev /, 'and here they are';

my %apt = map { $_ => 1 } (run('apt-cache', 'show', map { $_->[2] } @known))[1]
    =~ /^Package: (.*)$/mg;
for (@known) {
    my (undef, $probes, $package) = @$_;
  SKIP: {
        skip "apt knows no $package", 1 unless $apt{$package};
        my $there = grep {
            my $probe = $_;
            m{^/} ? grep { -e } glob $probe
                : -x "/usr/sbin/$probe" || -x "/sbin/$probe" }
            split /,/, $probes =~ s/\s+\z//r;
        is !!$named{$package}, !$there, "$package is named if it is missing";
    }
}
finish;
