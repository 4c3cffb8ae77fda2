# SPDX-License-Identifier: Apache-2.0
# Case 59: which database is behind the name of SQLite's file. Whatever changes
# that, the very next answer is the new one's.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Fixture;
use T::HTTP;
use T::Load;
use T::Platform;
use T::Process;
use File::Copy qw(copy);
use IPC::Open2 ();
use T::Server;
use Time::HiRes qw(sleep);

my $why_not = T::Database::why_not('sqlite3');
plan skip_all => $why_not if $why_not;
note 'case 59';

my $db     = T::Database->start('sqlite3');
my $root   = $db->{root};
my @mounted;
my %env;    # of the servers

# A folder of that name for the databases.
sub folder {
    my ($name) = @_;
    mkdir "$root/$name" or die "$name: $!";
    return "$root/$name";
}

# Lets httpd's user at a file.
sub hand_over {
    my ($file) = @_;
    my (undef, undef, $uid, $gid) = user();
    chown $uid, $gid, $file if $uid;
    return $file;
}

# A copy of the database at $to in which root-good-1 is revoked or not. One that
# is revoked is like the other in all that a file's head tells.
sub database {
    my ($to, $revoked) = @_;
    copy($db->file, $to) or die "$to: $!";
    must('sqlite3', '-bail', $to, '.read '
        . scratch_file($db->revocation('root-good-1', $revoked)));
    return hand_over($to);
}

# One for that file, not started; with more lines, and more of mod_dbd's.
sub server_for {
    my ($file, $more, $dbd) = @_;
    return T::Server->new(db => 0, env => {%env},
        dbd => "DBDriver sqlite3\nDBDParams $file\nDBDMin 1\nDBDMax 4\n"
            . ($dbd // ''),
        conf => <<'CONF' . ($more // ''));
<Location "/ocsp/">
    @responder root@
</Location>
CONF
}

# A server for that file; all its connections have been of use.
sub server {
    my $server = server_for(@_)->start;
    is says($server, 10), 'good', 'good before';
    return $server;
}

# What so many requests are answered, each answer once.
sub says {
    my ($server, $count) = @_;
    my %says;
    $says{ $server->says('/ocsp/', 'root-good-1') }++ for 1 .. $count;
    return join ' ', sort keys %says;
}

# The change makes it revoked.
sub changes {
    my ($name, $file, $change) = @_;
    note $name;
    my $server = server($file);
    $change->();
    is says($server, 10), 'revoked', "$name: the next answers are the new one's";
    $server->stop;
    return;
}

my $one = database("$root/one", 0);
my $two = database("$root/two", 1);

symlink $one, "$root/link";
changes('a link to the file is switched', "$root/link", sub {
    symlink $two, "$root/link.new";
    rename "$root/link.new", "$root/link" or die $! });

database(folder('old') . '/db', 0);
database(folder('new') . '/db', 1);
symlink 'old', "$root/current";
changes('a link to its folder is switched', "$root/current/db", sub {
    symlink 'new', "$root/current.new";
    rename "$root/current.new", "$root/current" or die $! });

# Replaces a file twice, which may bring back the first one's inode.
sub vacuum_into {
    my ($file) = @_;
    for (1 .. 2) {
        unlink "$root/into";
        must('sqlite3', $two, "VACUUM INTO '$root/into'");
        hand_over("$root/into");
        rename "$root/into", $file or die $!;
    }
    return;
}

database("$root/vacuumed", 0);
changes('VACUUM INTO and mv', "$root/vacuumed",
    sub { vacuum_into("$root/vacuumed") });

database("$root/shared", 0);
must('cc', '-shared', '-fPIC', '-o', "$root/share.so",
    top_dir() . '/t/lib/share_sqlite.c', '-ldl');
%env = (LD_PRELOAD => "$root/share.so");
changes('the same where modules share a cache', "$root/shared",
    sub { vacuum_into("$root/shared") });
%env = ();

database("$root/written", 0);
changes('overwritten in place', "$root/written", sub {
    system "cat '$two' >'$root/written'" and die 'cat' });

# As the manual has it.
my $logged = hand_over(folder('logged')) . '/db';
database($logged, 0);
must('sqlite3', $logged, 'PRAGMA journal_mode=WAL');
changes('restored beside its write-ahead log', $logged,
    sub { must('sqlite3', $logged, ".restore '$two'") });

# Its log and the log's index are deleted, which SQLite's manual warns of: there
# are others as soon as somebody writes. To close the old ones must not delete
# these, with what has been revoked since. While one of the old connections is in
# use, none is opened.
my $deleted = hand_over(folder('deleted')) . '/db';
database($deleted, 0);
must('sqlite3', $deleted, 'PRAGMA journal_mode=WAL');
sub revoke_beside {
    my ($tag) = @_;
    unlink "$deleted-wal", "$deleted-shm" or die $!;
    must('sqlite3', '-bail', $deleted,
        '.read ' . scratch_file($db->revocation($tag, 1)));
    return;
}
my $reads = server($deleted)->allow_log('OCSP0203');
revoke_beside('root-good-1');
unlike says($reads, 10), qr/good/, 'its write-ahead log is deleted';
wait_for { says($reads, 1) eq 'revoked' };
is says($reads, 10), 'revoked', '  and what is revoked is so';
revoke_beside('root-good-2');
$reads->stop;
my $later = server_for($deleted)->start;
is $later->says('/ocsp/', 'root-good-2'), 'revoked',
    '  as what is revoked before httpd ends';
$later->stop;

# So it is where the first that a connection was asked was an error.
my $odd = server_for($deleted, <<'CONF')->start;
<OCSPResponderTable odd>
    From      absent
    Serial    serial HEX even
    CA        any
    Status    state V=good R=revoked
    RevokedAt at seconds
</OCSPResponderTable>
<Location "/odd/">
    @responder root: sql odd@
</Location>
CONF
is $odd->says('/odd/', 'root-good-1'), 'internalError', 'there is no table';
is says($odd, 1), 'good', '  but the others, whose log is deleted';
revoke_beside('root-good-1');
wait_for { says($odd, 1) eq 'revoked' };
is says($odd, 10), 'revoked', '  and what is revoked is so';
$odd->allow_log(qw(OCSP0203 OCSP0204))->stop;

# Those of a virtual host with other settings, that nobody asks, are in no way.
database($deleted, 0);
must('sqlite3', $deleted, 'PRAGMA journal_mode=WAL');
my $hosts = server_for($deleted, join '', map { <<"CONF" } 2, 3);
<VirtualHost *:\@PORT\@>
    ServerName of$_
    DBDMax $_
</VirtualHost>
CONF
$hosts->allow_log('OCSP0203')->start;
is $hosts->post('/ocsp/', request_for('root-good-1'), host => "of$_")->{says},
    'good', "a virtual host with DBDMax $_" for 2, 3;
revoke_beside('root-good-1');
my $of2 = sub { $hosts->post('/ocsp/', request_for('root-good-1'),
    host => 'of2')->{says} };
wait_for { $of2->() eq 'revoked' } 10;
is $of2->(), 'revoked', '  is not in the way of another';
$hosts->stop;

# SQLite itself deletes both as the last connection ends, while others begin.
my $brief = server_for($deleted, "OCSPResponderCache none\n",
    "DBDPersist Off\n")->start;
my %says;
load($brief->{port}, 4, map { {
    bytes => T::HTTP::bytes('POST', '/ocsp/',
        body => request_for('root-revoked-keyCompromise'),
        headers => ['Connection: close']),
    check => sub {
        $says{eval { read_response($_[0])->{singles}[0]{status} } // $@}++;
        return '';
    },
} } 1 .. 400);
is join(' ', keys %says), 'revoked', 'deleted by SQLite, all are answered';
$brief->stop;

SKIP: {
    skip 'not root: httpd may write what is ours', 6 if $>;
    mkdir "$root/ours" or die $!;
    my $file = "$root/ours/db";
    copy($db->file, $file) or die $!;
    chmod 0755, "$root/ours", $file;
    my $server = server($file)->allow_log('OCSP0203');
    my $pid = IPC::Open2::open2(my $from, my $to, 'sqlite3', '-bail', $file);
    # While httpd reads, nothing is written before it has to be.
    print $to ".timeout 10000\nPRAGMA cache_size = 1;\nBEGIN IMMEDIATE;\n"
        . "CREATE TABLE more (text TEXT);\nINSERT INTO more"
        . " WITH RECURSIVE counted (i) AS"
        . " (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < 1000)"
        . " SELECT hex(randomblob(500)) FROM counted;\nSELECT 'written';\n";
    $to->flush;
    is readline $from, "written\n", 'a writer has begun';
    kill KILL => $pid;
    waitpid $pid, 0;
    is says($server, 3), 'tryLater', '  and died in its transaction';
    like $server->error_log, qr/whoever may write the file has to open it/,
        '  which is told';
    must('sqlite3', $file, 'SELECT count(*) FROM sqlite_master');
    wait_for { says($server, 1) ne 'tryLater' };
    is says($server, 3), 'good', '  until it is undone';
    $server->stop;
}

# Two files of one size and one head: SQLite's own counter tells nothing.
database("$root/alike", 0);
changes('overwritten in place, with the times of before', "$root/alike", sub {
    my @times = (stat "$root/alike")[8, 9];
    system "cat '$two' >'$root/alike'" and die 'cat';
    utime @times, "$root/alike" });

# It is opened once for each connection, though its times are ahead.
my $opened = hand_over(folder('opened'));
database("$root/ahead", 0);
utime time + 86_400, time + 86_400, "$root/ahead";
sleep 0.1;
my $ahead = server(qq{"$root/ahead"\nDBDInitSQL "VACUUM INTO '$opened/'}
    . q{ || hex(randomblob(8))"});
cmp_ok scalar(() = glob "$opened/*"), '<', 10, 'a file from the future is kept open';
is says($ahead, 1), 'good', '  and asked';
system "cat '$two' >'$root/ahead'" and die 'cat';
is says($ahead, 10), 'revoked', '  until it is overwritten';
$ahead->stop;

SKIP: {
    skip 'a product\'s tables are not the ones that are attached', 8
        if $ENV{SOURCE};
    my $tells = hand_over(folder('attaching'));
    my $attach = qq{"$root/main"\nDBDInitSQL "ATTACH DATABASE}
        . qq{ '$root/attached' AS there"};
    my $view = qq{\nDBDInitSQL "CREATE TEMP VIEW django_ca_certificate AS}
        . q{ SELECT * FROM there.django_ca_certificate"};
    database("$root/main", 0);
    database("$root/attached.$_", $_) for 0, 1;
    symlink "$root/attached.0", "$root/attached";
    my $leads = server($attach . $view);
    symlink "$root/attached.1", "$root/attached.new";
    rename "$root/attached.new", "$root/attached" or die $!;
    is says($leads, 10), 'revoked', 'a link to one that is attached is changed';
    database("$root/attached.new", 0);
    rename "$root/attached.new", "$root/attached.1" or die $!;
    is says($leads, 10), 'good', 'a file that is attached is replaced';
    $leads->stop;

    # A connection tells that it is being made, and goes on for a while.
    my $slow = server(qq{$attach\nDBDInitSQL "VACUUM INTO '$tells/'}
        . q{ || hex(randomblob(8))"} . qq{\nDBDInitSQL "WITH RECURSIVE n(i) AS}
        . q{ (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)}
        . qq{ SELECT count(*) FROM n"$view});
    unlink glob "$tells/*";
    database("$root/attached.$_", $_ eq 'bad' ? 1 : 0) for qw(new bad);
    rename "$root/attached.new", "$root/attached.1" or die $!;
    my $client = $slow->client;
    $client->send_bytes(T::HTTP::bytes('POST', '/ocsp/',
        body => request_for('root-good-1'),
        headers => ['Content-Type: application/ocsp-request']));
    wait_for { () = glob "$tells/*" } 5;
    rename "$root/attached.bad", "$root/attached.1" or die $!;
    $client->response;
    is says($slow, 10), 'revoked', '  right after it was opened';
    $slow->stop;

    my $blind = server_for($attach =~ s{'(\S+)'}{'file:$1?immutable=1'}r)
        ->expect_log('OCSP0201')->start;
    is says($blind, 1), 'tryLater', 'none is attached so that changes are missed';
    $blind->stop;
}

sub mount_memory {
    my ($folder) = @_;
    push @mounted, $folder;
    return !(run('mount', '-t', 'tmpfs', 'none', $folder))[0];
}

SKIP: {
    skip 'not root: nothing can be mounted', 2 if $>;
    my @folders = map { folder("volume$_") } 0, 1;
    skip 'nothing can be mounted here', 2
        unless 2 == grep { mount_memory($_) } @folders;
    my @files = map { database("$folders[$_]/db", $_) } 0, 1;
    symlink $files[0], "$root/volume";
  SKIP: {
        skip 'the volumes number their files in other ways', 2
            if (stat $files[0])[1] != (stat $files[1])[1];
        changes('a file of the same number on another volume', "$root/volume",
            sub {
                symlink $files[1], "$root/volume.new";
                rename "$root/volume.new", "$root/volume" or die $! });
    }
    changes('a volume mounted over it', $files[0], sub {
        mount_memory($folders[0]) or die 'mount';
        database($files[0], 1) });
}

END {
    my $status = $?;
    system 'umount', '-l', $_ for reverse @mounted;
    $? = $status;
}
finish;
