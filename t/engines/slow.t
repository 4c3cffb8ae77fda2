# SPDX-License-Identifier: Apache-2.0
# Case 44: a query that would take minutes, as it has no index to go by, keeps no
# thread for longer than a request may take, and no other query of the same
# database from being answered.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::HTTP;
use T::Load;
use T::Server;
use Time::HiRes qw(sleep time);

note 'case 44';
hurry();

# A row that comes late.
my %late = (
    sqlite3 => 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)'
        . ' SELECT count(*) FROM n',
    pgsql => 'SELECT pg_sleep(20)',
    mysql => 'SELECT SLEEP(20)',
);
# How an administrator has the server give up on a query.
my %limit = (
    pgsql => q(DBDInitSQL "SET statement_timeout = '300ms'") . "\n"
        . q(DBDInitSQL "SET lock_timeout = '200ms'") . "\n",
    mysql => qq(DBDInitSQL "SET lock_wait_timeout = 1"\n),
);
my %grant = (
    pgsql => 'GRANT SELECT ON certs TO ocsp',
    mysql => q(GRANT SELECT ON certs TO 'ocsp'@'127.0.0.1'),
);

sub location {
    my ($name, $from) = @_;
    return <<"CONF";
<OCSPResponderTable $name>
    From $from
    Serial serial HEX even
    CA any
    Status state V=good R=revoked
    RevokedAt revoked_at datetime
</OCSPResponderTable>
<Location "/$name/">
    OCSPResponderCA \@ec.pem@
    OCSPResponderKey \@ec.key@
    OCSPResponderCert \@ec.cert@
    OCSPResponderSource sql $name
</Location>
CONF
}

sub asked {
    my ($engine) = @_;
    my $db = T::Database->start($engine);
    $db->sql('CREATE TABLE certs (serial VARCHAR(9), state CHAR(1),'
        . ' revoked_at TIMESTAMP NULL)');
    $db->sql("INSERT INTO certs VALUES ('600D', 'V', NULL)");
    $db->sql($grant{$engine}) if $grant{$engine};
    my $server = T::Server->new(db => 0, dbd => $db->lines,
        conf => location('quick', 'certs')
            . location('slow', "certs, ($late{$engine}) late") . <<'CONF')
<Location "/ca/">
    @responder root@
</Location>
CONF
        ->allow_log('OCSP0203')->start;

    my $der   = ocsp_request([certid('ec', '600D')]);
    my ($quick, $slow) = map {
        T::HTTP::bytes('POST', $_, body => $der, headers =>
            ['Connection: close', 'Content-Type: application/ocsp-request'])
    } '/quick/', '/slow/';
    wait_for { $server->post('/quick/', $der)->{says} eq 'good' };
    my $end_load = begin_load($server, $quick,
        sub { $_[0]{says} eq 'good' ? '' : $_[0]{says} });
    for (1 .. 3) {
        my $began = time;
        is $server->post('/slow/', $der)->{says}, 'tryLater',
            "$engine: a query that does not end";
        takes_less(time - $began, 3, '  is given up within seconds');
    }
    my ($sent, @wrong) = $end_load->();
    cmp_ok $sent, '>', 3, "$sent quick ones of the same database meanwhile";
    is "@wrong", '', '  are all answered';

    # More than there are connections, which are ten: until the first of them
    # have taken too long nobody knows that they do.
    my @end_slow = map { begin_load($server, $slow, sub { '' }) } 1 .. 12;
    sleep 1;
    wait_for {
        !grep { $server->post('/quick/', $der)->{says} ne 'good' } 1 .. 20
    } 10;
    $end_load = begin_load($server, $quick,
        sub { $_[0]{says} eq 'good' ? '' : $_[0]{says} });
    sleep 3;
    ($sent, @wrong) = $end_load->();
    $_->() for @end_slow;
    cmp_ok $sent, '>', 3, "$sent quick ones beside many that do not end";
    is scalar(@wrong), 0, '  are all answered';
    locked($db, $server, $quick) if $db->is_server;

    # Though nobody else has been answered meanwhile.
    is $server->post('/slow/', $der)->{says}, 'tryLater',
        "$engine: one that is known not to end, alone";
    is $server->post('/quick/', $der)->{says}, 'good',
        '  is not the fault of the database';
    $server->stop;
    limited($db, $der) if $db->is_server;
    return;
}

# What is first asked for while it is locked is not even prepared.
sub locked {
    my ($db, $server, $quick) = @_;
    my $unlock = $db->hold_lock;
    my $end_load = begin_load($server, $quick,
        sub { $_[0]{says} eq 'good' ? '' : $_[0]{says} });
    is $server->says('/ca/', 'root-good-1'), 'tryLater',
        $db->engine . ': a table that is locked';
    my ($sent, @wrong) = $end_load->();
    cmp_ok $sent, '>', 3, "$sent from others meanwhile";
    is "@wrong", '', '  are all answered';
    unlike $server->error_log, qr/ is lost/, '  and no connection is lost';
    $unlock->();
    ok wait_for { $server->says('/ca/', 'root-good-1') eq 'good' },
        '  it is free again';
    return;
}

sub limited {
    my ($db, $der) = @_;
    my $server = T::Server->new(db => 0,
        dbd => $db->lines(more => $limit{ $db->engine }),
        conf => location('slow', "certs, ($late{$db->{engine}}) late")
            . location('ca', 'certs, (SELECT count(*) FROM '
                . 'django_ca_certificate) c'))
        ->allow_log('OCSP0203')->start;
    is $server->post('/slow/', $der)->{says}, 'tryLater',
        $db->engine . ': the server gives up on a query';
    my $unlock = $db->hold_lock;
    my $began = time;
    is $server->post('/ca/', $der)->{says}, 'tryLater', '  on a lock';
    takes_less(time - $began, 1.4, '  once');
    $unlock->();
    ok wait_for { $server->post('/ca/', $der)->{says} eq 'good' },
        '  which is free again';
    $server->stop;
    return;
}

for my $engine (T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    asked($engine);
  }
}
finish;
