# SPDX-License-Identifier: Apache-2.0
# Message ids: one place each in the sources, and none that nobody writes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top = top_dir();
my @sources = ("$top/mod_ocsp_responder.c", parts("*.[ch]"));
my (%where, $reserved);
for my $file (@sources) {
    my $text = slurp($file);
    $text =~ s{/\*.*?\*/}{}gs;
    $reserved .= $file if $text =~ /\bAPLOGNO\b|"AH\d{5}/;
    (my $name = $file) =~ s{^\Q$top/}{};
    push @{ $where{$1} }, $name while $text =~ /"(OCSP\d{4})\b/g;
}

cmp_ok scalar keys %where, '>', 5, 'the sources have message ids';
is scalar @{ $where{$_} }, 1, "$_: one place (@{$where{$_}})"
    for sort keys %where;
is $reserved, undef, "httpd's own numbers are left to httpd";

# Where a document lists them, it lists them all.
for my $name (qw(README conf/ocsp_responder.conf)) {
    my %listed = map { $_ => 1 } slurp("$top/$name") =~ /\b(OCSP\d{4})\b/g;
    next unless %listed;
    is join(' ', grep { !$where{$_} } sort keys %listed), '',
        "$name lists no id that is gone";
    is join(' ', grep { !$listed{$_} } sort keys %where), '',
        "$name lists every id" if keys %listed > 5;
}

my %expected;
for my $file (glob "$top/t/functional/*.t") {
    $expected{$_} = $file for slurp($file) =~ /\b(OCSP\d{4})\b/g;
}
is join(' ', grep { !$where{$_} } sort keys %expected), '',
    'no test waits for an id that is gone';

finish;
