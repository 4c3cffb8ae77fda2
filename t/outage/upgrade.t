# SPDX-License-Identifier: Apache-2.0
# django-ca is upgraded from the tables of release 1.6 to newer ones, step by
# step as its migrations do it, with requests running.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use MIME::Base64 qw(encode_base64);
use T::Fault;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

my $leaves = 'django_ca_certificate';
my $cas    = 'django_ca_certificateauthority';
my ($db, $server);
my %may_fail = (sqlite3 => '', pgsql => '', mysql => 'internalError');

# Each engine's words for the types that come.
my %types = (
    sqlite3 => { flag => "bool NOT NULL DEFAULT '0'", time => 'datetime NULL',
                 bytes => 'BLOB', yes => 1 },
    pgsql   => { flag => 'boolean NOT NULL DEFAULT false',
                 time => 'timestamp with time zone NULL',
                 bytes => 'bytea', yes => 'true' },
    mysql   => { flag => 'tinyint(1) NOT NULL DEFAULT 0',
                 time => 'datetime(6) NULL',
                 bytes => 'longblob', yes => 1 },
);

# Column `new` takes the place of `pub`, in no time that anybody sees.
sub swap {
    my ($table) = @_;
    return $db->sql("ALTER TABLE $table DROP COLUMN pub,"
        . ' RENAME COLUMN new TO pub') if $db->engine eq 'mysql';
    return $db->sql("BEGIN; ALTER TABLE $table DROP COLUMN pub;"
        . " ALTER TABLE $table RENAME COLUMN new TO pub; COMMIT");
}

# Certificates as bytes, by table and id; and a column of their PEM.
my %bytes;

sub make_pem {
    my ($table) = @_;
    my $hex = $db->engine eq 'pgsql' ? "encode(pub, 'hex')" : 'hex(pub)';
    my $set = '';
    for (split /\n/, $db->sql("SELECT id, $hex FROM $table")) {
        my ($id, $digits) = split /\t/;
        $bytes{$table}{$id} = $digits;
        my $pem = "-----BEGIN CERTIFICATE-----\n"
            . encode_base64(pack 'H*', $digits) . "-----END CERTIFICATE-----\n";
        $set .= "UPDATE $table SET new = '$pem' WHERE id = $id;\n";
    }
    $db->sql("ALTER TABLE $table ADD COLUMN new text");
    $db->script("BEGIN;\n${set}COMMIT;\n");
    return swap($table);
}

sub make_bytes {
    my ($table) = @_;
    my %quote = (sqlite3 => q{x'%s'}, pgsql => q{'\x%s'}, mysql => q{x'%s'});
    my $set = '';
    for my $id (keys %{ $bytes{$table} }) {
        my $bytes = sprintf $quote{ $db->engine }, $bytes{$table}{$id};
        $set .= "UPDATE $table SET new = $bytes WHERE id = $id;\n";
    }
    $db->sql("ALTER TABLE $table ADD COLUMN new $types{ $db->engine }{bytes}");
    $db->script("BEGIN;\n${set}COMMIT;\n");
    return swap($table);
}

# The newest tables, less what came after 1.6.
sub age {
    $db->sql("ALTER TABLE $cas DROP COLUMN $_")
        for qw(revoked revoked_date revoked_reason compromised);
    $db->sql("ALTER TABLE $leaves DROP COLUMN $_") for qw(compromised profile);
    for my $table ($leaves, $cas) {
        make_pem($table);
        $db->sql("ALTER TABLE $table RENAME COLUMN not_after TO expires");
        $db->sql("ALTER TABLE $table DROP COLUMN not_before");
    }
    return;
}

sub upgrade {
    my $type = $types{ $db->engine };
    my @migrations = (
        ["$cas ADD COLUMN revoked $type->{flag}",
         "$cas ADD COLUMN revoked_date $type->{time}",
         "$cas ADD COLUMN revoked_reason varchar(32) NULL"],
        ["$leaves ADD COLUMN compromised $type->{time}",
         "$cas ADD COLUMN compromised $type->{time}"],
        ["$leaves RENAME COLUMN expires TO not_after",
         "$cas RENAME COLUMN expires TO not_after"],
    );
    for my $migration (@migrations) {
        $db->sql(join ' ', 'BEGIN;', (map { "ALTER TABLE $_;" } @$migration),
            'COMMIT;');
        sleep 0.1;
    }
    make_bytes($_) for $leaves, $cas;
    return time;
}

T::Database::each_engine(sub {
    my ($engine) = @_;
    $db = T::Database->start($engine);
    age();
    $server = T::Server->new(db => 0, dbd => $db->lines, conf => outage_conf())
        ->allow_log('OCSP0203', $may_fail{$engine} ? 'OCSP0204' : ())->start;
    is $server->says('/ocsp/', 'revokedca'), 'good',
        "$engine: a CA that no column could call revoked";
    # It is revoked by the upgrade's columns only later, so it stays good.
    my $stream = T::Fault->begin($server, except => 'revokedca');
    my $back = upgrade();
    my $seen = $stream->end($back);
    is $seen->{wrong},  0, '  no wrong answer' or diag $seen->{text};
    # MariaDB commits each ALTER by itself, and between two that belong together
    # the tables are nobody's.
    my @failed = grep { !/^$may_fail{$engine}$/ }
        split ' ', $seen->{text} // '';
    is "@failed", '', '  none failed';
    in_time($seen, 0);
    note "$seen->{right} right, $seen->{later} later";
    my $serial = cert('revokedca')->{serial_stored};
    $db->sql("UPDATE $cas SET revoked = $types{$engine}{yes}, revoked_date ="
        . " '2024-01-01 00:00:00' WHERE serial = '$serial'");
    is $server->says('/ocsp/', 'revokedca'), 'revoked',
        '  the new columns count in the very next answer';
    $server->stop;
});
finish;
