# SPDX-License-Identifier: Apache-2.0
# SQLite: a file that is locked, replaced, moved away or changed, with requests
# running.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use File::Copy qw(copy move);
use IPC::Open2;
use T::Fault;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;
hurry();

my $why_not = T::Database::why_not('sqlite3');
plan skip_all => $why_not if $why_not;

my $db     = T::Database->start('sqlite3');
my $file   = $db->file;
my $server = T::Server->new(db => 0, dbd => $db->lines(more => "DBDMax 4\n"),
    conf => outage_conf())->allow_log(qw(OCSP0201 OCSP0203))->start;
my @figures;

# What was seen while the code ran. Connections that no thread has given back
# for a quarter of a second are taken for stuck; where a busy machine may have
# been as slow, what is to be smooth is tried again.
sub seen_while {
    my ($code, %o) = @_;
    my $seen;
    for (1 .. 5) {
        my $stream = T::Fault->begin($server);
        my $back = $code->();
        wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 4;
        $seen = $stream->end($back);
        last unless $o{smooth} && $seen->{later} && $seen->{late} > 0.25;
    }
    return $seen;
}

sub fault {
    my ($name, $code, %o) = @_;
    my @children = $server->children;
    my $before = resources($server);
    my $seen   = seen_while($code, %o);
    my $after  = resources($server);
    subtest $name => sub {
        is $seen->{wrong},  0, 'no wrong answer' or diag $seen->{text};
        is $seen->{failed}, 0, 'nothing but right answers and tryLater'
            or diag $seen->{text};
        is $seen->{later}, 0, 'not even that' if $o{smooth};
        in_time($seen, 0);
        is $seen->{other_wrong}, 0, "another host's answers are right";
        is_deeply [$server->children], \@children, 'by the same processes';
        cmp_ok $after->{descriptors}, '<=', $before->{descriptors} + 6,
            'no descriptor lost';
        # Each of the connections may come to hold the whole file.
        cmp_ok $after->{kilobytes}, '<=',
            $before->{kilobytes} + 3_000 + 4 * (-s $file) / 1024,
            'no memory lost';
    };
    push @figures, sprintf '%-34s %6d %6d %5d %6d %7.2f %8.2f %7.3f %4d %4d',
        $name, @$seen{qw(right later wrong failed heals slowest
        other_slowest)}, $before->{descriptors}, $after->{descriptors};
    return;
}

# A copy of the database in which root-good-1 is revoked or not, as a backup.
sub backup {
    my ($revoked) = @_;
    my $copy = "$db->{root}/backup";
    copy($file, $copy) or die $!;
    my (undef, undef, $uid, $gid) = user();
    chown $uid, $gid, $copy if $uid;
    must('sqlite3', '-bail', $copy, '.read '
        . scratch_file($db->revocation('root-good-1', $revoked)));
    return $copy;
}

sub lock_for {
    my ($kind, $seconds) = @_;
    my $pid = open2(my $from, my $to, 'sqlite3', '-bail', $file);
    print $to ".timeout 30000\nBEGIN $kind;\n.print locked\n";
    $to->flush;
    die "no lock\n" unless (readline($from) // '') =~ /locked/;
    sleep $seconds;
    print $to "COMMIT;\n.quit\n";
    close $to;
    waitpid $pid, 0;
    return time;
}

T::Fault->begin($server, clients => 30)->end(time);
fault('nothing happens', sub { sleep 0.5; time }, smooth => 1);
fault('a writer at work', sub { lock_for('IMMEDIATE', 1) }, smooth => 1);
fault('locked by a writer', sub { lock_for('EXCLUSIVE', 3) });
fault('DDL and VACUUM', sub {
    for my $n (1 .. 4) {
        my $alter = 'ALTER TABLE ' . $db->table;
        $db->sql("$alter ADD COLUMN extra_$n integer");
        $db->sql('VACUUM');
        $db->sql("$alter DROP COLUMN extra_$n");
    }
    time });
fault('replaced by a backup', sub {
    for (1 .. 5) { move(backup(0), $file); sleep 0.2 }
    time }, smooth => 1);
fault('moved away for a second', sub {
    move($file, "$file.away");
    sleep 1;
    move("$file.away", $file);
    time });
fault('written anew where it was', sub {
    copy($file, "$file.copy");
    open my $truncate, '>', $file;
    sleep 0.5;
    copy("$file.copy", $file);
    time });

note 'what the new file says is what is answered';
move(backup(1), $file);
is $server->says('/ocsp/', 'root-good-1'), 'revoked', 'the very next answer';
my $says = '';
$says .= $server->says('/ocsp/', 'root-good-1') for 1 .. 20;
is $says, 'revoked' x 20, 'by every connection';
move(backup(0), $file);
is $server->says('/ocsp/', 'root-good-1'), 'good', 'and back';

note "another module's prepared statement moves along";
SKIP: {
    skip 'no mod_authn_dbd', 3 unless has_module('authn_dbd');
    my $shared = T::Server->new(db => 0,
        modules => [qw(authn_core authn_dbd authz_user auth_basic)],
        dbd => $db->lines(more => "DBDMax 1\nDBDKeep 1\n"),
        conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/file">
    AuthType Basic
    AuthName here
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT name FROM sqlite_master WHERE name = %s"
    Require valid-user
</Location>
CONF
    my $denied = sub { $shared->request('GET', '/file',
        headers => ['Authorization: Basic cm9vdDpyb290'])->{status} };
    is $denied->(), 401, 'a password is looked up';
    move(backup(0), $file);
    is $shared->says('/ocsp/', 'root-good-1'), 'good', 'the file is replaced';
    is $denied->(), 401, 'a password is looked up again';
    $shared->allow_log(qw(AH01617 AH01618))->stop;
}

diag sprintf '%-34s %6s %6s %5s %6s %7s %8s %7s %s', '', qw(right later wrong
    failed heals slowest other), 'descriptors';
diag $_ for @figures;
finish;
