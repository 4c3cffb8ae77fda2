# SPDX-License-Identifier: Apache-2.0
# Load, and what it costs. A target is what is measured: {name, port (or code
# that starts a server there), requests (a file for load.lua), pids (code that
# lists the processes that work for it), check (code that asks for one answer:
# {says, right}), cache (code: its hits so far, and all that it was asked for),
# after (code that ends what port started)}.
package Bench;

use strict;
use warnings;
use Carp qw(croak);
use Exporter 'import';
use File::Basename qw(dirname);
use List::Util qw(sum0);
use POSIX ();
use Time::HiRes qw(sleep time);

use T::Process;

our @EXPORT = qw(measure cpu_of rss_of median);

my $lua = dirname(__FILE__) . '/load.lua';
my $tick = POSIX::sysconf(POSIX::_SC_CLK_TCK());

# Seconds of processor time that processes have used.
sub cpu_of {
    my $ticks = 0;
    for my $pid (@_) {
        open my $file, '<', "/proc/$pid/stat" or next;
        my ($rest) = (<$file> // '') =~ /\)\s(.*)/ or next;
        $ticks += sum0((split ' ', $rest)[11, 12]);
    }
    return $ticks / $tick;
}

# Kilobytes of memory in the largest of some processes, without what they share:
# the cache of answers is there once for all.
sub rss_of {
    my $most = 0;
    for my $pid (@_) {
        open my $file, '<', "/proc/$pid/status" or next;
        my %kilobytes = join('', <$file>) =~ /^(\w+):\s+(\d+) kB/gm;
        my $own = ($kilobytes{VmRSS} // 0) - ($kilobytes{RssShmem} // 0);
        $most = $own if $own > $most;
    }
    return $most;
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return $sorted[$#sorted / 2];
}

# Loads a target for so many seconds and asks it itself meanwhile. {rate
# (answers a second), p50, p99 (milliseconds), cpu (microseconds an answer),
# errors, wrong, hits (of 1, where it has a cache)}.
sub measure {
    my ($target, $seconds, %o) = @_;
    my $port = ref $target->{port} ? $target->{port}->() : $target->{port};
    my @pids = $target->{pids}->();
    # The first question after a while waits for what nobody needed meanwhile.
    $target->{check}->() if $target->{check};
    my ($before, @cache) = (cpu_of(@pids),
        $target->{cache} ? $target->{cache}->() : ());
    my $pid = open my $out, '-|', 'wrk', '-t1', '-c' . ($o{clients} // 8),
        "-d${seconds}s", '--latency', '-s', $lua,
        "http://127.0.0.1:$port/", '--', $target->{requests}
        or croak "wrk: $!";
    my %seen = (wrong => 0);
    my $end = time + $seconds - 0.3;
    while ($target->{check} && time < $end) {
        my $answer = $target->{check}->();
        $seen{wrong}++, $seen{said} = $answer->{says} unless $answer->{right};
        sleep 0.1;
    }
    my ($n, $took, $p50, $p99, $errors) =
        join('', <$out>) =~ /^BENCH (\d+) (\S+) (\d+) (\d+) (\d+)/m
        or croak "wrk says nothing of $target->{name}";
    close $out;
    my $cpu = $n ? 1e6 * (cpu_of(@pids) - $before) / $n : 0;
    my $rss = rss_of(@pids);
    if (@cache) {
        my ($hits, $asked) = $target->{cache}->();
        $seen{hits} = ($hits - $cache[0]) / ($asked - $cache[1] || 1);
    }
    $target->{after}->() if $target->{after};
    return { %seen, n => $n, rate => $n / $took, p50 => $p50 / 1000,
        p99 => $p99 / 1000, errors => $errors, rss => $rss, cpu => $cpu };
}

1;
