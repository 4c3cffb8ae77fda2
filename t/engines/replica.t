# SPDX-License-Identifier: Apache-2.0
# A replica of the database may lag behind: httpd -t and the status page say so.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::Database;
use T::Server;

sub why_not {
    my ($engine) = @_;
    return "not of ENGINES: $engine"
        unless grep { $_ eq $engine } T::Database::engines();
    return T::Database::why_not($engine);
}

sub server_of {
    my ($db, %o) = @_;
    return T::Server->new(db => 0, dbd => $db->lines(%o), conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
@page status@
CONF
}

sub configtest {
    my ($server) = @_;
    $server->write_conf;
    return ($server->configtest)[1];
}

sub page {
    my ($server) = @_;
    return $server->request('GET', '/status?metrics')->{body};
}

my $is_replica = qr/^ocsp_responder_database_replica\{.*\}/m;
my $lags = qr/^ocsp_responder_database_replica_lag_seconds\{.*\}/m;

SKIP: {
    my $why_not = why_not('pgsql');
    skip $why_not, 1 if $why_not;
    my $primary = T::Database->start('pgsql');
    my $replica = T::Database->start('pgsql', standby_of => $primary);
    my $count = 'SELECT count(*) FROM django_ca_certificate';
    wait_for { eval { $replica->sql($count) } } 30;

    note 'a primary';
    my $server = server_of($primary)->start;
    unlike configtest($server), qr/replica/, 'httpd -t says nothing';
    like page($server), qr/$is_replica 0$/m, 'nor does the status page';
    $server->stop;

    note 'a replica';
    $server = server_of($replica)->start;
    my $said = configtest($server);
    like $said, qr/^OCSP0107: .*\breplica\b.*
        target_session_attrs=read-write/mx, 'httpd -t says so';
    like $said, at_directive('DBDParams', 'Warning', $server), "  at DBDParams' own line";
    is $server->says('/ocsp/', 'root-good-1'), 'good',
        'it is asked all the same';
    like page($server), qr/$is_replica 1$/m, 'the status page says so';
    ok((wait_for { page($server) =~ /$lags 0$/m } 20),
        '  and that it does not lag');

    note 'a replica that lags';
    # It knows how late it is once it has replayed something.
    $primary->sql('UPDATE django_ca_certificate SET cn = cn');
    my $replayed = 'SELECT count(pg_last_xact_replay_timestamp())';
    ok((wait_for { $replica->sql($replayed) } 20), 'it follows');
    $replica->sql('SELECT pg_wal_replay_pause()');
    my $state = 'SELECT pg_get_wal_replay_pause_state()';
    wait_for { $replica->sql($state) eq 'paused' } 10;
    $primary->sql('UPDATE django_ca_certificate SET cn = cn');
    ok((wait_for { page($server) =~ /$lags [1-9]/m } 20),
        'the status page tells by how much');
    like configtest($server), qr/replica.*\b[1-9]\d* seconds behind/,
        'httpd -t tells, too';
    $server->stop;

    note 'both, with target_session_attrs';
    for ([$replica, 'read-write', 0], [$primary, 'prefer-standby', 1]) {
        my ($first, $attributes, $is_standby) = @$_;
        my ($second) = grep { $_ != $first } $primary, $replica;
        my $one_of =
            server_of($first, params => "target_session_attrs=$attributes");
        $one_of->{dbd} =~ s/host=127\.0\.0\.1/host=127.0.0.1,127.0.0.1/;
        $one_of->{dbd} =~ s/port=(\d+)/port=$1,$second->{port}/;
        $one_of->write_conf;
        $one_of->start;
        ok((wait_for { page($one_of) =~ /$is_replica $is_standby$/m } 20),
            "$attributes: the other one is asked");
        $one_of->stop;
    }
    $replica->down;
    $server = server_of($primary,
        params => 'target_session_attrs=prefer-standby')->start;
    is $server->says('/ocsp/', 'root-good-1'), 'good',
        'prefer-standby, where there is none';
    $server->stop;
    $primary->down;
}

note 'MariaDB: a replica is read-only; only who may monitor it sees the lag';
SKIP: {
    my $why_not = why_not('mysql');
    skip $why_not, 1 if $why_not;
    my $db = T::Database->start('mysql');
    my $server = server_of($db)->start;
    like page($server), qr/$is_replica 0$/m, 'a primary';
    $db->sql('SET GLOBAL read_only = 1');
    ok((wait_for { page($server) =~ /$is_replica 1$/m } 20),
        'the status page tells a replica');
    unlike page($server), $lags, '  and nothing of a lag';
    like configtest($server), qr/^OCSP0107: .*, which does not tell how far /m,
        'httpd -t says why';
    $server->stop;
    $db->down;
}
finish;
