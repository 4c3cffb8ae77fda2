# SPDX-License-Identifier: Apache-2.0
# PostgreSQL goes away and comes back under prefork and worker; servers.t has
# more of it, under event.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Fault qw(:DEFAULT :servers);
use T::Server;
use Time::HiRes qw(sleep time);

my $why_not = grep({ $_ eq 'pgsql' } T::Database::engines())
    ? T::Database::why_not('pgsql') : 'not of ENGINES';
plan skip_all => $why_not if $why_not;

# All processes from the start, as prefork makes one a second at first.
my %more = (prefork => "StartServers 16\nMinSpareServers 16\n");
my $db = T::Database->start('pgsql');
my @figures;

for my $mpm (qw(prefork worker)) {
  SKIP: {
    skip "no mod_mpm_$mpm", 1 unless has_module("mpm_$mpm");
    my $server = T::Server->new(mpm => $mpm, db => 0,
        dbd  => $db->lines(more => "DBDMax 4\nDBDKeep 4\n"),
        conf => ($more{$mpm} // '') . outage_conf())
        ->allow_log(OUTAGE_LOG, 'AH00161')->start;
    # Fewer than processes: one of them is always free for the other host.
    my $fault = sub {
        my ($name, $code) = @_;
        push @figures, try_fault($db, $server, "$mpm: $name", $code,
            clients => 10);
    };
    wait_for { $server->children >= 16 } 10 if $mpm eq 'prefork';
    warm($server);
    $fault->('restarted', sub { $db->restart; time });
    $fault->('killed',    sub { $db->kill_hard; $db->up; time });
    $fault->('frozen',    sub {
        for_seconds(2.5, sub { $db->freeze }, sub { $db->thaw }) });
    $fault->('connections cut', sub {
        for (1 .. 5) { $db->cut; sleep 0.2 }
        time });
    $server->stop;
    is wait_for(sub { !$db->connections || undef }, 5), 1,
        "$mpm: no connection is left behind";
  }
}
$db->down;

diag $_ for figures_head(), @figures;
finish;
