# SPDX-License-Identifier: Apache-2.0
# Signatures that are kept: the same bytes while nothing has changed, and never
# an answer that the database has not just confirmed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy qw(copy);
use T::PKI;
use T::Platform;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

plan(skip_all => 'no mod_socache_shmcb') unless has_module('socache_shmcb');

my $server = T::Server->new(modules => ['socache_shmcb'], conf => <<'CONF');
OCSPResponderCache shmcb:@ROOT@/run/ocsp-cache(512000)
<Location "/ocsp/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @ROOT@/conf/responder.key
    OCSPResponderCert @ROOT@/conf/responder.pem
</Location>
<Location "/direct/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @root.ca_key@
    OCSPResponderCert @root.pem@
</Location>
<Location "/no-nonce/">
    @responder root@
    OCSPResponderNonce off
</Location>
<Location "/short/">
    @responder root@
    OCSPResponderExpires 3
</Location>
CONF
my @pair = map { "$server->{root}/conf/responder.$_" } 'key', 'pem';
copy(ca('root')->{key},  $pair[0]);
copy(ca('root')->{cert}, $pair[1]);
$server->start;

sub get {
    my ($tag, @headers) = @_;
    return $server->get('/ocsp/', request_for($tag), headers => \@headers);
}

sub row {
    my ($tag, $set) = @_;
    return $server->sql("UPDATE django_ca_certificate SET $set"
                      . " WHERE serial='@{[cert($tag)->{serial_stored}]}'");
}

note 'case 41: the same answer over seconds';
my $first = kept_answer(sub { get('root-good-1') });
is $first->{says}, 'good', 'an answer';
is get('root-good-1')->{headers}{etag}, $first->{headers}{etag}, 'is kept';
is get('root-good-1', "If-None-Match: $first->{headers}{etag}")->{status}, 304,
    'so that a client need not fetch it again';
is $server->post('/ocsp/', request_for('root-good-1'))->{says}, 'good',
    'by POST';
is get('root-good-2')->{single}{certid}, certid_of('root-good-2'),
    'not for another certificate';
my $direct = $server->get('/direct/', request_for('root-good-1'));
isnt unpack('H*', $direct->{response}{responder}{key}),
    unpack('H*', $first->{response}{responder}{key}),
    'nor from another responder';
my $certid = certid_of('root-good-1', null => 0);
is $server->get('/ocsp/', ocsp_request([$certid]))->{single}{certid}, $certid,
    'nor for another spelling of the CertID';
for my $nonce ('first', 'second') {
    my $der = request_for('root-good-1', nonce => $nonce);
    my $extensions = $server->get('/ocsp/', $der)->{response}{extensions};
    is $extensions->{ $OID{nonce} }{value}, octet_string($nonce),
        "nor with a nonce, the $nonce";
}
my $plain = kept_answer(sub { $server->get('/no-nonce/',
    request_for('root-good-2')) });
is $server->get('/no-nonce/', request_for('root-good-2', nonce => 'third'))
    ->{headers}{etag}, $plain->{headers}{etag},
    'but for one that is not echoed';

note 'case 27: the very next answer, with a cache';
row('root-good-1', "revoked=1, revoked_date='2024-01-01 00:00:00',"
    . " revoked_reason='certificate_hold'");
is get('root-good-1')->{says}, 'revoked', 'put on hold';
is get('root-good-1', "If-None-Match: $first->{headers}{etag}")->{says},
    'revoked', 'also for a client that has the old one';
row('root-good-1', "revoked_reason='key_compromise'");
is get('root-good-1')->{single}{reason}, 1, 'another reason';
row('root-good-1', "revoked_date='2024-02-02 00:00:00'");
is get('root-good-1')->{single}{revoked_text}, '20240202000000Z',
    'another time';
row('root-good-1', "compromised='2023-01-01 00:00:00'");
ok get('root-good-1')->{single}{extensions}{ $OID{invalidity_date} },
    'an invalidity date';
row('root-good-1', 'revoked=0');
is get('root-good-1')->{says}, 'good', 'and lifted';
row('root-good-1', "serial='5EED'");
is get('root-good-1')->{says}, 'unknown', 'the row is gone';
$server->sql("UPDATE django_ca_certificate SET serial='"
    . cert('root-good-1')->{serial_stored} . "' WHERE serial='5EED'");
is get('root-good-1')->{says}, 'good', 'and back';

note 'case 44: what is kept is not sent when the database is away';
my $unlock = $server->lock_database;
is get('root-good-1')->{says}, 'tryLater', 'a writer has a lock: tryLater';
$unlock->();
$server->expect_log('OCSP0203');
wait_for { get('root-good-1')->{says} eq 'good' } 5;
is get('root-good-1')->{says}, 'good', 'and good again';

note 'case 37: nothing is sent past its end';
my ($until, %seen) = time + 5;
while (time < $until) {
    my $request = request_for('root-good-3');
    my $asked   = time;
    my $answer  = $server->get('/short/', $request);
    my ($this, $next) = @{ $answer->{single} }{qw(this_update next_update)};
    my $late = $next <= $asked || $this > time;
    $seen{ $late ? "$this to $next, asked at $asked" : 'in time' }++;
    sleep 0.1;
}
is_deeply [keys %seen], ['in time'], 'each answer is valid when asked for';

note 'case 46: a new key';
my $key = make_key('p256');
copy($key, $pair[0]);
copy(make_cert(key => $key, cn => 'new',
    extensions => ['extendedKeyUsage=OCSPSigning'],
    issuer     => { pem => ca('root')->{pem}, key => ca('root')->{ca_key} }),
    $pair[1]);
my %before = map { $_ => 1 } $server->children;
ok $server->graceful, 'graceful restart';
wait_for { !grep { $before{$_} } $server->children } 20;
my $old = $first->{response}{responder}{key};
my $new = wait_for { get('root-good-1')->{response}{responder}{key} } 10;
ok $new && $new ne $old, 'what the old one signed is not sent';
# The first answers of a new child come late on a busy machine.
$server->allow_log('OCSP0201');

finish;
