# SPDX-License-Identifier: Apache-2.0
# Requests by POST, other methods, and limits.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/small/">
    @responder root@
    OCSPResponderMaxRequest 128
</Location>
CONF

my $der  = request_for('root-good-1');
my $long = request_for('root-good-1', nonce => 'n' x 64);

sub body_says { return $server->request('POST', '/ocsp/', @_)->{says} }

# The same on a connection that is kept.
sub client_says {
    my ($client, @request) = @_;
    return $server->request_on($client, @request)->{says};
}

note 'case 10: content types';
for my $type ('application/ocsp-request', 'application/ocsp-request; charset=x',
              'Application/OCSP-Request', 'text/plain',
              'application/x-www-form-urlencoded', 'nonsense', '') {
    is body_says(body => $der, headers => ["Content-Type: $type"]), 'good',
        "type '$type'";
}
is body_says(body => $der), 'good', 'no type';
is $server->post('/ocsp/x/y', $der)->{says}, 'good', 'below the location';

note 'case 11: bodies that are no request';
my @children = $server->children;
my $client   = $server->client;
my %bad = (
    'empty'           => '',        'foobar'           => 'foobar',
    'one byte'       => "\x30",    'two bytes'       => "\x30\x03",
    'truncated DER'   => substr($der, 0, -1),
    'half of it'      => substr($der, 0, length($der) / 2),
    'a huge length'   => "\x30\x84\x7f\xff\xff\xff",
    'the base64 text' => base64($der),
);
for my $name (sort keys %bad) {
    is client_says($client, 'POST', '/ocsp/', body => $bad{$name}),
        'malformedRequest', $name;
}
is client_says($client, 'POST', '/ocsp/'), 'malformedRequest',
    'neither body nor length';
is client_says($client, 'POST', '/ocsp/', body => $der), 'good',
    'the connection lives on';
is "@{[$server->children]}", "@children", 'and so do the processes';

note 'case 12: too large';
my $answer = $server->post('/small/', $long);
is $answer->{says}, 'HTTP 413', 'a body over the limit';
is $answer->{headers}{connection}, 'close', '  which ends the connection';
$answer = $server->post('/small/', $long, headers => ['Expect: 100-continue']);
is $answer->{says}, 'HTTP 413', 'announced with Expect: 100-continue';
is "@{$answer->{interim}}", '', 'is refused before 100 Continue';
$answer = $server->request('POST', '/small/', body => $long, chunked => [10]);
is $answer->{says}, 'HTTP 413', 'a chunked body over the limit';
is $answer->{headers}{connection}, 'close', '  which ends the connection, too';
is $server->request('POST', '/small/',
    headers => ['Content-Length: 99999999999999'])->{says}, 'HTTP 413',
    'a length that no body follows';
is $server->get('/small/', $long)->{says}, 'HTTP 414', 'a payload in the path';
is $server->get('/small/', $der)->{says},  'good', 'below the limit by GET';
is $server->post('/small/', $der)->{says}, 'good', 'below the limit by POST';

my $exact = request_for('root-good-1', nonce => 'n');
$exact = request_for('root-good-1', nonce => 'n' x (128 - length($exact) + 1));
is length $exact, 128, 'a request of exactly the limit';
is $server->post('/small/', $exact)->{says}, 'good', 'is answered';
is $server->get('/small/', $exact)->{says},  'good', 'by GET too';

my $flood = $server->client;
$flood->send_bytes(T::HTTP::bytes('POST', '/ocsp/',
    headers => ['Transfer-Encoding: chunked']));
$flood->send_bytes("10000\r\n", "x" x 65536, "\r\n") or last for 1 .. 16;
is read_answer($flood->response)->{says}, 'HTTP 413',
    'an endless chunked body is cut off';

note 'case 12: chunked bodies';
is body_says(body => $der, chunked => $_), 'good', 'in ' . (@$_ + 1) . ' chunks'
    for [], [1, 1, 1], [(1) x (length($der) - 1)];
my $slow = $server->client;
$slow->send_bytes(T::HTTP::bytes('POST', '/ocsp/', headers =>
    ['Content-Length: ' . length $der]), substr $der, 0, 20);
select undef, undef, undef, 0.3;
$slow->send_bytes(substr $der, 20);
is read_answer($slow->response)->{says}, 'good',
    'a body that comes in two parts';
$answer = $server->post('/ocsp/', $der, headers => ['Expect: 100-continue']);
is $answer->{says}, 'good', 'Expect: 100-continue';
$client = $server->client;
my $target = '/ocsp/' . percent(base64($der));
is client_says($client, 'POST', '/ocsp/', body => $der, chunked => [7]), 'good',
    "connection in step, POST $_" for 1 .. 3;
is client_says($client, 'GET', $target, body => 'ignored'), 'good',
    'GET with a body';
is client_says($client, 'GET', $target), 'good', 'and in step after it';
$client->send_bytes(T::HTTP::bytes('POST', '/ocsp/', headers =>
    ['Transfer-Encoding: chunked', 'Trailer: Content-Length']),
    sprintf "%x;an=extension\r\n%s\r\n0\r\nContent-Length: 3\r\n\r\n",
    length $der, $der);
is read_answer($client->response)->{says}, 'good', 'chunks with a trailer';
is client_says($client, 'GET', $target), 'good', 'and in step after it';

my $cut = $server->client(timeout => 5);
$cut->send_bytes(T::HTTP::bytes('POST', '/ocsp/',
    headers => ['Content-Length: ' . length $der]), substr $der, 0, 20);
$cut->finish_sending;
like read_answer($cut->response)->{says},
    qr/^(?:malformedRequest|HTTP 400|nothing)$/,
    'a body shorter than announced';

note 'case 13: methods';
for my $method (qw(PUT DELETE PATCH PROPFIND MKCOL FOO TRACE)) {
    my $other = $server->request($method, $target);
    is $other->{status}, 405, $method;
    is_deeply [sort split /,\s*/, $other->{headers}{allow} // ''],
        [qw(GET HEAD OPTIONS POST)], "$method is told what is allowed";
}
my $options = $server->request('OPTIONS', '/ocsp/');
is $options->{status}, 200, 'OPTIONS';
is_deeply [sort split /,\s*/, $options->{headers}{allow} // ''],
    [qw(GET HEAD OPTIONS POST)], 'and its Allow';
my $get  = $server->request('GET', $target);
my $head = $server->request('HEAD', $target);
is $head->{status}, 200, 'HEAD';
is_deeply [sort keys %{ $head->{headers} }], [sort keys %{ $get->{headers} }],
    "has GET's headers";
is $head->{headers}{$_}, $get->{headers}{$_}, "$_ of HEAD"
    for qw(content-length content-type);
$client = $server->client;
$client->request('HEAD', $target);
is client_says($client, 'GET', $target), 'good', 'no body after HEAD';

note 'case 14: a byte too many';
is body_says(body => "$der\0"), 'malformedRequest', 'by POST';
is $server->get('/ocsp/', "$der\0")->{says}, 'malformedRequest', 'by GET';
is body_says(body => $der x 2), 'malformedRequest', 'two at once';

finish;
