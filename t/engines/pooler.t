# SPDX-License-Identifier: Apache-2.0
# PostgreSQL behind pgbouncer in transaction mode, where each query may go to
# another session.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Database::PgBouncer;
use T::Load;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

my $why_not = T::Database::why_not('pgsql')
    || (T::Database::PgBouncer->program ? '' : 'pgbouncer is not installed');
plan skip_all => $why_not if $why_not;

my $db     = T::Database->start('pgsql');
my $pooler = T::Database::PgBouncer->new($db,
    lines => "pool_mode = transaction\n")->begin;
my $server = T::Server->new(db => 0, dbd => $db->lines(port => $pooler->{port}),
    conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF

sub all_good {
    my ($name) = @_;
    my %der = map { $_ => request_for("root-$_-" . ($_ eq 'good' ? 1
        : 'keyCompromise')) } qw(good revoked);
    my @wrong = load($server->{port}, 8, map { my $says = $_; {
        bytes => T::HTTP::bytes('POST', '/ocsp/', body => $der{$says},
            headers => ['Connection: close']),
        check  => sub {
            my $got = eval { read_response($_[0])->{singles}[0]{status} } // $@;
            $got eq $says ? '' : "$got, not $says" },
    } } map { qw(good revoked) } 1 .. 100);
    return is "@wrong", '', $name;
}

all_good('two hundred requests');
cmp_ok $db->connections, '<=', 3, 'over three connections';
$db->restart;
wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 5;
all_good('after a restart of PostgreSQL');

# pgbouncer takes connections, and answers nothing on them: they are no sign
# that it works again, after which all would wait.
$db->freeze;
$server->says('/ocsp/', 'root-good-1') for 1 .. 3;
my ($until, @long) = time + 8;
while (time < $until) {
    my $began = time;
    $server->says('/ocsp/', 'root-good-1') eq 'tryLater' or push @long, 'good';
    push @long, sprintf '%.1f s', time - $began if time - $began > 0.6;
    sleep 0.02;
}
cmp_ok scalar(@long), '<=', 1, "PostgreSQL hangs: few wait (@long)";
$db->thaw;
wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 5;
all_good('after PostgreSQL has hung');
$pooler->end;
is $server->says('/ocsp/', 'root-good-1'), 'tryLater', 'no pgbouncer';
$pooler->begin;
wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 5;
all_good('after a restart of pgbouncer');
$server->allow_log(qw(AH00629 AH00639 AH02655))->expect_log('OCSP0203');
$server->stop;
$pooler->end;

# Without a search_path that is said and dropped, other tables would answer.
my $deaf = T::Database::PgBouncer->new($db,
    lines => "ignore_startup_parameters = options\n")->begin;
$server = T::Server->new(db => 0, dbd => $db->lines(port => $deaf->{port},
    params => "options='-c search_path=elsewhere,public'"), conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
CONF
my $why = qr/search_path=elsewhere,public\) of DBDParams, which a pooler drops/;
like +($server->configtest)[1], $why, 'httpd -t tells of options that are dropped';
$server->start;
is $server->says('/ocsp/', 'root-good-1'), 'tryLater', '  nothing is answered';
$server->expect_log('OCSP0201');
like $server->error_log, $why, '  and the log tells why';
$server->stop;
$deaf->end;
finish;
