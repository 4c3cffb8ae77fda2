# SPDX-License-Identifier: Apache-2.0
# What the status page, its JSON and its metrics say of a database that works,
# is stopped, hangs and comes back, and of a standby that is late; and what the
# health check says, in time.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP qw(decode_json);
use T::Database;
use T::Fault qw(:servers);
use T::Server;
use Time::HiRes qw(time);

ask_once;

my $why_not = T::Database::why_not('pgsql');
plan(skip_all => $why_not) if $why_not;
hurry();

my $status = <<'CONF';
<Location "/root/">
    @responder root@
</Location>
@page status@
@page health@
CONF

# A server that asks that database; one process, so that it is always the same
# that tells of itself.
sub server_of {
    my ($db) = @_;
    return T::Server->new(db => 0, dbd => $db->lines, conf =>
        "ServerLimit 1\nMaxRequestWorkers 16\n$status")
        ->allow_log(OUTAGE_LOG)->start;
}

my $primary = T::Database->start('pgsql');
my $standby = T::Database->start('pgsql', standby_of => $primary);
my $server  = server_of($primary);

# Asked for, in time.
sub page {
    my ($server, $form) = @_;
    my $since  = time;
    my $answer = $server->request('GET', "/status$form");
    my $took   = time - $since;
    takes_less $took, 3, '  in time' if $took > 2;
    return $answer->{body};
}

# What the JSON says of the database, family by family: each one's one sample.
sub of_json {
    my ($server) = @_;
    my $json = decode_json(page($server, '?json'));
    return { map { ($_ => $json->{$_}{samples}[0]) }
        grep { /^database/ } keys %$json };
}

# The same but for how late a standby is, which is another number each time.
sub state_of {
    my ($json) = @_;
    my %state = %$json;
    delete $state{database_replica_lag};
    return JSON::PP->new->canonical->encode(\%state);
}

# What the three forms say of the database: of the JSON each family's sample,
# of the metrics each value, and the page's rows by their heading. They are
# asked for one behind the other: a state that changed meanwhile (a connection
# more, one more failure) is no disagreement, and all are asked for again.
sub told {
    my ($server) = @_;
    my $told;
    wait_for {
        $told = told_once($server);
        state_of($told->{json}) eq state_of(of_json($server));
    } 10;
    return $told;
}

sub told_once {
    my ($server) = @_;
    my $json    = of_json($server);
    my $metrics = page($server, '?metrics');
    my $html    = page($server, '');
    my ($rows)  = $html =~ m{<h2>Databases</h2>(.*?)</table>}s;
    return {
        json => $json,
        metrics => { $metrics =~
            /^ocsp_responder_(database\w*)\{[^}]*\} ([\d.]+)$/mg },
        page => { map { s/<[^>]+>/ /gr } map { s/&nbsp;/ /gr }
            $rows =~ m{<tr><th>(.*?)</th><td>(.*?)</td></tr>}sg },
    };
}

# Waits until the database's state is so, asking meanwhile.
sub becomes {
    my ($state, $says) = @_;
    my $told;
    wait_for {
        $server->says('/root/', 'root-good-1') eq $says or return 0;
        $told = told($server);
        $told->{json}{database}{breaker} =~ $state;
    } 20;
    like $told->{json}{database}{breaker}, $state, "$says: the state in JSON";
    return $told;
}

# The row of the page whose heading begins so.
sub row {
    my ($told, $heading) = @_;
    my ($row) = grep { /^\Q$heading/ } keys %{ $told->{page} };
    return $row ? $told->{page}{$row} : undef;
}

my ($down, $up) = (qr/^(?:open|half-open)$/, qr/^closed$/);

# Asserts what the health check says, by GET and by HEAD.
sub is_healthy {
    my ($status) = @_;
    for my $method (qw(GET HEAD)) {
        my $since  = time;
        my $answer = $server->request($method, '/health');
        takes_less time - $since, 2, '  its health, in time';
        is $answer->{status}, $status, "  by $method: $status";
        next if $method eq 'HEAD';
        my $reasons = decode_json($answer->{body})->{reasons};
        like "@$reasons", $status == 200 ? qr/^$/ : qr/not answer|cannot/,
            '  and why';
    }
    return;
}

# Asserts what all forms say of a database that is away.
sub is_away {
    my ($what, $since) = @_;
    is_healthy(503);
    my $told = becomes($down, 'tryLater');
    is $told->{metrics}{database_up}, 0, "$what: in the metrics";
    like row($told, 'A database'), qr/breaker\s+(?:open|half-open)/,
        '  on the page';
    my $cause = $told->{json}{database_failure}{cause};
    like $cause, qr/database.*(?:PostgreSQL|too long)/, '  the last cause';
    my ($last) = split /:/, $cause;
    like row($told, 'What went wrong last'), qr/cause\s+\Q$last\E/,
        '  on the page';
    my $at = $told->{json}{database_failed_at}{value};
    cmp_ok $at, '>=', int $since, '  since when';
    # Asked for behind the JSON: it may have failed once more.
    my $later = $told->{metrics}{database_failed_at_timestamp_seconds};
    cmp_ok $later, '>=', $at, '  in the metrics';
    cmp_ok $later, '<=', time, '    no later than now';
    like row($told, 'When the database last failed'), qr/\d seconds? ago/,
        '  on the page';
    return;
}

# Asserts what all forms say of one that works.
sub is_well {
    my ($what) = @_;
    my $told = becomes($up, 'good');
    is_healthy(200);
    is $told->{metrics}{database_up}, 1, "$what: in the metrics";
    like row($told, 'A database'), qr/breaker\s+closed/, '  on the page';
    my $json = $told->{json};
    my $open = $json->{database_connections}{value};
    cmp_ok $open, '>=', 1, "  connections: $open";
    cmp_ok $open, '<=', $json->{database_connections_max}{value},
        '  no more than DBDMax';
    is $told->{metrics}{database_connections}, $open, '  in the metrics';
    like row($told, 'Connections of this process'), qr/^\s*$open\b/,
        '  on the page';
    return $told;
}

note 'up';
my $told = is_well('up');
is $told->{json}{database_failure}, undef, '  no failure yet';
is $told->{json}{database_replica}{value}, 0, '  it is no standby';

note 'stopped';
my $since = time;
$primary->down;
is_away('stopped', $since);
$primary->begin;
wait_for { $primary->answers } 30;
ok is_well('it is back')->{json}{database_failure}{cause},
    '  and what went wrong last is still told';

note 'hanging';
$since = time;
$primary->freeze;
is_away('hanging', $since);
$primary->thaw;
is_well('it goes on');

note 'a standby that is late';
my $reader = server_of($standby);
ok((wait_for { $standby->is_abreast } 30), 'the standby has all');
my $forms = told($reader);
is $forms->{metrics}{database_replica}, 1, 'a standby, in the metrics';
is $forms->{json}{database_replica}{value}, 1, '  in JSON';
like row($forms, '1 where the rows come from another'), qr/^\s*1\b/,
    '  on the page';
$primary->sql('UPDATE django_ca_certificate SET cn = cn');
my %lag;

# Waits until all forms say that it is late, or is not.
sub is_late {
    my ($late, $what) = @_;
    wait_for {
        my $now = told($reader);
        %lag = (json => $now->{json}{database_replica_lag}{value},
            metrics => $now->{metrics}{database_replica_lag_seconds},
            page => (row($now, 'How late') // '') =~ /^\s*(\d+)/ ? $1 : undef);
        3 == grep { defined && ($late ? $_ >= 2 : $_ == 0) } values %lag;
    } 60;
    for my $form (sort keys %lag) {
        cmp_ok $lag{$form} // -1, $late ? '>' : '==', $late ? 1 : 0,
            "$what: in $form";
    }
    return;
}
is_late(0, 'it has replayed all');
$standby->sql('SELECT pg_wal_replay_pause()');
$primary->sql('UPDATE django_ca_certificate SET cn = cn');
is_late(1, 'it replays no more');
$standby->sql('SELECT pg_wal_replay_resume()');
is_late(0, 'it goes on');
$primary->down;
is_late(1, 'its primary is gone, and what happens there is not known');
$primary->begin;
wait_for { $primary->answers } 30;
is_late(0, 'it is back');

finish;
