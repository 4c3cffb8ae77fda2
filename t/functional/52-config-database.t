# SPDX-License-Identifier: Apache-2.0
# httpd -t: the database, as the user httpd runs as will find it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use IPC::Open2;
use T::Server;

my $server = check_on(T::Server->new);
my $root   = ca('root');
my $plain  = location();

note 'what is in it';
accepted('the certificate by its serial',
    location(Cert => $root->{responder_serial}));
my $colons = join ':', ('0' x (length($root->{responder_serial}) % 2)
    . lc $root->{responder_serial}) =~ /../g;
accepted('the same with colons', location(Cert => $colons));
refused('a serial of no CA', 'OCSPResponderCA', qr/5EED/,
    location(CA => '5EED'));
refused('a name of no CA', 'OCSPResponderCA', qr/nobody/,
    location(CA => 'nobody'));
refused('a name that is SQL', 'OCSPResponderCA', qr/x' OR '1'='1/,
    location(CA => q("x' OR '1'='1")));
refused('a name of two CAs', 'OCSPResponderCA', qr/Intermediate CA/,
    location(CA => '"Intermediate CA"'));
accepted('a common name of one CA', location(CA => '"Root CA"'));
refused('a serial of no certificate', 'OCSPResponderCert', qr/5EED/,
    location(Cert => '5EED'));
refused('a serial of a certificate with another key', 'OCSPResponderCert',
    qr/key does not match the certificate/,
    location(Cert => cert('root-good-1')->{serial}));

note 'another database';
my $gone = "$server->{root}/db/gone.sqlite3";

# refused() with other lines for mod_dbd (0: without it), of which the one
# that is wrong is named, if it is there.
sub refused_with {
    my ($dbd, $name, $like) = @_;
    local $server->{dbd} = $dbd;
    refused($name, 'OCSPResponderCA OCSP\d{4}', $like, $plain);
    my $conf = slurp("$server->{root}/conf/httpd.conf");
    my ($directive) = grep { $conf =~ /^$_ /m } qw(DBDMax DBDParams);
    return unless $dbd && $directive;
    return like +($server->configtest)[1], at_directive($directive, 'Error'),
        "  at the line of $directive";
}

my $elsewhere = "DBDriver sqlite3\nDBDParams $gone\n";
refused_with($elsewhere, 'an SQLite file that is not there', qr/\Q$gone\E/);
ok !-e $gone, '  and is not created';
spew($gone, '');
refused_with($elsewhere, "a database that is not django-ca's",
    qr/django_ca_certificate/);
must('sqlite3', $gone, 'CREATE TABLE django_ca_certificate (id, serial);'
    . 'CREATE TABLE django_ca_certificateauthority (id, serial)');
refused_with($elsewhere, 'tables without their columns',
    qr/django_ca_certificate\w* has no column/);
spew($gone, "no database\n" x 100);
refused_with($elsewhere, 'a file that is no database', qr/not a database/);
unlink $gone;
mkdir $gone;
refused_with($elsewhere, 'a folder', qr/\Q$gone\E/);
refused_with("# nothing\n", 'no DBDriver', qr/DBDriver/);
refused_with("DBDriver sqlite3\n$_", 'case 66: no SQLite file',
    qr/DBDParams, which has to be the whole path/)
    for '', "DBDParams :memory:\n";
refused_with(0, 'no mod_dbd', qr/mod_dbd/);
SKIP: {
    skip 'not root, so httpd runs as the same user', 1 if $>;
    chown 0, 0, $server->{db};
    chmod 0600, $server->{db};
    refused_with(1, "a file that httpd's user may not read",
        qr/\Q$server->{db}\E.*\buser\b/);
    chmod 0644, $server->{db};
    my ($folder) = $server->{db} =~ m{^(.*)/};
    my ($uid, $gid) = (stat $folder)[4, 5];
    chown 0, 0, $folder;
    must('sqlite3', $server->{db}, 'PRAGMA journal_mode=WAL');
    refused_with(1, 'a write-ahead log in a folder that is read-only',
        qr/journal_mode=WAL .*write into the file's folder/);
    chown $uid, $gid, $folder;
    my $other = getpwnam 'nobody';
    for my $case ([$other, 0644, 1], [$other, 0666, 0], [$uid, 0644, 0],
        [0, 0644, 0]) {
        my ($owner, $mode, $told) = @$case;
        unlink glob "$server->{db}-*";
        chown $owner, $gid, $server->{db};
        chmod $mode, $server->{db};
        accepted(sprintf('a write-ahead log beside a file of user %d, %04o',
            $owner, $mode), $plain,
            $told && qr/Warning .*-wal .* nobody, may not write/);
    }
    my $has_names = qr/\Q$server->{db}\E has another name.* stays good/;
    link $server->{db}, "$folder/other" or die $!;
    accepted('a write-ahead log beside one name of two', $plain, $has_names);
    unlink "$folder/other";
    spew("$folder/other", '');
    if (!(run('mount', '--bind', $server->{db}, "$folder/other"))[0]) {
        local $server->{dbd} = $server->database_lines =~ s/db\.sqlite3/other/r;
        accepted('  of a file that is mounted', $plain,
            qr/other has another name/);
        run('umount', "$folder/other");
    }
    unlink "$folder/other", glob "$folder/*-wal $folder/*-shm";
    chown 0, 0, $server->{db};
    must('sqlite3', $server->{db}, 'PRAGMA journal_mode=DELETE');
    chmod 0644, $server->{db};
}

# A user who has a further group: its number, and that of both groups.
sub user_of_groups {
    setgrent;
    while (my ($further, $members) = (getgrent)[2, 3]) {
        for my $member (split / /, $members) {
            my ($uid, $gid) = (getpwnam $member)[2, 3];
            return ($uid, $gid, $further) if $uid && $gid != $further;
        }
    }
    return;
}

note 'what a child process may do';
SKIP: {
    my ($uid, $gid, $further) = $> ? () : user_of_groups();
    skip 'not root, or no user of several groups', 1 unless $uid;
    chown 0, $further, $server->{db};
    chmod 0640, $server->{db};
    accepted("a file that a group of the user's may read, who is a number",
        "User #$uid\nGroup #$gid\n$plain");
    chmod 0644, $server->{db};
}
SKIP: {
    skip 'not root, so there is no ChrootDir', 3 if $>;
    my $chroot = "ChrootDir $server->{root}\n";
    refused_with("$chroot$_", 'a file that is not below ChrootDir',
        qr/\Q$server->{db}\E does not exist/) for $server->database_lines;
    local $server->{dbd} = "${chroot}DBDriver sqlite3\n"
        . "DBDParams /db/db.sqlite3\n";
    accepted('a file below it', $plain);
}
{
    local $server->{dbd} =
        "DBDriver sqlite3\nDBDParams file:$server->{db}?mode=ro\n";
    accepted('an SQLite URI', $plain);
    for my $word (qw(immutable=1 nolock=1 cache=shared vfs=unix-none
        vfs=unix-dotfile)) {
        refused_with("DBDriver sqlite3\nDBDParams file:$server->{db}?$word\n",
            "an SQLite URI with $word", qr/ miss revocations/);
    }
    my $odd = "$server->{root}/db/100% #1?";
    symlink $server->{db}, $odd or die $!;
    (my $escaped = $odd) =~ s/([% #?])/sprintf '%%%02X', ord $1/ge;
    for my $end ('', '?mode=ro', '#here') {
        $server->{dbd} = "DBDriver sqlite3\nDBDParams file:$escaped$end\n";
        accepted("an SQLite URI with bytes as %XX $end", $plain);
    }
    $server->{dbd} = qq(DBDriver sqlite3\nDBDParams "file:$odd"\n);
    refused_with($server->{dbd}, 'one whose name ends before', qr/100%\s+does/);
}

{
    local $server->{dbd} = "DBDriver sqlite3\nDBDParams db/db.sqlite3\n";
    refused('case 66: a relative SQLite file', 'OCSPResponderCA DBDParams',
        qr/db\/db\.sqlite3.*whole path/, $plain);
    like +($server->configtest)[1], at_directive('DBDParams', 'Error'),
        '  which is told at its own line';
}
{
    local $server->{dbd} = "# none\n";
    my $host = "Listen 127.0.0.2:\@PORT\@\n<VirtualHost 127.0.0.2>\n"
        . "DBDriver sqlite3\nDBDParams $gone\n$plain</VirtualHost>\n";
    refused('a virtual host of its own', 'DBDParams', qr/\Q$gone\E/, $host);
}

note 'numbers that mod_dbd cannot work with';
refused_with("${elsewhere}DBDMax 1\n", 'DBDMax below DBDKeep', qr/DBDMax 1/);
refused('a table named like a directive', 'OCSPResponderSource', qr/DBDParams/,
    location(Source => 'sql "DBDParams 1"', CA => $root->{pem}));

note 'case 57: what times mean';
{
    my $serial = cert('root-revoked-keyCompromise')->{serial_stored};
    my $dated  = sub { $server->sql("UPDATE django_ca_certificate SET"
        . " revoked_date = $_[0] WHERE serial = '$serial'") };
    $dated->("datetime('now', '+1 hours')");
    accepted('a revocation in the future', $plain,
        qr/Warning .*certificate $serial is revoked in the future.*: set OCSP/);
    my $child = ca('inter')->{serial};
    my $revoke = sub { $server->sql("UPDATE django_ca_certificateauthority SET"
        . " revoked = $_[0], revoked_date = $_[1] WHERE serial = '$child'") };
    $revoke->(1, "datetime('now', '+1 hours')");
    accepted('  of a CA, too', $plain,
        qr/Warning .*certificate $child is revoked in the future/);
    $revoke->(0, 'NULL');
    accepted('  unless a zone may explain it',
        location(TimeZone => 'America/New_York'));
    $dated->("'2024-01-01 00:00:00'");
    accepted('  not so in the past', $plain);
    $server->sql('ALTER TABLE django_ca_certificate RENAME COLUMN updated'
        . ' TO gone');
    accepted('tables before 1.24, and no zone', $plain,
        qr/Warning .*OCSPResponderTimeZone is not set.*before 1\.24/);
    accepted('  with a zone', location(TimeZone => 'UTC'));
    $server->sql('ALTER TABLE django_ca_certificate RENAME COLUMN gone'
        . ' TO updated');
}

note 'a database that does not answer';
my $pid = open2(my $from, my $to, 'sqlite3', '-bail', '-cmd', '.timeout 30000',
    $server->{db});
print $to "BEGIN EXCLUSIVE;\n.print locked\n";
$to->flush;
like scalar <$from>, qr/locked/, 'a writer has an exclusive lock';
accepted('that only warns', $plain, at_directive('DBDParams', 'Warning'));
like +($server->configtest)[1], qr/this is for what stands on line 2 of /,
    '  and names the location';
print $to "COMMIT;\n.quit\n";
close $to;
waitpid $pid, 0;

note 'no process to look at it with';
my $no_fork = "$server->{root}/no_fork";
spew("$no_fork.c", "#include <errno.h>\nint fork(void);\n"
    . "int fork(void) { errno = EAGAIN; return -1; }\n");
must('cc', '-shared', '-fPIC', '-o', "$no_fork.so", "$no_fork.c");
{
    local $server->{env} = { LD_PRELOAD => "$no_fork.so" };
    accepted('that only warns', $plain,
        qr/^OCSP0108: Warning on line 2 of .*: no process can be started /m);
}

note 'what does not stop a start';
my $started = T::Server->new(conf => location(CA => 'nobody'));
$started->expect_log('OCSP0202')->start;
is $started->says('/ocsp/', 'root-good-1'), 'internalError',
    'a CA that is missing';

finish;
