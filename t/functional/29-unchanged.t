# SPDX-License-Identifier: Apache-2.0
# A status that was read is not read again while SQLite's file has not changed,
# and every way in which it can change is noticed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy qw(copy);
use IPC::Open2 qw(open2);
use T::Server;

my $server = T::Server->new(loglevel => 'warn ocsp_responder:trace4',
    conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/vienna/">
    @responder root@
    OCSPResponderTimeZone Europe/Vienna
</Location>
CONF
my $file   = $server->{db};
my $serial = cert('root-good-1')->{serial_stored};

sub says { return $server->says($_[0] // '/ocsp/', 'root-good-1') }

sub revoke {
    my ($revoked, $in) = @_;
    return must('sqlite3', $in // $file, 'UPDATE django_ca_certificate SET'
        . " revoked=$revoked, revoked_date='2024-01-01 00:00:00'"
        . " WHERE serial='$serial'");
}

sub asked { return scalar(() = $server->error_log =~ /asks: SELECT 'leaf'/g) }

# Runs code between two questions; what the second is answered, and whether the
# database was asked for it.
sub after {
    my ($code) = @_;
    says();
    my $before = asked();
    $code->();
    my $says = says();
    return $says . (asked() > $before ? ', read' : ', remembered');
}

note 'nothing happens';
is after(sub { }), 'good, remembered', 'good';
is after(sub { must('sqlite3', $file, 'SELECT 1') }), 'good, remembered',
    'a reader';
is $server->says('/ocsp/', 'root-good-2'), 'good', 'another certificate';
is after(sub { }), 'good, remembered', 'does not displace it';
my $before = asked();
my $unknown = ocsp_request([certid('root', '5EED')]);
is $server->get('/ocsp/', $unknown)->{says}, 'unknown', 'unknown' for 1 .. 2;
is asked(), $before + 2, '  is looked for each time';

note 'a commit';
is after(sub { revoke(1) }), 'revoked, read', 'of a revocation';
is after(sub { }), 'revoked, remembered', 'revoked';
is after(sub { must('sqlite3', $file, 'CREATE TABLE other (x)') }),
    'revoked, read', 'of something else';
my %time;
for my $at ('/ocsp/', '/vienna/', '/ocsp/', '/vienna/') {
    my $answer = $server->get($at, request_for('root-good-1'));
    push @{ $time{$at} }, $answer->{single}{revoked_text};
}
is_deeply \%time, { '/ocsp/' => [('20240101000000Z') x 2],
    '/vienna/' => [('20231231230000Z') x 2] },
    'the same row means another time elsewhere';
is after(sub { revoke(0) }), 'good, read', 'of a release';

note 'a transaction';
my $pid = open2(my $from, my $to, 'sqlite3', '-bail', $file);
sub in_writer {
    my ($sql) = @_;
    print $to "$sql;\n.print done\n";
    $to->flush;
    like scalar <$from>, qr/done/, $sql;
    return;
}
in_writer('BEGIN IMMEDIATE');
in_writer("UPDATE django_ca_certificate SET revoked=1 WHERE serial='$serial'");
is says(), 'good', 'that has not ended shows nothing';
in_writer('ROLLBACK');
is after(sub { }), 'good, remembered', 'nor one that is taken back';
in_writer('BEGIN EXCLUSIVE');
is says(), 'tryLater', 'a writer with an exclusive lock: tryLater';
in_writer("UPDATE django_ca_certificate SET revoked=1 WHERE serial='$serial'");
in_writer('COMMIT');
wait_for { says() ne 'tryLater' } 5;
is says(), 'revoked', 'what it wrote shows';
$server->expect_log('OCSP0203');

note 'a writer that dies in the middle';
revoke(0);
is says(), 'good', 'good before';
in_writer('PRAGMA cache_size=1');
in_writer('BEGIN');
in_writer('UPDATE django_ca_certificate SET revoked=1');
in_writer('UPDATE django_ca_certificateauthority SET revoked=1');
put_down($pid);
ok -s "$file-journal", 'its journal is left behind';
isnt says(), 'revoked', 'what it wrote does not show';
must('sqlite3', $file, 'SELECT count(*) FROM django_ca_certificate');
wait_for { says() ne 'tryLater' } 5;
is says(), 'good', 'once somebody has cleared up';
$server->allow_log('OCSP0203');

note 'another file';
copy($file, "$file.new") or die $!;
chmod 0644, "$file.new";
must('sqlite3', $file, 'UPDATE django_ca_certificate SET cn = upper(cn)');
revoke(1, "$file.new");
my @head = map { open my $in, '<:raw', $_ or die $!; read $in, my $head, 96;
    $head } $file, "$file.new";
is unpack('H*', $head[0]), unpack('H*', $head[1]),
    'two files that begin alike';
is after(sub { rename "$file.new", $file or die $! }), 'revoked, read',
    'one in the place of the other';

note 'a write-ahead log';
must('sqlite3', $file, 'PRAGMA journal_mode=WAL');
is after(sub { }), 'revoked, read', 'every status is read';
is after(sub { revoke(0) }), 'good, read', 'what is in the log shows';
must('sqlite3', $file, 'PRAGMA wal_checkpoint(TRUNCATE)');
is after(sub { }), 'good, read', 'and what was';

finish;
