# SPDX-License-Identifier: Apache-2.0
# A database server of a test's own, with the fixture's rows; of one of the
# engines that mod_dbd has a driver for.
#
#   for my $engine (T::Database::engines()) {
#       my $db = T::Database->start($engine);
#       my $server = T::Server->new(db => 0, dbd => $db->lines, conf => …);
#       $db->sql('UPDATE …');
#   }
#
# A subclass knows how its server is made and run, and what its SQL looks like.
#
#   ENGINES=pgsql DATABASE_BIN=/opt/postgresql-16/bin prove …
#
# tests one engine, with another release's programs.
package T::Database;

use strict;
use warnings;
use Carp qw(croak);
use Exporter 'import';
use File::Temp ();
use POSIX qw(WNOHANG);
use Test::More import => ['skip'];

use T::Database::Template;
use T::Server::Source;
use T::Process;
use T::Fixture;
use T::Process::Cleanup;
use T::Platform;

our @EXPORT_OK = qw(PASSWORD);

use constant PASSWORD => 'secret';

# What runs of an engine: the first that is installed.
my %classes = (
    sqlite3 => ['SQLite'], pgsql => ['PostgreSQL'],
    mysql => [qw(MariaDB MySQL)],
);
my $owner = $$;
my @running;

# The engines to test, by their names for DBDriver; ENGINES can name fewer.
sub engines {
    my @all = qw(sqlite3 pgsql mysql);
    return $ENV{ENGINES} ? split ' ', $ENV{ENGINES} : @all;
}

sub class_of {
    my ($engine) = @_;
    my @classes = map { "T::Database::$_" } @{ $classes{$engine}
        // croak "no engine $engine" };
    require s{::}{/}gr . '.pm' for @classes;
    my ($named)     = grep { -x named_folder() . '/' . ($_->programs)[0] }
        @classes;
    my ($installed) = grep { is_installed($_) } @classes;
    return $named // $installed // $classes[0];
}

# The folder of another release's programs, which are taken before those that
# are installed; '' is none. One that is not there is not passed over, lest what
# is installed is tested in its name.
sub named_folder {
    my $folder = $ENV{DATABASE_BIN} // '';
    croak "DATABASE_BIN: there is no folder $folder"
        if length $folder && !-d $folder;
    return $folder;
}

sub is_installed {
    my ($class) = @_;
    return !grep { !$class->program($_) } $class->programs;
}

# Why an engine cannot be tested here; '' when it can.
sub why_not {
    my ($engine) = @_;
    my $class = class_of($engine);
    my @missing = grep { !$class->program($_) } $class->programs;
    return "not installed: @missing" if @missing;
    return '';
}

# Runs code for each engine; where one cannot be tested, so many tests (1) are
# skipped.
sub each_engine {
    my ($code, $tests) = @_;
    for my $engine (engines()) {
      SKIP: {
        my $why_not = why_not($engine);
        skip("$engine: $why_not", $tests // 1) if $why_not;
        $code->($engine);
      }
    }
    return;
}

# A running server with a database "ocsp" of the fixture's rows, and a user
# "ocsp" who may read the two tables and nothing else. With standby_of, another,
# it is one that follows that; with anew, its files are no copy of a template's.
# With SOURCE, it has the same rows in a product's tables beside, and is about
# these, unless it is to be empty.
sub start {
    my ($class, $engine, %o) = @_;
    my $root = File::Temp->newdir('database-XXXXXX', TMPDIR => 1);
    my $self = bless {
        engine => $engine, root => "$root", keep_root => $root,
        port => free_port(), %o,
    }, class_of($engine);
    chmod 0755, $self->{root};
    mkdir "$self->{root}/run", 0755;
    T::Process::Cleanup::watch($self->{root});
    push @running, $self;
    $self->own;
    if ($o{anew} || !$self->is_laid) {
        $self->init;
        $self->up;
        return $self if $o{standby_of};
        $self->add_user;
        $self->create('ocsp');
    }
    else { $self->up }
    T::Server::Source::fill($self) unless $o{anew} || $o{empty};
    return $self;
}

# The database that it is about, and a table of it.
sub name  { return $_[0]{name}  // 'ocsp' }
sub table { return $_[0]{table} // 'django_ca_certificate' }

# Whether it has its files from a template.
sub is_laid {
    my ($self) = @_;
    return 0 if !$self->is_server || $self->{standby_of};
    return T::Database::Template::lay($self,
        sub { T::Database->start($self->engine, anew => 1) });
}

# One that runs already, started by another process: its root and port.
sub attach {
    my ($class, $engine, %o) = @_;
    return bless { engine => $engine, %o }, class_of($engine);
}

# The name for DBDriver.
sub engine { return $_[0]{engine} }

# -- what a subclass may have to say -----------------------------------------

# Each has:
#   init                 makes its files
#   accounts             the users it may run as
#   command              its command line
#   client NAME, …       the command line of its program for administrators
#   answers              whether it takes connections
#   add_user             makes the user "ocsp" with PASSWORD
#   set_password TEXT    changes that password
#   create NAME, SQL     a database of the fixture's rows, or of the SQL's
#   grant NAME           lets "ocsp" read its two tables
#   lines %o             mod_dbd's lines. Options: name (the database),
#                        password, port, params and more (lines) to add
#   sql SQL, NAME        runs SQL as administrator; what it prints
#   script SQL, NAME     the same for SQL too long for a command line
#   translate SQL        what tests write for SQLite, in its own words
#   value NAME, VALUE    a value of a column, in its own words
#   schema               where information_schema has its tables
#   not_connected        what its program says when it was not let in
#   connections          how many the responder has
#   cut                  ends them
#   session NAME         that program, which reads SQL and answers at once
#   lock                 SQL that takes the lock of DDL
#   unlock               what gives it back and ends that program

# The programs that a test needs.
sub programs  { return () }
sub is_server { return 1 }
sub places    { return () }    # folders where its programs may be

# The path of one of its programs; undef where it is not installed.
sub program {
    my ($class, $name) = @_;
    my ($found) = grep { -x } map { "$_/$name" } named_folder() || (),
        $class->places, split(/:/, $ENV{PATH}), qw(/usr/sbin /usr/local/sbin);
    return $found;
}

# -- the process -------------------------------------------------------------

sub account {
    my ($self) = @_;
    return () if $>;
    for ($self->accounts, 'nobody') {
        my ($uid, $gid) = (getpwnam $_)[2, 3];
        return ($uid, $gid) if defined $uid;
    }
    return ();
}

# Gives its files to the user it runs as.
sub own {
    my ($self) = @_;
    my ($uid, $gid) = $self->account or return;
    chown $uid, $gid, $self->{root}, "$self->{root}/run";
    return;
}

# Begins a program as that user; its pid.
sub spawn {
    my ($self, @command) = @_;
    my $pid = fork // croak "fork: $!";
    return $pid if $pid;
    setpgrp 0, 0;
    if (my ($uid, $gid) = $self->account) {
        $) = "$gid $gid";
        POSIX::setgid($gid);
        POSIX::setuid($uid);
    }
    chdir $self->{root};
    $ENV{HOME} = $self->{root};
    delete @ENV{ grep { /^(?:PG|MYSQL|MARIADB)/ } keys %ENV };
    open STDIN,  '<',  '/dev/null';
    open STDOUT, '>>', "$self->{root}/log";
    open STDERR, '>&', \*STDOUT;
    exec { $command[0] } @command or POSIX::_exit(127);
}

# Runs a program as that user to its end; dies when it fails.
sub done {
    my ($self, @command) = @_;
    waitpid $self->spawn(@command), 0;
    croak "@command:\n" . slurp("$self->{root}/log") if $?;
    return;
}

# Starts it and waits until it answers.
sub up {
    my ($self) = @_;
    $self->begin;
    wait_for { $self->answers || !$self->alive } 60;
    croak ref($self) . " did not start:\n" . slurp("$self->{root}/log")
        unless $self->alive;
    return $self;
}

# Begins it without waiting.
sub begin {
    my ($self) = @_;
    $self->{pid} = $self->spawn($self->command);
    spew("$self->{root}/run/database.pid", "$self->{pid}\n");
    return;
}

sub alive {
    my ($self) = @_;
    return 0 unless $self->{pid};
    return 1 if waitpid($self->{pid}, WNOHANG) == 0;
    delete $self->{pid};
    return 0;
}

# All its processes, the first first.
sub pids {
    my ($self) = @_;
    my $pid = $self->{pid} or return;
    return ($pid, children_of($pid));
}

# Stops all its processes where they are.
sub freeze {
    my ($self) = @_;
    # The first before the others are counted, so that it makes no more.
    kill STOP => $self->{pid};
    kill STOP => $self->pids;
    wait_for { !grep { !is_stopped($_) } $self->pids } 5;
    return;
}

sub is_stopped {
    my ($pid) = @_;
    my $status = eval { slurp("/proc/$pid/status") } // 'State: T';
    return $status =~ /^State:\s+[TZX]/m;
}

# Lets them go on.
sub thaw { my ($self) = @_; kill CONT => reverse $self->pids; return }

# Kills it, as the kernel does when memory runs out.
sub kill_hard {
    my ($self) = @_;
    my @pids = $self->pids or return;
    kill KILL => @pids;
    waitpid delete $self->{pid}, 0;
    wait_for { !grep { kill 0 => $_ } @pids } 10;
    T::Process::Cleanup::remove_segment($self->{root});
    return;
}

# What a process has in the machine's shared memory: System V's segments, by
# their numbers. Such of POSIX are files, and none of a test's is there.
sub segments_of {
    my ($pid) = @_;
    my $table = eval { slurp('/proc/sysvipc/shm') } // '';
    return map { (split)[1] } grep { (split)[4] eq $pid } split /\n/, $table;
}

# Ends it as an administrator would, clients or no clients.
sub down {
    my ($self) = @_;
    return unless $self->{pid};
    kill $self->stop_signal => $self->{pid};
    wait_for { !$self->alive } 30;
    $self->kill_hard;
    return;
}

# The signal by which an administrator ends it.
sub stop_signal { return 'TERM' }

# Ends it and starts it again.
sub restart {
    my ($self) = @_;
    $self->down;
    return $self->up;
}

# Runs a command of an administrator, who is patient: a server that has only
# just started, or that a busy machine keeps from greeting, is asked again. What
# has reached it is not said twice. Its output; dies when it fails.
sub administer {
    my ($self, @command) = @_;
    my ($code, $text);
    wait_for {
        ($code, $text) = run(@command);
        !$code || $text !~ $self->not_connected;
    } 60;
    croak join(' ', grep { !ref } @command) . ": exit $code\n$text" if $code;
    return $text;
}

# Holds the lock that DDL takes, in the database of that name; returns code that
# gives it back.
sub hold_lock {
    my ($self, $name) = @_;
    return hold_lock_by($self->lock, $self->unlock, $self->session($name));
}

# The same, of a program that reads SQL.
sub hold_lock_by {
    my ($lock, $unlock, @program) = @_;
    require IPC::Open2;
    my $pid = IPC::Open2::open2(my $from, my $to, @program);
    print $to $lock, "SELECT 'locked';\n";
    $to->flush;
    (readline($from) // '') =~ /locked/ or croak 'no lock';
    return sub {
        # What this process has forked meanwhile keeps the pipe open.
        print $to $unlock;
        close $to;
        waitpid $pid, 0;
        return;
    };
}

# -- the fixture's rows ------------------------------------------------------

# Each INSERT of the two tables: the table, the names and the values, as SQLite
# writes them.
sub each_row {
    my ($sql, $code) = @_;
    for my $line (split /\n/, $sql) {
        my ($table, $names, $values) =
            $line =~ /^INSERT INTO "(\w+)" \(([^)]*)\) VALUES\((.*)\);$/
            or next;
        next unless $table =~ /^django_ca_certificate(?:authority)?$/;
        my @values = $values =~
            /\G((?:X'[0-9A-F]*'|'(?:[^']|'')*'|[^',]+))(?:,\s*|$)/gi;
        my @names = $names =~ /"(\w+)"/g;
        croak "$table: " . @names . ' names, ' . @values . ' values'
            unless @names == @values;
        $code->($table, \@names, \@values);
    }
    return;
}

# The rows as this engine's INSERTs.
sub rows {
    my ($self, $sql) = @_;
    my $text = '';
    each_row($sql, sub {
        my ($table, $names, $values) = @_;
        my @mine = map { $self->value($names->[$_], $values->[$_]) }
            0 .. $#$names;
        $text .= "INSERT INTO $table (" . join(', ', @$names) . ') VALUES ('
            . join(', ', @mine) . ");\n";
    });
    return $text;
}

# The names of all columns that hold a truth value.
my %is_flag = map { $_ => 1 } qw(revoked autogenerated enabled acme_enabled
    acme_requires_contact acme_registration api_enabled);

# Whether a column of this name holds a truth value.
sub is_flag { return $is_flag{ $_[0] } }

# SQL that revokes a certificate of the fixture's, or no longer.
sub revocation {
    my ($self, $tag, $revoked) = @_;
    return $self->{name}
        ? T::Server::Source::revoke_sql($self->engine, $tag, $revoked)
        : "UPDATE django_ca_certificate SET revoked = $revoked, revoked_date ="
            . " '2024-01-01 00:00:00' WHERE serial = '"
            . cert($tag)->{serial_stored} . "';\n";
}

# What tests write for SQLite, in this engine's words.
sub translate {
    my ($self, $sql) = @_;
    $sql =~ s/\bPRAGMA [^;]*;//g;
    $sql =~ s{name FROM pragma_table_info\('(\w+)'\)}{column_name FROM
        information_schema.columns WHERE table_name = '$1' AND table_schema =
        @{[$self->schema]}}g;
    return $sql;
}

# A file for SQL that the server's user can read.
sub sql_file {
    my ($self, @text) = @_;
    my $file = sprintf '%s/%d-%d.sql', $self->{root}, $$, ++$self->{files};
    return spew($file, @text);
}

# -- the end -----------------------------------------------------------------

sub DESTROY {
    my ($self) = @_;
    local ($?, $@);
    $self->kill_hard if $$ == $owner;
    return;
}

END {
    if ($$ == $owner) {
        local $?;
        $_->kill_hard for grep { defined } @running;
    }
}

1;
