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

# 500 virtual hosts with 20 locations each, which say such lines: [kilobytes of
# a child, seconds to start and of the processor's time for it, the same of a
# graceful restart].
sub start_hosts {
    my ($load, $lines) = @_;
    my $server = T::Server->new(load => $load, modules => ['env'], conf =>
        join '', map { my $host = $_;
            "<VirtualHost *:\@PORT\@>\nServerName h$host\n" . join('',
                map { "<Location \"/$_/\">\n$lines</Location>\n" } 1 .. 20)
            . "</VirtualHost>\n" } 1 .. 500);
    my $at = time;
    $server->start;
    my @took = (time - $at, my $cpu = cpu_of($server->{pid}));
    my $rss = rss_of($server->children);
    my $generations = $server->generations;
    $at = time;
    kill USR1 => $server->{pid};
    wait_for { $server->generations > $generations } 60;
    push @took, time - $at, cpu_of($server->{pid}) - $cpu;
    $server->kill_all;
    return [$rss, @took];
}

# Of such hosts with responders: megabytes that a child has more, then [seconds,
# those of the processor] by httpd's without the module: of a start and of a
# graceful restart, and of both where it reads as many and as long lines.
sub hosts {
    my @kinds = ([1, "\@responder root\@\n"], [0, "SetEnv a b\n"],
        [0, join '', map { "SetEnv OCSPResponder$_\n" }
            'CA ' . ca('root')->{serial}, 'Key ' . ca('root')->{key},
            'Cert ' . ca('root')->{cert}]);
    my @rounds = map { [map { start_hosts(@$_) } @kinds] } 1 .. 5;
    my ($with, $without, $alike) = map { my $kind = $_;
        [map { my $what = $_; median(map { $_->[$kind][$what] } @rounds) }
            0 .. 4] } 0 .. $#kinds;
    return (($with->[0] - $without->[0]) / 1024,
        map { my $other = $_;
            map { [map { $with->[$_] / ($other->[$_] || 0.01) } @$_] }
                [1, 2], [3, 4] } $without, $alike);
}

1;
