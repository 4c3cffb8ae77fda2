# SPDX-License-Identifier: Apache-2.0
# A private httpd with the module and a database of its own, for one test file.
#
#   my $server = T::Server->new(conf => <<'CONF')->start;
#   <Location /ocsp/>
#       @responder root@
#   </Location>
#   CONF
#   is $server->get('/ocsp/', request_for('root-good-1'))->{says}, 'good';
#   finish;
#
# In conf, @responder TAG@ stands for the three directives of a CA of the
# fixture, @responder TAG: index FILE@ for the four where its statuses come from
# that source, @TAG.serial@ (name, pem, key, cert, ca_key, responder_serial) for
# what is known of it, @page status@ and @page health@ for those pages at
# /status and /health, open to everybody, @ROOT@, @DB@, @PORT@ and @FIXTURE@
# for what they say.
#
# ENGINE=pgsql or ENGINE=mysql gives each server a database there instead of an
# SQLite file: in the running one of ENGINE_ROOT and ENGINE_PORT, else in one
# that the test file starts. Tests write SQLite's SQL all the same. SOURCE gives
# it another source of statuses, with the same rows (T::Server::Source).
package T::Server;

use strict;
use warnings;
use Carp qw(croak);
use Exporter 'import';
use File::Temp ();
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep);

use T::OCSP::Client;
use T::Process;
use T::DER;
use T::Server::Database;
use T::Server::LateAnswer;
use T::Server::Log;
use T::Server::Source;
use T::Fixture;
use T::Process::Cleanup;
use T::Platform;
use T::OCSP;

our @EXPORT = (
    (grep { !/^(?:done_testing|\$TODO)$/ } @Test::More::EXPORT),
    @T::Process::EXPORT, @T::DER::EXPORT, @T::Fixture::EXPORT, @T::OCSP::EXPORT,
    @T::OCSP::Client::EXPORT, @T::Server::LateAnswer::EXPORT,
    qw(finish apxs has_module module_file top_dir build_dir parts user hurry
       takes_less wait_for within),
);

our @ISA =
    ('T::Server::LateAnswer', 'T::Server::Database', 'T::Server::Log');

my $owner = $$;
my @servers;
T::Platform::go_before_others(-5);

# -- its files ---------------------------------------------------------------

# Options: conf; modules (names without "mod_"); mpm; threads (one process has,
# but for prefork); db (0: no database file, else SQL run on the fixture's); dbd
# (0: no mod_dbd, or lines instead of the usual ones); load (0: without our
# module); loglevel; env.
sub new {
    my ($class, %o) = @_;
    my $root = File::Temp->newdir('responder-XXXXXX', TMPDIR => 1);
    my $self = bless {
        mpm => 'event', threads => 16, modules => [], conf => '',
        db_sql => $o{db}, dbd => 1, load => 1, loglevel => 'warn', env => {},
        %o, root => "$root", keep_root => $root, port => free_port(),
        db => "$root/db/db.sqlite3", expected => {},
    }, $class;
    chmod 0755, $self->{root};
    for (qw(conf db htdocs logs run san)) {
        mkdir "$self->{root}/$_", 0755 or croak $!;
    }
    chmod 0777, "$self->{root}/san";
    if (my (undef, undef, $uid, $gid) = user()) {
        chown $uid, $gid, "$self->{root}/db", "$self->{root}/run";
    }
    $self->make_database unless defined $o{db} && !$o{db};
    T::Server::Source::prepare($self) if $self->has_other_source;
    push @servers, $self;
    $self->write_conf;
    return $self;
}

# Fills in the placeholders of configuration.
sub expand {
    my ($self, $text) = @_;
    my %word = (ROOT => $self->{root}, PORT => $self->{port},
                DB => $self->{db}, FIXTURE => fixture_dir());
    $text =~ s{\@responder ([\w-]+)(?:: ([^\@\n]+))?\@}{
        my $ca = ca($1);
        my $of = $2 ? "OCSPResponderCA $ca->{pem}\n    OCSPResponderSource $2"
            : $self->asks_product ? T::Server::Source::responder_lines($1)
            : "OCSPResponderCA $ca->{serial}";
        "$of\n    OCSPResponderKey $ca->{key}\n"
            . "    OCSPResponderCert $ca->{cert}"
    }ge;
    $text =~ s{\@page (\w+)\@}{<Location "/$1">
    SetHandler ocsp-responder-$1
    Require all granted
</Location>}g;
    $text =~ s{\@([\w-]+)\.(\w+)\@}{ca($1)->{$2} // croak "no $2 of $1"}ge;
    $text =~ s{\@([A-Z]+)\@}{$word{$1} // croak "no \@$1\@"}ge;
    return $text;
}

# Whether statuses come from elsewhere than the tables that it has.
sub has_other_source {
    my ($self) = @_;
    return T::Server::Source::wanted() && -e $self->{db};
}

# Whether it asks a database of the test's own, which has a product's tables.
sub asks_product {
    my ($self) = @_;
    return T::Server::Source::wanted() && T::Server::Source::is_table()
        && !$self->has_other_source && $self->{dbd} =~ /^DBDParams/m;
}

sub load_lines {
    my ($self) = @_;
    my @modules = ("mpm_$self->{mpm}", qw(unixd log_config authz_core mime));
    push @modules, 'dbd' if $self->{dbd};
    my $lines = '';
    for my $module (@modules, @{ $self->{modules} }) {
        next if compiled_in($module);
        $lines .= sprintf "LoadModule %s_module %s/mod_%s.so\n",
            $module, apxs('LIBEXECDIR'), $module;
    }
    $lines .= 'LoadModule ocsp_responder_module ' . module_file() . "\n"
        if $self->{load};
    return $lines;
}

# Few processes and threads, so that a test knows whom it talks to.
sub mpm_lines {
    my ($self) = @_;
    my $threads = $self->{threads};
    return "StartServers 4\nMinSpareServers 2\nMaxSpareServers 16\n"
        . "MaxRequestWorkers 16\n" if $self->{mpm} eq 'prefork';
    return "StartServers 1\nThreadsPerChild $threads\nMinSpareThreads 1\n"
        . "MaxSpareThreads $threads\nMaxRequestWorkers $threads\n";
}

# The file whose lines the test gave, by which error messages are found.
sub conf_file { return "$_[0]{root}/conf/test.conf" }

# Writes its configuration, with new lines of the test where given.
sub write_conf {
    my ($self, $conf) = @_;
    $self->{conf} = $conf if defined $conf;
    my $r = $self->{root};
    my $text = $self->expand($self->{conf});
    if ($self->has_other_source) {
        $text = T::Server::Source::rewrite($self, $text);
        T::Server::Source::export($self);
    }
    $text = T::Server::Source::include() . $text if $self->asks_product;
    spew($self->conf_file, $text);
    my ($user, $group) = user();
    my $dbd = $self->{dbd} eq '1' ? $self->database_lines
        : $self->{dbd} ? $self->expand($self->{dbd}) : '';
    spew("$r/conf/httpd.conf", $self->load_lines, <<"CONF");
ServerRoot $r
ServerName localhost
Listen 127.0.0.1:$self->{port}
@{[$user ? "User $user\nGroup $group" : '']}
PidFile $r/run/httpd.pid
DefaultRuntimeDir $r/run
Mutex file:$r/run
LogLevel $self->{loglevel}
ErrorLog $r/logs/error_log
ErrorLogFormat "[%{u}t] [%-m:%l] [pid %P] %M"
CustomLog $r/logs/access_log "%h %>s %r"
TypesConfig /dev/null
DocumentRoot $r/htdocs
Timeout 10
KeepAliveTimeout 10
MaxKeepAliveRequests 0
@{[$self->mpm_lines]}
<Directory />
    AllowOverride None
    Require all denied
</Directory>
$dbd
Include $r/conf/test.conf
CONF
    return $self;
}

# -- starting and stopping ---------------------------------------------------

# The environment that it is run in.
sub environment {
    my ($self) = @_;
    my %env = %{ $self->{env} };
    if ($ENV{SAN_PRELOAD}) {
        my $log = "log_path=$self->{root}/san/report";
        $env{LD_PRELOAD} = join ' ', $ENV{SAN_PRELOAD}, $env{LD_PRELOAD} // ();
        $env{ASAN_OPTIONS} =
            join ':', $ENV{ASAN_OPTIONS} // 'detect_leaks=0', $log;
        $env{UBSAN_OPTIONS} =
            join ':', $ENV{UBSAN_OPTIONS} // 'print_stacktrace=1', $log;
        $env{TSAN_OPTIONS} = join ':', $ENV{TSAN_OPTIONS} // (), $log;
    }
    return \%env;
}

# The command line of httpd with these arguments.
sub command {
    my ($self, @arguments) = @_;
    return (httpd(), '-d', $self->{root}, '-f', "$self->{root}/conf/httpd.conf",
        @arguments);
}

# httpd -t: (exit code, what it prints). Run again where a busy machine has kept
# it from looking in time.
sub configtest {
    my ($self, @arguments) = @_;
    my ($code, $text);
    for (1 .. 5) {
        ($code, $text) =
            run($self->environment, $self->command('-t', @arguments));
        last unless T::Server::LateAnswer::is_late_test($text);
    }
    return ($code, $text);
}

sub launch {
    my ($self) = @_;
    $self->{pid} = background($self->environment, "$self->{root}/logs/stderr",
        $self->command('-D', 'FOREGROUND'));
    return;
}

sub is_up {
    my ($self) = @_;
    return -s "$self->{root}/run/httpd.pid" && $self->generations
        && IO::Socket::INET->new(
               PeerAddr => '127.0.0.1', PeerPort => $self->{port});
}

# Whether the process is there.
sub running {
    my ($self) = @_;
    return 0 unless $self->{pid};
    return 1 if waitpid($self->{pid}, WNOHANG) == 0;
    $self->{signal} = $? & 127;
    delete $self->{pid};
    return 0;
}

# Starts it and waits until it answers; false when it would not start.
sub try_start {
    my ($self) = @_;
    T::Process::Cleanup::watch($self->{root});
    unlink "$self->{root}/logs/error_log";
    $self->launch;
    my $up = wait_for { $self->is_up || !$self->running } 60;
    return 1 if $self->running && $up;
    $self->kill_all;
    return 0;
}

# Starts it; dies with its messages when it would not start.
sub start {
    my ($self) = @_;
    $self->try_start
        or croak "httpd did not start:\n" . $self->stderr . $self->error_log;
    return $self;
}

# Kills it and its children.
sub kill_all {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill KILL => -$pid, $pid;    # one that has only begun has no group yet
    waitpid $pid, 0;
    return;
}

# The event MPM crashes when it is told to stop while a child process is still
# making its threads; and so may a child that is told to end while it closes a
# connection, with our module or without. So threads and connections come first.
sub let_settle {
    my ($self) = @_;
    my $needed = $self->{mpm} eq 'prefork' ? 1 : $self->{threads} + 1;
    my $seen = '';
    wait_for {
        my @threads = map { threads_of($_) } $self->children;
        my $same = $seen eq "@threads" && grep { $_ >= $needed } @threads;
        $seen = "@threads";
        $same;
    } 3;
    # No cheap way tells that a connection is closed: /proc/net/tcp has all that
    # the machine has seen for a minute.
    sleep 0.2;
    return;
}

# How many threads a process has; many where there is no /proc to tell.
sub threads_of {
    my ($pid) = @_;
    my $status = eval { slurp("/proc/$pid/status") } // '';
    return $status =~ /^Threads:\s+(\d+)/m ? $1 : 1_000;
}

# Stops it as an administrator does, and tests that it went.
sub stop {
    my ($self) = @_;
    my $pid = $self->{pid};
    if ($pid) {
        $self->let_settle;
        # What a process of the module's own finds out, it may log later; of
        # rows that another source cannot have, it never logs anything.
        my @must = grep { $self->{expected}{$_} eq 'must' }
            keys %{ $self->{expected} };
        wait_for { my $log = $self->error_log; !grep { $log !~ /$_/ } @must }
            $self->{source} ? 0.1 : 30 if $self->running;
        kill TERM => $pid;
        wait_for { !$self->running } 60;
        ok !$self->{pid}, 'httpd stops when told to';
        $self->kill_all;
        kill KILL => -$pid;    # a child that outlived its parent
    }
    unlink "$self->{root}/run/httpd.pid";
    return $self;
}

# How often it has made its children: at the start, and at each restart.
sub generations {
    my ($self) = @_;
    return scalar(() = $self->error_log =~ /resuming normal operations/g);
}

# A graceful restart; true when the new generation is there.
sub graceful {
    my ($self) = @_;
    my $before = $self->generations;
    $self->let_settle;
    kill USR1 => $self->{pid};
    wait_for { $self->generations > $before || !$self->running } 60;
    return $self->generations > $before;
}

# The sockets that its port is listened at, as /proc names them. Those that are
# listened at come first there; behind them are all connections of the machine,
# also those of a minute ago, which take long to read.
sub listeners {
    my ($self) = @_;
    my $known = \($self->{listeners}{"$self->{pid} $self->{port}"});
    return %$$known if $$known;
    my $port = sprintf '%04X', $self->{port};
    my %found;
    open my $table, '<', '/proc/net/tcp' or croak "/proc/net/tcp: $!";
    while (defined(my $line = <$table>)) {
        my ($at, $state, $inode) = $line =~
            /^\s*\d+: \w+:(\w+) \w+:\w+ (\w+) (?:\S+\s+){5}(\d+)/ or next;
        last if $state ne '0A';
        $found{"socket:[$inode]"} = 1 if $at eq $port;
    }
    $$known = \%found if %found;
    return %found;
}

# The child processes that hold the sockets at which its port is listened at.
sub listening {
    my ($self) = @_;
    my %listener = $self->listeners;
    return grep {
        grep { $listener{ readlink($_) // '' } } glob "/proc/$_/fd/*"
    } children_of($self->{pid});
}

# Those that answer requests, by pid: those that listen. The module has others,
# which look after tokens and certificates: what has one thread may be one that
# has just begun and will listen no more, or one that has not made its threads.
sub children {
    my ($self) = @_;
    my @found;
    wait_for {
        @found = $self->listening;
        $self->{mpm} eq 'prefork' || !grep { threads_of($_) == 1 } @found;
    } 10;
    return @found;
}

# Tests that something took less than so many seconds, or than a machine as busy
# as this one needs for it; how busy it is takes time to find out.
sub takes_less {
    my ($took, $seconds, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $seconds = within($seconds) if $took >= $seconds;
    return cmp_ok $took, '<', $seconds, $name;
}

# -- the end -----------------------------------------------------------------

# Ends a test file: stops every server, checks its logs, closes the plan.
sub finish {
    for my $server (@servers) {
        $server->stop;
        $server->check_logs;
    }
    @servers = ();
    return Test::More::done_testing();
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $@);
    $self->kill_all if $$ == $owner;
    return;
}

END {
    if ($$ == $owner) {
        local $?;
        $_->kill_all for grep { defined } @servers;
    }
}

$SIG{$_} = sub { exit 130 } for qw(INT TERM HUP);

1;
