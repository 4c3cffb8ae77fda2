# SPDX-License-Identifier: Apache-2.0
# Case 44: a query that would take SQLite minutes, as it has no index to go by,
# keeps no thread for longer than a request may take.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
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

sub says_at {
    my ($path) = @_;
    return $server->post($path, ocsp_request([certid('ec', '600D')]))->{says};
}

my $began = time;
is says_at('/slow/'), 'tryLater', 'a query that does not end';
takes_less time - $began, 3, '  is given up within seconds';
ok wait_for(sub { says_at('/quick/') eq 'good' }, 5),
    'another of the same file is answered after that';
finish;
