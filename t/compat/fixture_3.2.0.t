# SPDX-License-Identifier: Apache-2.0
# The functional tests of what rows and keys say, with the database that django-ca
# 3.2.0 filled.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my @files = qw(15-certid 20-status 80-all-cas 81-auto 85-presigned);
for my $file (@files) {
    my ($code, $text) = run({ FIXTURE => '3.2.0' }, $^X,
        '-I' . top_dir() . '/t/lib', "$FindBin::Bin/../functional/$file.t");
    is $code, 0, $file or diag $text =~ s/^ *ok .*\n//gmr;
    cmp_ok scalar(() = $text =~ /^ok /mg), '>', 10, '  with its tests';
}
finish;
