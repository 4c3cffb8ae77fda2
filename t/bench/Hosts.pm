# SPDX-License-Identifier: Apache-2.0
# What it takes to start where there are thousands of locations.
package Hosts;

use strict;
use warnings;
use Exporter 'import';
use Time::HiRes qw(time);

use Bench;
use T::Fixture;
use T::Process;
use T::Server;

our @EXPORT = qw(hosts);

# 500 virtual hosts with 20 locations each, which say such lines: [seconds to
# start, and to restart gracefully; kilobytes of a child].
sub start_hosts {
    my ($load, $lines) = @_;
    my $server = T::Server->new(load => $load, modules => ['env'], conf =>
        join '', map { my $host = $_;
            "<VirtualHost *:\@PORT\@>\nServerName h$host\n" . join('',
                map { "<Location \"/$_/\">\n$lines</Location>\n" } 1 .. 20)
            . "</VirtualHost>\n" } 1 .. 500);
    my $at = time;
    $server->start;
    my $start = time - $at;
    my $rss = rss_of($server->children);
    my $generations = $server->generations;
    $at = time;
    kill USR1 => $server->{pid};
    wait_for { $server->generations > $generations } 60;
    my $restart = time - $at;
    $server->kill_all;
    return [$start, $restart, $rss];
}

# Of such hosts with responders: (start and graceful restart by those of httpd
# without the module, by those where it reads as many and as long lines;
# megabytes that a child has more).
sub hosts {
    my $with    = start_hosts(1, "\@responder root\@\n");
    my $without = start_hosts(0, "SetEnv a b\n");
    my $alike   = start_hosts(0, join '', map { "SetEnv OCSPResponder$_\n" }
        'CA ' . ca('root')->{serial}, 'Key ' . ca('root')->{key},
        'Cert ' . ca('root')->{cert});
    return ((map { my $other = $_;
        map { $with->[$_] / $other->[$_] } 0, 1 } $without, $alike),
        ($with->[2] - $without->[2]) / 1024);
}

1;
