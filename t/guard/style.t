# SPDX-License-Identifier: Apache-2.0
# The house rules that can be measured: short functions, short files, plain
# text.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top = top_dir();
my @module = ("$top/mod_ocsp_responder.c", parts("*.c"));
my @c      = (@module, glob("$top/*.h"), parts("*.h"),
              glob("$top/t/{unit,fuzz}/*.[ch]"));
my @perl   = (glob("$top/t/lib/T/{*,*/*}.pm"),
              glob("$top/t/{functional,guard}/*.t"));
cmp_ok scalar @module, '>', 5, 'there are sources';

sub name_of { return substr $_[0], 1 + length $top }

# What is wrong with the lines of a file, each fault with its first line.
sub faults {
    my ($file, $is_c) = @_;
    my $text = slurp($file);
    my @lines = split /\n/, $text, -1;
    my %fault;
    $fault{'has no SPDX line at its head'} = 1
        unless "@lines[0 .. ($#lines < 2 ? $#lines : 2)]"
            =~ /SPDX-License-Identifier: Apache-2\.0/;
    $fault{'does not end with one line feed'} = @lines
        unless $text =~ /[^\n]\n\z/;
    my $most = $file =~ m{/t/} ? 500 : 400;
    $fault{"has more than $most lines"} = $#lines if $#lines > $most;
    for my $n (1 .. @lines) {
        local $_ = $lines[$n - 1];
        utf8::decode($_);
        $fault{'has a tab'}            //= $n if /\t/;
        $fault{'has trailing blanks'}  //= $n if /\s$/;
        $fault{'has over 80 columns'}  //= $n if length > 80;
        $fault{'has a // comment'}     //= $n if $is_c && m{^\s*//};
    }
    return join '; ', map { "$_ (line $fault{$_})" } sort keys %fault;
}

is faults($_, 1), '', name_of($_) for @c;
is faults($_, 0), '', name_of($_) for @perl;

SKIP: {
    my ($code, $version) = run('ctags', '--version');
    skip 'universal-ctags is not installed', 4
        if $code || $version !~ /Universal Ctags/;
    my $tags = must('ctags', '-o', '-', '--languages=C', '--kinds-C=f',
        '--fields=+ne', @c);
    my (%length, @lengths);
    for (split /\n/, $tags) {
        my ($name, $file) = split /\t/;
        my ($from) = /\tline:(\d+)/;
        my ($to)   = /\tend:(\d+)/ or next;
        my $lines  = $to - $from + 1;
        $length{ name_of($file) . ": $name()" } = $lines;
        push @lengths, $lines if grep { $_ eq $file } @module;
    }
    @lengths = sort { $a <=> $b } @lengths;
    cmp_ok scalar @lengths, '>', 50, 'there are functions to measure'
        or last SKIP;
    cmp_ok $lengths[@lengths / 2], '<=', 15, 'median of lines per function';
    cmp_ok $lengths[@lengths * 0.95], '<=', 60, '95 of 100 functions';
    is join(', ',
        map { "$_ $length{$_}" } grep { $length{$_} > 100 } sort keys %length),
        '', 'none has more than 100 lines';
}

finish;
