# SPDX-License-Identifier: Apache-2.0
# make soak: revocations, releases and removals are committed under load, with
# outages of the database, graceful restarts and new keys in between, on every
# engine, journal mode and MPM; and every answer was true at some instant
# between its request and its end.
#
#   SOAK_SECONDS=7200 make soak     for so long (300), all together
#   SOAK_CLIENTS=16                 so many at a time (8)
#   SOAK_ONLY='pgsql event'         those whose name matches, alone
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use File::Copy qw(copy);
use Time::HiRes qw(sleep time);
use T::Database;
use T::Fault qw(:DEFAULT :servers);
use T::PKI;
use T::Server;

ask_once;

use Answers;
use Commits;
use History;

my $SECONDS = $ENV{SOAK_SECONDS} || 300;
my $CLIENTS = $ENV{SOAK_CLIENTS} || 8;
my $ONLY    = $ENV{SOAK_ONLY} // '';
my @TAGS    = qw(ec-good-1 ec-auto-1 ec-auto-2 ec-revoked-1);

# What an answer may say that says nothing of a status: while a database is
# away, or httpd restarts.
my %harmless = map { $_ => 1 } 'tryLater', 'no answer', 'not connected';

# A second pair of the CA's, so that there is one to change to.
my $ec  = ca('ec');
my $key = make_key('p256');
my @pairs = ([$ec->{key}, $ec->{cert}],
    [$key, make_cert(key => $key, cn => 'second',
        extensions => ['extendedKeyUsage=OCSPSigning'],
        issuer => { pem => $ec->{pem}, key => $ec->{ca_key} })]);

# -- what happens meanwhile ----------------------------------------------------

# A new key, and then its certificate: until both are there the old pair signs.
sub rotate {
    my ($server, $n) = @_;
    my ($key, $cert) = @{ $pairs[$n % 2] };
    copy($key,  "$server->{root}/conf/responder.key") or die $!;
    copy($cert, "$server->{root}/conf/responder.pem") or die $!;
    return;
}

sub lock_sqlite {
    my ($db) = @_;
    run('sqlite3', '-bail', '-cmd', '.timeout 5000', $db->file,
        'BEGIN EXCLUSIVE', '.shell sleep 0.7', 'COMMIT');
    return;
}

# What may happen to a database, by engine.
sub disturbances {
    my ($db) = @_;
    return (
        sub { lock_sqlite($db) },
        sub { run('sqlite3', '-cmd', '.timeout 5000', $db->file, 'VACUUM') },
        sub { run('sqlite3', '-cmd', '.timeout 5000', $db->file,
            'PRAGMA wal_checkpoint(TRUNCATE)') },
    ) unless $db->is_server;
    return (
        sub { $db->cut },
        sub { for_seconds(1.2, sub { $db->freeze }, sub { $db->thaw }) },
        sub { $db->restart; durable($db) },
        sub { $db->cut },
        sub { $db->kill_hard; $db->up; durable($db) },
    );
}

# What MariaDB acknowledges is to outlast its end; the tests' others need not.
sub durable {
    my ($db) = @_;
    $db->sql('SET GLOBAL innodb_flush_log_at_trx_commit = 2')
        if $db->engine eq 'mysql';
    return;
}

sub disturb {
    my ($db, $server, $until) = @_;
    my @ways = disturbances($db);
    my $n = 0;
    while (time < $until) {
        sleep 1.2;
        rotate($server, $n) if $n % 2;
        $server->graceful   if $n % 3 == 2;
        $ways[$n % @ways]->();
        $n++;
    }
    return $n;
}

# -- one round -----------------------------------------------------------------

sub begin_server {
    my ($db, $mpm) = @_;
    my $shmcb = has_module('socache_shmcb');
    my $server = T::Server->new(mpm => $mpm, db => 0, dbd => $db->lines,
        modules => [$shmcb ? 'socache_shmcb' : ()],
        conf => ($mpm eq 'prefork' ? "StartServers 8\n" : '')
            . ($shmcb
                ? "OCSPResponderCache shmcb:\@ROOT\@/run/cache(512000)\n" : '')
            . <<'CONF')->allow_log(OUTAGE_LOG, qw(AH00161 OCSP0503 OCSP0205));
<Location "/ocsp/">
    OCSPResponderCA @ec.serial@
    OCSPResponderKey @ROOT@/conf/responder.key
    OCSPResponderCert @ROOT@/conf/responder.pem
</Location>
CONF
    rotate($server, 0);
    chmod 0644, glob "$server->{root}/conf/responder.*";
    return $server->start;
}

sub judge {
    my ($name, $answers, $log, $happened) = @_;
    my $history = History->new('good');
    my ($committed, $answered) = (0, 0);
    open my $in, '<', $log or die "$log: $!";
    while (<$in>) {
        chomp;
        $history->wrote(split /\t/, $_, 4);
        $committed++;
    }
    my %told;
    my $words = $answers->each_answer(sub {
        $history->read(@_);
        $answered++;
        $told{ $_[3] =~ /^(\w+)/ ? $1 : '' }++;
    });
    my @faults = $history->faults;
    my @odd = map { "$_ ($words->{$_})" } grep { !$harmless{$_} }
        sort keys %$words;
    my $later = $words->{tryLater} // 0;
    is join("\n", splice @faults, 0, 20), '', "$name: no answer is untrue";
    is "@odd", '', '  and none is of another kind';
    cmp_ok $told{$_} // 0, '>', 0, "  some are $_" for qw(good revoked unknown);
    diag sprintf '%-24s %8d answers %6d later %6d commits %3d disturbances',
        $name, $answered, $later, $committed, $happened;
    return ($answered, scalar @faults);
}

sub soak {
    my ($name, $db, $mpm, $seconds) = @_;
    $db->sql($db->translate('UPDATE django_ca_certificate SET revoked=0'));
    my $server = begin_server($db, $mpm);
    my $log    = "$server->{root}/commits";
    wait_for { $server->says('/ocsp/', $TAGS[0]) eq 'good' } 30;
    my $commits = Commits->begin($db, \@TAGS, $log);
    my $answers = Answers->begin($server, \@TAGS, "$server->{root}/logs",
        $CLIENTS);
    my $happened = disturb($db, $server, time + $seconds);
    $answers->end;
    $commits->end;
    $server->stop;
    return judge($name, $answers, $log, $happened);
}

# -- all of them ---------------------------------------------------------------

my @mpms = grep { has_module("mpm_$_") } qw(prefork worker event);
my @rounds;
for my $engine (T::Database::engines()) {
    if (my $why_not = T::Database::why_not($engine)) {
        diag "no $engine: $why_not";
        next;
    }
    for my $mode ($engine eq 'sqlite3' ? qw(delete wal) : '') {
        push @rounds, map { [join(' ', grep { $_ } $engine, $mode, $_),
            $engine, $mode, $_] } @mpms;
    }
}
@rounds = grep { $_->[0] =~ /$ONLY/ } @rounds;

my ($all, $wrong) = (0, 0);
for my $round (@rounds) {
    my ($name, $engine, $mode, $mpm) = @$round;
    my $db = T::Database->start($engine);
    must('sqlite3', $db->file, "PRAGMA journal_mode=$mode") if $mode;
    durable($db);
    my ($answered, $untrue) = soak($name, $db, $mpm, $SECONDS / @rounds);
    $db->down if $db->is_server;
    $all   += $answered;
    $wrong += $untrue;
}
diag "soak: $all answers, $wrong wrong";
finish;
