# SPDX-License-Identifier: Apache-2.0
# The Debian package of this tree, built once for all tests and kept below the
# build folder until a source changes.
package Package;

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use Exporter 'import';
use Fcntl qw(:flock);
use File::Path qw(make_path);

use T::Platform;
use T::Process;

our @EXPORT = qw(package_folder);

# The folder that `make deb` leaves it in; undef and what went wrong.
sub package_folder {
    my $folder = build_dir() . '/package';
    make_path($folder);
    open my $lock, '>>', "$folder/lock" or die "$folder/lock: $!";
    flock $lock, LOCK_EX or die "$folder/lock: $!";
    my $mark = md5_hex(must('find', top_dir(), qw(-name .git -prune -o -path),
        build_dir(), qw(-prune -o -type f -printf), "%P %T@ %s\\n"));
    if (!-e "$folder/mark" || slurp("$folder/mark") ne $mark) {
        # The package's make is to know nothing of ours. What it would test is
        # tested beside it.
        delete local @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B)};
        local $ENV{DEB_BUILD_OPTIONS} = 'nocheck';
        my ($code, $text) = run(top_dir() . '/conf/package', 'deb', $folder);
        return (undef, $text) if $code;
        spew("$folder/mark", $mark);
    }
    return "$folder/deb";
}

1;
