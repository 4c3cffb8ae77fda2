# SPDX-License-Identifier: Apache-2.0
# As much of a memcached as mod_socache_memcache needs. What it holds are files,
# so that a test can see and change them.
package T::Memcached;

use strict;
use warnings;
use Carp qw(croak);
use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use POSIX ();

use T::Process;
use T::Process::Cleanup;

# Options: none. It has a port, and is gone with the object.
sub start {
    my ($class) = @_;
    my $root = File::Temp->newdir('memcached-XXXXXX', TMPDIR => 1);
    my $listener = IO::Socket::INET->new(
        Listen => 20, LocalAddr => '127.0.0.1', LocalPort => 0) or croak $!;
    my $self = bless { root => "$root", keep_root => $root, owner => $$,
        port => $listener->sockport }, $class;
    mkdir "$root/$_" for qw(run held);
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        setpgrp 0, 0;
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        eval { serve($listener, "$root/held") };
        POSIX::_exit(0);
    }
    $self->{pid} = $pid;
    spew("$root/run/memcached.pid", "$pid\n");
    T::Process::Cleanup::watch("$root");
    return $self;
}

# Answers every client, for ever.
sub serve {
    my ($listener, $held) = @_;
    my $select = IO::Select->new($listener);
    my %said;
    while (1) {
        for my $socket ($select->can_read) {
            if ($socket == $listener) {
                $select->add(scalar $listener->accept);
                next;
            }
            if (!sysread $socket, $said{$socket}, 65536,
                length($said{$socket} // '')) {
                $select->remove($socket);
                close $socket;
                next;
            }
            1 while answer($socket, \$said{$socket}, $held);
        }
    }
    return;
}

# Answers one command; false when none is whole.
sub answer {
    my ($socket, $said, $held) = @_;
    $$said =~ /^(\w+)(?: (\S+))?([^\r\n]*)\r\n/ or return 0;
    my ($command, $key, $rest, $end) = ($1, $2, $3, $+[0]);
    if ($command eq 'set') {
        my ($size) = $rest =~ /(\d+)\s*$/;
        return 0 if length $$said < $end + $size + 2;
        spew("$held/new", substr $$said, $end, $size);
        rename "$held/new", "$held/$key.entry";
        $end += $size + 2;
        syswrite $socket, "STORED\r\n";
    }
    elsif ($command eq 'get') {
        my $entry = -e "$held/$key.entry" ? slurp("$held/$key.entry") : undef;
        syswrite $socket, (defined $entry
            ? "VALUE $key 0 " . length($entry) . "\r\n$entry\r\n" : '')
            . "END\r\n";
    }
    elsif ($command eq 'delete') {
        syswrite $socket, unlink("$held/$key.entry") ? "DELETED\r\n"
            : "NOT_FOUND\r\n";
    }
    else { syswrite $socket, "VERSION 1.6.0\r\n" }
    substr $$said, 0, $end, '';
    return 1;
}

# The files of what it holds.
sub entries {
    my @files = sort glob "$_[0]{root}/held/*.entry";
    return @files;
}

# Drops all it holds.
sub forget { unlink $_[0]->entries; return }

# Ends it.
sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    return put_down($pid);
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $@);
    $self->stop if $$ == $self->{owner};
    return;
}

1;
