# SPDX-License-Identifier: Apache-2.0
# The chapter "Three servers" of the operator's manual, as it stands there:
# three httpd behind HAProxy, PostgreSQL's primary and a standby, keys in the
# database, the password in a file, a cache in front of all. Each part is killed
# once, while clients ask.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use Balancer;
use Cache;
use JSON::PP qw(encode_json);
use T::Database;
use T::Fault qw(:servers);
use T::Load;
use T::Server;
use Time::HiRes qw(time);

ask_once;

my $why_not = T::Database::why_not('pgsql');
plan(skip_all => $why_not) if $why_not;
plan(skip_all => 'haproxy is not installed') unless Balancer::program();
plan(skip_all => 'nginx is not installed') unless Cache::program();

# -- what the manual says ------------------------------------------------------

my ($chapter) = slurp(top_dir() . '/conf/manual/operation.txt')
    =~ /^Three servers\n-+\n(.*?)^\w[^\n]*\n---/ms;
my ($lines)   = $chapter =~ /^( +DBDriver .*?)\n\n/ms;
my ($backend) = $chapter =~ /^( +backend .*?)\n\n/ms;
my ($cache)   = $chapter =~ /^( +proxy_cache_path .*?\n +\})\n\n/ms;
my @password  = $chapter =~ /^ +((?:install|echo) .*ocsp\.pgpass)$/mg;
ok $lines && $backend && $cache,
    "the manual has httpd's, HAProxy's and nginx' lines";
is scalar @password, 2, '  and commands for the password';

my $primary = T::Database->start('pgsql');
my $options = encode_json({
    private_key => { pem => slurp(ca('root')->{key}) },
    certificate => { pem => slurp(ca('root')->{cert}) } });
$primary->sql('UPDATE django_ca_certificateauthority SET'
    . " ocsp_key_backend_options = '{}'");
$primary->sql('UPDATE django_ca_certificateauthority SET ocsp_key_backend_alias'
    . " = 'db', ocsp_key_backend_options = '$options' WHERE name = 'root'");
my $standby = T::Database->start('pgsql', standby_of => $primary);

my $place = File::Temp->newdir('three-XXXXXX', TMPDIR => 1);
chmod 0755, $place;
my $user = (user())[0] // getpwuid $>;
my %real = (
    'host=db1,db2' => "host=127.0.0.1,127.0.0.1"
        . " port=$primary->{port},$standby->{port}",
    'dbname=ca'    => 'dbname=ocsp',
    '2min'         => '3s',
    '/etc/apache2/ocsp.pgpass' => "$place/ocsp.pgpass",
    'www-data'     => $user,
    ':ca:ocsp:PASSWORD' => ':ocsp:ocsp:' . T::Database::PASSWORD,
);
for my $text ($lines, @password) {
    $text =~ s/\Q$_\E/$real{$_}/ for sort keys %real;
}
must('sh', '-c', $_) for @password;
my @servers = map { T::Server->new(db => 0, dbd => "# below\n",
    modules => ['socache_shmcb', 'authz_host'], conf => $lines)
    ->allow_log(OUTAGE_LOG)->start } 1 .. 3;

my $n = 0;
$backend =~ s/( server \w+\s+)[\d.]+:80/"${1}127.0.0.1:"
    . $servers[$n++]{port}/ge;
my $front = Balancer->new("$servers[0]{root}/run", $backend);
my $cdn   = Cache->new("$place/cache", $cache, $front->{port});

# How many servers HAProxy has.
sub up { return scalar grep { $_ eq 'UP' } values %{ $front->states } }

sub says { return $front->says('/django_ca/ocsp/', $_[0]) }

# -- killing -------------------------------------------------------------------

my %right = ('root-good-1' => 'good', 'root-revoked-keyCompromise' => 'revoked',
    'root-odd-good' => 'good');

# Runs the code, which returns the time from which on all should be well, while
# clients ask; they go on until HAProxy has so many servers.
sub survives {
    my ($what, $servers, $code) = @_;
    my @ends = map { my $tag = $_; begin_load($front, T::HTTP::bytes(
        POST => '/django_ca/ocsp/', body => request_for($tag), headers =>
            ['Connection: close', 'Content-Type: application/ocsp-request']),
        sub {
            my ($answer) = @_;
            return $answer->{says} eq $right{$tag} ? ''
                : sprintf '%.3f %s', time, $answer->{says};
        }) } sort keys %right;
    says('root-good-1') for 1 .. 20;
    my $back = $code->();
    wait_for { says('root-good-1') eq 'good' } 30;
    my $well = time;
    wait_for { says('root-good-1'); up() == $servers } 60;
    my ($sent, @not) = (0);
    for my $end (@ends) {
        my ($count, @lines) = $end->();
        $sent += $count;
        push @not, grep { length } @lines;
    }
    subtest $what => sub {
        is_deeply [grep { / (?:good|revoked|unknown)/ } @not], [],
            "none of $sent answers is wrong";
        my ($last) = sort { $b <=> $a } $well, map { /^([\d.]+) / } @not;
        takes_less $last - $back, 5, 'all are right again in time'
            or diag explain \@not;
        diag sprintf '%s: %d answers, %d not right, well after %.2f s', $what,
            $sent, scalar @not, $last - $back;
    };
    return;
}

# What the status page of a server says that reads from the standby.
sub replica {
    my $reader = T::Server->new(db => 0, dbd => $standby->lines,
        conf => <<'CONF')->start;
<Location "/root/">
    @responder root@
</Location>
<Location "/ocsp-status">
    SetHandler ocsp-responder-status
    Require all granted
</Location>
CONF
    my $text = $reader->request('GET', '/ocsp-status?metrics')->{body};
    $standby->freeze;
    my $since = time;
    is $reader->request('GET', '/ocsp-status')->{status}, 200,
        'a status page while the database hangs';
    takes_less time - $since, 3, '  in time';
    $standby->thaw;
    $reader->allow_log(OUTAGE_LOG)->stop;
    return map { $text =~ /^ocsp_responder_database_$_\{.*\} (\d+)$/m }
        qw(replica replica_lag_seconds);
}

$front->start;
ok((wait_for { up() == 3 } 60), 'three servers are up');
is says($_), $right{$_}, $_ for sort keys %right;
ok((wait_for { $standby->is_abreast } 30), 'the standby has all');
my ($is, $lag) = replica();
is $is, 1, '  and the status page says whose rows it reads';
cmp_ok $lag, '<=', within(5), '  and how late they are';

for my $server (@servers) {
    survives('a server is killed', 2, sub { $server->kill_all; time });
    unlink "$server->{root}/run/httpd.pid";
    $server->start;
    ok((wait_for { up() == 3 } 60), '  and is back');
}
survives('the standby is killed', 3, sub { $standby->kill_hard; time });
$standby->up;
survives('the balancer is killed', 3, sub {
    $front->stop;
    $front->start;
    wait_for { eval { up() } } 30;
    time });
is up(), 3, '  and has all servers';
ok((wait_for { $standby->is_abreast } 30), 'the standby has all');

note 'the cache in front';
$cdn->start;

# What it says of a certificate, and where it has that from.
sub cached {
    my ($tag) = @_;
    my $answer = $cdn->get('/django_ca/ocsp/', request_for($tag));
    return "$answer->{says} " . ($answer->{headers}{'x-cache'} // '-');
}
is cached('root-good-3'), 'good MISS', 'the first is asked for';
is cached('root-good-3'), 'good HIT',  'the second is in the cache';
$primary->sql('UPDATE django_ca_certificate SET revoked = true,'
    . " revoked_date = now() WHERE serial = '"
    . cert('root-good-3')->{serial} . "'");
my $revoked = time;
is says('root-good-3'), 'revoked', 'a revocation is in the next answer';
is $cdn->post('/django_ca/ocsp/', request_for('root-good-3'))->{says},
    'revoked', '  by POST through the cache, too';
wait_for { cached('root-good-3') =~ /^revoked/ } 30;
like cached('root-good-3'), qr/^revoked/, '  in the cache';
takes_less time - $revoked, 3 + 2, '    OCSPResponderMaxAge later';
$cdn->stop;
$cdn->start;
wait_for { cached('root-good-3') =~ /^revoked/ } 30;
like cached('root-good-3'), qr/^revoked/, 'the cache is killed, and back';
is cached('root-good-1') =~ s/ .*//r, 'good', '  and asks for others';

survives('the primary is killed, the standby promoted', 3, sub {
    $primary->kill_hard;
    wait_for { says('root-good-1') eq 'tryLater' } 10;
    $standby->promote;
    time });
# Each of the three has found the new primary: they are asked in turn.
my $in_a_row = 0;
wait_for {
    $in_a_row = says('root-good-1') eq 'good' ? $in_a_row + 1 : 0;
    $in_a_row == 6 } 20;
$standby->sql('UPDATE django_ca_certificate SET revoked = true,'
    . " revoked_date = now() WHERE serial = '"
    . cert('root-good-2')->{serial} . "'");
is says('root-good-2'), 'revoked', 'a revocation is in the next answer';
# A server that HAProxy has seen without a primary needs two good looks.
wait_for { up() == 3 } 20;
is up(), 3, 'all servers are up';

$cdn->stop;
$front->stop;
finish;
