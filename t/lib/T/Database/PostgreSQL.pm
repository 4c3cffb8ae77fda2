# SPDX-License-Identifier: Apache-2.0
# A private PostgreSQL.
package T::Database::PostgreSQL;

use strict;
use warnings;

use T::Process;
use T::Fixture;
use T::Platform;

our @ISA = ('T::Database');

# Those that the responder reads.
use constant TABLES =>
    qw(django_ca_certificate django_ca_certificateauthority);

my $version = sub { $_[0] =~ m{/(\d+)} ? $1 : 0 };

sub programs { return qw(initdb postgres psql) }
sub accounts { return 'postgres' }

# Debian and Fedora keep them by version.
sub places {
    my @places = sort { $version->($b) <=> $version->($a) }
        glob '/usr/lib/postgresql/*/bin';
    return (@places, glob '/usr/pgsql-*/bin');
}

sub init {
    my ($self) = @_;
    return $self->copy_of($self->{standby_of}) if $self->{standby_of};
    $self->done($self->program('initdb'), '-D', "$self->{root}/data", '-U',
        'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync');
    spew("$self->{root}/data/pg_hba.conf",
        "local all,replication all trust\n"
        . "host all all 127.0.0.1/32 scram-sha-256\n");
    return;
}

# Makes a copy of a primary that follows it.
sub copy_of {
    my ($self, $primary) = @_;
    $self->done($self->program('pg_basebackup'), '-D', "$self->{root}/data",
        '-R', '-X', 'stream', '-c', 'fast', '-h', $primary->{root}, '-p',
        $primary->{port}, '-U', 'postgres');
    return;
}

# Whether a standby has all that its primary has.
sub is_abreast {
    my ($self) = @_;
    my $at = $self->{standby_of}->sql('SELECT pg_current_wal_lsn()');
    return $self->sql("SELECT pg_last_wal_replay_lsn() >= '$at'") eq 't';
}

# Makes a standby the primary.
sub promote {
    my ($self) = @_;
    $self->sql('SELECT pg_promote()');
    delete $self->{standby_of};
    return;
}

# The command line that starts it.
sub command {
    my ($self) = @_;
    my %settings = (
        listen_addresses => '127.0.0.1', port => $self->{port},
        unix_socket_directories => $self->{root}, max_connections => 60,
        fsync => 'off', shared_buffers => '16MB', timezone => 'Asia/Tokyo',
        log_line_prefix => '%m %p ', datestyle => 'German',
        # Files of its own folder, and none in /dev/shm that a kill would leave.
        dynamic_shared_memory_type => 'mmap',
        %{ $self->{settings} // {} },
    );
    return ($self->program('postgres'), '-D', "$self->{root}/data",
        map { ('-c', "$_=$settings{$_}") } sort keys %settings);
}

sub stop_signal { return 'INT' }    # "fast"

# The command line of psql with these arguments.
sub psql {
    my ($self, $name, @arguments) = @_;
    return (qw(timeout -k 1 60), $self->program('psql'), qw(-X -q -A -t -F),
        "\t", '-v', 'ON_ERROR_STOP=1', '-h', $self->{root}, '-p',
        $self->{port}, '-U', 'postgres', '-d', $name // $self->name,
        @arguments);
}

sub answers {
    my ($self) = @_;
    return !(run({ PGCONNECT_TIMEOUT => 2 },
        $self->psql('postgres', '-c', 'SELECT 1')))[0];
}

sub not_connected {
    return qr/^psql: error: (?:connection to|could not connect|FATAL)/m;
}

sub sql {
    my ($self, $sql, $name) = @_;
    my $text = $self->administer({ PGCONNECT_TIMEOUT => 30,
        PGOPTIONS => '-c client_min_messages=warning' },
        $self->psql($name, '-c', $sql));
    chomp $text;
    return $text;
}

# SQL too long for a command line.
sub script {
    my ($self, $sql, $name) = @_;
    $self->administer($self->psql($name, '-f', $self->sql_file($sql)));
    return;
}

sub add_user {
    my ($self) = @_;
    $self->sql("CREATE ROLE ocsp LOGIN PASSWORD '@{[T::Database::PASSWORD]}'",
        'postgres');
    return;
}

sub set_password {
    my ($self, $password) = @_;
    $self->sql("ALTER ROLE ocsp PASSWORD '$password'", 'postgres');
    return;
}

# A new database of this name: a copy of "ocsp", which is the first and has the
# fixture's rows, or of what the SQL makes.
sub create {
    my ($self, $name, $sql) = @_;
    return $self->sql("CREATE DATABASE $name TEMPLATE ocsp", 'postgres')
        if !defined $sql && $name ne 'ocsp';
    $sql //= join "\n", 'BEGIN;', slurp(fixture_dir() . '/pgsql.sql'),
        $self->rows(slurp(fixture_sql())), 'COMMIT;';
    $self->sql("CREATE DATABASE $name", 'postgres');
    $self->script(join("\n", $sql, 'RESET search_path;', map({
        "SELECT setval(pg_get_serial_sequence('$_', 'id'), max(id)) FROM $_;"
        } TABLES), $self->grants), $name);
    return;
}

# SQL that lets "ocsp" read the two tables.
sub grants {
    return 'GRANT SELECT ON ' . join(', ', TABLES) . ' TO ocsp;';
}

sub grant {
    my ($self, $name) = @_;
    $self->sql($self->grants, $name);
    return;
}

# Options: name (the database), password, params (more of them), more (lines).
sub lines {
    my ($self, %o) = @_;
    my $name     = $o{name}     // $self->name;
    my $port     = $o{port}     // $self->{port};
    my $password = $o{password} // T::Database::PASSWORD;
    return qq{DBDriver pgsql\nDBDParams "host=127.0.0.1 port=$port}
        . " dbname=$name user=ocsp password=$password"
        . ($o{params} ? " $o{params}" : '') . qq{"\n} . ($o{more} // '');
}

sub value {
    my ($self, $name, $value) = @_;
    return "'\\x$1'" if $value =~ /^X'(.*)'$/i;
    return $value eq '1' ? 'true' : 'false'
        if T::Database::is_flag($name) && $value =~ /^[01]$/;
    return "'$1+00'" if $value =~ /^'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*)'$/;
    return $value;
}

sub schema { return "'public'" }

sub translate {
    my ($self, $sql) = @_;
    $sql = $self->SUPER::translate($sql);
    $sql =~ s/\b(\w+)(\s*=\s*)([01])\b(?![.'])/$1 . $2
        . (T::Database::is_flag($1) ? $3 ? 'true' : 'false' : $3)/ge;
    $sql =~ s/\bhex\((\w+)\)/encode($1, 'hex')/gi;
    $sql =~ s/('\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*)'/$1+00'/g;
    $sql =~ s/\bx'([0-9a-f]*)'/'\\x$1'/gi;
    # As SQLite, which does not look after foreign keys.
    return "SET session_replication_role = replica; $sql";
}

# How many connections the responder has.
sub connections {
    my ($self) = @_;
    return $self->sql("SELECT count(*) FROM pg_stat_activity"
        . " WHERE usename = 'ocsp'", 'postgres');
}

# Cuts them.
sub cut {
    my ($self) = @_;
    $self->sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
        . " WHERE usename = 'ocsp'", 'postgres');
    return;
}

# SQL for a text that comes after so many seconds.
sub sleeping { return "CAST(pg_sleep($_[1]) AS text)" }

# Whether the responder's user waits for one.
sub asleep {
    my ($self) = @_;
    return $self->sql("SELECT count(*) FROM pg_stat_activity WHERE usename ="
        . " 'ocsp' AND wait_event = 'PgSleep'") > 0;
}

sub session { my ($self, $name) = @_; return $self->psql($name) }
sub lock    { return "BEGIN; LOCK TABLE @{[$_[0]->table]};\n" }
sub unlock  { return "COMMIT;\n\\q\n" }

1;
