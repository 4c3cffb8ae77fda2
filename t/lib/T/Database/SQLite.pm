# SPDX-License-Identifier: Apache-2.0
# SQLite as a Database: a file and no server.
package T::Database::SQLite;

use strict;
use warnings;

use T::Process;
use T::Fixture;
use T::Platform;

our @ISA = ('T::Database');

sub programs  { return 'sqlite3' }
sub is_server { return 0 }

sub own {
    my ($self) = @_;
    my (undef, undef, $uid, $gid) = user() or return;
    chown $uid, $gid, $self->{root};
    return;
}

sub init     { return }
sub up       { return $_[0] }
sub add_user { return }
sub pids     { return }

# The database's file.
sub file {
    my ($self, $name) = @_;
    return "$self->{root}/" . ($name // $self->name) . '.sqlite3';
}

sub create {
    my ($self, $name, $sql) = @_;
    my $source = defined $sql ? $self->sql_file($sql) : fixture_sql();
    unlink $self->file($name);
    must('sqlite3', '-bail', $self->file($name), ".read $source");
    my (undef, undef, $uid, $gid) = user() or return;
    chown $uid, $gid, $self->file($name);
    return;
}

sub lines {
    my ($self, %o) = @_;
    return "DBDriver sqlite3\nDBDParams "
        . $self->file($o{name}) . "\n" . ($o{more} // '');
}

sub sql {
    my ($self, $sql, $name) = @_;
    my $text = must('sqlite3', '-bail', '-separator', "\t", '-cmd',
        '.timeout 30000', $self->file($name), 'PRAGMA synchronous = OFF', $sql);
    chomp $text;
    return $text;
}

# SQL too long for a command line.
sub script {
    my ($self, $sql, $name) = @_;
    must('sqlite3', '-bail', '-cmd', '.timeout 30000', $self->file($name),
        '.read ' . $self->sql_file($sql));
    return;
}

sub connections { return 0 }

1;
