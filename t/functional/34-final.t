# SPDX-License-Identifier: Apache-2.0
# OCSPResponderExpires never: nobody gets an answer for ever of a certificate
# whose status may still change.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI;
use T::PKI::Responder;
use T::Server;

my $DAY   = 86_400;
my $FINAL = 253_402_300_799;
my %oid   = ('1.2.840.10045.4.3.2' => 'p256', '1.3.101.112' => 'ed25519');
my $server = T::Server->new(
    modules => [grep { has_module($_) } 'socache_shmcb']);

# A certificate for a CA's key and name.
my $ca_key = make_key('p256');
sub ca_cert {
    return make_cert(key => $ca_key, cn => 'ended', @_,
        extensions => ['basicConstraints=critical,CA:true']);
}
my $ca      = ca_cert(start => -9 * $DAY, end => -$DAY);
my $renewed = ca_cert(start => -2 * $DAY, end => 9 * $DAY);
my %issuer  = (pem => $ca, key => $ca_key);
my %pair    = map {
    my $key = make_key($_);
    ($_ => [$key, make_cert(key => $key, cn => $_, issuer => \%issuer,
        extensions => ['extendedKeyUsage=OCSPSigning', 'noCheck=yes'])])
} qw(p256 ed25519);
insert_ca($server, $ca, name => 'ended');

# Certificates of its, with a reason for those that are revoked.
my %serial;
for my $status (qw(good key_compromise certificate_hold)) {
    my $cert = make_cert(key => make_key('p256'), issuer => \%issuer);
    $serial{$status} = serial_of($cert);
    insert_cert($server, 'ended', $cert);
    $server->sql('UPDATE django_ca_certificate SET revoked = 1,'
        . " revoked_date = '2024-01-01 00:00:00', revoked_reason = '$status'"
        . " WHERE serial = '$serial{$status}'") if $status ne 'good';
}
$serial{never} = '5EED';

sub pairs {
    return join '', map { "    OCSPResponderKey $pair{$_}[0]\n"
        . "    OCSPResponderCert $pair{$_}[1]\n" } qw(p256 ed25519);
}
sub location {
    my ($path, $name, $expires) = @_;
    return "<Location \"$path\">\n    OCSPResponderCA $name\n"
        . "    OCSPResponderExpires $expires\n" . pairs() . "</Location>\n";
}
sub conf {
    my ($expires) = @_;
    return location('/one/', serial_of($ca), $expires)
        . location('/all/', '*', $expires);
}
$server->write_conf(conf('never'));

# What is said of a certificate, whether for ever, and by which key.
sub says {
    my ($path, $what, @wish) = @_;
    my $answer = $server->get($path, ocsp_request([certid($ca, $serial{$what})],
        @wish));
    my $response = $answer->{response} or return $answer->{says};
    my $next = $answer->{single}{next_update};
    return join ' ', $answer->{says},
        $next == $FINAL ? 'for ever'
            : $next - $response->{produced_at} <= $DAY ? 'for now' : 'long',
        $oid{ $response->{algorithm} };
}

sub wish {
    return (extensions => [extension('1.3.6.1.5.5.7.48.1.8',
        seq(seq(seq(oid('1.3.101.112')))))]);
}

# Waits until both locations say that of the good one, by both pairs, each of
# which looks for itself.
sub becomes {
    my ($what) = @_;
    my @asks = map { ([$_], [$_, wish()]) } qw(/one/ /all/);
    return wait_for { !grep { my ($path, @wish) = @$_;
        says($path, 'good', @wish) ne "good for $what "
            . (@wish ? 'ed25519' : 'p256') } @asks } 60;
}

# What both locations say of all of them, twice, so that each comes from the
# cache, too.
sub all_say {
    my ($name, %wanted) = @_;
    for my $path (map { ($_, $_) } qw(/one/ /all/)) {
        for my $what (sort keys %serial) {
            my $wanted = "$wanted{$what} p256";
            is says($path, $what), $wanted, "$name, $path: $what";
            is says($path, $what, wish()), $wanted =~ s/p256/ed25519/r,
                '  by the other pair';
        }
    }
    return;
}

my %final = (good => 'good for ever', key_compromise => 'revoked for ever',
    certificate_hold => 'revoked for now', never => 'unknown for ever');
my %for_now = map { ($_ => $final{$_} =~ s/ever/now/r) } keys %final;

$server->start;
note 'a CA that has ended';
becomes('ever');
all_say('ended', %final);
unlike +($server->configtest)[1], qr/never/, 'httpd -t has nothing to say';

note 'the directive is taken away: what the cache has for ever is not sent';
$server->write_conf(conf('10min'));
ok $server->graceful, 'graceful';
becomes('now');
all_say('without', %for_now);
$server->write_conf(conf('never'));
ok $server->graceful, 'and put back';
becomes('ever');
all_say('with', %final);

note 'the CA is renewed with the same name and key: its CertIDs live on';
insert_ca($server, $renewed, name => 'renewed');
becomes('now');
all_say('renewed', %for_now);
my ($serial, $said) = (serial_of($ca), ($server->configtest)[1]);
like $said, qr/OCSPResponderExpires never: CA $serial is valid until .*600/,
    'httpd -t tells';
$server->allow_log('OCSP0204'); # of the moment in which it goes
$server->sql("DELETE FROM django_ca_certificateauthority WHERE name='renewed'");
becomes('ever');
all_say('not any more', %final);
$server->stop;

note 'a clock that runs ahead of a CA that lives';
my $faketime = T::Platform::faketime();
SKIP: {
    skip 'no libfaketime', 4 unless $faketime;
    skip 'libfaketime and the sanitizers cannot both come first', 4
        if $ENV{SAN_PRELOAD};
    my $clock = folder() . '/clock';
    my $move  = sub {
        spew("$clock.new", "$_[0]\n");
        chmod 0644, "$clock.new";
        rename "$clock.new", $clock or die $!;
    };
    $move->('+0');
    open_up(folder());
    my $live = T::Server->new(
        modules => [grep { has_module($_) } 'socache_shmcb'],
        env  => { LD_PRELOAD => $faketime, FAKETIME_TIMESTAMP_FILE => $clock,
            FAKETIME_NO_CACHE => 1, FAKETIME_DONT_FAKE_MONOTONIC => 1 },
        conf => location('/one/', 'renewed', 'never'));
    insert_ca($live, $renewed, name => 'renewed');
    $live->start;
    $server = $live;
    is says('/one/', 'never'), 'unknown for now p256', 'by the right clock';
    $move->('+10d');
    wait_for { says('/one/', 'never') =~ /for ever/ } 60;
    my $answer = $server->get('/one/', ocsp_request([certid($ca, '5EED')]));
    is $answer->{single}{next_update}, $FINAL, 'ten days ahead: for ever';
    cmp_ok $answer->{single}{this_update}, '>', not_after($renewed),
        '  but nobody takes it before the CA has ended';
    $move->('+0');
    wait_for { says('/one/', 'never') eq 'unknown for now p256' } 60;
    is says('/one/', 'never'), 'unknown for now p256',
        '  and it is not sent again';
}

finish;
