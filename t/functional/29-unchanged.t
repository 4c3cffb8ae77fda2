# SPDX-License-Identifier: Apache-2.0
# Every way in which SQLite's file can change is noticed by the next request.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy qw(copy);
use IPC::Open2 qw(open2);
use T::Server;

ask_once;

my $server = T::Server->new(conf => <<'CONF')->start;
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

# Runs SQL on a file once nobody reads it, as the module may when nobody asks.
sub run_sql {
    my ($sql, $in) = @_;
    return must('sqlite3', '-cmd', '.timeout 30000', $in // $file, $sql);
}

sub revoke {
    my ($revoked, $in) = @_;
    return run_sql('UPDATE django_ca_certificate SET'
        . " revoked=$revoked, revoked_date='2024-01-01 00:00:00'"
        . " WHERE serial='$serial'", $in);
}

# Runs code between two questions; what the second is answered.
sub after {
    my ($code) = @_;
    says();
    $code->();
    return says();
}

note 'a commit';
is after(sub { revoke(1) }), 'revoked', 'of a revocation';
is after(sub { }), 'revoked', 'revoked';
is after(sub { run_sql('CREATE TABLE other (x)') }),
    'revoked', 'of something else';
my %time;
for my $at ('/ocsp/', '/vienna/', '/ocsp/', '/vienna/') {
    my $answer = $server->get($at, request_for('root-good-1'));
    push @{ $time{$at} }, $answer->{single}{revoked_text};
}
is_deeply \%time, { '/ocsp/' => [('20240101000000Z') x 2],
    '/vienna/' => [('20231231230000Z') x 2] },
    'the same row means another time elsewhere';
is after(sub { revoke(0) }), 'good', 'of a release';

note 'a transaction';
my $pid = open2(my $from, my $to, 'sqlite3', '-bail', '-cmd', '.timeout 30000',
    $file);
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
is after(sub { }), 'good', 'nor one that is taken back';
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
like says(), qr/^(?:good|tryLater)$/, 'what it wrote does not show';
run_sql('SELECT count(*) FROM django_ca_certificate');
wait_for { says() ne 'tryLater' } 5;
is says(), 'good', 'once somebody has cleared up';
$server->allow_log('OCSP0203');

note 'another file';
copy($file, "$file.new") or die $!;
chmod 0644, "$file.new";
run_sql('UPDATE django_ca_certificate SET cn = upper(cn)');
revoke(1, "$file.new");
my @head = map { open my $in, '<:raw', $_ or die $!; read $in, my $head, 96;
    $head } $file, "$file.new";
is unpack('H*', $head[0]), unpack('H*', $head[1]),
    'two files that begin alike';
is after(sub { rename "$file.new", $file or die $! }), 'revoked',
    'one in the place of the other';

note 'a write-ahead log';
run_sql('PRAGMA journal_mode=WAL');
is after(sub { }), 'revoked', 'every status is read';
is after(sub { revoke(0) }), 'good', 'what is in the log shows';
run_sql('PRAGMA wal_checkpoint(TRUNCATE)');
is after(sub { }), 'good', 'and what was';

finish;
