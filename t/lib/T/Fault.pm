# SPDX-License-Identifier: Apache-2.0
# A stream of requests through a fault of the database, and what came of them.
#
#   my $stream = T::Fault->begin($server);
#   … the database goes and comes back …
#   my $seen = $stream->end($back);    # when it was back
#
# The server answers for root at /ocsp/ and has a virtual host "other" with a
# file /file, which has nothing to do with the database.
package T::Fault;

use strict;
use warnings;
use Exporter 'import';
use File::Temp ();
use IO::Handle ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use T::Process;
use T::Platform;
use T::OCSP;

our @EXPORT    = qw(in_time outage_conf resources);
our @EXPORT_OK = qw(OUTAGE_LOG figures_head for_seconds try_fault warm);
our %EXPORT_TAGS = (DEFAULT => \@EXPORT, servers => \@EXPORT_OK);

# What mod_dbd says of an outage, and what we say.
use constant OUTAGE_LOG => qw(AH00629 AH00632 AH00633 AH00636 AH00639 AH02655
    OCSP0201 OCSP0203);

# What each client asks in turn, and what is right.
my @questions = (
    ['root-good-1', 'good'], ['root-revoked-keyCompromise', 'revoked'],
    ['root-odd-good', 'good'], ['inter', 'good'], ['revokedca', 'revoked'],
    [undef, 'unknown'],
);

hurry();

# Configuration for it.
sub outage_conf {
    return <<'CONF';
<VirtualHost *:@PORT@>
    ServerName localhost
    <Location "/ocsp/">
        @responder root@
    </Location>
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName other
    <Directory "@ROOT@/htdocs">
        Require all granted
    </Directory>
</VirtualHost>
CONF
}

# Options: clients (how many), except (a tag that is not to be asked for).
sub begin {
    my ($class, $server, %o) = @_;
    my $dir = File::Temp->newdir('stream-XXXXXX', TMPDIR => 1);
    my $self = bless { server => $server, dir => $dir, pids => [] }, $class;
    spew("$server->{root}/htdocs/file", 'here');
    my @ask = map { { says => $_->[1], der => defined $_->[0]
        ? request_for($_->[0])
        : ocsp_request([certid('root', '1234567890ABCDEF')]) } }
        grep { ($_->[0] // '') ne ($o{except} // '-') } @questions;
    $self->client(\&idle);
    $self->client(sub { other($server) }) for 1 .. 2;
    for my $number (1 .. $o{clients} // 14) {
        my $turn = $number;
        $self->client(sub { responder($server, $ask[$turn++ % @ask]) });
    }
    wait_for { @{ $self->answered } == @{ $self->{pids} } } 30;
    return $self;
}

# A process that asks again and again, and writes down each answer.
sub client {
    my ($self, $ask) = @_;
    my $parent = $$;
    my $pid = fork // die "fork: $!";
    if ($pid) {
        push @{ $self->{pids} }, $pid;
        return;
    }
    open my $out, '>', "$self->{dir}/$$" or POSIX::_exit(1);
    $out->autoflush;
    until (-e "$self->{dir}/stop" || getppid != $parent) {
        my $since = time;
        my ($kind, $says) = eval { $ask->() };
        printf $out "%.6f\t%.6f\t%s\t%s\n", $since, time, $kind // 'failed',
            $says // $@;
        # Whoever asks nobody looks often, to see each delay.
        sleep $ask == \&idle ? 0.05 : 0.2;
    }
    close $out;
    POSIX::_exit(0);
}

# Those of its processes that have written down something, as files.
sub answered {
    my ($self) = @_;
    return [grep { -s } glob "$self->{dir}/[0-9]*"];
}

# Waits until each of its processes has asked twice more: two lines have over 70
# bytes.
sub go_round {
    my ($self) = @_;
    my %size = map { $_ => -s } @{ $self->answered };
    for my $file (keys %size) {
        wait_for { -s $file > $size{$file} + 70 } 10;
    }
    return;
}

# Asks nobody: how much later than it should does a process wake up here?
sub idle {
    sleep 0.03;
    return ('idle', '');
}

# Asks the other virtual host.
sub other {
    my ($server) = @_;
    my $answer = $server->client->request('GET', '/file', host => 'other',
        headers => ['Connection: close']);
    return ('other', $answer ? "$answer->{status} $answer->{body}" : 'nothing');
}

# Asks the responder; how right its answer is.
sub responder {
    my ($server, $ask) = @_;
    my $says = $server->post('/ocsp/', $ask->{der})->{says};
    return ('right', $says) if $says eq $ask->{says};
    return ('later', $says) if $says eq 'tryLater';
    return ('wrong', "$says, not $ask->{says}")
        if $says =~ /^(?:good|revoked|unknown)$/;
    return ('failed', $says);
}

# Ends it. Counts by kind (right, later, wrong, failed) with the texts of the
# last two, slowest (of ours), other_slowest, other_wrong, heals: seconds from
# $back until every answer was right; and late: by how many seconds a busy
# machine may have delayed any of them.
sub end {
    my ($self, $back) = @_;
    $self->go_round;
    spew("$self->{dir}/stop", '');
    waitpid $_, 0 for @{ $self->{pids} };
    my %seen = (map { $_ => 0 } qw(right later wrong failed other slowest
        other_slowest other_wrong heals idle late));
    for my $file (grep { !/stop$/ } glob "$self->{dir}/*") {
        note_answer(\%seen, $back, split /\t/) for split /\n/, slurp($file);
    }
    return \%seen;
}

sub note_answer {
    my ($seen, $back, $since, $until, $kind, $says) = @_;
    $seen->{$kind}++;
    return note_delay($seen, $until - $since - 0.03) if $kind eq 'idle';
    my $slowest = $kind eq 'other' ? 'other_slowest' : 'slowest';
    $seen->{$slowest} = $until - $since if $until - $since > $seen->{$slowest};
    $seen->{other_wrong}++ if $kind eq 'other' && $says ne '200 here';
    $seen->{text} .= " $says" if $kind =~ /^(?:wrong|failed)$/;
    return if $kind eq 'right' || $kind eq 'other';
    $seen->{heals} = $until - $back if $until - $back > $seen->{heals};
    return;
}

# An answer waits for some eight processes and threads in turn to wake up.
sub note_delay {
    my ($seen, $delay) = @_;
    $seen->{late} = 8 * $delay if 8 * $delay > $seen->{late};
    return;
}

# -- faults of a database server -----------------------------------------------

# Runs the code, which returns when the database was back, under a stream of
# requests, and tests what came of them; a line of figures. clients: how many.
# graceful: there is a graceful restart in it, and httpd may take its second
# until new child processes are there. gone: the database is, already.
sub try_fault {
    my ($db, $server, $name, $code, %o) = @_;
    my @children = $server->children;
    my $before = { %{ resources($server) },
        open => $o{gone} ? 0 : $db->connections };
    my $stream = T::Fault->begin($server, clients => $o{clients});
    my $back = $code->();
    wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 4;
    my $seen = $stream->end($back);
    my $after = { %{ resources($server) }, open => $db->connections };
    subtest "$db->{engine}: $name" => sub {
        check_seen($seen, $o{graceful} ? 1 : 0);
        cmp_ok $after->{open}, '<=', 4 * $server->children,
            "$after->{open} connections, $before->{open} before";
        return if $o{graceful} || $o{gone};
        is_deeply [$server->children], \@children, 'by the same processes';
        # A pool may grow up to DBDMax, and stay so; and a child keeps a thread
        # or two for each connection that it has ever made at a time.
        my $grown = $after->{open} - $before->{open};
        $grown = 0 if $grown < 0;
        cmp_ok $after->{threads}, '<=',
            $before->{threads} + $grown + 4 + 2 * @children, 'no thread lost';
        cmp_ok $after->{descriptors}, '<=',
            $before->{descriptors} + $grown + 6, 'no descriptor lost';
        cmp_ok $after->{kilobytes}, '<=',
            $before->{kilobytes} + 2_500 + 500 * @children, 'no memory lost';
    };
    return sprintf '%-6s %-28s %6d %6d %5d %6d %7.2f %8.2f %7.3f %3d %3d',
        $db->{engine}, $name, @$seen{qw(right later wrong failed heals slowest
        other_slowest)}, $before->{open}, $after->{open};
}

# The line above the lines of figures.
sub figures_head {
    return sprintf '%-6s %-28s %6s %6s %5s %6s %7s %8s %7s %s', '', '',
        qw(right later wrong failed heals slowest other), 'connections';
}

# Tests what a stream has seen. extra: seconds that httpd itself takes.
sub check_seen {
    my ($seen, $extra) = @_;
    is $seen->{wrong},  0, 'no wrong answer';
    is $seen->{failed}, 0, 'nothing but right answers and tryLater'
        or diag $seen->{text};
    cmp_ok $seen->{right}, '>', 0, "$seen->{right} right, $seen->{later} later";
    in_time($seen, $extra);
    is $seen->{other_wrong}, 0,
        "another host's $seen->{other} answers are right";
    return;
}

# Tests how fast they came, on a machine as busy as this one.
sub in_time {
    my ($seen, $extra) = @_;
    my $late = $seen->{late};
    note sprintf 'a busy machine may take %.2f seconds more', $late;
    cmp_ok $seen->{slowest}, '<', 2 + $extra + $late, 'each within two seconds';
    cmp_ok $seen->{heals}, '<', 2 + $late, 'right again within two seconds';
    cmp_ok $seen->{other_slowest}, '<', 1 + $extra + $late,
        "another host's come at once";
    return;
}

# All threads and connections are made.
sub warm {
    my ($server) = @_;
    T::Fault->begin($server, clients => 30)->end(time);
    return;
}

# Begins a fault, waits, ends it; when it ended.
sub for_seconds {
    my ($seconds, $begin, $end) = @_;
    $begin->();
    sleep $seconds;
    $end->();
    return time;
}

# What the children of a server have: descriptors, threads and kilobytes.
sub resources {
    my ($server) = @_;
    my %has = (descriptors => 0, threads => 0, kilobytes => 0);
    for my $pid ($server->children) {
        my @open = glob "/proc/$pid/fd/*";
        $has{descriptors} += @open;
        my $status = eval { slurp("/proc/$pid/status") } // '';
        $has{threads}   += $1 if $status =~ /^Threads:\s+(\d+)/m;
        $has{kilobytes} += $1 if $status =~ /^VmRSS:\s+(\d+)/m;
    }
    return \%has;
}

1;
