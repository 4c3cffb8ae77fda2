# SPDX-License-Identifier: Apache-2.0
# Case 44: a query that would take SQLite minutes, as it has no index to go by,
# keeps no thread for longer than a request may take, and no other query of the
# same file from being answered.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::HTTP;
use T::Load;
use T::Server;
use Time::HiRes qw(time);

note 'case 44';
# Of ten to the twelfth rows none is asked for.
my $server = T::Server->new(db => <<'SQL', conf => <<'CONF')
CREATE TABLE certs (serial TEXT, state TEXT, revoked_at TEXT);
INSERT INTO certs VALUES ('600D', 'V', NULL);
CREATE TABLE many (n INTEGER);
INSERT INTO many WITH RECURSIVE n(i) AS
    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i FROM n;
SQL
<OCSPResponderTable slow>
    From certs, (SELECT count(*) FROM many a, many b, many c \
                 WHERE a.n + b.n + c.n < 0)
    Serial serial HEX even
    CA any
    Status state V=good R=revoked
    RevokedAt revoked_at datetime
</OCSPResponderTable>
<OCSPResponderTable quick>
    From certs
    Serial serial HEX even
    CA any
    Status state V=good R=revoked
    RevokedAt revoked_at datetime
</OCSPResponderTable>
<Location "/slow/">
    OCSPResponderCA @ec.pem@
    OCSPResponderKey @ec.key@
    OCSPResponderCert @ec.cert@
    OCSPResponderSource sql slow
</Location>
<Location "/quick/">
    OCSPResponderCA @ec.pem@
    OCSPResponderKey @ec.key@
    OCSPResponderCert @ec.cert@
    OCSPResponderSource sql quick
</Location>
CONF
    ->allow_log('OCSP0203')->start;

my $der   = ocsp_request([certid('ec', '600D')]);
my $quick = T::HTTP::bytes('POST', '/quick/', body => $der,
    headers => ['Connection: close', 'Content-Type: application/ocsp-request']);
is $server->post('/quick/', $der)->{says}, 'good', 'a query that is quick';

my $end_load = begin_load($server, $quick,
    sub { $_[0]{says} eq 'good' ? '' : $_[0]{says} });
for (1 .. 3) {
    my $began = time;
    is $server->post('/slow/', $der)->{says}, 'tryLater',
        'a query that does not end';
    takes_less time - $began, 3, '  is given up within seconds';
}
my ($sent, @wrong) = $end_load->();
cmp_ok $sent, '>', 3, "$sent quick ones of the same file meanwhile";
is "@wrong", '', '  are all answered';
finish;
