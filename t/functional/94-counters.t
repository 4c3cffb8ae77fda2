# SPDX-License-Identifier: Apache-2.0
# Counters are exact: of many requests by clients side by side, answered by
# several processes of two generations, each is counted once, as what it was.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP qw(decode_json);
use T::Memcached;
use T::Server;

plan(skip_all => 'no mod_socache_memcache')
    unless has_module('socache_memcache');

my $CLIENTS = 6;
my $ROUNDS  = 25;
my ($cache, $server);

sub begin {
    $cache  = T::Memcached->start;
    $server = T::Server->new(mpm => 'prefork', modules => ['socache_memcache'],
        conf => <<"CONF")->start;
OCSPResponderCache memcache:127.0.0.1:$cache->{port}
<Location "/root/">
    \@responder root\@
</Location>
<Location "/presigned/">
    \@responder inter\@
    OCSPResponderPresigned on
</Location>
\@page status\@
CONF
    return;
}

my ($root, $inter) = map { ca($_)->{serial} } qw(root inter);

# -- what is read --------------------------------------------------------------

# All families, each by the values of its labels; of histograms the count.
sub families {
    my $all = decode_json($server->request('GET', '/status?json')->{body});
    my %value;
    for my $name (keys %$all) {
        for my $sample (@{ $all->{$name}{samples} }) {
            my %label = %$sample;
            delete @label{qw(value buckets sum count)};
            $value{$name}{ join ' ', map { $label{$_} } sort keys %label } =
                $sample->{value} // $sample->{count};
        }
    }
    return \%value;
}

# Waits until the families have these values: a request is counted when its
# answer has been sent. Values that are not named must not be there, or be 0.
sub are {
    my ($what, %want) = @_;
    my %got;
    wait_for {
        my $all = families();
        %got = map { my $family = $all->{$_};
            ($_ => { map { ($_ => $family->{$_}) }
                grep { $family->{$_} } keys %$family }) } keys %want;
        !grep { my $name = $_; my ($is, $should) = ($got{$name}, $want{$name});
            grep { ($is->{$_} // 0) < $should->{$_} } keys %$should }
            keys %want;
    } 20;
    is_deeply $got{$_}, $want{$_}, "$what: $_" for sort keys %want;
    return families();
}

# -- what is asked -------------------------------------------------------------

sub get {
    my ($location, @o) = @_;
    my $der = request_for(@o);
    return sub { $server->get($location, $der) };
}

sub post {
    my ($der) = @_;
    return sub { $server->post('/root/', $der) };
}

my @two = map { certid_of($_) } 'root-good-1', 'root-revoked-keyCompromise';
my @round = (
    ['good',             get('/root/', 'root-good-1')],
    ['revoked',          get('/root/', 'root-revoked-keyCompromise')],
    ['good',             get('/root/', 'root-good-1', nonce => 'n' x 16)],
    (map { ['good',      get('/root/', 'root-good-1', digest => $_)] }
        qw(sha256 sha384 sha512)),
    ['good',             get('/presigned/', 'inter-presigned-good',
                             digest => 'sha256')],
    ['unknown',          post(ocsp_request([certid('root', '5EED',
                             digest => 'sha256')]))],
    ['malformedRequest', post('foobar')],
    ['unauthorized',     post(request_for('inter-good-1'))],
    ['good,revoked',     post(ocsp_request(\@two))],
    ['HTTP 413',         post('x' x 9000)],
    ['HTTP 405',         sub { $server->request('PUT', '/root/') }],
);

# httpd of itself closes a connection unanswered now and then when it restarts.
sub says {
    my ($ask) = @_;
    my $says = 'nothing';
    for (1 .. 3) {
        $says = $ask->()->{says};
        last if $says ne 'nothing';
    }
    return $says;
}

# Runs the code in processes side by side; how many ended well.
sub in_clients {
    my ($code, $meanwhile) = @_;
    my $test = $$;
    my @pids = map {
        my $pid = fork // die "fork: $!";
        POSIX::_exit(eval { $code->() } ? 0 : 1) if !$pid && $$ != $test;
        $pid;
    } 1 .. $CLIENTS;
    $meanwhile->() if $meanwhile;
    return scalar grep { waitpid($_, 0); $? == 0 } @pids;
}

# Each client asks all, with a graceful restart in between.
sub ask_all {
    my @pids = $server->children;
    cmp_ok scalar @pids, '>', 1, 'several processes answer';
    my $well = in_clients(sub {
        for (1 .. $ROUNDS) {
            for my $case (@round) {
                my ($want, $ask) = @$case;
                my $says = says($ask);
                next if $says eq $want;
                diag "$says, not $want";
                return 0;
            }
        }
        return 1;
    }, sub { ok $server->graceful, 'a graceful restart' });
    is $well, $CLIENTS, 'every client got every answer';
    my %old = map { $_ => 1 } @pids;
    ok((wait_for { !grep { $old{$_} } $server->children } 20),
        'all processes are new');
    return;
}

note 'with a graceful restart in between';
# What had to be asked for again counts, too: then all begins anew.
for (1 .. 4) {
    begin();
    ask_all();
    last unless $server->had_late_answers;
    $cache->stop;
}

my $n = $CLIENTS * $ROUNDS;
my $all = are("$n rounds",
    requests => { GET => 7 * $n, POST => 5 * $n, other => $n },
    http_responses => { 200 => 11 * $n, 405 => $n, 413 => $n },
    answers => { "$root good" => 6 * $n, "$root revoked" => 2 * $n,
        "$root unknown" => $n, "$inter good" => $n },
    never_issued => { $root => $n },
    errors  => { malformedRequest => $n, unauthorized => $n },
    nonces  => { no => 9 * $n, yes => $n },
    certids => { sha1 => 6 * $n, sha256 => 3 * $n, sha384 => $n,
        sha512 => $n },
    request_duration => { '' => 13 * $n },
    lookup_duration  => { '' => 9 * $n });
my $made = $all->{made};
is $made->{presigned}, $n, 'presigned';
is $made->{signed} + $made->{reused}, 8 * $n, 'signed and reused';
cmp_ok $made->{reused}, '>', 0, '  and some were reused';
is $all->{signing_duration}{''}, $made->{signed}, 'each signature was timed';
is $all->{cache}{hit}, $made->{reused}, 'each hit was sent';

note 'histograms add up';
my $metrics = $server->request('GET', '/status?metrics')->{body};
for my $name (qw(request lookup signing)) {
    my $metric = "ocsp_responder_${name}_duration_seconds";
    my @buckets = $metrics =~ /^${metric}_bucket\{le="[^"]+"\} (\d+)$/mg;
    is "@buckets", join(' ', sort { $a <=> $b } @buckets),
        "$name: each bucket has those before it";
    my ($count) = $metrics =~ /^${metric}_count (\d+)$/m;
    is $buckets[-1], $count, '  the last one all';
    is $count, $all->{"${name}_duration"}{''}, '  as JSON has it';
    my ($sum) = $metrics =~ /^${metric}_sum ([\d.]+)$/m;
    cmp_ok $sum, '>', 0, '  and their time';
}

note 'what the cache holds is not authentic';
my @entries = $cache->entries;
is scalar @entries, 5, 'it holds an answer for each CertID';
spew($_, 'x' x 500) for @entries;
my $before = families();
is $_->[1]->()->{says}, $_->[0], "  $_->[0]" for @round[0, 1, 3 .. 5];
are('refused', cache => { %{ $before->{cache} },
    refused => 5 + ($before->{cache}{refused} // 0),
    stored  => 5 + $before->{cache}{stored} });

note 'errors by their id';
$server->expect_log('OCSP0204')->allow_log('OCSP0202');
$server->sql('ALTER TABLE django_ca_certificate RENAME TO gone');
my $well = in_clients(sub {
    return 5 == grep { says($round[0][1]) eq 'internalError' } 1 .. 5 });
is $well, $CLIENTS, 'a table is missing';
my $counted = are('faults', errors => { malformedRequest => $n,
    unauthorized => $n, internalError => 5 * $CLIENTS })->{messages};
# A child that is new has not seen the table before, and says so.
is(($counted->{OCSP0204} // 0) + ($counted->{OCSP0202} // 0), 5 * $CLIENTS,
    'faults: messages');
cmp_ok scalar(grep { /OCSP0204/ } $server->alarms), '<', 5 * $CLIENTS,
    'more than there are lines in the log';
$cache->stop;

finish;
