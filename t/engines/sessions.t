# SPDX-License-Identifier: Apache-2.0
# What a role, a database or a server sets for each session changes no answer:
# how texts and bytes are encoded, how literals are written, what a transaction
# sees, and what follows the end of one.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;

ask_once;


# For each session of the responder's.
my %role = (client_encoding => 'LATIN1', bytea_output => 'escape',
    standard_conforming_strings => 'off', backslash_quote => 'on',
    default_transaction_isolation => 'repeatable read',
    default_transaction_read_only => 'on', datestyle => 'SQL, DMY',
    extra_float_digits => -15, transform_null_equals => 'on',
    plan_cache_mode => 'force_generic_plan');
my %server = (sql_mode => "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,"
        . "PIPES_AS_CONCAT,IGNORE_SPACE,PAD_CHAR_TO_FULL_LENGTH'",
    completion_type => "'CHAIN'", sql_select_limit => 1,
    init_connect => "'SET NAMES latin1'");
my %settings = (
    pgsql => ['postgres', map { "ALTER ROLE ocsp SET $_ = '$role{$_}'" }
        sort keys %role],
    mysql => ['mysql', map({ "SET GLOBAL $_ = $server{$_}" }
        sort keys %server),
        'SET GLOBAL TRANSACTION ISOLATION LEVEL REPEATABLE READ'],
);

my $json = '{"Reason":"a \\"key\\", \\\\ lost","ReasonCode":1,'
    . '"RevokedAt":"2026-01-02T03:04:05Z"}';
my $hex  = unpack 'H*', $json;
my $name = "M\xc3\xbcller's CA";

sub rows {
    my ($engine) = @_;
    my $bytes = $engine eq 'pgsql' ? "'\\x$hex'" : "x'$hex'";
    my $type  = $engine eq 'pgsql' ? 'BYTEA' : 'BLOB';
    my $ca    = $name =~ s/'/''/r;
    return ($engine eq 'mysql' ? "SET NAMES utf8mb4;\n" : '') . <<"SQL";
CREATE TABLE certs (ca CHAR(40), serial VARCHAR(40), state VARCHAR(40),
    said $type);
INSERT INTO certs VALUES ('$ca', '01', 'g\xc3\xbcltig', NULL),
    ('$ca', '0A', 'ung\xc3\xbcltig', $bytes), ('$ca', '0B', 'g\xc3\xbcltig', $bytes);
SQL
}

my $conf = <<"CONF";
<OCSPResponderTable mine>
    From      "certs"
    Serial    serial HEX even
    CA        ca argument
    Status    state g\xc3\xbcltig=good ung\xc3\xbcltig=revoked
    Reason    said json=ReasonCode
    RevokedAt said timestamp json=RevokedAt
    Absent    good
</OCSPResponderTable>
<Location "/ocsp/">
    \@responder root: sql mine "$name"\@
</Location>
CONF

sub says {
    my ($server, $serial) = @_;
    my $got = {};
    wait_for { ($got = $server->get('/ocsp/', ocsp_request([certid('root',
        $serial)])))->{says} ne 'tryLater' } within(10);
    return join ' ', grep { defined } $got->{says},
        $got->{single}{revoked_text}, $got->{single}{reason};
}

sub test_engine {
    my ($engine, @more) = @_;
    my ($admin, @settings) = @{ $settings{$engine} // return };
    my $there = T::Database->start($engine, empty => 1);
    T::Product::create($there, $engine, 'sessions', rows($engine));
    if (ref $there eq 'T::Database::MariaDB') {
        $there->sql('ALTER TABLE certs ADD SYSTEM VERSIONING', 'sessions');
        push @more, 'SET GLOBAL system_versioning_asof = NOW(6)',
            'SET GLOBAL sql_mode ='
            . " CONCAT(\@\@GLOBAL.sql_mode, ',EMPTY_STRING_IS_NULL')";
    }
    $there->sql($_, $admin) for @settings, @more;
    my $server = T::Server->new(db => 0, dbd => $there->lines(name =>
        'sessions'), conf => $conf);
    is +($server->configtest)[1], "Syntax OK\n", "$engine: httpd -t";
    $server->start;
    is says($server, '01'), 'good', '  good';
    is says($server, '0A'), 'revoked 20260102030405Z 1', '  revoked';
    is says($server, '0B'), 'good', '  not revoked yet';
    my $revoke = "UPDATE certs SET state = (SELECT state FROM (SELECT state"
        . " FROM certs WHERE serial = '0A') a) WHERE serial = '0B'";
    my $undo = T::Database::hold_lock_by("BEGIN; $revoke;\n",
        "ROLLBACK AND NO CHAIN;\n\\q\n", $there->session('sessions'));
    is says($server, '0B'), 'good', '  nor while nobody has committed that';
    $undo->();
    $there->sql($revoke, 'sessions');
    is says($server, '0B'), 'revoked 20260102030405Z 1', '  revoked now'
        for 1 .. 2;
    $server->stop;
    return;
}

hurry();
T::Database::each_engine(sub {
    test_engine($_[0]);
    test_engine($_[0],
        'SET GLOBAL TRANSACTION ISOLATION LEVEL READ UNCOMMITTED')
        if $_[0] eq 'mysql';
});

finish;
