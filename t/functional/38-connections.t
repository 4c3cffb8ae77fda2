# SPDX-License-Identifier: Apache-2.0
# Several requests on one connection, one after the other and all at once; and
# HTTP/2.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my @h2 = has_module('http2') ? 'http2' : ();
my $server = T::Server->new(modules => \@h2,
    conf => (@h2 ? "Protocols h2c http/1.1\n" : '') . <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF

my %is = ('root-good-1' => 'good', 'root-revoked-keyCompromise' => 'revoked',
    'root-good-2' => 'good');
my @tags = sort keys %is;

sub get_bytes {
    my ($tag, $method) = @_;
    return T::HTTP::bytes($method // 'GET',
        '/ocsp/' . percent(base64(request_for($tag))));
}

sub post_bytes {
    my ($tag) = @_;
    return T::HTTP::bytes('POST', '/ocsp/', body => request_for($tag),
        headers => ['Content-Type: application/ocsp-request']);
}

note 'one after the other';
my $client = $server->client;
sub says_to {
    my ($bytes) = @_;
    return $server->in_time(sub {
        $client->send_bytes($bytes);
        return read_answer($client->response);
    })->{says};
}
for my $tag (@tags, @tags) {
    is says_to(get_bytes($tag)), $is{$tag}, "GET $tag";
    is says_to(post_bytes($tag)), $is{$tag}, "POST $tag";
}

note 'all at once';
$client->send_bytes(join '', map { get_bytes($_), get_bytes($_, 'HEAD'),
    post_bytes($_) } @tags);
for my $tag (@tags) {
    is read_answer($client->response)->{says}, $is{$tag}, "GET $tag";
    my $head = $client->response('HEAD');
    is $head->{status}, 200, "HEAD $tag";
    cmp_ok $head->{headers}{'content-length'}, '>', 100, '  as long as by GET';
    is read_answer($client->response)->{says}, $is{$tag}, "POST $tag";
}

SKIP: {
    skip 'no mod_http2', 1 unless @h2;
    my ($code, $text) = run('curl', '--version');
    skip 'no curl that speaks HTTP/2', 1 if $code || $text !~ /\bHTTP2\b/;
    note 'HTTP/2';
    my $out = scratch_file();
    for my $tag (@tags) {
        my $path = '/ocsp/' . percent(base64(request_for($tag)));
        is must('curl', '-s', '--http2-prior-knowledge', '-o', $out, '-w',
            '%{http_version} %{http_code}',
            "http://127.0.0.1:$server->{port}$path"), '2 200', $tag;
        is read_response(slurp($out))->{singles}[0]{status}, $is{$tag},
            "  $is{$tag}";
    }
}

finish;
