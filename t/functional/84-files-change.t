# SPDX-License-Identifier: Apache-2.0
# The key and certificate files of a responder are replaced while httpd runs.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Copy qw(copy move);
use T::Load;
use T::PKI;
use T::PKI::Responder;
use Time::HiRes qw(sleep time);

my $work  = folder();
my @pairs = map { make_pair($work, 'root') } 1 .. 6;
my ($key, $cert) = ("$work/key.pem", "$work/cert.pem");

# Written beside, then moved into place.
sub put {
    my ($from, $to, $mode) = @_;
    copy($from, "$to.new") or die $!;
    chmod $mode // 0644, "$to.new";
    move("$to.new", $to) or die $!;
    return;
}

put($pairs[0]{key}, $key);
put($pairs[0]{pem}, $cert);
my $server = T::Server->new(conf => <<"CONF")->start;
<Location "/ocsp/">
    OCSPResponderCA root
    OCSPResponderKey "$key"
    OCSPResponderCert "$cert"
</Location>
<Location "/uri/">
    OCSPResponderCA root
    OCSPResponderKey "file:$key"
    OCSPResponderCert "$cert"
</Location>
CONF
sub signer {
    return signed_by($server->get($_[0] // '/ocsp/',
        request_for('root-good-1')));
}

sub comes {
    my ($pair, $name, @location) = @_;
    my $since = time;
    wait_for { signer(@location) eq $pair->{serial} } 10;
    is signer(@location), $pair->{serial}, $name;
    takes_less time - $since, 5, '  within seconds';
    return;
}

sub stays {
    my ($pair, $name) = @_;
    my $until = time + 2.5;
    my %seen;
    while (time < $until) {
        $seen{ signer() }++;
        sleep 0.02;
    }
    is join(' ', sort keys %seen), $pair->{serial}, $name;
    return;
}

is signer(), $pairs[0]{serial}, 'at the start';
is signer('/uri/'), $pairs[0]{serial}, 'a file: URI';

note 'key and certificate are replaced';
put($pairs[1]{key}, $key);
put($pairs[1]{pem}, $cert);
comes($pairs[1], 'the new pair');
comes($pairs[1], 'where the key is a URI', '/uri/');

note 'one of them, and then the other';
put($pairs[2]{pem}, $cert);
stays($pairs[1], 'the certificate alone: the old pair');
put($pairs[2]{key}, $key);
comes($pairs[2], 'the key, too');

# Before what follows, which a busy machine makes last as long: the next line of
# its kind comes a minute later.
note 'it cannot be used for long';
put($pairs[0]{key}, $key);
wait_for { signer(); $server->error_log =~ /OCSP0503/ } 12;
$server->expect_log('OCSP0503');
like $server->error_log,
    qr/OCSP0503: root: .*the key does not match the certificate/,
    'is said';
put($pairs[0]{pem}, $cert);
comes($pairs[0], 'and it is mended');

note 'rubbish';
spew($cert, substr slurp($pairs[3]{pem}), 0, 300);
stays($pairs[0], 'half a certificate');
spew($cert, '');
stays($pairs[0], 'an empty one');
unlink $cert, $key;
stays($pairs[0], 'none at all');
put($pairs[3]{key}, $key);
put($pairs[3]{pem}, $cert);
comes($pairs[3], 'a whole pair');
SKIP: {
    skip 'not root, so httpd runs as the same user', 10 if $>;
    put($pairs[4]{pem}, $cert);
    spew($key, slurp($pairs[4]{key}));
    chmod 0600, $key;
    stays($pairs[3], "a key that httpd's user may not read");
    ok $server->graceful, 'a graceful restart';
    comes($pairs[4], 'reads it');
    for my $serial ('70FFFE', '70FFFF') {
        my $again = { serial => $serial, pem => make_cert(
            key => $pairs[4]{key}, serial => $serial,
            issuer => { pem => ca('root')->{pem}, key => ca('root')->{ca_key} },
            extensions => ['extendedKeyUsage = OCSPSigning']) };
        put($again->{pem}, $cert);
        comes($again, 'another certificate for that key, which is not read');
        put($pairs[4]{key}, $key, 0600);
    }
    put($pairs[3]{pem}, $cert);
    stays({ serial => '70FFFF' }, "but another's is for a key that is read");
    put($pairs[4]{pem}, $cert);
    comes($pairs[4], 'and back');
    chmod 0644, $key;
}
put($pairs[0]{key}, $key);
put($pairs[0]{pem}, $cert);
comes($pairs[0], 'the first pair once more');

note 'a pair that goes together, but not with the CA, or not yet';
ok $server->graceful, 'the parent process has the old pair';
my $foreign = make_pair($work, 'ec');
put($foreign->{key}, $key);
put($foreign->{pem}, $cert);
wait_for { signer(); $server->error_log =~ /OCSP0502/ } 12;
$server->expect_log('OCSP0502');
stays($pairs[0], "another CA's: the old pair");
my %ended = map { $_ => 1 } $server->children;
kill 'KILL', keys %ended;
wait_for { my @now = $server->children; @now && !grep { $ended{$_} } @now } 20;
stays($pairs[0], '  also in a process that begins then');
my $early = make_pair($work, 'root', start => 9);
my $begins = not_before($early->{pem});
put($early->{key}, $key);
put($early->{pem}, $cert);
my (%before, $signer);
wait_for {
    my $answer = $server->get('/ocsp/', request_for('root-good-1'));
    $signer = signed_by($answer);
    $before{$signer} = 1 if $answer->{response}{produced_at} < $begins;
    $signer eq $early->{serial};
} 20;
is join(' ', sort keys %before), $pairs[0]{serial},
    'one that is not yet valid: the old pair';
is $signer, $early->{serial}, 'in its time';
put($pairs[0]{key}, $key);
put($pairs[0]{pem}, $cert);
comes($pairs[0], 'back to an older one');

note 'under load';
my %known = map { $_->{serial} => 1 } @pairs;
my $bytes = T::HTTP::bytes('POST', '/ocsp/',
    body => request_for('root-good-1'), headers => ['Connection: close']);
my $end_load = begin_load($server, $bytes, sub {
    my ($answer) = @_;
    return "answered $answer->{says}" if $answer->{says} ne 'good';
    return $known{ signed_by($answer) } ? '' : 'signed by nobody known';
});
for my $n (1 .. 30) {
    put($pairs[$n % 6]{key}, $key);
    put($pairs[$n % 6]{pem}, $cert);
    sleep 0.2;
}
my ($sent, @wrong) = $end_load->();
cmp_ok $sent, '>', 10, "$sent requests";
is "@wrong", '', 'none failed';
comes($pairs[0], 'the last pair');

finish;
