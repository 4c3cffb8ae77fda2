# SPDX-License-Identifier: Apache-2.0
# One fault is a few lines a minute, however many rows, processes and requests
# it concerns; and each line says where.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my @rows = grep { /^root-(?:good|revoked)-/ } cert_tags();
my $server = T::Server->new(mpm => 'prefork', conf => <<'CONF')->start;
<VirtualHost *:@PORT@>
    ServerName ca.example
    <Location "/ocsp/">
        @responder root@
    </Location>
</VirtualHost>
CONF
$server->expect_log('OCSP0302');
$server->sql('UPDATE django_ca_certificate SET revoked=1,'
    . " revoked_date='2024-01-01 00:00:00', revoked_reason='dog ate it'"
    . ' WHERE serial IN ('
    . join(', ', map { "'" . cert($_)->{serial} . "'" } @rows) . ')');
cmp_ok scalar @rows, '>', 10, 'there are enough odd rows';

sub ask_all {
    return join ' ', map {
        $server->get('/ocsp/', request_for($_), host => 'ca.example')->{says}
    } (@rows) x 8;
}
sub lines { return grep { /OCSP0302:/ } $server->alarms }

note 'case 65: many rows, many processes';
cmp_ok scalar $server->children, '>', 1, 'several processes';
is ask_all(), join(' ', ('revoked') x (8 * @rows)), 'each is answered';
cmp_ok scalar(lines()), '>=', 1, 'the log tells';
cmp_ok $server->most_in_a_minute(qr/OCSP0302:/), '<=', 10, 'at most ten times';
is scalar(grep { !m{\(ca\.example:\d+, /ocsp/\)$} } lines()), 0,
    'each line names virtual host and location';

note 'a graceful restart';
ok $server->graceful, 'is done';
ask_all();
cmp_ok $server->most_in_a_minute(qr/OCSP0302:/), '<=', 10,
    'which tells it no more often';

finish;
