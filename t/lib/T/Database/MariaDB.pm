# SPDX-License-Identifier: Apache-2.0
# A private MariaDB.
package T::Database::MariaDB;

use strict;
use warnings;

use T::Process;
use T::Fixture;
use T::Platform;

our @ISA = ('T::Database');

sub programs { return qw(mariadb-install-db mariadbd mariadb) }
sub accounts { return 'mysql' }

# Its server, and its program for administrators.
sub server_program { return $_[0]->program('mariadbd') }
sub client_program { return $_[0]->program('mariadb') }

sub init {
    my ($self) = @_;
    $self->done($self->program('mariadb-install-db'), '--no-defaults',
        "--datadir=$self->{root}/data", "--tmpdir=$self->{root}/run",
        '--skip-test-db',
        '--auth-root-authentication-method=normal');
    return;
}

sub command {
    my ($self) = @_;
    return ($self->server_program, '--no-defaults',
        "--datadir=$self->{root}/data", "--socket=$self->{root}/socket",
        # Each server that starts deletes what it takes for left over here.
        "--tmpdir=$self->{root}/run",
        "--port=$self->{port}", '--bind-address=127.0.0.1',
        "--pid-file=$self->{root}/data/pid", '--skip-name-resolve',
        '--innodb-flush-log-at-trx-commit=0', $self->own_settings,
        '--innodb-buffer-pool-size=32M', '--default-time-zone=+09:00',
        '--max-connections=60', '--character-set-server=utf8mb4');
}

# What its server alone knows how to set.
sub own_settings { return '--innodb-log-file-size=8M' }

sub client {
    my ($self, $name, @arguments) = @_;
    return (qw(timeout -k 1 60), $self->client_program, '--no-defaults',
        '-S', "$self->{root}/socket", '-u', 'root', '-N', '-B', @arguments,
        $name // $self->name);
}

sub answers {
    my ($self) = @_;
    return !(run($self->client('mysql', '--connect-timeout=2', '-e',
        'SELECT 1')))[0];
}

sub not_connected {
    return qr/^ERROR 200[236] |Lost connection to \S+(?: server)? at /m;
}

sub sql {
    my ($self, $sql, $name) = @_;
    my $text = $self->administer($self->client($name,
        '--connect-timeout=30', '-e', $sql));
    chomp $text;
    return $text;
}

# SQL too long for a command line.
sub script {
    my ($self, $sql, $name) = @_;
    my $file = $self->sql_file($sql);
    $self->sql("source $file", $name);
    return;
}

sub add_user {
    my ($self) = @_;
    $self->sql("CREATE USER ocsp\@'127.0.0.1' IDENTIFIED BY"
        . " '@{[T::Database::PASSWORD]}'", 'mysql');
    return;
}

sub set_password {
    my ($self, $password) = @_;
    $self->sql("ALTER USER ocsp\@'127.0.0.1' IDENTIFIED BY '$password'",
        'mysql');
    return;
}

# A new database of this name, of the fixture's rows or what the SQL makes.
sub create {
    my ($self, $name, $sql) = @_;
    $sql //= join "\n", slurp(fixture_dir() . '/mysql.sql'),
        "SET sql_mode='NO_BACKSLASH_ESCAPES';", 'BEGIN;',
        $self->rows(slurp(fixture_sql())), 'COMMIT;';
    $self->script(join("\n",
        "CREATE DATABASE $name CHARACTER SET utf8mb4;", "USE $name;",
        "SET FOREIGN_KEY_CHECKS=0;\n$sql", $self->grants($name)), 'mysql');
    return;
}

# SQL that lets "ocsp" read the two tables of the database of that name.
sub grants {
    my ($self, $name) = @_;
    return map { "GRANT SELECT ON $name.$_ TO ocsp\@'127.0.0.1';" }
        qw(django_ca_certificate django_ca_certificateauthority);
}

sub grant {
    my ($self, $name) = @_;
    $self->sql(join(' ', $self->grants($name)), 'mysql');
    return;
}

# Options: name (the database), password, params (more of them), more (lines).
sub lines {
    my ($self, %o) = @_;
    my $name     = $o{name}     // $self->name;
    my $port     = $o{port}     // $self->{port};
    my $password = $o{password} // T::Database::PASSWORD;
    return qq{DBDriver mysql\nDBDParams "host=127.0.0.1,port=$port}
        . ",dbname=$name,user=ocsp,pass=$password"
        . ($o{params} ? ",$o{params}" : '') . qq{"\n} . ($o{more} // '');
}

sub value {
    my ($self, $name, $value) = @_;
    return $value;
}

sub schema { return 'DATABASE()' }

sub translate {
    my ($self, $sql) = @_;
    # As SQLite, which does not look after foreign keys; and "name" is a name.
    return "SET FOREIGN_KEY_CHECKS=0, sql_mode='STRICT_ALL_TABLES,ANSI_QUOTES,"
        . "NO_BACKSLASH_ESCAPES'; " . $self->SUPER::translate($sql);
}

# How many connections the responder has.
sub connections {
    my ($self) = @_;
    return $self->sql('SELECT count(*) FROM information_schema.processlist'
        . " WHERE user = 'ocsp'", 'mysql');
}

# Cuts them.
sub cut {
    my ($self) = @_;
    my $ids = $self->sql('SELECT id FROM information_schema.processlist'
        . " WHERE user = 'ocsp'", 'mysql');
    run($self->client('mysql', '-e', "KILL $_")) for split ' ', $ids;
    return;
}

# SQL for a text that comes after so many seconds.
sub sleeping { return "CAST(SLEEP($_[1]) AS CHAR)" }

# Whether the responder's user waits for one.
sub asleep {
    my ($self) = @_;
    return $self->sql("SELECT count(*) FROM information_schema.processlist"
        . " WHERE user = 'ocsp' AND state = 'User sleep'", 'mysql') > 0;
}

sub session { my ($self, $name) = @_; return $self->client($name, '-n') }
sub lock    { return "LOCK TABLES @{[$_[0]->table]} WRITE;\n" }
sub unlock  { return "UNLOCK TABLES;\n\\q\n" }

1;
