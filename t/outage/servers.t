# SPDX-License-Identifier: Apache-2.0
# PostgreSQL and MariaDB go away and come back, with requests running.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Database;
use Outage;
use Responder;
use Time::HiRes qw(sleep time);

# What mod_dbd says of an outage, and what we say.
my @may_log = qw(AH00629 AH00632 AH00633 AH00636 AH00639 AH02655 OCSP0201
    OCSP0203);

my ($db, $server, @figures);

# Runs the code, which returns when the database was back, under a stream of
# requests. graceful: there is a graceful restart in it, and httpd may take its
# second until new child processes are there. gone: the database is, already.
sub fault {
    my ($name, $code, %o) = @_;
    my @children = $server->children;
    my $before = { %{ resources($server) },
        open => $o{gone} ? 0 : $db->connections };
    my $stream = Outage->begin($server);
    my $back = $code->();
    wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 4;
    sleep 0.6;
    my $seen = $stream->end($back);
    my $after = { %{ resources($server) }, open => $db->connections };
    subtest "$db->{engine}: $name" => sub {
        judge($seen, $o{graceful} ? 1 : 0);
        cmp_ok $after->{open}, '<=', 4 * $server->children,
            "$after->{open} connections, $before->{open} before";
        return if $o{graceful} || $o{gone};
        is_deeply [$server->children], \@children, 'by the same processes';
        cmp_ok $after->{threads}, '<=', $before->{threads} + 4,
            'no thread lost';
        cmp_ok $after->{descriptors}, '<=', $before->{descriptors} + 6,
            'no descriptor lost';
        cmp_ok $after->{kilobytes}, '<=', $before->{kilobytes} + 3_000,
            'no memory lost';
    };
    push @figures, sprintf
        '%-6s %-28s %6d %6d %5d %6d %7.2f %8.2f %7.3f %3d %3d',
        $db->{engine}, $name, @$seen{qw(right later wrong failed heals slowest
        other_slowest)}, $before->{open}, $after->{open};
    return;
}

# extra: seconds that httpd itself takes.
sub judge {
    my ($seen, $extra) = @_;
    is $seen->{wrong},  0, 'no wrong answer';
    is $seen->{failed}, 0, 'nothing but right answers and tryLater'
        or diag $seen->{text};
    cmp_ok $seen->{right}, '>', 0, "$seen->{right} right, $seen->{later} later";
    cmp_ok $seen->{slowest}, '<', 2 + $extra, 'each within two seconds';
    cmp_ok $seen->{heals}, '<', 2, 'right again within two seconds';
    is $seen->{other_wrong}, 0,
        "another host's $seen->{other} answers are right";
    cmp_ok $seen->{other_slowest}, '<', 1 + $extra, '  and come at once';
    return;
}

# All threads and connections are made.
sub warm_up {
    Outage->begin($server, clients => 30)->end(time);
    return;
}

sub for_seconds {
    my ($seconds, $begin, $end) = @_;
    $begin->();
    sleep $seconds;
    $end->();
    return time;
}

my %extra = (
    pgsql => ['VACUUM FULL django_ca_certificate',
              'ALTER TABLE django_ca_certificate ALTER cn TYPE varchar(200)'],
    mysql => ['OPTIMIZE TABLE django_ca_certificate',
              'ALTER TABLE django_ca_certificate MODIFY cn varchar(200)'],
);

sub ddl {
    for my $n (1 .. 3) {
        $db->sql('ALTER TABLE django_ca_certificate'
            . " ADD COLUMN extra_$n integer");
        $db->sql($_) for @{ $extra{ $db->{engine} } };
        $db->sql("ALTER TABLE django_ca_certificate DROP COLUMN extra_$n");
    }
    return time;
}

sub lines { return $db->lines(more => "DBDMax 4\nDBDKeep 4\n", @_) }

for my $engine (grep { $_ ne 'sqlite3' } Database::engines()) {
  SKIP: {
    my $why_not = Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    $db = Database->start($engine);
    $server = Responder->new(db => 0, dbd => lines(), conf => outage_conf())
        ->allow_log(@may_log)->start;
    warm_up();
    my $begin = sub { $db->begin; wait_for { $db->answers } 30 };

    fault('nothing happens', sub { sleep 0.5; time });
    fault('restarted',       sub { $db->restart; time });
    fault('killed',          sub { $db->kill_hard; $db->up; time });
    fault('stopped',  sub { for_seconds(3, sub { $db->down }, $begin) });
    fault('frozen',   sub {
        for_seconds(3, sub { $db->freeze }, sub { $db->thaw }) });
    fault('frozen, then killed', sub {
        for_seconds(1, sub { $db->freeze }, sub { $db->kill_hard; $db->up }) });
    fault('connections cut', sub {
        for (1 .. 6) { $db->cut; sleep 0.2 }
        time });
    fault('DDL', \&ddl);
    fault('locked by a writer', sub {
        my $pid = $db->hold_lock(3);
        waitpid $pid, 0;
        time });
    fault('graceful while frozen', sub {
        for_seconds(2.5, sub { $db->freeze; sleep 0.3; $server->graceful },
            sub { $db->thaw }) }, graceful => 1);
    fault('wrong password after a reload', sub {
        $server->{dbd} = lines(password => 'wrong');
        $server->write_conf->graceful;
        sleep 1;
        $server->{dbd} = lines();
        $server->write_conf->graceful;
        time }, graceful => 1);

    $server->{dbd} = $db->lines(more => "DBDMax 1\nDBDKeep 1\n");
    $server->write_conf->graceful;
    warm_up();
    fault('locked, one connection only', sub {
        my $pid = $db->hold_lock(2);
        waitpid $pid, 0;
        time });

    $db->freeze;
    is $server->says('/ocsp/', 'root-good-1'), 'tryLater', 'frozen';
    my $since = time;
    $server->stop;
    cmp_ok time - $since, '<', 3, '  and httpd stops all the same';
    $db->thaw;

    $db->down;
    $server->start;
    fault('absent at start', sub { for_seconds(1, sub { }, $begin) },
        gone => 1);
    $db->freeze;
    $server->stop->start;
    fault('frozen at start', sub { for_seconds(1, sub { }, sub { $db->thaw }) },
        gone => 1);
    $server->stop;
    $db->down;
  }
}

diag sprintf '%-6s %-28s %6s %6s %5s %6s %7s %8s %7s %s', '', '', qw(right later
    wrong failed heals slowest other), 'connections';
diag $_ for @figures;
finish;
