# SPDX-License-Identifier: Apache-2.0
# The connections to PostgreSQL and MariaDB: no more than DBDMax, each used by
# one request at a time, none lost, and nobody else's.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64;
use POSIX ();
use T::HTTP;
use T::Database;
use T::Load;
use T::OCSP;
use T::Server;
use Time::HiRes qw(time);

ask_once;
hurry();

my $db;

# Its first answer may come late on a busy machine, as all is new to it.
sub server {
    my (%o) = @_;
    my $dbd = $db->lines(more => $o{dbd}, params => $o{params});
    my $server = T::Server->new(db => 0, dbd => $dbd, modules => $o{modules},
        $o{threads} ? (threads => $o{threads}, mpm => 'event') : (),
        conf => <<'CONF' . ($o{conf} // ''))->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF
    $server->allow_log('OCSP0201');
    wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' };
    return $server;
}

# The pid of a process that runs code.
sub in_process {
    my ($code) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    eval { $code->() };
    POSIX::_exit(0);
}

# What so many requests, one after the other, are answered.
sub in_a_row {
    my ($server, $count) = @_;
    my %says;
    $says{ $server->says('/ocsp/', 'root-good-1') }++ for 1 .. $count;
    return join ',', map { "$_ $says{$_}" } sort keys %says;
}

# What is wrong with the answers to 200 requests of so many clients at a time.
sub at_a_time {
    my ($server, $clients, %o) = @_;
    my %der = (good => request_for('root-good-1'),
        revoked => request_for('root-revoked-keyCompromise'));
    my @jobs = map { my $says = $_; {
        bytes => T::HTTP::bytes('POST', '/ocsp/', body => $der{$says},
            headers => ['Connection: close']),
        check  => sub {
            my $got = eval { read_response($_[0])->{singles}[0]{status} } // $@;
            $got eq $says ? '' : "$got, not $says" },
    } } map { qw(good revoked) } 1 .. 100;
    push @jobs, ({ bytes => $o{other}, check => sub { '' } }) x 200
        if $o{other};
    return join '; ', load($server->{port}, $clients, @jobs);
}

# How many there are comes to be no more than so many; what looks after
# certificates has one of its own for a moment.
sub no_more_than {
    my ($most) = @_;
    return wait_for { $db->connections <= $most } 3;
}

# The next request may come before a connection is given back, on a busy machine:
# one server of a few has no more than it needs.
sub check_count {
    my ($server, $one_each);
    for (1 .. 4) {
        $server->stop if $server;
        $server = server(dbd => "DBDMax 4\n");
        is in_a_row($server, 20), 'good 20', "$db->{engine}: in a row";
        $one_each = no_more_than(scalar $server->children);
        last if $one_each;
    }
    ok $one_each, '  over one connection each';
    is at_a_time($server, 12), '', 'many at a time, all are right';
    ok no_more_than(4 * $server->children),
        '  over no more than DBDMax connections';
    return $server;
}

# The next answer is right when connections have ended between two requests.
sub check_healing {
    my ($server) = @_;
    for my $event (['connections cut', sub { $db->cut }],
                   ['a restart', sub { $db->restart }]) {
        my ($name, $do) = @$event;
        at_a_time($server, 8);
        $do->();
        is in_a_row($server, 1), 'good 1', "$name: the next answer is right";
        is at_a_time($server, 8), '', '  and all that follow';
    }
    return;
}

sub check_frozen {
    my ($server) = @_;
    $db->freeze;
    my $since = time;
    is $server->says('/ocsp/', 'root-good-1'), 'tryLater', 'frozen: tryLater';
    takes_less time - $since, 2, '  in time';
    $db->thaw;
    ok((wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 3),
        '  and right again');
    is at_a_time($server, 8), '', '  for all';
    ok no_more_than(4 * $server->children), '  none is lost';
    $server->expect_log('OCSP0203')->stop;
    return;
}

# Connections are kept as mod_dbd was told.
sub check_kept {
    my ($name, $lines, $kept) = @_;
    my $server = server(dbd => $lines);
    is in_a_row($server, 5), 'good 5', "$name: all are right";
    my $left = wait_for { $db->connections == $kept ? 'as told' : undef } 5;
    is $left, 'as told', "  $kept kept";
    $server->stop;
    return;
}

# A longer time to connect than anything takes.
sub check_patient {
    my $server = server(params => 'connect_timeout=60');
    is in_a_row($server, 1), 'good 1', 'with a minute to connect in';
    $server->stop;
    return;
}

# Another module has all of mod_dbd's connections, and its queries hang.
sub check_shared {
    my @need = qw(auth_basic authn_core authn_dbd authz_user);
    my @missing = grep { !has_module($_) } @need;
  SKIP: {
    skip "no mod_$missing[0]", 3 if @missing;
    note 'case 62: a pool shared with another module that hangs';
    my $server = server(modules => \@need, dbd => "DBDMax 1\nDBDKeep 1\n",
        conf => <<"CONF");
<Location "/private/">
    AuthType Basic
    AuthName "private"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT @{[$db->sleeping(4)]} FROM \\
(SELECT 'somebody' AS who) AS people WHERE who = %s"
    Require valid-user
</Location>
CONF
    my $basic = encode_base64('somebody:x', '');
    my @private = map { in_process(sub { $server->request('GET', '/private/',
        headers => ["Authorization: Basic $basic", 'Connection: close']) }) }
        1 .. 2;
    ok((wait_for { $db->asleep } 5), 'a password is looked up, for long');
    my $since = time;
    is in_a_row($server, 3), 'good 3', '  OCSP answers are right';
    takes_less time - $since, 2, '  and come at once';
    ok $db->asleep, '  while it still hangs';
    waitpid $_, 0 for @private;
    $server->allow_log(qw(AH00045 AH01617 AH01618 AH01656))->stop;
  }
    return;
}

# Each look-up takes a tenth of a second.
sub slow_down {
    my ($table, $name) = ($db->table, $db->name);
    my $user = $db->engine eq 'mysql' ? q(ocsp@'127.0.0.1') : 'ocsp';
    $db->sql("ALTER TABLE $table RENAME TO hidden", $name);
    $db->sql("CREATE VIEW $table AS SELECT hidden.* FROM hidden, (SELECT "
        . $db->sleeping(0.1) . ' AS pause LIMIT 1) AS slow'
        . ' WHERE slow.pause IS NOT NULL', $name);
    $db->sql("GRANT SELECT ON $table TO $user", $name);
    return;
}

# More ask at once than can be served in time. Some are told to try again later,
# at once, and those who come next are served: it is there, after all.
sub check_overloaded {
    my $server = server(dbd => "DBDMax 2\n", threads => 64)
        ->allow_log('OCSP0203');
    slow_down();
    my @clients = map { my $client = $server->client;
        $client->send_bytes(T::HTTP::bytes('POST', '/ocsp/',
            body => request_for('root-good-1'), headers =>
            ['Connection: close'])); $client } 1 .. 40;
    my %says;
    $says{ read_answer($_->response('POST'))->{says} }++ for @clients;
    cmp_ok $says{good} // 0, '>=', 10, 'overloaded: some are right';
    cmp_ok $says{tryLater} // 0, '>=', 10, '  others are told so';
    is $says{good} + $says{tryLater}, 40, '  and nothing else';
    is in_a_row($server, 1), 'good 1', '  the next one is right';
    $server->stop;
    return;
}

for my $engine (grep { $_ ne 'sqlite3' } T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    $db = T::Database->start($engine);
    my $server = check_count();
    check_healing($server);
    check_patient() if $engine eq 'pgsql';
    check_frozen($server);
    check_kept('DBDPersist Off', "DBDPersist Off\n", 0);
    check_kept('DBDKeep 1', "DBDKeep 1\n", 1);
    check_shared();
    check_overloaded();
    $db->down;
  }
}
finish;
