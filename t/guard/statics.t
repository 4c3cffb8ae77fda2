# SPDX-License-Identifier: Apache-2.0
# A stack trace reads: no function's name, static or not, is that of another
# file's function. What a source's struct names stays, as all sources have it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top = top_dir();
my ($code, $version) = run('ctags', '--version');
if ($code || $version !~ /Universal Ctags/) {
    plan skip_all => 'universal-ctags is not installed';
}
my %files;
for (split /\n/, must('ctags', '-o', '-', '--languages=C', '--kinds-C=f',
    "$top/mod_ocsp_responder.c", parts('*.c'))) {
    next if /^!/;
    my ($name, $file) = split /\t/;
    $files{$name}{ substr $file, 1 + length $top } = 1;
}
cmp_ok scalar keys %files, '>', 500, 'there are functions';
is join('; ', map { "$_ in " . join(', ', sort keys %{ $files{$_} }) }
    grep { keys %{ $files{$_} } > 1 } sort keys %files), '',
    'each has a name of its own';

finish;
