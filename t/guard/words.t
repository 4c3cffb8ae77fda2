# SPDX-License-Identifier: Apache-2.0
# The words of the field: no metaphor that a reader would have to learn, and
# bytes outside of quotations.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top  = top_dir();
my $self = "$FindBin::Bin/$FindBin::Script";
my $words = qr/census | roster | enrol(?!l) | vault | inquiry | speaker
    | \b (?: gate | lane ) s? \b | judge_ | octet (?! s? [_\s]? string )/xi;
my @files = grep { -f && -T && $_ ne $self } glob("$top/*"), parts('*'),
    glob("$top/conf/{*,*/*}"), glob("$top/t/{*,[!f]*/*,fuzz/*,functional/*}"),
    glob("$top/t/lib/T/{*,*/*}");
cmp_ok scalar @files, '>', 400, 'there are files to read';

my @found;
for my $file (@files) {
    my @lines = split /\n/, slurp($file);
    push @found, map {
        $lines[$_] =~ /($words)/ ? join ':', substr($file, 1 + length $top),
            $_ + 1, $1 : ()
    } 0 .. $#lines;
}
is join("\n", @found), '', 'all of them speak the words of the field';

finish;
