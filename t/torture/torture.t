# SPDX-License-Identifier: Apache-2.0
# make torture: every call that can fail is made to fail in turn, for requests
# of every kind on every engine: the process lives on, loses nothing, answers
# what is right, tryLater or internalError, and what is right as soon as nothing
# fails any more. make test has one in seven of SQLite's calls, and does not
# look for losses.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Database;
use T::Fault qw(:DEFAULT :servers);
use T::Server;

ask_once;

use Torture;

my $why_not = has_module('socache_shmcb')
    ? Torture::why_not() : 'no mod_socache_shmcb';
plan skip_all => $why_not if $why_not;

Torture::in_parts(5) if $ENV{TORTURE_ALL};

my $ALL     = $ENV{TORTURE_ALL};
my @ENGINES = grep { !T::Database::why_not($_) }
    $ALL ? T::Database::engines() : 'sqlite3';

# -- what is asked -------------------------------------------------------------

# What an answer says, in words that are the same for the same answer.
sub told_by {
    my ($answer) = @_;
    my $response = $answer->{response} or return $answer->{says};
    my @singles = map {
        my $single = $_;
        join ' ', $single->{status}, $single->{revoked_text} // (),
            $single->{reason} // (), sort keys %{ $single->{extensions} // {} };
    } @{ $response->{singles} };
    return join ', ', @singles, $response->{algorithm},
        scalar(@{ $response->{certs} // [] }) . ' certificates',
        sort keys %{ $response->{extensions} };
}

my ($server, $client);

# One request on the connection that there is; what is said.
sub ask {
    my (@request) = @_;
    $client //= $server->client(timeout => 20);
    my $answer = read_answer($client->request(@request));
    undef $client if ($answer->{headers}{connection} // 'close') =~ /close/i;
    return told_by($answer);
}

sub get  { return ('GET',  "$_[0]/" . percent(base64($_[1]))) }
sub post { return ('POST', "$_[0]/", body => $_[1]) }

my $good  = certid_of('ec-good-1');
my $nonce = sub { (extensions => [nonce('n' x 16)]) };
my @kinds = (
    ['kept',          get('/ec', request_for('ec-good-1'))],
    ['signed',        post('/ec', ocsp_request([$good], $nonce->()))],
    ['revoked',       post('/ec', ocsp_request([certid_of('ec-revoked-1')],
                          $nonce->()))],
    ['never issued',  get('/ec', ocsp_request([certid('ec', '5EED')]))],
    ['extended',      get('/direct', ocsp_request([certid('ec', '5EED')]))],
    ['three CertIDs', post('/ec', ocsp_request([$good,
                          certid_of('ec-revoked-1', digest => 'sha256'),
                          certid('ec', '5EED')]))],
    ['CertHash',      post('/more', ocsp_request([$good], $nonce->()))],
    ['Ed25519',       post('/ed25519', request_for('ed25519-good-1',
                          nonce => 'n'))],
    ['other CA',      get('/ec', request_for('root-good-1'))],
    ['malformed',     post('/ec', 'foobar')],
);

sub conf {
    return <<'CONF';
OCSPResponderCache shmcb:@ROOT@/run/cache(512000)
<Location "/ec/">
    @responder ec@
</Location>
<Location "/direct/">
    OCSPResponderCA ec
    OCSPResponderKey @ec.ca_key@
    OCSPResponderCert @ec.pem@
    OCSPResponderUnknown revoked
</Location>
<Location "/more/">
    @responder ec@
    OCSPResponderCertHash on
    OCSPResponderArchiveCutoff on
    OCSPResponderChain @ec.pem@
</Location>
<Location "/ed25519/">
    @responder ed25519@
</Location>
CONF
}

# -- each engine ---------------------------------------------------------------

sub torture_engine {
    my ($engine) = @_;
    my $db      = T::Database->start($engine);
    my $torture = Torture->new;
    $server = T::Server->new(mpm => 'worker', threads => 2,
        env => $torture->env, db => 0,
        modules => ['socache_shmcb'], dbd => $db->lines, conf => conf());
    $server->start;
    $torture->watch($server);
    my $count = 0;
    for my $kind (Torture::part_of(@kinds)) {
        my ($name, @request) = @$kind;
        my $ask    = sub { ask(@request) };
        my $failed = $torture->each_call("$engine: $name", $ask);
        is $torture->told, '', "$engine, $name: $failed calls fail";
        cmp_ok $failed, '>', 0, '  some do';
        $torture->each_leak("$engine: $name", $ask) if $ALL;
        is $torture->told, '', '  nothing is lost' if $ALL;
        diag sprintf '%-8s %-16s %6d calls failed', $engine, $name, $failed
            if $ALL;
        $count += $failed;
    }
    undef $client;
    $server->stop;
    $db->down if $db->is_server;
    return $count;
}

my $all = 0;
$all += torture_engine($_) for @ENGINES;
diag "torture: $all calls failed" if $ALL;
Test::More::done_testing();
