# SPDX-License-Identifier: Apache-2.0
# A T::Server's database: an SQLite file, or one on the server of ENGINE.
package T::Server::Database;

use strict;
use warnings;
use Carp qw(croak);
use File::Copy qw(copy);

use T::Process;
use T::Fixture;
use T::Platform;
use T::OCSP;

my ($made, $instance, $databases);

# Its engine, by the name for DBDriver.
sub engine { return $ENV{ENGINE} || 'sqlite3' }

# The server, not SQLite, that has the databases of this file's servers.
sub instance {
    my ($self) = @_;
    return if $self->engine eq 'sqlite3';
    require T::Database;
    return $instance //= $ENV{ENGINE_ROOT}
        ? T::Database->attach($self->engine, root => $ENV{ENGINE_ROOT},
                           port => $ENV{ENGINE_PORT})
        : T::Database->start($self->engine);
}

# Makes it, of the fixture's rows and what db of new() adds.
sub make_database {
    my ($self) = @_;
    if (my $there = $self->instance) {
        $self->{db_name} = sprintf 'r%d_%d', $$, ++$databases;
        $there->create($self->{db_name});
        $self->sql($self->{db_sql}) if $self->{db_sql};
        return;
    }
    my $db = $self->{db};
    if (!$made) {
        $made = scratch_file();
        unlink $made;
        must('sqlite3', '-bail', $made, '.read ' . fixture_sql());
    }
    copy($made, $db) or croak "$db: $!";
    my (undef, undef, $uid, $gid) = user();
    chown $uid, $gid, $db if $uid;
    $self->sql($self->{db_sql}) if $self->{db_sql};
    return;
}

# Runs SQL on the database with the engine's program; returns what it prints.
sub sql {
    my ($self, $sql) = @_;
    if (my $there = $self->instance) {
        return $there->sql($there->translate($sql), $self->{db_name});
    }
    # Nobody waits for the disk: a machine that is busy with it keeps a writer
    # waiting, with the lock, for longer than a request may take.
    # SQL in -cmd keeps a new sqlite3 from opening the file.
    my $text = must('sqlite3', '-bail', '-cmd', '.timeout 30000',
        $self->{db}, 'PRAGMA synchronous = OFF', $sql);
    chomp $text;
    T::Server::Source::export($self) if $sql !~ /^SELECT/i;
    return $text;
}

# Keeps the responder from reading, as a writer does; returns code that ends
# this.
sub lock_database {
    my ($self) = @_;
    my $source = $self->{source} // {};
    my $there = $source->{name} ? T::Server::Source::instance()
        : $self->instance;
    return $there->hold_lock($source->{name} // $self->{db_name}) if $there;
    require T::Database;
    # The module may just be reading, also when nobody asks it.
    return T::Database::hold_lock_by("BEGIN EXCLUSIVE;\n", "COMMIT;\n.quit\n",
        'sqlite3', '-bail', '-cmd', '.timeout 30000',
        $source->{db} // $self->{db});
}

# mod_dbd's lines for the database.
sub database_lines {
    my ($self) = @_;
    return T::Server::Source::database_lines($self) if $self->{source};
    return "DBDriver sqlite3\nDBDParams $self->{db}\n"
        unless defined $self->{db_name};
    return $self->instance->lines(name => $self->{db_name});
}

1;
