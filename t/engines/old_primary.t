# SPDX-License-Identifier: Apache-2.0
# A primary that comes back once its standby has been promoted, and that nobody
# has fenced, knows nothing of what has been revoked since: it is not asked.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Server;

ask_once;

my $why_not = grep({ $_ eq 'pgsql' } T::Database::engines())
    ? T::Database::why_not('pgsql') : 'not of ENGINES';
plan skip_all => "pgsql: $why_not" if $why_not;

my $first  = T::Database->start('pgsql');
my $second = T::Database->start('pgsql', standby_of => $first, empty => 1);
wait_for { eval { $second->is_abreast } } 30;

# With DBDParams for these hosts, in order.
sub server_of {
    my ($hosts, $params, $mpm) = @_;
    my ($db, @more) = @$hosts;
    my $lines = $db->lines(params => $params);
    for my $other (@more) {
        $lines =~ s/host=(\S+)/host=$1,127.0.0.1/;
        $lines =~ s/port=(\S+)/port=$1,$other->{port}/;
    }
    my $server = T::Server->new(db => 0, dbd => $lines, mpm => $mpm,
        conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
@page status@
CONF
    return $server->allow_log(qw(OCSP0201 OCSP0203 OCSP0209))->start;
}

# What is said in the end; tryLater is not the end.
sub says {
    my ($server, $name) = @_;
    my $said;
    wait_for { ($said = $server->says('/ocsp/', $name)) ne 'tryLater' } 15;
    return $said;
}

# All that is said when all children are asked.
sub all_say {
    my ($server, $name) = @_;
    my %said = map { $server->says('/ocsp/', $name) => 1 } 1 .. 20;
    return join ' ', sort keys %said;
}

sub metric {
    my ($server, $name) = @_;
    my ($value) = $server->request('GET', '/status?metrics')->{body}
        =~ /^ocsp_responder_$name\{.*?\} (\S+)$/m;
    return $value;
}

my $both  = server_of([$first, $second], '', 'event');
my $alone = server_of([$first], 'target_session_attrs=read-write', 'prefork');
my $near  = server_of([$second], '', 'event');    # at a standby
is $_->says('/ocsp/', 'root-good-1'), 'good', 'before' for $both, $alone, $near;
is metric($both, 'database_refused_at_timestamp_seconds'), undef,
    'nothing is told of old servers';

note 'the primary goes, and the standby is asked';
$first->down;
is says($both, 'root-good-1'), 'good', 'before it is promoted';
$second->promote;
$second->sql("UPDATE django_ca_certificate SET revoked = true, revoked_date ="
    . " now() WHERE serial = '@{[cert('root-good-1')->{serial}]}'");
wait_for { all_say($both, 'root-good-1') eq 'revoked' } 10;
is all_say($both, 'root-good-1'), 'revoked', 'what is revoked after that';
is all_say($near, 'root-good-1'), 'revoked', '  where only it is asked, too';

note 'the primary of before comes back';
$first->up;
is all_say($both, 'root-good-1'), 'revoked', 'what is open stays';
ok $both->graceful, 'a graceful restart';
unlike all_say($both, 'root-good-1'), qr/good/, '  makes nothing good again';
is says($both, 'root-good-1'), 'revoked', '  and the other is asked';
like $both->error_log, qr/OCSP0209: .* 127\.0\.0\.1,\ port\ $first->{port},
    .* timeline\ 1\ of .* timeline\ 2\ of .* stop\ it/x, '  which the log tells';
cmp_ok metric($both, 'database_refused_at_timestamp_seconds'), '>', 1e9,
    '  and the status page';

note 'only that one is left';
$second->down;
is $both->says('/ocsp/', 'root-good-1'), 'tryLater', 'nobody is asked';
like $both->request('GET', '/status?json')->{body},
    qr/"the server [^"]* timeline 1 of [^"]* timeline 2 of/, '  and why';
$second->up;
is says($both, 'root-good-1'), 'revoked', 'until the other one is back';

note 'a restart forgets';
$both->stop;
$both->start;
is says($both, 'root-good-1'), 'good', 'as nothing tells what is right';
$both->stop;

note 'one that was never anything else';
is says($alone, 'root-good-1'), 'good', 'is asked';
$_->stop for $alone, $near;

note 'a server that may not tell';
$first->sql('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
my $mute = server_of([$second, $first], '', 'event');
is says($mute, 'root-good-1'), 'revoked', 'the new one is met first';
$second->down;
is says($mute, 'root-good-1'), 'good', 'the old one is not compared';
$mute->stop;
$_->down for $first, $second;
finish;
