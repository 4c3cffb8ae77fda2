# SPDX-License-Identifier: Apache-2.0
# PostgreSQL and MariaDB go away and come back, with requests running.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Fault qw(:DEFAULT :servers);
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

my ($db, $server, @figures);

sub fault { push @figures, try_fault($db, $server, @_); return }

sub warm_up { return warm($server) }

my %extra = (
    pgsql => ['VACUUM FULL %s', 'ALTER TABLE %s ALTER extra TYPE text'],
    mysql => ['OPTIMIZE TABLE %s', 'ALTER TABLE %s MODIFY extra varchar(200)'],
);

sub ddl {
    my $table = $db->table;
    for my $n (1 .. 3) {
        $db->sql(sprintf $_, $table) for 'ALTER TABLE %s ADD COLUMN extra'
            . ' integer', @{ $extra{ $db->{engine} } },
            'ALTER TABLE %s DROP COLUMN extra';
    }
    return time;
}

sub lines { return $db->lines(more => "DBDMax 4\nDBDKeep 4\n", @_) }

for my $engine (grep { $_ ne 'sqlite3' } T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    $db = T::Database->start($engine);
    $server = T::Server->new(db => 0, dbd => lines(), conf => outage_conf())
        ->allow_log(OUTAGE_LOG)->start;
    warm_up();
    my $begin = sub { $db->begin; wait_for { $db->answers } 30 };

    fault('nothing happens', sub { sleep 0.5; time });
    fault('restarted',       sub { $db->restart; time });
    my $pid = $db->{pid};
    is join(' ', slurp("/proc/$pid/maps") =~ m{/dev/shm/PostgreSQL\S*}g), '',
        'it has no file that would be left when it is killed';
    fault('killed', sub {
        my @segments = T::Database::segments_of($pid);
        is scalar @segments, $engine eq 'pgsql' ? 1 : 0,
            'shared memory of the one that is killed';
        $db->kill_hard;
        is join(' ', T::Database::segments_of($pid)), '', '  is gone with it';
        $db->up;
        time });
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
        my $unlock = $db->hold_lock;
        for_seconds(3, sub { }, $unlock) });
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
        my $unlock = $db->hold_lock;
        for_seconds(2, sub { }, $unlock) });

    $db->freeze;
    is $server->says('/ocsp/', 'root-good-1'), 'tryLater', 'frozen';
    my $since = time;
    $server->stop;
    takes_less time - $since, 3, '  and httpd stops all the same';
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

diag $_ for figures_head(), @figures;
finish;
