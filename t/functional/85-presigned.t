# SPDX-License-Identifier: Apache-2.0
# OCSPResponderPresigned: what django-ca 3.1 has signed beforehand.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX qw(strftime);
use T::Server;
use T::PKI::Responder;

ask_once;

my $LEAVES = 'django_ca_certificate';
my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/keyless/">
    OCSPResponderCA inter
    OCSPResponderPresigned on
</Location>
<Location "/all/">
    OCSPResponderCA *
    OCSPResponderPresigned on
</Location>
<Location "/key/">
    @responder inter@
    OCSPResponderPresigned on
</Location>
<Location "/no-nonce/">
    @responder inter@
    OCSPResponderPresigned on
    OCSPResponderNonce off
</Location>
<Location "/off/">
    @responder inter@
</Location>
CustomLog @ROOT@/logs/made "%{OCSP_MADE}n %{OCSP_PRODUCED_AT}n"
CONF
my @sha256 = (digest => 'sha256');

sub answer {
    my ($location, $tag, %o) = @_;
    return $server->get($location, request_for($tag, @sha256, %o));
}

sub says { return answer(@_)->{says} }

sub stored {
    my ($tag) = @_;
    return pack 'H*', $server->sql("SELECT hex(ocsp_response) FROM $LEAVES"
        . " WHERE serial = '" . cert($tag)->{serial_stored} . q('));
}

sub update {
    my ($tag, $set) = @_;
    $server->sql("UPDATE $LEAVES SET $set WHERE serial = '"
        . cert($tag)->{serial_stored} . q('));
    return;
}

my ($good, $revoked, $untrue, $lapsed) =
    map { "inter-presigned-$_" } qw(good revoked untrue lapsed);

note 'served as it is, while it is true';
for my $location ('/keyless/', '/all/', '/key/') {
    for my $tag ($good, $revoked) {
        my $answer = answer($location, $tag);
        is $answer->{says}, cert($tag)->{status}, "$location: $tag";
        ok $answer->{body} eq stored($tag), '  byte for byte';
        like $answer->{headers}{'cache-control'}, qr/max-age=\d/,
            '  may be cached';
    }
}
my $made = "$server->{root}/logs/made";
wait_for { (() = slurp($made) =~ /\n/g) >= 6 };
my $when = strftime('%FT%TZ', gmtime answer('/keyless/', $good)
    ->{response}{produced_at});
like slurp($made), qr/^presigned \Q$when\E$/m, 'and logged so, with its time';
is says('/keyless/', $good, nonce => 'n' x 16), 'good',
    'a nonce is left out where nobody can sign';

note 'where nobody can sign';
is says('/keyless/', 'inter-good-1'), 'tryLater', 'for none';
like $server->error_log,
    qr/OCSP0207: .*: there is no pre-signed response, and nobody can sign/,
    '  which is said';
my %no = (
    'a lie'               => [$untrue],
    'one that has ended'  => [$lapsed],
    'another algorithm'   => [$good, digest => 'sha1'],
    'parameters absent'   => [$good, null => 0],
);
for my $what (sort keys %no) {
    my $answer = answer('/keyless/', @{ $no{$what} });
    is $answer->{says}, 'tryLater', $what;
    is $answer->{headers}{'cache-control'}, 'no-store', '  not cached';
}
is $server->post('/keyless/', ocsp_request([certid_of($good, @sha256),
    certid_of($revoked, @sha256)]))->{says}, 'tryLater', 'two at once';
is $server->post('/keyless/', ocsp_request([certid('inter', '5EED', @sha256)]))
    ->{says}, 'tryLater', 'a serial never issued';
is says('/keyless/', 'root-good-1'), 'unauthorized', 'another CA';
$server->expect_log('OCSP0207');

note 'where there is a key it signs';
is says('/key/', $untrue), 'revoked', 'for a lie';
is says('/key/', $lapsed), cert($lapsed)->{status}, 'for one that has ended';
is says('/key/', 'inter-good-1'), 'good', 'for none';
is says('/key/', $good, digest => 'sha1'), 'good', 'for another algorithm';
my $signed = answer('/key/', $good, nonce => 'n' x 16);
is signed_by($signed), ca('inter')->{responder_serial}, 'for a nonce';
ok answer('/no-nonce/', $good, nonce => 'n' x 16)->{body} eq stored($good),
    'but not where no nonce is sent';
is signed_by(answer('/off/', $good)), ca('inter')->{responder_serial},
    'it is off by default';

note 'it is looked at each time';
update($good, "revoked = 1, revoked_date = '2024-01-01 00:00:00'");
is says('/keyless/', $good), 'tryLater', 'revoked since';
is says('/key/', $good), 'revoked', '  which the key says';
update($good, 'revoked = 0');
is says('/keyless/', $good), 'good', 'not any more';
update($revoked, "revoked_date = datetime(revoked_date, '-1 hour')");
is says('/keyless/', $revoked), 'tryLater', 'another time of revocation';
update($revoked, "revoked_date = datetime(revoked_date, '+1 hour')");
is says('/keyless/', $revoked), 'revoked', 'the same again';
update($revoked, "revoked_reason = 'ca_compromise'");
is says('/keyless/', $revoked), 'tryLater', 'another reason';
update($good, "ocsp_response_expires = '2024-01-01 00:00:00'");
is says('/keyless/', $good), 'tryLater', 'its ocsp_response_expires is past';
update($good, "ocsp_response_expires = '2085-01-01 00:00:00'");
is says('/keyless/', $good), 'good', '  or not';

note 'nor is it trusted';
my $bytes = stored($good);
my $flipped = $bytes;
# The signature stands before the certificates, about the middle.
my ($basic) = (der($bytes)->inside)[1]->inside;
my (undef, undef, $signature) = der(($basic->inside)[1]{content})->inside;
my $at = index $bytes, substr $signature->{content}, 1;
substr $flipped, $at + 20, 1, chr(ord(substr $bytes, $at + 20, 1) ^ 1);
my %forged = (
    'a broken signature' => $flipped,
    'half of it'         => substr($bytes, 0, length($bytes) / 2),
    'nothing'            => '',
    'rubbish'            => 'rubbish',
    'an OCSP error'      => "\x30\x03\x0a\x01\x03",
    "another's"          => stored($revoked),
);
for my $what (sort keys %forged) {
    update($good, "ocsp_response = x'" . unpack('H*', $forged{$what}) . q('));
    is says('/keyless/', $good), 'tryLater', $what;
    is says('/key/', $good), 'good', '  is signed anew';
}

note 'a signer that is none';
sub signed_with {
    my ($key, $pem) = @_;
    my $dir = folder();
    spew("$dir/index", "V\t850101000000Z\t\t"
        . even(cert($good)->{serial}) . "\tunknown\t/CN=x\n");
    must('openssl', 'ocsp', '-sha256', '-issuer', ca('inter')->{pem}, '-cert',
        cert($good)->{pem}, '-no_nonce', '-reqout', "$dir/request");
    must('openssl', 'ocsp', '-index', "$dir/index", '-CA', ca('inter')->{pem},
        '-rsigner', $pem, '-rkey', $key, '-reqin', "$dir/request", '-ndays',
        '30', '-resp_key_id', '-respout', "$dir/response");
    return slurp("$dir/response");
}
sub even { return length($_[0]) % 2 ? "0$_[0]" : $_[0] }
my $own     = make_pair(folder(), 'inter');
my $foreign = make_pair(folder(), 'root');
my $ended   = make_pair(folder(), 'inter', start => -7200, end => -3600);
my %signer = (
    'a responder of the CA\'s' => [$own->{key}, $own->{pem}, 'good'],
    'the CA itself' => [ca('inter')->{ca_key}, ca('inter')->{pem}, 'good'],
    "another CA's responder" => [$foreign->{key}, $foreign->{pem}, 'tryLater'],
    'one that has ended' => [$ended->{key}, $ended->{pem}, 'tryLater'],
    'an ordinary certificate' => [fixture_dir() . '/keys/leaf.pem',
        cert('inter-good-1')->{pem}, 'tryLater'],
);
for my $who (sort keys %signer) {
    my ($key, $pem, $says) = @{ $signer{$who} };
    update($good, "ocsp_response = x'"
        . unpack('H*', signed_with($key, $pem)) . q('));
    is says('/keyless/', $good), $says, $who;
}

note 'tables without them';
$server->sql("ALTER TABLE $LEAVES DROP COLUMN ocsp_response");
is says('/key/', $good), 'good', 'an older release';

note 'httpd -t';
my ($code, $text) = $server->configtest;
is $code, 0, 'no key, and all is well' or diag $text;
($code, $text) = T::Server->new(conf => <<'CONF')->configtest;
<Location "/ocsp/">
    OCSPResponderCA inter
    OCSPResponderPresigned off
</Location>
CONF
isnt $code, 0, 'no key, and not presigned';
like $text, qr/OCSPResponderCA without OCSPResponderKey/, '  which is said';

finish;
