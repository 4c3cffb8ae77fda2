# SPDX-License-Identifier: Apache-2.0
# make torture: every call that can fail does so in turn, for answers out of
# index.txt, a CRL, another product's tables, a cache in memcached and what was
# signed beforehand, and for the pages of the status and of the health check.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Memcached;
use T::PKI::Responder;
use T::Server;

use Torture;

my $why_not = has_module('socache_memcache')
    ? Torture::why_not() : 'no mod_socache_memcache';
plan skip_all => $why_not if $why_not;

Torture::in_parts(5) if $ENV{TORTURE_ALL};

my $folder  = folder();
my $revoked = cert('ec-revoked-1');
my $ec      = ca('ec');
my $revoked_pem = slurp($revoked->{pem});

# index.txt, and a CRL that is made of it.
spew("$folder/index.txt", map { join("\t", @$_, 'unknown', '/CN=x') . "\n" }
    ['V', '391225202502Z', '', '600D'],
    ['R', '391225202502Z', '240102030405Z,keyTime,20230102030405Z', '0BAD']);
spew("$folder/number", "01\n");
spew("$folder/cnf", "[ca]\ndefault_ca = d\n[d]\ndatabase = $folder/index.txt\n"
    . "crlnumber = $folder/number\ndefault_md = sha256\n"
    . "default_crl_days = 9\n");
spew("$folder/crl", must('openssl', 'ca', '-gencrl', '-config', "$folder/cnf",
    '-cert', $ec->{pem}, '-keyfile', $ec->{ca_key}));
open_up($folder);

my %source = (index => "index $folder/index.txt",
    crl => "crl absent=good $folder/crl", sql => 'sql mine',
    joined => 'sql joined', decimal => 'sql decimal', held => 'sql held');
my $cache   = T::Memcached->start;
my $torture = Torture->new;
my $server  = T::Server->new(mpm => 'worker', threads => 2,
    env => $torture->env,
    modules => ['socache_memcache'], db => <<"SQL",
CREATE TABLE certs (serial TEXT, state TEXT, reason TEXT, revoked_at TEXT);
INSERT INTO certs VALUES ('600D', 'V', NULL, NULL),
    ('0BAD', 'R', 'superseded', '2024-01-02 03:04:05');
CREATE TABLE revocations (serial TEXT, reason TEXT, revoked_at TEXT);
INSERT INTO revocations VALUES ('0BAD', 'superseded', '2024-01-02 03:04:05');
CREATE TABLE decimals (serial TEXT, state TEXT, revoked_at TEXT);
INSERT INTO decimals VALUES ('24589', 'V', NULL),
    ('2989', 'R', '2024-01-02 03:04:05');
CREATE TABLE held (serial TEXT, state TEXT, revoked_at TEXT, pem TEXT);
INSERT INTO held VALUES
    ('$revoked->{serial}', 'R', '2024-01-02 03:04:05', '$revoked_pem');
SQL
    conf => <<"CONF" . join '', map { <<"CONF" } sort keys %source);
OCSPResponderCache memcache:127.0.0.1:$cache->{port}
<OCSPResponderTable mine>
    From certs
    Serial serial HEX even
    CA any
    Status state V=good R=revoked
    Reason reason
    RevokedAt revoked_at datetime
</OCSPResponderTable>
# Where what is not there is good, what cannot be read must not look so.
<OCSPResponderTable joined>
    From certs c LEFT JOIN revocations r ON r.serial = c.serial
    Serial c.serial HEX even
    CA any
    Status r.serial NULL=good *=revoked
    Reason r.reason
    RevokedAt r.revoked_at datetime
</OCSPResponderTable>
<OCSPResponderTable decimal>
    From decimals
    Serial serial decimal
    CA any
    Status state V=good R=revoked
    RevokedAt revoked_at datetime
    Absent good
</OCSPResponderTable>
<OCSPResponderTable held>
    From held
    Serial serial HEX
    CA certificate
    Certificate pem pem
    Status state V=good R=revoked
    RevokedAt revoked_at datetime
    Absent good
</OCSPResponderTable>
<Location "/ec/">
    \@responder ec\@
</Location>
<Location "/presigned/">
    OCSPResponderCA inter
    OCSPResponderPresigned on
</Location>
\@page status\@
\@page health\@
CONF
<Location "/$_/">
    OCSPResponderCA \@ec.pem\@
    OCSPResponderKey \@ec.key\@
    OCSPResponderCert \@ec.cert\@
    OCSPResponderSource $source{$_}
</Location>
CONF

# One request on the connection that there is; what is said.
my $client;
sub ask {
    my (@request) = @_;
    $client //= $server->client(timeout => 20);
    my $answer = read_answer($client->request(@request));
    undef $client if ($answer->{headers}{connection} // 'close') =~ /close/i;
    my $single = $answer->{single} // {};
    return join ' ', $answer->{says}, grep { defined }
        @{$single}{qw(revoked_text reason)};
}

# A page may also say that it cannot be made, or that something is wrong.
sub look {
    my ($path) = @_;
    my $says = ask('GET', $path);
    return $says =~ /^HTTP 50[03]/ ? 'internalError' : $says;
}

sub post {
    my ($path, $serial) = @_;
    my $der = ocsp_request([certid('ec', $serial)], extensions =>
        [nonce('n' x 16)]);
    return sub { ask('POST', $path, body => $der) };
}

my @kinds = (
    ['out of memcached', sub {
        ask('GET', '/ec/' . percent(base64(request_for('ec-good-1'))));
    }],
    map({ my $tag = $_; [$tag, sub {
        ask('POST', '/presigned/', body => request_for($tag,
            digest => 'sha256'));
    }] } qw(inter-presigned-good inter-presigned-revoked)),
    map({ my $path = "/$_/"; (
        ["$_, good",    post($path, '600D')],
        ["$_, revoked", post($path, '0BAD')],
        ["$_, absent",  post($path, '5EED')],
    ) } grep { $_ ne 'held' } sort keys %source),
    ['held, revoked', post('/held/', $revoked->{serial})],
    map({ my $path = $_; [$path, sub { look($path) }] }
        qw(/health /status /status?json /status?metrics)),
);

$server->start;
$torture->watch($server);
my $all = 0;
for my $kind (Torture::part_of(@kinds)) {
    my ($name, $ask) = @$kind;
    my $failed = $torture->each_call($name, $ask);
    is $torture->told, '', "$name: $failed calls fail";
    cmp_ok $failed, '>', 0, '  some do';
    if ($ENV{TORTURE_ALL} && $name !~ m{^/}) {
        # Each is made eighty times; OpenSSL makes thousands of some.
        $torture->each_leak($name, $ask, 1 + int $failed / 150);
        is $torture->told, '', '  nothing is lost';
    }
    diag sprintf '%-24s %6d calls failed', $name, $failed if $ENV{TORTURE_ALL};
    $all += $failed;
}
diag "torture: $all calls failed" if $ENV{TORTURE_ALL};
undef $client;
$server->stop;
Test::More::done_testing();
