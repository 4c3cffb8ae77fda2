# SPDX-License-Identifier: Apache-2.0
# A host that can vanish without a word: a network namespace of its own with a
# proxy to a port of this machine.
#
#   my $host = T::Host->new(5432) or skip …;
#   … "host=$host->{address} port=5432" …
#   $host->vanish;      # power, a partition, fencing
#   $host->succeed;     # another has its address, and knows of no connection
package T::Host;

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

use T::Process;

my $count = 0;

# One for a port of this machine; undef where there is none to be had.
sub new {
    my ($class, $port) = @_;
    return if $> || !eval { setns_number() };
    # Four addresses that no other test has, as nobody has its port.
    my $net  = sprintf '10.%d.%d', $port >> 8, $port & 255;
    my ($near, $far) = map { "$net." . (4 * $count + $_) } 1, 2;
    my $self = bless { port => $port, name => "ocsp$$-$count",
        link => 'o' . $$ . $count++, address => $far, owner => $$ }, $class;
    my ($name, $link) = @$self{qw(name link)};
    return if (run('ip', 'netns', 'add', $name))[0];
    for my $command ("link add $link type veth peer name peer netns $name",
                     "addr add $near/30 dev $link", "link set $link up",
                     "-n $name addr add $far/30 dev peer",
                     "-n $name link set peer up") {
        return if (run('ip', split ' ', $command))[0];
    }
    $self->begin;
    return $self;
}

# The number of setns() for what Perl was built for, which need not be what the
# kernel was; dies where Perl has no numbers.
sub setns_number {
    require 'syscall.ph';
    return SYS_setns();
}

# Enters the namespace of that file.
sub enter {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!";
    syscall(setns_number(), fileno $in, 0) == 0 or die "setns $file: $!";
    return;
}

# Begins the proxy.
sub begin {
    my ($self) = @_;
    pipe my $ready, my $tell or die $!;
    my $parent = $$;
    $self->{pid} = fork // die "fork: $!";
    if (!$self->{pid}) {
        enter("/run/netns/$self->{name}");
        my $listener = IO::Socket::INET->new(LocalAddr => $self->{address},
            LocalPort => $self->{port}, Listen => 64, ReuseAddr => 1) or die $@;
        enter("/proc/$parent/ns/net");
        print $tell "ready\n";
        close $tell;
        $self->forward($listener);
    }
    close $tell;
    readline $ready // die 'no proxy';
    return;
}

# Carries bytes to and fro.
sub forward {
    my ($self, $listener) = @_;
    my $select = IO::Select->new($listener);
    my %other;
    local $SIG{PIPE} = 'IGNORE';
    while (1) {
        for my $from ($select->can_read) {
            if ($from == $listener) {
                my $client = $listener->accept or next;
                my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                    PeerPort => $self->{port}) or next;
                @other{ $client, $server } = ($server, $client);
                $select->add($client, $server);
                next;
            }
            my $to = $other{$from} or next;
            my $bytes;
            next if sysread($from, $bytes, 65536) && syswrite $to, $bytes;
            $select->remove($from, $to);
            delete @other{ $from, $to };
            close $_ for $from, $to;
        }
    }
    return;
}

# It falls silent: nothing comes or goes any more.
sub vanish {
    my ($self) = @_;
    must(qw(ip -n), $self->{name}, qw(link set peer down));
    return;
}

# Another takes over its address.
sub succeed {
    my ($self) = @_;
    put_down($self->{pid});
    must(qw(ip -n), $self->{name}, qw(link set peer up));
    $self->begin;
    return;
}

# Leaves nothing behind.
sub DESTROY {
    my ($self) = @_;
    local $?;
    return if $self->{owner} != $$;
    put_down($self->{pid}) if $self->{pid};
    run('ip', 'link', 'del', $self->{link});
    run('ip', 'netns', 'del', $self->{name});
    return;
}

1;
