# SPDX-License-Identifier: Apache-2.0
# MariaDB's library and MySQL's have functions of the same names, and another
# module may have brought in the other one: no function is given what another
# library has made, and a text that cannot be escaped is not asked for.
use strict;
use warnings;
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;

ask_once;

my $why_not = grep({ $_ eq 'mysql' } T::Database::engines())
    ? T::Database::why_not('mysql') : 'not of ENGINES';
plan skip_all => "mysql: $why_not" if $why_not;

my $work = File::Temp->newdir('libraries-XXXXXX', TMPDIR => 1);
chmod 0755, $work;
must('cc', '-shared', '-fPIC', '-o', "$work/foreign.so",
    top_dir() . '/t/lib/foreign_mysql.c', '-ldl');

my $db = T::Database->start('mysql');
T::Product::create($db, 'mysql', 'revoked', <<'SQL');
CREATE TABLE revoked (ca VARCHAR(9), serial VARCHAR(40), at BIGINT);
INSERT INTO revoked VALUES ('mine', '0A', 1700000000);
SQL

sub begin {
    my (%env) = @_;
    return T::Server->new(db => 0, dbd => $db->lines(name => 'revoked'),
        env => { LD_PRELOAD => "$work/foreign.so", %env },
        conf => <<'CONF')->start;
<OCSPResponderTable revoked>
    From      revoked
    Serial    serial HEX even
    CA        ca argument
    Status    at *=revoked
    RevokedAt at seconds
    Absent    good
</OCSPResponderTable>
<Location "/ocsp/">
    @responder root: sql revoked mine@
</Location>
CONF
}

sub says {
    my ($server) = @_;
    return join ' ', map { $server->post('/ocsp/', ocsp_request([certid('root',
        $_)]))->{says} } '0A', '0B';
}

my $server = begin();
is +($server->configtest)[1], "Syntax OK\n", 'httpd -t';
is says($server), 'revoked good', 'one is revoked';
$server->stop;

$server = begin(CANNOT_ESCAPE => 1)->allow_log('OCSP0204');
is says($server), 'internalError internalError',
    'nothing is good that could not be asked for';
$server->stop;
finish;
