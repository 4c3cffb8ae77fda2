# SPDX-License-Identifier: Apache-2.0
# Case 27: what DBDInitSQL begins is no transaction that shows each query what
# the first one saw: a commit is seen by the next request. (MariaDB's ways to
# such a transaction are in autocommit.t.)
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
finish;
