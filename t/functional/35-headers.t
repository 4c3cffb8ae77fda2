# SPDX-License-Identifier: Apache-2.0
# HTTP headers: caching, conditional requests, what stands in front.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256_hex);
use POSIX qw(strftime);
use T::Server;

my $server = T::Server->new(modules => [qw(filter deflate)],
    conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/deflate/">
    @responder root@
</Location>
<Location "/short/">
    @responder root@
    OCSPResponderMaxAge 20
</Location>
<Location "/long/">
    @responder root@
    OCSPResponderExpires 20h
    OCSPResponderMaxAge 10h
</Location>
<Location "/most/">
    @responder root@
    OCSPResponderExpires 5min
</Location>
SetOutputFilter DEFLATE
CONF

sub http_date { return strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime $_[0]) }

sub ask {
    my ($tag, @headers) = @_;
    return $server->get('/ocsp/', request_for($tag), headers => \@headers);
}

# The seconds that a shared cache may keep the answer.
sub max_age {
    my ($answer) = @_;
    my $control = $answer->{headers}{'cache-control'} // '';
    return 0 if $control =~ /no-store|no-cache|private/;
    return $control =~ /\bmax-age=(\d+)/ ? $1
         : defined $answer->{headers}{expires} ? 'by Expires' : 0;
}

note 'case 40: an answer that may be cached';
for my $tag ('root-good-1', 'root-revoked-keyCompromise') {
    my $answer = ask($tag);
    my ($h, $single) = ($answer->{headers}, $answer->{single});
    is $h->{'content-length'}, length $answer->{body}, "$tag: Content-Length";
    is $h->{'content-type'}, 'application/ocsp-response', '  Content-Type';
    is $h->{'last-modified'}, http_date($single->{this_update}),
        '  Last-Modified';
    is $h->{expires}, http_date($single->{next_update}), '  Expires';
    is $h->{etag}, '"' . sha256_hex($answer->{body}) . '"', '  ETag';
    like $h->{'cache-control'},
        qr/^max-age=\d+, *public, *no-transform, *must-revalidate$/,
        '  Cache-Control';
    cmp_ok max_age($answer), '>', 0, '  max-age is positive';
    cmp_ok max_age($answer), '<', $single->{next_update} - time,
        '  and ends before nextUpdate';
    ok !exists $h->{'transfer-encoding'}, '  not chunked';
}

note 'case 41: conditional requests';

# The answer changes with each second, so a tag is good for the rest of one,
# which a busy machine may need for one request.
sub revalidate {
    my ($header) = @_;
    my ($answer, $first);
    wait_for {
        $first = ask('root-good-1');
        (my $line = $header) =~ s/ETAG/$first->{headers}{etag}/;
        $answer = ask('root-good-1', $line);
        $answer->{status} == 304;
    } 20;
    return ($answer, $first);
}

for my $header ('If-None-Match: ETAG', 'If-None-Match: *',
                'If-None-Match: "x", ETAG, "y"', 'If-None-Match: W/ETAG',
                "If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n"
                . 'If-None-Match: ETAG') {
    my ($answer, $first) = revalidate($header);
    is $answer->{status}, 304, $header or next;
    is $answer->{body}, '', '  no body';
    next if $header =~ /\*/;
    is $answer->{headers}{$_}, $first->{headers}{$_}, "  the same $_"
        for qw(etag cache-control expires);
}
is ask('root-good-1', $_)->{says}, 'good', $_
    for 'If-None-Match: "stale"', 'If-None-Match: W/"stale", "x"',
        'If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT';
is $server->post('/ocsp/', request_for('root-good-1'),
    headers => ['If-None-Match: *'])->{says}, 'good', 'POST with If-None-Match';

note 'case 52: a date alone says nothing';
for (1 .. 3) {
    my $first = ask('root-good-1');
    is ask('root-good-1', "If-Modified-Since: $_")->{says}, 'good',
        "If-Modified-Since: $_"
        for $first->{headers}{'last-modified'}, http_date(time),
            http_date(time + 3600);
}

note 'case 53: ranges and preconditions';
my $date    = 'If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT';
my @ignored = ('Range: bytes=0-3', 'Range: bytes=9000-', 'Range: bytes=-4',
    "Range: bytes=0-3\r\nIf-Range: \"x\"", 'If-Match: "x"', $date);
my %whole = (
    'a nonce' => ['get',  request_for('root-good-1', nonce => 'n'), 'good'],
    'POST'    => ['post', request_for('root-good-1'),               'good'],
    'unknown' => ['get', ocsp_request([certid('root', '5EED')]), 'unknown'],
    'an error'         => ['get',  'x', 'malformedRequest'],
    'an error by POST' => ['post', 'x', 'malformedRequest'],
    'unauthorized' => ['get', request_for('inter-good-1'), 'unauthorized'],
);
for my $name (sort keys %whole) {
    my ($method, $der, $says) = @{ $whole{$name} };
    for my $header (@ignored) {
        my $answer = $server->$method('/ocsp/', $der, headers => [$header]);
        is $answer->{says}, $says, "$name with $header";
        is $answer->{headers}{'content-range'}, undef, '  whole';
    }
}
my $part = ask('root-good-1', 'Range: bytes=0-3');
is $part->{status}, 206, 'a part of what may be cached';
is length $part->{body}, 4, '  is as long as was asked for';
is ask('root-good-1', "Range: bytes=0-3\r\nIf-Range: \"x\"")->{says}, 'good',
    '  and whole when If-Range names another';
is ask('root-good-1', 'If-Match: "x"')->{status}, 412, 'If-Match of another';
is ask('root-good-1', 'If-Match: *')->{says}, 'good', 'If-Match of any';
is ask('root-good-1', $date)->{status}, 412, 'If-Unmodified-Since of long ago';
is ask('root-good-1', 'If-Unmodified-Since: ' . http_date(time + 3600))->{says},
    'good', 'and of what is to come';
is ask('root-good-1', "$date\r\nIf-Match: *")->{says}, 'good',
    'but If-Match goes before it';
is ask('root-good-1', 'If-Unmodified-Since: x')->{says}, 'good', 'no date';

note 'OCSPResponderMaxAge';
my %most = (short => 20, long => 36000, most => 300);
for my $name (sort keys %most) {
    my $answer = $server->get("/$name/", request_for('root-good-1'));
    my $rest = $answer->{single}{next_update}
        - $answer->{response}{produced_at};
    cmp_ok max_age($answer), '<=', $most{$name}, "$name: not more than is set";
    cmp_ok max_age($answer), '<=', 0.95 * ($rest + 1),
        '  nor than 95 % of what is left';
    cmp_ok max_age($answer), '>=', ($most{$name} < $rest ? $most{$name} : $rest)
        * 0.93 - 2, '  and hardly less';
    is $answer->{headers}{expires}, http_date($answer->{single}{next_update}),
        '  Expires stays';
}

note 'case 42: what may not be cached';
my %uncached = (
    'a nonce'         => request_for('root-good-1', nonce => 'n'),
    'unknown'         => ocsp_request([certid('root', '5EED')]),
    'several CertIDs' =>
        ocsp_request([map { certid_of("root-good-$_") } 1, 2]),
);
$_ = $server->get('/ocsp/', $_) for values %uncached;
$uncached{POST} = $server->post('/ocsp/', request_for('root-good-1'));
for my $name (sort keys %uncached) {
    like $uncached{$name}{says}, qr/^(?:good|unknown)/, "$name is answered";
    is max_age($uncached{$name}), 0, '  no positive max-age';
}
my %error = (
    malformedRequest => $server->get('/ocsp/', 'x'),
    unauthorized     => ask('inter-good-1'),
    'by POST'        => $server->post('/ocsp/', 'x'),
);
for my $name (sort keys %error) {
    is $error{$name}{headers}{'cache-control'}, 'no-store', "error $name";
    ok !exists $error{$name}{headers}{$_}, "  no $_" for qw(etag expires);
    is $error{$name}{headers}{'content-length'}, 5, '  five bytes';
}

note 'case 43: DEFLATE on the whole server';
my $squeezed = ask('root-good-1', 'Accept-Encoding: gzip, deflate, br');
is $squeezed->{headers}{'content-encoding'}, undef, 'is not compressed';
is $squeezed->{says}, 'good', 'and well';
is $squeezed->{headers}{etag}, '"' . sha256_hex($squeezed->{body}) . '"',
    'with its own ETag';

note 'case 43: mod_cache in front';
SKIP: {
    skip 'no mod_cache_disk', 5 unless has_module('cache_disk');
    my $cache = T::Server->new(modules => [qw(cache cache_disk)],
        conf => <<'CONF');
CacheRoot @ROOT@/cache
CacheEnable disk /
CacheHeader on
<Location "/ocsp/">
    @responder root@
</Location>
CONF
    mkdir "$cache->{root}/cache";
    chmod 0777, "$cache->{root}/cache";
    $cache->start;
    my @answers =
        map { $cache->get('/ocsp/', request_for('root-good-1')) } 1 .. 3;
    like $answers[0]{headers}{'x-cache'}, qr/MISS/, 'the first is not in it';
    like $answers[1]{headers}{'x-cache'}, qr/HIT/,  'the second is';
    is $answers[1]{body}, $answers[0]{body}, 'and the same';
    my $nonce = request_for('root-good-1', nonce => 'n');
    my @fresh = map { $cache->get('/ocsp/', $nonce) } 1, 2;
    unlike $fresh[1]{headers}{'x-cache'} // '', qr/HIT/,
        'with a nonce it is not';
    is $fresh[1]{says}, 'good', 'and is answered';
}

finish;
