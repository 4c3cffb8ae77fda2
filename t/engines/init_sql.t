# SPDX-License-Identifier: Apache-2.0
# A connection on which DBDInitSQL is never answered, as behind a pooler that
# has hung: it is given up, and does not keep the place of those that work.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;

ask_once;

my $conf = <<'CONF';
<OCSPResponderTable mine>
    From      certs
    Serial    serial HEX even
    CA        any
    Status    state V=good R=revoked
    RevokedAt at seconds
</OCSPResponderTable>
<Location "/ocsp/">
    @responder root: sql mine@
</Location>
CONF

# What sleeps for as long as the table says, whatever the server's limit is:
# MariaDB's is set later.
my %init = (
    pgsql => ['SET statement_timeout = 0', 'SELECT pg_sleep(a) FROM sleeps'],
    mysql => ['SELECT SLEEP(a) FROM sleeps'],
);

sub test_engine {
    my ($engine) = @_;
    my $init = $init{$engine} // return;
    my $db   = T::Database->start($engine);
    T::Product::create($db, $engine, 'mine', <<'SQL');
CREATE TABLE certs (serial VARCHAR(9), state VARCHAR(9), at BIGINT);
CREATE TABLE sleeps (a INT);
INSERT INTO certs VALUES ('01', 'V', NULL);
INSERT INTO sleeps VALUES (1000);
SQL
    my $server = T::Server->new(db => 0, conf => $conf, dbd =>
        $db->lines(name => 'mine', more => join '', "DBDMax 1\nDBDKeep 1\n",
            map { qq{DBDInitSQL "$_"\n} } @$init));
    $server->allow_log('OCSP0203')->start;
    my $says = sub { $server->post('/ocsp/',
        ocsp_request([certid('root', '01')]))->{says} };
    is $says->(), 'tryLater', "$engine: DBDInitSQL does not end";
    $db->sql('UPDATE sleeps SET a = 0', 'mine');
    wait_for { $says->() eq 'good' } 10;
    is $says->(), 'good', '  and with the next connection it does';
    $server->stop;
    return;
}

T::Database::each_engine(\&test_engine);

finish;
