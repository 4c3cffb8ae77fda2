# SPDX-License-Identifier: Apache-2.0
# Runs and starts programs without a shell.
package T::Process;

use strict;
use warnings;
use Carp qw(croak);
use Exporter 'import';
use POSIX ();

our @EXPORT = qw(run must slurp background children_of put_down spew);

# (exit code, stdout and stderr as one text). A leading hash adds to the
# environment.
sub run {
    my $env = ref $_[0] eq 'HASH' ? shift : {};
    my @command = @_;
    my $pid = open my $out, '-|';
    croak "fork: $!" unless defined $pid;
    if (!$pid) {
        @ENV{keys %$env} = values %$env;
        open STDIN,  '<',  '/dev/null';
        open STDERR, '>&', \*STDOUT;
        exec { $command[0] } @command or print "$command[0]: $!\n";
        POSIX::_exit(127);
    }
    binmode $out;
    my $text = do { local $/; <$out> };
    close $out;
    return ($? >> 8 || $? & 127, $text // '');
}

# Its output; dies when it fails.
sub must {
    my ($code, $text) = run(@_);
    croak join(' ', grep { !ref } @_) . ": exit $code\n$text" if $code;
    return $text;
}

# Starts it in a process group of its own, with its output appended to a log;
# its pid.
sub background {
    my ($env, $log, @command) = @_;
    my $pid = fork // croak "fork: $!";
    return $pid if $pid;
    setpgrp 0, 0;
    open STDIN,  '<',  '/dev/null';
    open STDOUT, '>>', $log;
    open STDERR, '>&', \*STDOUT;
    @ENV{keys %$env} = values %$env;
    exec { $command[0] } @command or POSIX::_exit(127);
}

# The pids of a process's children; of one with a single thread, where the
# kernel tells.
sub children_of {
    my ($pid) = @_;
    my $list = "/proc/$pid/task/$pid/children";
    my $text = -e $list ? eval { slurp($list) } // ''
        : (run('ps', '-o', 'pid=', '--ppid', $pid))[1];
    return split ' ', $text;
}

# Ends it.
sub put_down {
    my ($pid) = @_;
    kill KILL => $pid;
    waitpid $pid, 0;
    return;
}

# A file's content.
sub slurp {
    my ($path) = @_;
    open my $in, '<:raw', $path or croak "$path: $!";
    local $/;
    return scalar <$in>;
}

# Writes a file; its path.
sub spew {
    my ($path, @text) = @_;
    open my $out, '>:raw', $path or croak "$path: $!";
    print $out @text;
    close $out or croak "$path: $!";
    return $path;
}

1;
