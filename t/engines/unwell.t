# SPDX-License-Identifier: Apache-2.0
# A database that cannot answer now, for which no query is to blame: of a
# described table, too, clients are told tryLater, and get their answer when it
# has recovered; where one table alone is unwell, others of the same database go
# on, and where one session is, another takes its place. An error of the query
# itself is internalError.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;

ask_once;

my $conf = <<"CONF";
<OCSPResponderTable mine>
    From      certs
    Serial    serial HEX even
    CA        any
    Status    heard(state) V=good R=revoked
    RevokedAt at seconds
</OCSPResponderTable>
<OCSPResponderTable other>
    From      certs
    Serial    serial HEX even
    CA        any
    Status    state V=good R=revoked
    RevokedAt at seconds
</OCSPResponderTable>
CONF
$conf .= <<"CONF" for [ocsp => 'mine'], [other => 'other'];
<Location "/$_->[0]/">
    \@responder root: sql $_->[1]\@
</Location>
CONF

# Errors of each engine, that of a query last: of a foreign table's server, of a
# standby for its primary's sake, of memory, of the system; of a node that has
# lost its cluster, of a server that shuts down. MariaDB's begin with those of a
# user's limit, of a foreign table's server and of a deadlock.
my %errors = (
    pgsql => [qw(08001 40001 53200 58030 22000)],
    mysql => [1226, 1429, 1213, 1047, 1053, 1644],
);

# SQL that makes the function which the status is asked through, and which fails
# with an error, if there is one, where sessions are given in these alone.
my %session = (
    pgsql => ['pg_backend_pid()', 'SELECT pid FROM pg_stat_activity WHERE'
        . " usename = 'ocsp'"],
    mysql => ['CONNECTION_ID()', 'SELECT id FROM information_schema.processlist'
        . " WHERE user = 'ocsp'"],
);
sub heard {
    my ($engine, $error, @sessions) = @_;
    my $fail = !$error ? '' : $engine eq 'pgsql'
        ? "RAISE EXCEPTION 'ill' USING ERRCODE = '$error';"
        : "SIGNAL SQLSTATE '08S01' SET MYSQL_ERRNO = $error,"
            . " MESSAGE_TEXT = 'ill';";
    $fail = "IF $session{$engine}[0] IN (" . join(', ', @sessions)
        . ") THEN $fail END IF;" if @sessions;
    return $engine eq 'pgsql'
        ? 'CREATE OR REPLACE FUNCTION heard(state text) RETURNS text AS'
            . " \$\$ BEGIN $fail RETURN state; END \$\$ LANGUAGE plpgsql;"
        : "DROP FUNCTION IF EXISTS heard;\nDELIMITER //\n"
            . 'CREATE FUNCTION heard(state TEXT) RETURNS'
            . " TEXT DETERMINISTIC BEGIN $fail RETURN state; END//\n"
            . "DELIMITER ;\n";
}

sub test_engine {
    my ($engine) = @_;
    my @errors = @{ $errors{$engine} // return };
    my $there  = T::Database->start($engine, empty => 1);
    T::Product::create($there, $engine, 'unwell', 'CREATE TABLE certs (serial'
        . ' VARCHAR(9), state VARCHAR(9), at BIGINT);'
        . " INSERT INTO certs VALUES ('01', 'V', NULL);\n" . heard($engine));
    $there->sql("GRANT EXECUTE ON unwell.* TO ocsp\@'127.0.0.1'", 'mysql')
        if $engine eq 'mysql';
    my $server = T::Server->new(db => 0, dbd => $there->lines(name =>
        'unwell'), conf => $conf)->start;
    my $says = sub { $server->get($_[0] // '/ocsp/', ocsp_request([certid(
        'root', '01')]))->{says} };
    is $says->(), 'good', "$engine: a session";
    $there->script(heard($engine, $errors[0], split /\s+/,
        $there->sql($session{$engine}[1], 'unwell')), 'unwell');
    is $says->(), 'tryLater', '  that is unwell';
    is $says->('/other/'), 'good', '    is for other tables';
    ok wait_for(sub { $says->() eq 'good' }, within(10)),
        '    until there is another';
    for my $error (@errors) {
        my $got;
        wait_for { ($got = $says->()) eq 'good' } within(10);
        is $got, 'good', "$engine: well";
        $there->script(heard($engine, $error), 'unwell');
        my $want = $error == $errors[-1] ? 'internalError' : 'tryLater';
        wait_for { ($got = $says->()) eq $want } within(10)
            if ($got = $says->()) eq 'tryLater';
        is $got, $want, "  error $error: $want";
        # But 1047 and 1053 are of a node as a whole.
        is join(' ', map { ($says->(), $says->('/other/'))[1] } 1 .. 9),
            join(' ', ('good') x 9), '    another table is well'
            if $engine eq 'pgsql' || $error > 1053;
        $there->script(heard($engine), 'unwell');
    }
    $server->allow_log(qw(OCSP0203 OCSP0204))->stop;
    return;
}

hurry();
T::Database::each_engine(\&test_engine);

finish;
