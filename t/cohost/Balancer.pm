# SPDX-License-Identifier: Apache-2.0
# A private HAProxy before some servers. Asked like a T::Server.
#
#   my $balancer = Balancer->new($folder, <<"CONF")->start;
#   backend responders
#       server one 127.0.0.1:$port check
#   CONF
package Balancer;

use strict;
use warnings;
use IO::Socket::UNIX;

use T::OCSP::Client;
use T::Platform;
use T::Process;

our @ISA = ('T::OCSP::Client');

my $owner = $$;
my @balancers;

# The path of HAProxy; undef where it is not installed.
sub program {
    my ($path) = grep { -x } map { "$_/haproxy" } split(/:/, $ENV{PATH}),
        qw(/usr/sbin /usr/local/sbin);
    return $path;
}

# One with its files in that folder, and a backend called "responders".
sub new {
    my ($class, $folder, $backend) = @_;
    my $self = bless { folder => $folder, port => free_port() }, $class;
    spew("$folder/haproxy.cfg", <<"CONF");
global
    stats socket $folder/haproxy.sock
defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    timeout check 10s
frontend ocsp
    bind 127.0.0.1:$self->{port}
    default_backend responders
$backend
CONF
    push @balancers, $self;
    return $self;
}

sub start {
    my ($self) = @_;
    $self->{pid} = background({}, "$self->{folder}/haproxy.log", program(),
        '-db', '-f', "$self->{folder}/haproxy.cfg");
    return $self;
}

# Kills it.
sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    return put_down($pid);
}

# What it thinks of its servers, by name: UP, DOWN, …; none before it is there.
sub states {
    my ($self) = @_;
    my $socket = IO::Socket::UNIX->new("$self->{folder}/haproxy.sock")
        or return {};
    print $socket "show stat\n";
    my %state = map { (split /,/)[1, 17] }
        grep { /^responders,(?!BACKEND)/ } <$socket>;
    return { map { ($_ => $state{$_} =~ s/\W.*//r) } keys %state };
}

END {
    if ($$ == $owner) {
        local $?;
        $_->stop for @balancers;
    }
}

1;
