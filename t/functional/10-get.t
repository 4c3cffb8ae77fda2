# SPDX-License-Identifier: Apache-2.0
# Requests by GET on a stock httpd: the payload in every form that clients send.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/ocsp/root/">
    @responder root@
</Location>
<Location "/bare">
    @responder root@
</Location>
CONF

sub target_says {
    my ($target, $want, $name) = @_;
    return is $server->request('GET', $target)->{says}, $want, $name;
}

# A request whose base64 matches; the nonce is what varies.
sub request_whose_base64 {
    my ($pattern) = @_;
    for my $byte ("\xff", "\xfb\xef\xbe", "\x3f", "\x30") {
        for my $n (1 .. 60) {
            for my $before ('', 'a', 'ab') {
                my $der = request_for('root-good-1',
                    nonce => substr $before . $byte x $n, 0, 60);
                return $der if base64($der) =~ $pattern;
            }
        }
    }
    die "no request with base64 like $pattern";
}

my $der    = request_for('root-good-1');
my $base64 = base64($der);

note 'case 1: wholly percent-encoded';
my $whole = join '', map { sprintf '%%%02X', ord } split //, $base64;
target_says("/ocsp/root/$whole", 'good', 'every character percent-encoded');
target_says('/ocsp/root/' . lc $whole, 'good', 'the same in lower-case hex');
target_says('/ocsp/root/' . percent($base64), 'good', 'only the reserved ones');

note 'case 2: raw';
my $all = request_whose_base64(qr{^(?=.*/)(?=.*\+).*=});
target_says('/ocsp/root/' . base64($all), 'good', '/, + and = as they are');
my ($raw, $encoded) = map { $server->request('GET', "/ocsp/root/$_")->{single} }
    base64($all), percent(base64($all));
is $raw->{certid}, $encoded->{certid}, 'the same answer as percent-encoded';

note 'case 3: // in the base64';
my $slashes = base64(request_whose_base64(qr{//}));
for my $form ('//', '%2F%2F', '%2f%2F', '/%2F') {
    (my $payload = $slashes) =~ s{//}{$form}g;
    target_says("/ocsp/root/$payload", 'good', "$form in the base64");
}

note 'case 4: slashes between location and payload';
target_says("/ocsp/root//$base64",  'good', 'a second slash');
target_says("/ocsp/root///$base64", 'good', 'a third');
target_says("/bare/$base64",  'good', 'location without a trailing slash');
target_says("/bare//$base64", 'good', 'the same with a second slash');
target_says("/bare/$slashes", 'good', 'the same with // in the base64');

note 'case 5: the plus sign';
my $plus = base64(request_whose_base64(qr{\+}));
for my $form ('+', '%2B', '%2b', '%20') {
    (my $payload = $plus) =~ s{\+}{$form}g;
    target_says("/ocsp/root/$payload", 'good', "+ as $form");
}

note 'case 6: padding and the URL-safe alphabet';
for my $padding (qw(= ==)) {
    my $text = base64(request_whose_base64(qr{[^=]\Q$padding\E$}));
    for my $form ('=', '%3D', '%3d', '') {
        (my $payload = $text) =~ s/=/$form/g;
        target_says("/ocsp/root/$payload", 'good',
            "$padding written '$form' for each");
    }
}
(my $safe = base64($all)) =~ tr{+/}{-_};
target_says("/ocsp/root/$safe", 'good', 'base64url');
target_says('/ocsp/root/' . $safe =~ s/=//gr, 'good', 'base64url, no padding');

note 'case 7: what follows the payload';
target_says("/ocsp/root/$base64?x=1",     'good', 'a query string');
target_says("/ocsp/root/$base64?a/MAA=",  'good', 'one that looks like more');
target_says("/ocsp/root/$base64/",        'good', 'a trailing slash');
target_says("/ocsp/root/$base64//",       'good', 'two');
my $ending = base64(request_whose_base64(qr{/$}));
target_says("/ocsp/root/$ending",   'good', 'base64 that ends in /');
target_says("/ocsp/root/$ending/",  'good', 'and a stray / after it');
target_says('/ocsp/root/' . percent($ending), 'good', 'percent-encoded');

note 'case 8: no payload';
for my $target ('/ocsp/root/', '/ocsp/root//', '/bare', '/bare/', '/bare/?x') {
    target_says($target, 'malformedRequest', "GET $target");
}

note 'case 9: what is not base64, or not DER';
$server->expect_log('AH10244');    # httpd's own word for %ZZ
for my $bad ('%ZZ', '%', "$base64%ZZ") {
    like $server->request('GET', "/ocsp/root/$bad")->{says},
        qr/^(?:malformedRequest|HTTP 400)$/, 'a bad escape: ' . substr $bad, -4;
}
for my $bad (qw(!!!! MEU* M = ==== %ff%fe cert), "$base64\$", "x$base64") {
    target_says("/ocsp/root/$bad", 'malformedRequest', "'$bad'");
}
for my $bad ('%00', "%00$base64", "$base64%00") {
    like $server->request('GET', "/ocsp/root/$bad")->{says},
        qr/^(?:malformedRequest|HTTP 40[04])$/, 'a zero byte';
}
my %bad_der = (
    'an empty SEQUENCE'      => seq(),
    'not a request'          => seq(null()),
    'a truncated request'    => substr($der, 0, -1),
    'a byte too many'      => $der . "\0",
    'an indefinite length'   => "\x30\x80" . substr($der, 2) . "\0\0",
    'a length beyond memory' => "\x30\x84\xff\xff\xff\xff\0" . $der,
    'no SEQUENCE'            => octet_string($der),
);
for my $name (sort keys %bad_der) {
    target_says('/ocsp/root/' . percent(base64($bad_der{$name})),
        'malformedRequest', $name);
}

note 'case 9: other spellings of the same path';
target_says("//ocsp/root/$base64", 'good', 'a second slash in front');
target_says("/x/../ocsp/root/$base64", 'good', '..');
target_says("/%6fcsp/root/$base64", 'good', 'an escape in the location');
target_says("http://localhost/ocsp/root/$slashes", 'good', 'absolute form');
target_says("/ocsp/root/@{[ca('root')->{serial}]}/cert/$base64", 'good',
    'serial and cert/ before the payload');
target_says("/ocsp/root/ca/$slashes", 'good', 'ca/ before the payload');

finish;
