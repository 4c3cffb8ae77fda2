# SPDX-License-Identifier: Apache-2.0
# The folders stand on floors: each includes and calls only itself and those
# below it, by the #include lines and by the linker's word. The pure parts know
# no httpd, no clock and no log, and the module shows one symbol to the world.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top   = top_dir();
my $build = build_dir();

my ($list) = slurp("$top/Makefile") =~ /^PURE\s*:?=\s*((?:.*\\\n)*.*)$/m;
my @pure = grep { $_ ne '\\' } split ' ', $list // '';
cmp_ok scalar @pure, '>=', 4, 'the Makefile names the pure parts';

# What each object asks for and what it has, by its path: one nm for all.
my (%asks, %has);
for (split /\n/, must('nm', '-A', map { object_of($_) } parts('*.c'))) {
    my ($object, $kind, $symbol) = /^(.*):\s*\w*\s+([A-Z]) (\w+)/ or next;
    push @{ ($kind eq 'U' ? \%asks : \%has)->{$object} }, $symbol;
}

# The object of a source, where it is built.
sub object_of {
    my ($source) = @_;
    (my $object = $source) =~ s{^\Q$top\E/(.*)\.c$}{$build/$1.o};
    return grep { -e } $object;
}

# What a pure part must not ask for, and why.
my %forbidden = (
    'httpd'     => qr/^ap_/,
    'a log'     => qr/^(?:ap_log_\w+|printf|fprintf|puts|perror|stderr)$/,
    'the clock' => qr/^(?:apr_time_now|time|gettimeofday|clock_gettime)$/,
);
# One waits for a program that prints a pass phrase, the others for work, and no
# longer than they may.
my %allowed = (
    (map { $_ => qr/^(?:apr_time_now|clock_gettime)$/ }
        qw(passphrase deadline)),
    (map { $_ => qr/^apr_time_now$/ } qw(places task)),
);

my $asked = 0;
for my $part (@pure) {
    (my $name = $part) =~ s{.*/}{};
    my $object = "$build/responder/$part.o";
    ok -e $object, "$part.o is built" or next;
    my @symbols = @{ $asks{$object} // [] };
    $asked += @symbols;
    for my $what (sort keys %forbidden) {
        my @bad = grep { /$forbidden{$what}/ } @symbols;
        @bad = grep { !/$allowed{$name}/ } @bad if $allowed{$name};
        is "@bad", '', "  but not for $what";
    }
}

cmp_ok $asked, '>', 50, 'and they ask for something';

# APR's words for dates end in 2038 where time_t has 32 bits: base/calendar.h
# has what is wanted of them.
my @short = grep {
    grep { /^(?:apr_time_exp_\w+|apr_rfc822_date|apr_ctime|gmtime\w*)$/ }
        @{ $asks{$_} }
} sort keys %asks;
is "@short", '', 'no date comes from APR';

# The folders that a folder may use besides itself. What is in source/ may use
# the folders of single sources, but these know only what is below source/.
my %below = (
    base    => [],
    ocsp    => ['base'],
    db      => ['base'],
    source  => [qw(db ocsp base)],
    httpd   => [qw(ocsp base)],
    serve   => [qw(httpd source db ocsp base)],
    startup => [qw(serve httpd source db ocsp base)],
);

# The folder of a file below responder/, as a room of %below, and the whole.
sub room_of {
    my ($file) = @_;
    my ($folder) = $file =~ m{(?:^|/)responder/(.+)/[^/]+$};
    return ($folder =~ m{^([^/]+)}, $folder);
}

# Whether code in one folder may use what is in another.
sub may_use {
    my ($user, $user_folder, $used, $used_folder) = @_;
    return $user_folder eq $used_folder || $user_folder !~ m{/}
        if $user eq $used;
    return grep { $_ eq $used } @{ $below{$user} };
}

my (%arrows, %unknown, @wrong_includes, $includes);
for my $file (parts('*.[ch]')) {
    my ($room, $folder) = room_of($file);
    $unknown{$folder} = 1 unless $below{$room};
    for my $used (slurp($file) =~ /^#include "([a-z_]+(?:\/[a-z_]+)*)\//mg) {
        my ($there) = $used =~ m{^([^/]+)};
        $includes++;
        $arrows{"$room $there"} = 1 if $room ne $there;
        push @wrong_includes, "$folder -> $used"
            unless may_use($room, $folder, $there, $used);
    }
}
is join(' ', sort keys %unknown), '', 'each folder has its floor';
cmp_ok $includes, '>', 100, 'there are #include lines';
is "@wrong_includes", '', 'none of them reaches upwards or aside';

my (%definer, %users);
for my $file (parts('*.c')) {
    my ($object) = object_of($file) or next;
    $definer{$_} = $file for @{ $has{$object} // [] };
    $users{$file} = $asks{$object} // [];
}
my (@wrong_calls, $calls);
for my $file (sort keys %users) {
    for my $symbol (grep { $definer{$_} } @{ $users{$file} }) {
        my ($room, $folder) = room_of($file);
        my ($there, $used)  = room_of($definer{$symbol});
        $calls++;
        $arrows{"$room $there"} = 1 if $room ne $there;
        push @wrong_calls, "$folder -> $used ($symbol)"
            unless may_use($room, $folder, $there, $used);
    }
}
cmp_ok $calls, '>', 200, 'there are calls from file to file';
is "@wrong_calls", '', 'none of them reaches upwards or aside';

sub floor_of {
    my ($room) = @_;
    my ($highest) = sort { $b <=> $a } map { floor_of($_) } @{ $below{$room} };
    return 1 + ($highest // 0);
}
my ($floors) = sort { $b <=> $a } map { floor_of($_) } keys %below;
note sprintf '%d folders on %d floors, %d arrows', scalar keys %below, $floors,
    scalar keys %arrows;
cmp_ok scalar keys %below, '<=', 8, 'at most eight folders';
cmp_ok $floors, '<=', 5, '  on five floors';
cmp_ok scalar keys %arrows, '<=', 20, 'at most twenty arrows between folders';

my @exported = map { /^\w+ [A-Z] (\w+)/ ? $1 : () }
    split /\n/, must('nm', '-D', '--defined-only', module_file());
is "@exported", 'ocsp_responder_module', 'the module exports one symbol';

finish;
