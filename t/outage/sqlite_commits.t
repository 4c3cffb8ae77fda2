# SPDX-License-Identifier: Apache-2.0
# SQLite with a writer that commits every few milliseconds: a lock is waited for
# within the request's own time, and is no outage.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use T::Database;
use T::Fixture;
use T::Platform;
use T::Process;
use T::Server;

my $why_not = T::Database::why_not('sqlite3');
plan skip_all => $why_not if $why_not;

hurry();
my $db   = T::Database->start('sqlite3');
my $file = $db->file;

# A process that commits again and again; $stop ends it.
my $stop = "$db->{root}/stop";
sub writer {
    my $commits = "$db->{root}/commits";
    # What is waited for is the lock, and not the disk of a busy machine.
    my $serial = cert('root-good-2')->{serial};
    spew($commits, map { "$_\n" } '.timeout 30000',
        'PRAGMA synchronous = OFF;', map { ('BEGIN EXCLUSIVE;',
            "UPDATE django_ca_certificate SET cn = 'commit $_'"
            . " WHERE serial = '$serial';",
            '.shell sleep 0.003', 'COMMIT;', '.shell sleep 0.002') } 1 .. 50);
    unlink $stop;
    my $parent = $$;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    until (-e $stop || getppid != $parent) {
        system "sqlite3 -bail '$file' <'$commits' >/dev/null 2>&1";
    }
    POSIX::_exit(0);
}

for my $mode (qw(delete wal)) {
    must('sqlite3', $file, "PRAGMA journal_mode=$mode");
    for my $mpm (grep { has_module("mpm_$_") } qw(prefork event)) {
        my $server = T::Server->new(mpm => $mpm, db => 0, dbd => $db->lines,
            conf => ($mpm eq 'prefork' ? "StartServers 8\n" : '')
                . <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF
        my $pid = writer();
        my $cn = sub { $db->sql('SELECT cn FROM django_ca_certificate WHERE'
            . " serial = '" . cert('root-good-2')->{serial} . "'") };
        ok((wait_for { $cn->() =~ /commit/ } 10), "$mode: a writer commits");
        my %says;
        # Children that are asked for the first time, too.
        for my $round (1 .. 2) {
            $says{ $server->says('/ocsp/', 'root-good-1') }++ for 1 .. 30;
            $server->graceful;
        }
        is join(' ', sort keys %says), 'good',
            "  $mpm: no answer is wrong or late";
        spew($stop, '');
        waitpid $pid, 0;
        $server->stop;
    }
}
finish;
