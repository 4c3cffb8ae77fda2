# SPDX-License-Identifier: Apache-2.0
# Case 27: what DBDInitSQL begins is no transaction that shows each query what
# the first one saw: a commit is seen by the next request. (MariaDB's ways to
# such a transaction are in autocommit.t.) And where it fails, nothing is asked.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Fixture;
use T::Server;

note 'case 27';
hurry();
my %begins = (sqlite3 => ['BEGIN'], mysql => ['START TRANSACTION'],
    pgsql => ['BEGIN', 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ']);

T::Database::each_engine(sub {
    my ($engine) = @_;
    my $db = T::Database->start($engine);
    must('sqlite3', $db->file, 'PRAGMA journal_mode=wal')
        unless $db->is_server;
    my $server = T::Server->new(db => 0, dbd => $db->lines(more =>
        join '', map { qq(DBDInitSQL "$_"\n) } @{ $begins{$engine} }),
        conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF
    my $says = sub { join ' ',
        map { $server->says('/ocsp/', 'root-good-1') } 1 .. 6 };
    is $says->(), join(' ', ('good') x 6), "$engine: good";
    $db->sql($db->translate($db->revocation('root-good-1', 1)));
    is $says->(), join(' ', ('revoked') x 6), '  a commit shows';
    $server->stop;
    $db->down if $db->is_server;
}, 2);

note 'a command that fails, of those that lead to other tables';
T::Database::each_engine(sub {
    my ($engine) = @_;
    my $db = T::Database->start($engine);
    my $server = T::Server->new(db => 0, dbd => $db->lines(more =>
        qq(DBDInitSQL "UPDATE nowhere SET n = 0"\n)), conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
CONF
    like +($server->configtest)[1], qr/DBDInitSQL failed .*nowhere/,
        "$engine: httpd -t tells";
    $server->allow_log(qw(OCSP0201))->start;
    is join(' ', map { $server->says('/ocsp/', 'root-good-1') } 1 .. 3),
        join(' ', ('tryLater') x 3), '  and nothing is answered';
    $server->stop;
    $db->down if $db->is_server;
}, 2);

note 'one that fails for a moment';
SKIP: {
    my $why_not = grep({ $_ eq 'sqlite3' } T::Database::engines())
        ? T::Database::why_not('sqlite3') : 'not of ENGINES';
    skip "sqlite3: $why_not", 1 if $why_not;
    my $there = T::Database->start('sqlite3');
    my $file  = $there->file;
    my $server = T::Server->new(conf => <<"CONF")->start;
DBDInitSQL "ATTACH DATABASE '$file' AS there"
DBDInitSQL "CREATE TEMP VIEW django_ca_certificate AS \\
    SELECT * FROM there.django_ca_certificate"
<Location "/ocsp/">
    \@responder root\@
</Location>
CONF
    $server->allow_log('OCSP0201');
    my $unlock = T::Database::hold_lock_by("BEGIN EXCLUSIVE;\n",
        "COMMIT;\n.quit\n", 'sqlite3', '-bail', $file);
    is $server->says('/ocsp/', 'root-good-1'), 'tryLater', 'a lock';
    $unlock->();
    my $said;
    wait_for { ($said = $server->says('/ocsp/', 'root-good-1')) eq 'good' } 5;
    is $said, 'good', '  is forgotten when it has gone';
}
finish;
