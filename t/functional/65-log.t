# SPDX-License-Identifier: Apache-2.0
# What the administrator sees: notes, environment, traces, one line a fault.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use Time::Local qw(timegm);

my @names = map { "OCSP_$_" } qw(STATUS SERIAL CA REASON SIGNER);
my $server = T::Server->new(loglevel => 'warn ocsp_responder:debug', conf =>
    <<'CONF' . join ' ', 'CustomLog @ROOT@/logs/ocsp_log "',
<Location "/root/">
    @responder root@
</Location>
<Location "/revoked/">
    @responder root@
    OCSPResponderUnknown revoked
</Location>
<Location "/expired/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @FIXTURE@/keys/root-responder-expired.pem
    OCSPResponderCert @FIXTURE@/certs/root-responder-expired.pem
</Location>
CustomLog @ROOT@/logs/only_revoked "%U" "expr=%{note:OCSP_STATUS} == 'revoked'"
CONF
    (map { ("%{$_}n", "%{$_}e") } @names), '" env=OCSP_STATUS' . "\n");
$server->expect_log(qw(OCSP0104 OCSP0205 OCSP0301 OCSP0302 AH01630))->start;

# The last line of the log: each value, which note and environment agree on.
sub logged {
    my ($want) = @_;
    my @lines;
    my @values = split ' ', wait_for {
        @lines = split /\n/,
            T::Server::Log::text_of("$server->{root}/logs/ocsp_log");
        @lines >= $want && $lines[-1];
    };
    my %logged;
    while (my ($note, $environment) = splice @values, 0, 2) {
        my $name = $names[keys %logged];
        is $environment, $note, "  $name is the same in the environment";
        $logged{$name} = $note;
    }
    return \%logged;
}

sub answer { return map { ("OCSP_$_->[0]" => $_->[1]) } @_ }

my ($ca, $signer) = (ca('root')->{serial}, ca('root')->{responder_serial});
my ($good, $bad) = map { cert($_)->{serial} } 'root-good-1',
    'root-revoked-keyCompromise';
my @cases = (
    ['good', request_for('root-good-1'),
        'good', $good, $ca, '-', $signer],
    ['revoked', request_for('root-revoked-keyCompromise'),
        'revoked', $bad, $ca, 'keyCompromise', $signer],
    ['revoked without a reason', request_for('root-revoked-unspecified'),
        'revoked', cert('root-revoked-unspecified')->{serial}, $ca, '-',
        $signer],
    ['unknown', ocsp_request([certid('root', '05EED')]),
        'unknown', '5EED', $ca, '-', $signer],
    ['two', ocsp_request([certid_of('root-good-1'),
                          certid_of('root-revoked-keyCompromise')]),
        'good,revoked', "$good,$bad", $ca, 'keyCompromise', $signer],
    ['unauthorized', request_for('inter-good-1'),
        'unauthorized', cert('inter-good-1')->{serial}, '-', '-', '-'],
    ['malformedRequest', 'foobar', 'malformedRequest', '-', '-', '-', '-'],
);
my $count = 0;
for my $case (@cases) {
    my ($name, $der, @want) = @$case;
    $server->post('/root/', $der);
    my %want;
    @want{@names} = @want;
    is_deeply logged(++$count), \%want, $name;
}
$server->post('/revoked/', ocsp_request([certid('root', '5EED')]));
my $logged = logged(++$count);
is $logged->{OCSP_STATUS}, 'revoked', 'extended revoke';
is $logged->{OCSP_REASON}, 'certificateHold', '  its reason';
$server->post('/expired/', request_for('root-good-1'));
is logged(++$count)->{OCSP_STATUS}, 'internalError', 'internalError';
$server->request('GET', '/elsewhere');
like slurp("$server->{root}/logs/only_revoked"),
    qr{^(?:/root/\n){2}/revoked/\n$},
    'a log of some answers only';

note 'how an answer came to be';
my @more = map { "OCSP_$_" }
    qw(STATUS MADE PRODUCED_AT ISSUER_HASH NONCE LOOKUP_US SIGN_US);
my $more = T::Server->new(modules => [grep { has_module($_) } 'socache_shmcb'],
    loglevel => 'warn ocsp_responder:debug', conf => join '', <<'CONF',
<Location "/ocsp/">
    @responder root@
    OCSPResponderMaxRequest 512
</Location>
CONF
    'CustomLog @ROOT@/logs/ocsp_log "', (map { "%{$_}n " } @more),
    (map { "%{$_}e " } @more), '%>s" env=OCSP_STATUS', "\n")->start;

sub told {
    my ($count) = @_;
    my $log = "$more->{root}/logs/ocsp_log";
    my @lines;
    wait_for {
        @lines = split /\n/, -e $log ? slurp($log) : '';
        @lines >= $count;
    };
    my @values = split ' ', $lines[$count - 1] // '';
    my $status = pop @values;
    my @environment = splice @values, scalar @more;
    is "@environment", "@values", '  notes and environment agree';
    my %value = (code => $status);
    @value{@more} = @values;
    return \%value;
}
my $answer = $more->post('/ocsp/', request_for('root-good-1', nonce => 'abc'));
my $told = told(1);
is $told->{OCSP_MADE}, 'signed', 'signed';
is $told->{OCSP_NONCE}, '616263', '  the nonce';
my @at = $told->{OCSP_PRODUCED_AT}
    =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)Z$/;
is timegm(reverse(@at[3 .. 5]), $at[2], $at[1] - 1, $at[0]),
    $answer->{response}{produced_at}, '  when';
like $told->{OCSP_ISSUER_HASH}, qr/^[0-9a-f]{40}$/, '  whom the client asked';
like $told->{$_}, qr/^[1-9]\d*$/, "  $_" for qw(OCSP_LOOKUP_US OCSP_SIGN_US);
SKIP: {
    skip 'no mod_socache_shmcb', 4 unless has_module('socache_shmcb');
    $more->get('/ocsp/', request_for('root-good-1'));
    is told(2)->{OCSP_MADE}, 'signed', 'the first without a nonce';
    $more->get('/ocsp/', request_for('root-good-1'));
    $told = told(3);
    is $told->{OCSP_MADE}, 'reused', 'the second';
    is $told->{OCSP_SIGN_US}, '-', '  costs no signature';
    is $told->{OCSP_NONCE},   '-', '  and has no nonce';
}
my $count_before = () = slurp("$more->{root}/logs/ocsp_log") =~ /\n/g;
my %refused = (
    405 => sub { $more->request('PUT', '/ocsp/') },
    413 => sub { $more->post('/ocsp/', 'x' x 600) },
    414 => sub { $more->request('GET', '/ocsp/'
        . base64("0\x82\x02\x58" . 'x' x 600)) },
);
for my $code (sort keys %refused) {
    is $refused{$code}->()->{status}, $code, "HTTP $code";
    my @lines;
    wait_for {
        @lines = split /\n/, slurp("$more->{root}/logs/ocsp_log");
        @lines > $count_before;
    };
    like $lines[$count_before++], qr/^HTTP $code /, '  is logged as such';
}
my $trace = "POST: good in N us: CA $ca, serial $good, signed as the request"
    . ' has a nonce; looked up in N us, signed in N us';
like $more->error_log =~ s/\b\d+ us/N us/gr, qr/debug\].*\Q$trace\E/,
    'a line at debug tells it all';

note 'traces at debug';
like $server->error_log, qr/ocsp_responder:debug\].*\b$good\b.*\bgood\b/,
    'the serial and what was said';
like $server->error_log, qr/ocsp_responder:debug\].*malformedRequest: \w+/,
    'why a request is malformed';
like $server->error_log, qr/ocsp_responder:debug\].*unauthorized: \w+/,
    'why it is not for us';

note 'case 45: one line a fault, not one a request';
my $before = grep { /OCSP0301:/ } $server->alarms;
$server->sql("UPDATE django_ca_certificate SET revoked=1,"
    . " revoked_reason='dog ate it' WHERE serial='$good'");
is $server->says('/root/', 'root-good-1'), 'revoked', 'an odd row' for 1 .. 5;
is $server->says('/expired/', 'root-good-1'), 'internalError', 'no valid signer'
    for 1 .. 5;
my @alarms = $server->alarms;
is scalar(grep { /OCSP0301:/ } @alarms), $before + 1, 'a line for the odd row';
like((grep { /OCSP0301:/ } @alarms)[-1], qr/$good.*; OCSP0302: /,
    '  which names the serial, and what else is odd');
is $server->most_in_a_minute(qr/OCSP0205:/), 1, 'a line for the signer';
like((grep { /OCSP0205:/ } @alarms)[0], qr/$ca/, '  which names the CA');

note 'another oddity of the same row is not held back';
$server->sql('UPDATE django_ca_certificate SET'
    . " revoked_date='2024-01-02 03:04:05' WHERE serial='$good'");
is $server->says('/root/', 'root-good-1'), 'revoked', 'its date is mended'
    for 1 .. 3;
is scalar(grep { /\bOCSP0302: certificate $good/ } $server->alarms), 1,
    'a line for its reason alone';

finish;
