# SPDX-License-Identifier: Apache-2.0
# The status page: what it counts, and the forms it has for people and machines.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP qw(decode_json);
use T::PKI;
use T::Server;

ask_once;

my $python = '/usr/bin/python3';
my $server = T::Server->new(mpm => 'prefork',
    modules => [qw(status socache_shmcb)], conf => <<'CONF')->start;
ExtendedStatus On
OCSPResponderCache shmcb:@ROOT@/run/cache(1000000)
<Location "/root/">
    @responder root@
</Location>
<Location "/unauthorized/">
    @responder root@
    OCSPResponderUnknown unauthorized
</Location>
<Location "/revoked/">
    @responder root@
    OCSPResponderUnknown revoked
</Location>
<Location "/root/inside/status">
    SetHandler ocsp-responder-status
    Require all granted
</Location>
@page status@
<Location "/closed">
    SetHandler ocsp-responder-status
    Require all denied
</Location>
<Location "/server-status">
    SetHandler server-status
    Require all granted
</Location>
CONF

my $ca = ca('root')->{serial};

# A family of the JSON form, by the values of its labels.
sub family {
    my ($name) = @_;
    my $answer = $server->request('GET', '/status?json');
    my $samples = decode_json($answer->{body})->{$name}{samples};
    my %value;
    for my $sample (@$samples) {
        my %label = %$sample;
        delete @label{qw(value buckets sum count)};
        $value{ join ' ', map { $label{$_} } sort keys %label } =
            $sample->{value} // $sample->{count};
    }
    return \%value;
}

# Waits until a family is so: a request is counted when its answer is sent.
sub counts {
    my ($name, $want, $what) = @_;
    my $got;
    wait_for {
        $got = family($name);
        !grep { ($got->{$_} // -1) != $want->{$_} } keys %$want;
    } 10;
    is_deeply { map { $_ => $got->{$_} } keys %$want }, $want, $what;
    return;
}

note 'before anything is asked, as alerts want it';
is_deeply [values %{ family('signer_ready') }], [1], 'who signs can sign';
cmp_ok +(values %{ family('signer_not_after') })[0], '>', time,
    '  and until when is known';

note 'what is counted';
my $good    = request_for('root-good-1');
my $revoked = request_for('root-revoked-keyCompromise');
my $unknown = ocsp_request([certid('root', '5EED')]);
my $nonce   = request_for('root-good-1', nonce => "\x07" x 16);
$server->get('/root/', $good) for 1 .. 7;
$server->get('/root/', $revoked) for 1 .. 5;
$server->post('/root/', $unknown) for 1 .. 3;
$server->get('/root/', $nonce) for 1 .. 2;
$server->request('HEAD', '/root/' . percent(base64($good)));
$server->post('/root/', 'foobar');
$server->post('/root/', request_for('inter-good-1'));
$server->request('PUT', '/root/', body => 'x');
$server->post('/root/', 'x' x 9000);
$server->post('/unauthorized/', $unknown) for 1 .. 2;
$server->post('/revoked/', $unknown);

my %requests = (GET => 14, HEAD => 1, POST => 9, other => 1);
counts('requests', \%requests, 'requests by method');
counts('http_responses', { 200 => 23, 405 => 1, 413 => 1 }, 'HTTP statuses');
counts('answers', { "$ca good" => 10, "$ca revoked" => 6, "$ca unknown" => 3 },
    'statuses sent');
counts('never_issued', { $ca => 6 }, 'serials never issued');
counts('errors', { malformedRequest => 1, unauthorized => 3, tryLater => 0,
    internalError => 0 }, 'OCSP errors');
counts('nonces', { no => 20, yes => 2 }, 'nonces');
counts('certids', { sha1 => 22, sha256 => 0 }, 'hashes');
my $made = family('made');
is $made->{signed} + $made->{reused}, 19, 'answers by how they were made';
is $made->{reused}, 11, '  of which some were reused';
is_deeply family('cache'), { hit => 11, miss => 2, refused => 0, stored => 2 },
    'the cache';
is family('cache_entries')->{''}, 2, '  and what is in it';
like family('cache_used_ratio')->{''}, qr/^0(?:\.[0-4]\d*)?$/,
    '  and how full it is: not much';
is family('request_duration')->{''}, 25, 'each request was timed';
is family('signing_duration')->{''}, 8, '  and each signature';

note 'who signs';
my $signer = ca('root')->{responder_serial};
is family('signer_ready')->{"$ca $signer"}, 1, 'the CA has a key';
is_deeply [keys %{ family('ca') }], ["$ca CN=Root CA,O=Example,C=AT"],
    'its name';
is_deeply [keys %{ family('signer') }],
    ["$ca $signer CN=Root CA,O=Example,C=AT RSA 2048"],
    "the responder's certificate, its issuer and key";
my ($ends) = values %{ family('signer_not_after') };
is $ends, 3_786_912_000, 'when it ends, as openssl x509 says'
    or diag must('openssl', 'x509', '-in', ca('root')->{cert}, '-noout',
        '-dates');
my $row = $server->request('GET', '/status')->{body};
like $row, qr{<code>$ca</code>.*<i>read \d+ \w+ ago</i>},
    'the page says when the CA was read';
like $row, qr{<td data-is="responder's certificate"><code>$signer<},
    '  and who signs';

note 'across processes and a graceful restart';
cmp_ok scalar($server->children), '>', 1, 'there are several processes';
ok $server->graceful, 'a graceful restart';
counts('requests', \%requests, 'what was counted before is still there');
my @pids;
for my $process (1 .. 4) {
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        my $client = $server->client;
        $client->request('GET', '/root/' . percent(base64($good)))
            for 1 .. 250;
        POSIX::_exit(0);
    }
    push @pids, $pid;
}
waitpid $_, 0 for @pids;
counts('requests', { %requests, GET => 1014 }, 'none of 1000 more is lost');

note 'faults';
# Whichever comes first says it: the look-up, or reading the CAs again.
$server->allow_log('OCSP0202', 'OCSP0204');
$server->sql("DROP TABLE django_ca_certificate");
is $server->get('/root/', $good)->{says}, 'internalError', 'no table' for 1, 2;
counts('errors', { internalError => 2 }, 'errors by OCSP status');
my $ids = family('messages');
is(($ids->{OCSP0202} // 0) + ($ids->{OCSP0204} // 0), 2,
    '  and by the id of the message');

note 'metrics';
my $metrics = $server->request('GET', '/status?metrics');
is $metrics->{headers}{'content-type'},
    'application/openmetrics-text; version=1.0.0; charset=utf-8', 'its type';
like $metrics->{body}, qr/^ocsp_responder_requests_total\{method="POST"\} 9$/m,
    'a counter';
like $metrics->{body}, qr/^ocsp_responder_build_info\{version="\d+\.\d+\.\d+"/m,
    'the build';
like $metrics->{body},
    qr/^ocsp_responder_lookup_duration_seconds_bucket\{le="\+Inf"\} \d+$/m,
    'a histogram';
like $metrics->{body}, qr/\n# EOF\n\z/, 'its end';
SKIP: {
    my ($code, $text) = run($python, '-c', 'import prometheus_client');
    skip 'no prometheus_client', 1 if $code;
    my $file = spew("$server->{root}/metrics", $metrics->{body});
    ($code, $text) = run($python, '-c', <<'PYTHON', $file);
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(open(sys.argv[1]).read()))
print(len(families), 'families')
PYTHON
    is $code, 0, "the Prometheus client's parser reads it" or diag $text;
}
note 'its form, as queries are written';
my ($scraped) = slurp(top_dir() . '/conf/manual/operation.txt')
    =~ /^ +params: \{(\w+): \[""\]\}$/m;
is $scraped, 'metrics', 'what the manual has Prometheus ask for';
my %form = ("$scraped=" => 'openmetrics', 'x=1&metrics' => 'openmetrics',
    'metrics&x' => 'openmetrics', 'json=' => 'json', 'metricsx' => 'html',
    'xjson' => 'html', 'x&' => 'html', '' => 'html');
for my $query (sort keys %form) {
    my $answer = $server->request('GET', "/status?$query");
    like $answer->{headers}{'content-type'}, qr/$form{$query}/, "?$query";
}

my $plain = $server->request('GET', '/status?metrics',
    headers => ['Accept: text/plain']);
is $plain->{headers}{'content-type'},
    'text/plain; version=0.0.4; charset=utf-8', 'the older format';
SKIP: {
    skip 'no promtool', 1 if (run('sh', '-c', 'command -v promtool'))[0];
    spew("$server->{root}/plain", $plain->{body});
    my ($code, $text) = run('sh', '-c',
        "promtool check metrics <$server->{root}/plain");
    is "$code $text", '0 ', 'promtool check metrics finds nothing';
}

like $metrics->{body},
    qr/^ocsp_responder_database_up\{server="main server"\} 1$/m,
    'the database';
my ($library) = split ' ', must('sqlite3', '-version');
like $metrics->{body},
    qr/^ocsp_responder_database_info\{.*library_version="\Q$library\E"/m,
    "  and its library's version";
is_deeply family('database_replica'), { 'main server' => 0 },
    '  whose rows are its own';
is_deeply family('database_replica_lag'), {}, '  and cannot be late';

note 'hosts with the settings of the main server, and with others';
my $hosts = T::Server->new(conf => <<'CONF')->start;
@page status@
<Location "/root/">
    @responder root@
</Location>
<VirtualHost 127.0.0.1:1>
    DBDExptime 300
</VirtualHost>
<VirtualHost 127.0.0.1:2>
    DBDExptime 299
</VirtualHost>
CONF
my @shown = $hosts->request('GET', '/status?metrics')->{body} =~
    /^ocsp_responder_database_up\{server="([^"]*)"\}/mg;
is scalar(@shown), 2, 'those share their connections, and these do not';
is $shown[0], 'main server', '  each is told of where it first stands';
$hosts->stop;

note 'the page';
my $page = $server->request('GET', '/status');
is $page->{status}, 200, 'there';
is $page->{headers}{'content-type'}, 'text/html; charset=utf-8', 'HTML';
is $page->{headers}{'cache-control'}, 'no-store', 'not to be kept';
like $page->{body}, qr{<code>$ca</code>}, 'names the CA';
unlike $page->{body}, qr/<script/, 'no script';
is $server->request('GET', '/root/inside/status')->{headers}{'content-type'},
    'text/html; charset=utf-8', 'inside of a responder';
is $server->request('HEAD', '/status')->{body}, '', 'HEAD';
for my $method (qw(POST TRACE PUT)) {
    my $other = $server->request($method, '/status');
    is $other->{status}, 405, "no $method";
    is $other->{headers}{allow}, 'GET, HEAD, OPTIONS', '  and what there is';
}
is $server->request('OPTIONS', '/status')->{status}, 200, 'OPTIONS';
is $server->request('GET', '/closed')->{status}, 403, 'Require holds';
$server->allow_log('AH01630');

note 'a CA whose name is not of ASCII, nor of HTML';
my $key = make_key('p256');
# As openssl takes it, which is Latin-1.
my $cert = make_cert(key => $key, cn => "\xC4 <b>&\"'{}\n,\\\\",
    extensions => ['basicConstraints=critical,CA:TRUE',
        'keyUsage=critical,keyCertSign,digitalSignature']);
my $named = T::Server->new(conf => <<"CONF");
<Location "/ocsp/">
    OCSPResponderCA hostile
    OCSPResponderKey $key
    OCSPResponderCert $cert
</Location>
\@page status\@
CONF
insert_ca($named, $cert, name => 'hostile');
$named->start;
$named->get('/ocsp/', ocsp_request([certid('root', '5A')]));
my ($name) = map { $_->{name} } @{ decode_json($named->request('GET',
    '/status?json')->{body})->{ca}{samples} };
is $name, qq(CN=\x{C4} \\<b\\>&\\"'{}\\0A\\,\\\\), 'JSON';
like $named->request('GET', '/status')->{body},
    qr/CN=\xC3\x84 \\&lt;b\\&gt;&amp;\\&quot;/, 'HTML';
like $named->request('GET', '/status?metrics')->{body},
    qr/name="CN=\xC3\x84 \\\\<b\\\\>&\\\\\\"'/, 'metrics';

note 'names that are not of ASCII, and a byte that is not of UTF-8';
my $odd = T::Server->new(
    dbd => "DBDriver sqlite3\nDBDParams \@ROOT\@/\xC3\xA4-\xE4\n",
    conf => <<'CONF')->allow_log('OCSP0201')->start;
<Location "/ocsp/">
    @responder root@
</Location>
@page status@
CONF
$odd->says('/ocsp/', 'root-good-1');
my ($failure) = eval { @{ decode_json($odd->request('GET', '/status?json')
    ->{body})->{database_failure}{samples} } };
like $failure->{cause}, qr{/\xE4-\xE4 }, 'JSON';
like $odd->request('GET', '/status')->{body}, qr{/\xC3\xA4-\xE4 }, 'HTML';

note "mod_status' page";
like $server->request('GET', '/server-status')->{body},
    qr{<h1>OCSP responder</h1>}, 'a section';
like $server->request('GET', '/server-status?auto')->{body},
    qr{^OCSPResponderRequestsPOST: 9$}m, 'and lines for machines';

finish;
