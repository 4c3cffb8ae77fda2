# SPDX-License-Identifier: Apache-2.0
# A database that is away is a few lines in the log, by all processes together
# and mod_dbd with them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Fault qw(:DEFAULT :servers);
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

use constant SECONDS => 8;

for my $engine (grep { $_ ne 'sqlite3' } T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    my $db = T::Database->start($engine);
    # Other products' tables have no certificates of CAs.
    my @all = $ENV{SOURCE} ? () : <<'CONF';
    <Location "/all/">
        OCSPResponderCA *
        OCSPResponderStorage @FIXTURE@/storage
    </Location>
CONF
    my $server = T::Server->new(db => 0, mpm => 'prefork',
        dbd => $db->lines(more => "DBDMax 1\nDBDKeep 1\n"),
        conf => <<"CONF");
<VirtualHost *:\@PORT\@>
    ServerName ca.example
    <Location "/ocsp/">
        \@responder root\@
    </Location>
@all</VirtualHost>
CONF
    $server->allow_log(OUTAGE_LOG)->start;
    my $turn = 0;
    my $ask = sub {
        return $server->get(@all && $turn++ % 2 ? '/all/' : '/ocsp/',
            request_for('root-good-1'))->{says};
    };
    wait_for { $ask->() eq 'good' } 30;
    my $before = $server->alarms;

    note "case 65: $engine is down for ${\SECONDS} seconds";
    $db->down;
    my (%says, $asked);
    for (my $end = time + SECONDS; time < $end; sleep 0.02) {
        $says{ $ask->() }++;
        $asked++;
    }
    my @told  = grep { /OCSP\d{4}:/ } $server->alarms;
    my $lines = $server->alarms - $before;
    cmp_ok $asked, '>', 20, "$asked requests";
    is join(' ', grep { $_ ne 'good' } sort keys %says), 'tryLater',
        '  which it does not answer';
    cmp_ok $lines, '>=', 1, "  are told in $lines lines";
    cmp_ok $lines, '<=', 10, '    at most ten';
    is join("\n", grep { !m{ \(ca\.example:\d+, /(?:ocsp|all)/\)$} } @told), '',
        '    which name virtual host and location';
    cmp_ok scalar(grep { m{, /all/\)$} } @told), '>=', 1,
        '    one of them of every CA' if @all;
    $db->begin;
    my $back = wait_for { $ask->() eq 'good' } 30;
    ok $back, '  until it is back'
        or diag slurp("$db->{root}/log"), $server->error_log;
  }
}

finish;
