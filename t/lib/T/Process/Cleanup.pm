# SPDX-License-Identifier: Apache-2.0
# Stops what a test left running when it was killed too hard to do so itself.
package T::Process::Cleanup;

use strict;
use warnings;
use File::Path qw(remove_tree);
use POSIX ();

my $pipe;

# From now on, when this process is gone, the servers whose files are in $root
# are killed (by run/*.pid), and the files are removed.
sub watch {
    my ($root) = @_;
    begin() unless $pipe;
    syswrite $pipe, "$root\n";
    return;
}

# Starts the process that waits for the end of this one.
sub begin {
    pipe my $read, $pipe or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    return close $read if $pid;
    close $pipe;
    POSIX::setsid();
    open STDIN,  '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    $SIG{$_} = 'IGNORE' for qw(INT TERM HUP PIPE);
    my @roots = <$read>;    # ends when the last writer is gone
    chomp @roots;
    clean($_) for @roots;
    POSIX::_exit(0);
}

# Kills them, and removes the files.
sub clean {
    my ($root) = @_;
    for my $name (glob "$root/run/*.pid") {
        open my $file, '<', $name or next;
        next unless (<$file> // '') =~ /^(\d+)/;
        next if is_younger($1, (stat $file)[9]);
        my @children = split ' ', `ps -o pid= --ppid $1`;
        kill KILL => -$1, $1, @children;
    }
    remove_segment($root);
    remove_tree($root) if -d $root;
    return;
}

# Whether the process with a number began after that time: what had the number
# then is gone, and numbers come again.
sub is_younger {
    my ($pid, $time) = @_;
    open my $stat,  '<', "/proc/$pid/stat" or return 0;
    open my $clock, '<', '/proc/uptime'    or return 0;
    my ($began) = (split ' ', (<$stat> // return 0) =~ s/.*\) //sr)[19];
    my ($uptime) = split ' ', <$clock>;
    my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
    return time - $uptime + $began / $ticks > $time + 2;
}

# Removes the shared memory segment of a PostgreSQL that was killed, which only
# its next start in the same folder would remove.
sub remove_segment {
    my ($root) = @_;
    open my $file, '<', "$root/data/postmaster.pid" or return;
    my @lines = <$file>;
    my ($id) = ($lines[6] // '') =~ /^\s*\d+\s+(\d+)\s*$/ or return;
    require IPC::SysV;
    shmctl $id, IPC::SysV::IPC_RMID(), 0;
    return;
}

1;
