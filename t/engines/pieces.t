# SPDX-License-Identifier: Apache-2.0
# An answer that comes byte by byte, over a bad line: its client is told
# tryLater in time, and the next after that is answered as ever.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use T::Database;
use T::Process;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

# Carries bytes between a listener's clients and a port; while the file is
# there, what comes from the port one at a time. It ends with the test.
sub carry {
    my ($listener, $port, $file, $test) = @_;
    my $select = IO::Select->new($listener);
    my (%other, %is_server);
    $SIG{PIPE} = 'IGNORE';
    while (getppid == $test) {
        my $is_bad = -e $file;
        for my $from ($select->can_read(1)) {
            if ($from == $listener) {
                my $client = $listener->accept or next;
                my $server = IO::Socket::INET->new(
                    PeerAddr => "127.0.0.1:$port") or next;
                @other{ $client, $server } = ($server, $client);
                $is_server{$server} = 1;
                $select->add($client, $server);
                next;
            }
            my $to = $other{$from} or next;
            my $length = $is_bad && $is_server{$from} ? 1 : 65536;
            my $bytes;
            next if sysread($from, $bytes, $length) && syswrite $to, $bytes;
            $select->remove($from, $to);
            delete @other{ $from, $to };
            close $_ for $from, $to;
        }
        sleep 0.2 if $is_bad;
    }
    POSIX::_exit(0);
}

sub test_engine {
    my ($engine) = @_;
    return if $engine eq 'sqlite3';
    my $db = T::Database->start($engine);
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        Listen => 64) or die $!;
    my $file = "$db->{root}/bad";
    my $test = $$;
    my $pid  = fork // die $!;
    carry($listener, $db->{port}, $file, $test) if !$pid;
    my $server = T::Server->new(db => 0,
        dbd => $db->lines(port => $listener->sockport), conf => <<'CONF')
<Location "/ocsp/">
    @responder root@
</Location>
CONF
        ->allow_log('OCSP0203')->start;
    close $listener;
    my $says = sub { $server->says('/ocsp/', 'root-good-1') };
    wait_for { $says->() eq 'good' } 10;

    spew($file, '');
    my $began = time;
    is $says->(), 'tryLater', "$engine: its answer comes byte by byte";
    takes_less(time - $began, 4, '  which is soon known to be too slow');
    unlink $file;
    wait_for { $says->() eq 'good' } 10;
    is $says->(), 'good', '  and later it is quick again';
    $server->stop;
    put_down($pid);
    return;
}

T::Database::each_engine(\&test_engine);

finish;
