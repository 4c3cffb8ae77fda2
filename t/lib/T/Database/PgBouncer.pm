# SPDX-License-Identifier: Apache-2.0
# A pgbouncer before a private PostgreSQL.
package T::Database::PgBouncer;

use strict;
use warnings;
use IO::Socket::INET;

use T::Database;
use T::Fixture;
use T::Platform;
use T::Process;
use T::Server;

# Its program; undef where it is not installed.
sub program { return T::Database->program('pgbouncer') }

# Options: lines (of its configuration, behind the usual ones).
sub new {
    my ($class, $db, %o) = @_;
    my $self = bless { db => $db, port => free_port(), %o }, $class;
    my $root = $db->{root};
    spew("$root/users", qq{"ocsp" "@{[T::Database::PASSWORD]}"\n});
    spew("$root/pgbouncer.ini", <<"INI", $o{lines} // '');
[databases]
* = host=127.0.0.1 port=$db->{port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $self->{port}
unix_socket_dir =
auth_type = plain
auth_file = $root/users
default_pool_size = 3
pidfile = $root/run/pgbouncer.pid
logfile = $root/pgbouncer.log
INI
    return $self;
}

# Starts it, and waits until it listens.
sub begin {
    my ($self) = @_;
    my $db = $self->{db};
    $self->{pid} = $db->spawn(program(), "$db->{root}/pgbouncer.ini");
    wait_for {
        IO::Socket::INET->new(PeerAddr => '127.0.0.1',
            PeerPort => $self->{port});
    } 10 or die 'pgbouncer does not start';
    return $self;
}

# Kills it.
sub end {
    my ($self) = @_;
    return put_down($self->{pid});
}

1;
