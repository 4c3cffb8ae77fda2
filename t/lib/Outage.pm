# SPDX-License-Identifier: Apache-2.0
# A stream of requests through a fault of the database, and what came of them.
#
#   my $stream = Outage->begin($server);
#   … the database goes and comes back …
#   my $seen = $stream->end($back);    # when it was back
#
# The server answers for root at /ocsp/ and has a virtual host "other" with a
# file /file, which has nothing to do with the database.
package Outage;

use strict;
use warnings;
use Exporter 'import';
use File::Temp ();
use POSIX ();
use Time::HiRes qw(sleep time);

use Command;
use Machine;
use OCSP;

our @EXPORT = qw(outage_conf resources);

# What each client asks in turn, and what is right.
my @questions = (
    ['root-good-1', 'good'], ['root-revoked-keyCompromise', 'revoked'],
    ['root-odd-good', 'good'], ['inter', 'good'], ['revokedca', 'revoked'],
    [undef, 'unknown'],
);

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
    $self->client(sub { other($server) }) for 1 .. 2;
    for my $number (1 .. $o{clients} // 14) {
        my $turn = $number;
        $self->client(sub { responder($server, $ask[$turn++ % @ask]) });
    }
    sleep 0.4;
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
    until (-e "$self->{dir}/stop" || getppid != $parent) {
        my $since = time;
        my ($kind, $says) = eval { $ask->() };
        printf $out "%.6f\t%.6f\t%s\t%s\n", $since, time, $kind // 'failed',
            $says // $@;
        sleep 0.03;
    }
    close $out;
    POSIX::_exit(0);
}

sub other {
    my ($server) = @_;
    my $answer = $server->client->request('GET', '/file', host => 'other',
        headers => ['Connection: close']);
    return ('other', $answer ? "$answer->{status} $answer->{body}" : 'nothing');
}

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
# last two, slowest (of ours), other_slowest, other_wrong, and heals: seconds
# from $back until every answer was right.
sub end {
    my ($self, $back) = @_;
    spew("$self->{dir}/stop", '');
    waitpid $_, 0 for @{ $self->{pids} };
    my %seen = (map { $_ => 0 } qw(right later wrong failed other slowest
        other_slowest other_wrong heals));
    for my $file (grep { !/stop$/ } glob "$self->{dir}/*") {
        note_answer(\%seen, $back, split /\t/) for split /\n/, slurp($file);
    }
    return \%seen;
}

sub note_answer {
    my ($seen, $back, $since, $until, $kind, $says) = @_;
    my $slowest = $kind eq 'other' ? 'other_slowest' : 'slowest';
    $seen->{$kind}++;
    $seen->{$slowest} = $until - $since if $until - $since > $seen->{$slowest};
    $seen->{other_wrong}++ if $kind eq 'other' && $says ne '200 here';
    $seen->{text} .= " $says" if $kind =~ /^(?:wrong|failed)$/;
    return if $kind eq 'right' || $kind eq 'other';
    $seen->{heals} = $until - $back if $until - $back > $seen->{heals};
    return;
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
