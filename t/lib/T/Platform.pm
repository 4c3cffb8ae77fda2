# SPDX-License-Identifier: Apache-2.0
# What this machine has: httpd, its modules, the user it runs as, a free port.
package T::Platform;

use strict;
use warnings;
use Carp qw(croak);
use Cwd qw(abs_path);
use Exporter 'import';
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use IO::Socket::INET;
use Time::HiRes qw(clock sleep time);

use T::Process;

our @EXPORT = qw(apxs httpd compiled_in has_module module_file top_dir build_dir
    kept parts user free_port hurry is_busy wait_for within);

my $top = abs_path(dirname(__FILE__) . '/../../..');
my %answer_of;
my @kept_ports;

# -- what it may be set up for -------------------------------------------------

# Whether every user may look into a folder.
sub is_open {
    my ($path) = @_;
    my $mode = (stat $path)[2] // 0;
    return 0 unless $mode & oct 1;
    return $path eq '/' || is_open(dirname($path));
}

# Root's own folder for temporary files may be closed to httpd's user; and what
# asks a test's server is to ask no proxy that the environment names.
delete $ENV{TMPDIR}
    if !$> && -d ($ENV{TMPDIR} // '') && !is_open(abs_path($ENV{TMPDIR}));
$ENV{no_proxy} = join ',', qw(127.0.0.1 localhost),
    grep { length } $ENV{no_proxy} // $ENV{NO_PROXY} // '';

# ------------------------------------------------------------------------------

# The top of the source tree.
sub top_dir { return $top }

# The folder for what is built.
sub build_dir {
    my $build = $ENV{B} // 'build';
    return $build =~ m{^/} ? $build : "$top/$build";
}

# A folder below the build folder, made once for all test files, which run side
# by side: make fills a new folder and returns what went wrong, if anything did.
# (path, undef), or (undef, what).
sub kept {
    my ($name, $make) = @_;
    my $folder = build_dir() . "/$name";
    make_path(dirname($folder));
    open my $lock, '>', "$folder.lock" or croak "$folder.lock: $!";
    flock $lock, LOCK_EX or croak "$folder.lock: $!";
    return $folder if -d $folder;
    remove_tree("$folder.new");
    make_path("$folder.new");
    my $why_not = $make->("$folder.new");
    return (undef, $why_not) if $why_not;
    rename "$folder.new", $folder or croak "$folder: $!";
    return $folder;
}

# The files of responder/ with such a name, in whatever folder.
sub parts {
    my ($name) = @_;
    return grep { -e } map { glob "$top/responder/$_$name" } '', '*/', '*/*/';
}

# What apxs -q says of a name.
sub apxs {
    my ($name) = @_;
    return $answer_of{$name} //= do {
        my $apxs = $ENV{APXS} || 'apxs';
        my $text = must($apxs, '-q', $name);
        chomp $text;
        $text;
    };
}

# The path of httpd.
sub httpd { return apxs('SBINDIR') . '/' . apxs('PROGNAME') }

# Whether a module (a name without "mod_") is part of httpd itself.
sub compiled_in {
    my ($module) = @_;
    $answer_of{-l} //= must(httpd(), '-l');
    return $answer_of{-l} =~ /^\s*mod_\Q$module\E\.c$/m;
}

# Whether httpd on this machine has the module (a name without "mod_").
sub has_module {
    my ($module) = @_;
    return compiled_in($module) || -e apxs('LIBEXECDIR') . "/mod_$module.so";
}

# The module under test: of the folder for what is built, lest an older one be
# tested in its place.
sub module_file {
    my $file = abs_path($ENV{MODULE}
        // build_dir() . '/mod_ocsp_responder.so');
    croak 'no module: run make first, or set MODULE' unless $file && -e $file;
    return $file;
}

# The user and group that httpd's children run as; empty when not root.
sub user {
    return () if $>;
    for (qw(www-data apache daemon nobody)) {
        my ($uid, $gid) = (getpwnam $_)[2, 3];
        return ($_, scalar getgrgid($gid), $uid, $gid) if $uid;
    }
    croak 'no user to run httpd as';
}

# A TCP port that nobody listens on, which no other test is given before this
# process ends: its server may begin to listen late, and be down for a while.
# What says so, to tests in another root directory, too, is a socket for UDP of
# the same number. None of those that the kernel gives to connections.
sub free_port {
    for (1 .. 100) {
        my %at = (LocalAddr => '127.0.0.1',
                  LocalPort => 10_000 + int rand 20_000);
        my $kept = IO::Socket::INET->new(%at, Proto => 'udp') or next;
        IO::Socket::INET->new(%at, Listen => 1) or next;
        push @kept_ports, $kept;
        return $at{LocalPort};
    }
    croak "no free port: $!";
}

# How much longer work takes where somebody waits for a processor that part of
# the last ten seconds which the kernel tells (/proc/pressure/cpu); up to four
# times. What a test itself starts makes others wait for a third of the time.
sub times_longer {
    my ($text) = @_;
    my $part = $text =~ /^some avg10=([\d.]+)/ ? $1 / 100 : 0;
    return $part < 1 / 3 ? 1 : $part > 3 / 4 ? 4 : 1 / (1 - $part);
}

# A limit of so many seconds, for a machine as busy as this one is now, or was a
# moment ago: as much longer as a piece of work takes that has to share the
# processor, or as more processes want it than there are processors.
sub within {
    my ($seconds) = @_;
    my ($since, $work) = (time, clock);
    1 while clock() - $work < 0.03;
    my $times = (time - $since) / (clock() - $work);
    my $stat = eval { slurp('/proc/stat') } // '';
    my $processors = () = $stat =~ /^cpu\d/mg;
    my $wanted = $stat =~ /^procs_running (\d+)/m ? $1 / ($processors || 1) : 1;
    my $lately = times_longer(eval { slurp('/proc/pressure/cpu') } // '');
    for ($wanted, $lately) { $times = $_ if $times < $_ }
    return $seconds * ($times > 1.2 ? $times : 1);
}

# Whether the machine is busy: now, or so that this test has had to wait for a
# processor for as long as half of what it has worked.
sub is_busy {
    my ($worked, $waited) =
        split ' ', eval { slurp('/proc/self/schedstat') } // '';
    return $waited && $waited > $worked / 2 || within(1) > 1;
}

# Goes before other programs, where it may and was not begun to go behind them:
# a machine that is busy with them would keep a test waiting for longer than a
# request may take.
sub go_before_others {
    my ($priority) = @_;
    my $own = getpriority 0, 0;
    setpriority 0, 0, $priority if !$> && $own <= 0 && $own > $priority;
    return;
}

# For a test of limits of time: it goes before other tests, too.
sub hurry { return go_before_others(-10) }

# Waits until the code is true; its value, or false after the seconds, of which
# there are up to four times more on a busy machine. It is asked once more when
# they are over: this process may have lost the processor meanwhile.
sub wait_for(&;$) {
    my ($code, $seconds) = @_;
    my $began = time;
    my $limit = $seconds //= 10;
    while (1) {
        my $is_over = time - $began > $limit;
        my $value = $code->();
        return $value if $value;
        if ($is_over) {
            return $value if $limit > $seconds;
            $limit = within($seconds);
            $limit = 4 * $seconds if $limit > 4 * $seconds;
            return $value if $limit == $seconds;
        }
        sleep 0.02;
    }
}

# Whether OpenSSL still has engines, as it had before version 4.
sub has_engines { return !(run('openssl', 'engine'))[0] }

# What LD_PRELOAD takes so that FAKETIME moves a program's clock; undef: there
# is none here.
sub faketime {
    my ($library) = glob '/usr/lib*/faketime/libfaketime.so.1'
        . ' /usr/lib/*/faketime/libfaketime.so.1';
    return $library;
}

1;
