# SPDX-License-Identifier: Apache-2.0
# PostgreSQL's row-level security: a row that it leaves out does not make a
# revoked certificate good, or one that was never issued.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Database::PgBouncer;
use T::Product;
use T::Server;

ask_once;

my $why_not = T::Database::why_not('pgsql');
plan skip_all => $why_not if $why_not;
plan skip_all => 'pgsql: not of ENGINES'
    unless grep { $_ eq 'pgsql' } T::Database::engines();

my $conf = <<'CONF';
<OCSPResponderTable mine>
    From      certs c LEFT JOIN revoked r ON r.serial = c.serial
    Serial    c.serial HEX even
    CA        any
    Status    r.serial NULL=good *=revoked
    RevokedAt r.at seconds
</OCSPResponderTable>
<Location "/ocsp/">
    @responder root: sql mine@
</Location>
CONF

my $db = T::Database->start('pgsql');
T::Product::create($db, 'pgsql', 'mine', <<'SQL');
CREATE TABLE certs (serial TEXT);
CREATE TABLE revoked (serial TEXT, at BIGINT);
INSERT INTO certs VALUES ('0A'), ('0B');
INSERT INTO revoked VALUES ('0A', 1700000000);
SQL

# Of a server with these of DBDParams' options.
sub begin {
    return T::Server->new(db => 0, dbd => $db->lines(name => 'mine', @_),
        conf => $conf)->allow_log('OCSP0204')->start;
}

sub says {
    my ($server) = @_;
    return join ' ', map { $server->post('/ocsp/', ocsp_request([certid('root',
        $_)]))->{says} } '0A', '0B';
}

my $server = begin();
is says($server), 'revoked good', 'one is revoked';
$db->sql('ALTER TABLE revoked ENABLE ROW LEVEL SECURITY', 'mine');
is says($server), 'internalError internalError', 'its row is left out';
my ($code, $text) = $server->configtest;
isnt $code, 0, '  httpd -t';
like $text, qr/table mine: .*row-level security.*"revoked"/, '  says why';

# It says nothing of a setting that it drops.
for my $mode (T::Database::PgBouncer->program ? qw(session transaction) : ()) {
    my $pooler = T::Database::PgBouncer->new($db, lines => <<"LINES")->begin;
pool_mode = $mode
ignore_startup_parameters = options
LINES
    my $through = begin(port => $pooler->{port});
    is says($through), 'internalError internalError',
        "  through a pooler that ignores options, in $mode mode";
    $through->stop;
    $pooler->end;
}

$db->sql('ALTER ROLE ocsp BYPASSRLS', 'mine');
is says($server), 'revoked good', 'the user is shown it all the same';
$db->sql('ALTER ROLE ocsp NOBYPASSRLS', 'mine');
$db->sql('CREATE POLICY all_rows ON revoked USING (true)', 'mine');
is says(begin(more => qq{DBDInitSQL "SET row_security = on"\n})),
    'revoked good',
    'or by a policy, which DBDInitSQL has it follow';

note 'django-ca\'s tables';
$server = T::Server->new(db => 0, dbd => $db->lines, conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF
$server->allow_log('OCSP0203');
my $revoked = sub { $server->says('/ocsp/', 'root-revoked-keyCompromise') };
is $revoked->(), 'revoked', 'one is revoked';
$db->sql('ALTER TABLE django_ca_certificate ENABLE ROW LEVEL SECURITY');
is $revoked->(), 'tryLater', '  and is not unknown when its row is left out';

finish;
