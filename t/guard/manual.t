# SPDX-License-Identifier: Apache-2.0
# The manual: every directive, with what mandoc has to say of the page, and
# every message, with what happened, what clients saw, and what to do. And the
# files that README sends its readers to are there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $manual = top_dir() . '/conf/manual';
my $source = join '', map { slurp($_) } parts('directives.c');

# -- the page ------------------------------------------------------------------

my $page = slurp("$manual/mod_ocsp_responder.8");
my %row  = map { $_ => 1 } $source =~ /AP_INIT_\w+\(\s*"(OCSP\w+)",/g;
cmp_ok scalar keys %row, '>', 5, 'there are directives';
my @items = $page =~ /^\.It Ic (OCSPResponder\w*)/mg;
is join(' ', sort @items), join(' ', sort keys %row),
    'the page has each directive once, and no other';
for my $file ('ocsp_responder.conf') {
    my $conf = slurp("$manual/../$file");
    my %named = map { $_ => 1 } $conf =~ /^#(OCSPResponder\w*)/mg;
    is join(' ', grep { !$named{$_} } @items), '', "as has $file";
}
my ($version) = slurp(top_dir() . '/mod_ocsp_responder.h')
    =~ /^#define OCSP_RESPONDER_VERSION "([^"]+)"/m;
like $page, qr/^This is version \Q$version\E of$/m, 'the version';
SKIP: {
    my ($code, $text) = run('sh', '-c', 'command -v mandoc');
    skip 'no mandoc', 1 if $code;
    ($code, $text) = run('mandoc', '-T', 'lint',
        "$manual/mod_ocsp_responder.8");
    is "$code $text", '0 ', 'mandoc -T lint finds nothing';
}

# -- README --------------------------------------------------------------------

my %there = map { s{.*/}{}r => 1 } parts('*.[ch]'), glob(top_dir() . '/*.[ch]'),
    glob(top_dir() . '/conf/examples/*.c');
my @named = slurp(top_dir() . '/README') =~ /\b([\w-]+\.[ch])\b/g;
cmp_ok scalar @named, '>', 20, 'README names files';
is join(' ', grep { !$there{$_} } @named), '', 'and none that is gone';

# -- the messages --------------------------------------------------------------

my %written;
for my $file (parts('*.[ch]'), top_dir() . '/mod_ocsp_responder.c') {
    my $text = slurp($file) =~ s{/\*.*?\*/}{}gsr;
    $written{$1} = $file while $text =~ /"(OCSP\d{4})\b/g;
}
my %entry = slurp("$manual/messages.txt")
    =~ /^(OCSP\d{4})\n((?:  .*\n)+)/mg;
is join(' ', grep { !$entry{$_} } sort keys %written), '',
    'messages.txt explains every message';
is join(' ', grep { !$written{$_} } sort keys %entry), '',
    'and none that is gone';
my @short = grep {
    $entry{$_} !~ /\A  happened  \S.*^  clients   \S.*^  do        \S/ms
} sort keys %entry;
is "@short", '', 'each with what happened, what clients saw, what to do';

finish;
