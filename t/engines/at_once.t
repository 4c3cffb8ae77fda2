# SPDX-License-Identifier: Apache-2.0
# With PostgreSQL, a request asks in its own thread as long as that cannot
# block: on a connection that is known, idle and was of use a moment ago.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::HTTP;
use T::Database;
use T::Load;
use T::OCSP;
use T::Server;
use Time::HiRes qw(sleep time);

my $why_not = T::Database::why_not('pgsql');
plan(skip_all => "PostgreSQL: $why_not") if $why_not;
my $db = T::Database->start('pgsql');

sub server {
    my (%o) = @_;
    return T::Server->new(db => 0, loglevel => 'warn ocsp_responder:trace4',
        dbd => $db->lines(more => $o{dbd}), modules => $o{modules},
        conf => <<'CONF' . ($o{conf} // ''))->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF
}

sub asked {
    my ($server, $how) = @_;
    return scalar(() = $server->error_log =~ /\Q$how\E: SELECT 'leaf'/g);
}

# What so many requests, one after the other, are answered; and how many of them
# asked at once.
sub in_a_row {
    my ($server, $count) = @_;
    my $before = asked($server, 'asked at once');
    my %says;
    $says{ $server->says('/ocsp/', 'root-good-1') }++ for 1 .. $count;
    return join(',', %says) . ', '
        . (asked($server, 'asked at once') - $before) . ' at once';
}

sub at_a_time {
    my ($server, $clients, %o) = @_;
    my %der = (good => request_for('root-good-1'),
        revoked => request_for('root-revoked-keyCompromise'));
    my @jobs = map { my $says = $_; {
        octets => T::HTTP::octets('POST', '/ocsp/', body => $der{$says},
            headers => ['Connection: close']),
        check  => sub {
            my $got = eval { read_response($_[0])->{singles}[0]{status} } // $@;
            $got eq $says ? '' : "$got, not $says" },
    } } map { qw(good revoked) } 1 .. 100;
    push @jobs, ({ octets => $o{other}, check => sub { '' } }) x 200
        if $o{other};
    return join '; ', load($server->{port}, $clients, @jobs);
}

my $server = server(dbd => "DBDMax 16\n");
note 'one at a time';
is in_a_row($server, 1), 'good,1, 0 at once', 'the first connects';
is in_a_row($server, 20), 'good,20, 20 at once', 'the next need not';
sleep 2.5;
is in_a_row($server, 2), 'good,2, 1 at once', 'after a rest, one goes before';

note 'many at a time';
is at_a_time($server, 12), '', 'all are right';
cmp_ok asked($server, 'asked at once'), '>', 50, 'many at once';
cmp_ok $db->connections, '<=', 16, 'over no more than DBDMax connections';

note 'what happens in between';
for my $event (['connections cut', sub { $db->cut }],
               ['a restart', sub { $db->restart }]) {
    my ($name, $do) = @$event;
    in_a_row($server, 3);
    $do->();
    is in_a_row($server, 1), 'good,1, 0 at once', "$name: noticed";
    is at_a_time($server, 8), '', '  all are right';
}
$db->freeze;
my $since = time;
is $server->says('/ocsp/', 'root-good-1'), 'tryLater', 'frozen: tryLater';
cmp_ok time - $since, '<', 2, '  in time';
$db->thaw;
ok((wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 2),
    '  and right again');
is at_a_time($server, 8), '', '  for all';
cmp_ok $db->connections, '<=', 16, '  none is lost';
$server->expect_log('OCSP0203')->stop;

note 'connections that mod_dbd does not keep';
$server = server(dbd => "DBDExptime 1\n");
is in_a_row($server, 5), 'good,5, 0 at once', 'are for threads that can wait';
$server->stop;

SKIP: {
    my @need = qw(auth_basic authn_core authn_dbd authz_user);
    my @missing = grep { !has_module($_) } @need;
    skip "no mod_$missing[0]", 3 if @missing;
    note 'another module that uses the same connections';
    $server = server(modules => \@need, dbd => "DBDMax 6\n", conf => <<'CONF');
<Location "/private/">
    AuthType Basic
    AuthName "private"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT cn FROM django_ca_certificate WHERE serial = %s"
    Require valid-user
</Location>
CONF
    my @headers = ('Authorization: Basic eDp5', 'Connection: close');
    my $private = T::HTTP::octets('GET', '/private/', headers => \@headers);
    is $server->request('GET', '/private/', headers => \@headers)->{status},
        401, 'a password is looked up';
    is at_a_time($server, 6, other => $private), '', 'all are right';
    is in_a_row($server, 3) =~ /good,3/, 1, 'and afterwards';
    $server->allow_log('AH01617', 'AH01618')->stop;
}
$db->down;
finish;
