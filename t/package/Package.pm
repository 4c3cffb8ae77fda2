# SPDX-License-Identifier: Apache-2.0
# The packages of this tree, and of one that differs in its version alone; built
# once for all tests and kept below the build folder until a source changes.
package Package;

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use Exporter 'import';
use Fcntl qw(:flock);
use File::Path qw(make_path remove_tree);

use T::Platform;
use T::Process;

our @EXPORT = qw(debian_tar module_version next_version package_folder);

# The version that mod_ocsp_responder.h has.
sub module_version {
    my ($version) = slurp(top_dir() . '/mod_ocsp_responder.h')
        =~ /^#define OCSP_RESPONDER_VERSION "([^"]+)"/m;
    return $version;
}

# The one that is to follow.
sub next_version { return module_version() =~ s/(\d+)$/$1 + 1/er }

# The sources as the next version will have them, in that folder. What was
# compiled of the others is newer than they are.
sub make_next {
    my ($tree) = @_;
    my ($old, $new) = (module_version(), next_version());
    remove_tree($tree);
    make_path($tree);
    must('sh', '-c', 'tar -C "$0" --exclude=./build --exclude=./.git -cf - . |'
        . ' tar -C "$1" -xf -', top_dir(), $tree);
    my $header = 'mod_ocsp_responder.h';
    spew("$tree/$header", slurp("$tree/$header") =~ s/"\Q$old\E"/"$new"/r);
    must('touch', '-r', top_dir() . "/$header", "$tree/$header");
    must('touch', split /\n/, must('grep', '-rl', 'OCSP_RESPONDER_VERSION',
        '--include=*.c', $tree));
    my $changes = "$tree/conf/CHANGELOG";
    spew($changes, slurp($changes) =~
        s/^\Q$old\E$/$new\n  * A test.\n\n$old/mr);
    return $tree;
}

# Where an image's essential packages are, when it has been built: a Debian that
# is as fresh as one of one's own, with the lists of all packages.
sub debian_tar { return build_dir() . '/package/debian.tar' }

# The folder that `make deb`, `make rpm` or `make image` (what: deb, rpm, image)
# leaves it in, of this version or of the next; undef and what went wrong.
sub package_folder {
    my ($what, $is_next) = @_;
    my %more;
    if ($what eq 'image') {
        my ($place, $fault) = package_folder('deb', $is_next);
        return (undef, $fault) unless $place;
        ($more{PACKAGE}) = grep { !/dbgsym/ } glob "$place/*.deb";
        $more{DEBIAN} = debian_tar();
    }
    my $folder = build_dir() . '/package' . ($is_next ? '/next' : '');
    make_path($folder);
    open my $lock, '>>', "$folder/lock-$what" or die "$folder/lock-$what: $!";
    flock $lock, LOCK_EX or die "$folder/lock-$what: $!";
    my $mark = md5_hex(must('find', top_dir(), qw(-name .git -prune -o -path),
        build_dir(), qw(-prune -o -type f -printf), "%P %T@ %s\\n"));
    my $kept = "$folder/mark-$what";
    return "$folder/$what" if -e $kept && slurp($kept) eq $mark;
    my $tree = $is_next ? make_next("$folder/tree-$what") : top_dir();
    # The package's make is to know nothing of ours. What it would compile and
    # test is compiled already, and tested beside it; .ci/run has one compiled.
    delete local @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B MODULE)};
    local $ENV{DEB_BUILD_OPTIONS} = 'nocheck';
    my %env = (OBJECTS => build_dir(), %more);
    my ($code, $text) = run(\%env, "$tree/conf/package", $what, $folder);
    remove_tree("$folder/tree-$what");
    return (undef, $text) if $code;
    spew($kept, $mark);
    return "$folder/$what";
}

1;
