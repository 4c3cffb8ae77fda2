# SPDX-License-Identifier: Apache-2.0
# The linker's word: the pure parts know no httpd, no clock and no log, and the
# module shows one symbol to the world.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top   = top_dir();
my $build = "$top/" . ($ENV{B} // 'build');

my ($list) = slurp("$top/Makefile") =~ /^PURE\s*:?=\s*((?:.*\\\n)*.*)$/m;
my @pure = grep { $_ ne '\\' } split ' ', $list // '';
cmp_ok scalar @pure, '>=', 4, 'the Makefile names the pure parts';

sub undefined_symbols {
    my ($object) = @_;
    return map { /^\s*U\s+(\w+)/ ? $1 : () } split /\n/, must('nm', '-u',
        $object);
}

# What a pure part must not ask for, and why.
my %forbidden = (
    'httpd'     => qr/^ap_/,
    'a log'     => qr/^(?:ap_log_\w+|printf|fprintf|puts|perror|stderr)$/,
    'the clock' => qr/^(?:apr_time_now|time|gettimeofday|clock_gettime)$/,
);
# The one waits for a program that prints a pass phrase, the other for work, and
# no longer than they may.
my %allowed = ('passphrase' => qr/^(?:apr_time_now|clock_gettime)$/,
    'executor' => qr/^apr_time_now$/);

my $asked = 0;
for my $part (@pure) {
    (my $name = $part) =~ s{.*/}{};
    my $object = "$build/responder/$part.o";
    ok -e $object, "$part.o is built" or next;
    my @symbols = undefined_symbols($object);
    $asked += @symbols;
    for my $what (sort keys %forbidden) {
        my @bad = grep { /$forbidden{$what}/ } @symbols;
        @bad = grep { !/$allowed{$name}/ } @bad if $allowed{$name};
        is "@bad", '', "  but not for $what";
    }
}

cmp_ok $asked, '>', 50, 'and they ask for something';

my @exported = map { /^\w+ [A-Z] (\w+)/ ? $1 : () }
    split /\n/, must('nm', '-D', '--defined-only', module_file());
is "@exported", 'ocsp_responder_module', 'the module exports one symbol';

finish;
