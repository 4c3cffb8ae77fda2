# SPDX-License-Identifier: Apache-2.0
# The version stands in the public header; what has to repeat it agrees.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top = top_dir();
my ($version) = slurp("$top/mod_ocsp_responder.h")
    =~ /^#define OCSP_RESPONDER_VERSION "(\d+\.\d+\.\d+)"$/m;
isnt $version, undef, 'the header has a version' or die 'no version';

my ($newest) = slurp("$top/conf/CHANGELOG") =~ /^(\d\S*)$/m;
is $newest, $version, 'the CHANGELOG begins with it';
is join('', grep { length > 81 } slurp("$top/conf/CHANGELOG") =~ /^.*\n/gm), '',
    "  and has no line too long for Debian's";

my @sources = grep { $_ ne "$top/mod_ocsp_responder.h" }
    glob("$top/*.[ch]"), parts('*.[ch]'), "$top/Makefile";
my @others = grep { slurp($_) =~ /"\Q$version\E"/ } @sources;
is "@others", '', 'no source repeats it';
like slurp(module_file()), qr/mod_ocsp_responder\/\Q$version\E\0/,
    'the module was built with it';

finish;
