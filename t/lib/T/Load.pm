# SPDX-License-Identifier: Apache-2.0
# Many clients at once, in one process.
package T::Load;

use strict;
use warnings;
use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

use T::HTTP;
use T::OCSP::Client;

our @EXPORT = qw(load begin_load);

# Sends every job, with so many clients at a time, each on a connection of its
# own. A job is {bytes, check, abort}: check is called with the body's and the
# head's bytes and returns what is wrong, or ''; abort 'half' sends half and
# resets the connection, 'all' sends all and resets it. Returns what went wrong,
# a line each.
sub load {
    my ($port, $clients, @jobs) = @_;
    my (%slot, @wrong);
    my ($reading, $writing) = (IO::Select->new, IO::Select->new);
    my $drop = sub {
        my ($socket) = @_;
        $reading->remove($socket);
        $writing->remove($socket);
        delete $slot{ fileno $socket };
        return close $socket;
    };
    my $begin = sub {
        my $job = shift @jobs;
        my $socket = IO::Socket::INET->new(
            PeerAddr => '127.0.0.1', PeerPort => $port, Blocking => 0);
        return push @wrong, "connect: $!" unless $socket;
        binmode $socket;
        my $out = $job->{bytes};
        $out = substr $out, 0, length($out) / 2
            if ($job->{abort} // '') eq 'half';
        $slot{ fileno $socket } =
            { job => $job, out => $out, in => '', since => time };
        return $writing->add($socket);
    };
    my $write = sub {
        my ($socket) = @_;
        my $slot = $slot{ fileno $socket };
        my $n = syswrite $socket, $slot->{out};
        if (!defined $n) {
            return if $!{EAGAIN} || $!{ENOTCONN};
            push @wrong, "write: $!";
            return $drop->($socket);
        }
        substr $slot->{out}, 0, $n, '';
        return if length $slot->{out};
        $writing->remove($socket);
        return $reading->add($socket) unless $slot->{job}{abort};
        setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
        return $drop->($socket);
    };
    my $read = sub {
        my ($socket) = @_;
        my $slot = $slot{ fileno $socket };
        my $n = sysread $socket, $slot->{in}, 65536, length $slot->{in};
        return if !defined $n && $!{EAGAIN};
        push @wrong, "read: $!" unless defined $n;
        return if $n;
        my ($head, $body) = split /\r\n\r\n/, $slot->{in}, 2;
        my $wrong = $slot->{job}{check}->($body // '', $head // '');
        push @wrong, $wrong if $wrong;
        return $drop->($socket);
    };
    my $looked = time;
    while (@jobs || %slot) {
        $begin->() while @jobs && keys %slot < $clients;
        my ($in, $out) = IO::Select->select($reading, $writing, undef, 0.5);
        $write->($_) for @{ $out // [] };
        $read->($_)  for @{ $in  // [] };
        next if time - $looked < 1;
        $looked = time;
        for my $socket ($reading->handles, $writing->handles) {
            next if time - $slot{ fileno $socket }{since} < 30;
            push @wrong, 'no answer in 30 seconds';
            $drop->($socket);
        }
    }
    return @wrong;
}

# httpd of itself closes a connection without a word once in about twenty
# graceful restarts, whatever it serves. Every client then tries once more.
sub answer_to {
    my ($server, $bytes) = @_;
    my $answer;
    for (1, 2) {
        my $client = $server->client(timeout => 20);
        $client->send_bytes($bytes);
        $answer = $client->response;
        last if $answer;
    }
    return $answer;
}

# Repeats one request, each on a new connection, in a process of its own until
# the returned code is called, which returns how many were sent and what was
# wrong. check is given what read_answer() makes of each answer.
sub begin_load {
    my ($server, $bytes, $check) = @_;
    pipe my $read, my $write;
    my $test = $$;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        my ($stop, $sent, @wrong) = (0, 0);
        local $SIG{TERM} = sub { $stop = 1 };
        # A test that dies does not say stop.
        while (!$stop && getppid == $test) {
            my $wrong = eval {
                $check->($server->in_time(
                    sub { read_answer(answer_to($server, $bytes)) }));
            } // $@;
            # The signal to stop cuts the last one off.
            push @wrong, $wrong if $wrong && !$stop;
            $sent++;
            sleep 0.005;    # the processor is others' too
        }
        syswrite $write, join "\n", $sent, @wrong;
        POSIX::_exit(0);
    }
    close $write;
    return sub {
        kill TERM => $pid;
        my ($sent, @wrong) = split /\n/, do { local $/; <$read> };
        waitpid $pid, 0;
        return ($sent, @wrong);
    };
}

1;
