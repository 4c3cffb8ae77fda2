# SPDX-License-Identifier: Apache-2.0
# The health check: 503 before the first wrong or missing answer, and why.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP qw(decode_json);
use File::Copy qw(copy);
use T::PKI;
use T::PKI::CRL;
use T::PKI::Responder;
use T::Server;
use Time::HiRes qw(time);

ask_once;

my $server = T::Server->new(modules => [qw(proxy proxy_http)],
    conf => <<'CONF');
ProxyPass "/" "http://127.0.0.1:1/"
<Location "/root/">
    @responder root@
</Location>
<Location "/inter/">
    @responder inter@
</Location>
@page health@
CONF
$server->start;

# Asserts what the check says: a status, and a reason (none: healthy).
sub is_health {
    my ($on, $status, $reason, $what) = @_;
    my ($answer, $took);
    # On a busy machine a first read may take longer than a request may wait.
    wait_for {
        my $began = time;
        $answer = $on->request('GET', '/health');
        $took   = time - $began;
        $answer->{body} !~ /cannot be read in time/;
    };
    my $body   = eval { decode_json($answer->{body} // '') } // {};
    is $answer->{status}, $status, "$what: $status" or diag explain $answer;
    takes_less $took, 2.5, '  in time';
    is !!$body->{healthy}, $status == 200, '  and the body agrees';
    if ($reason) { like "@{ $body->{reasons} // [] }", $reason, '  and why' }
    else         { is_deeply $body->{reasons}, [], '  without a reason' }
    return $body;
}

note 'healthy';
my $body = is_health($server, 200, undef, 'all is well');
is $body->{cas}, 2, 'the CAs';
is $body->{signed}, 2, '  and all of them signed';
my $answer = $server->request('GET', '/health');
is $answer->{headers}{'content-type'}, 'application/json', 'JSON';
is $answer->{headers}{'cache-control'}, 'no-store', 'not to be kept';
$answer = $server->request('HEAD', '/health');
is "$answer->{status} $answer->{body}", '200 ', 'HEAD';
for my $method (qw(POST TRACE PUT)) {
    my $other = $server->request($method, '/health');
    is $other->{status}, 405, "no $method";
    is $other->{headers}{allow}, 'GET, HEAD, OPTIONS', '  and what there is';
}
is $server->request('OPTIONS', '/health')->{status}, 200, 'OPTIONS';

# A certificate for the key of a CA's responder that has expired, in PEM.
sub expired {
    my $ca = ca($_[0]);
    return slurp(make_cert(key => $ca->{key}, start => -9000, end => -3000,
        issuer => { pem => $ca->{pem}, key => $ca->{ca_key} },
        extensions => ['extendedKeyUsage=OCSPSigning']));
}

note 'maintenance';
my $file = "$server->{root}/run/ocsp-responder-maintenance";
spew($file, '');
is_health($server, 503, qr/maintenance/, 'a maintenance file');
is $server->request('HEAD', '/health')->{status}, 503, '  HEAD, too';
is $server->says('/root/', 'root-good-1'), 'good',
    '  while what comes is answered';
unlink $file;
is_health($server, 200, undef, 'without it');

note 'the source';
$server->sql('ALTER TABLE django_ca_certificate RENAME TO gone');
is_health($server, 503, qr/does not answer/, 'no table');
$server->sql('ALTER TABLE gone RENAME TO django_ca_certificate');
wait_for { $server->request('GET', '/health')->{status} == 200 } 10;
is_health($server, 200, undef, 'the table is back');

$server->allow_log('OCSP0203', 'AH00632');
my $release = $server->lock_database;
is_health($server, 503, qr/does not answer|cannot be looked up/,
    'a database that hangs');
$release->();
wait_for { $server->request('GET', '/health')->{status} == 200 } 10;
is_health($server, 200, undef, 'it goes on');

note 'a row that contradicts itself';
my $index = folder() . '/index.txt';
spew($index, map { "V\t391225202502Z\t\t$_\tunknown\t/CN=x\n" } qw(01 01 02));
open_up(folder());
my $twice = T::Server->new(db => 0, dbd => 0, conf => <<"CONF")->start;
<Location "/ocsp/">
    \@responder root\@
    OCSPResponderCA \@root.pem\@
    OCSPResponderSource index $index
</Location>
\@page health\@
CONF
is $twice->get('/ocsp/', ocsp_request([certid('root', '01')]))->{says},
    'internalError', 'has no answer';
is_health($twice, 200, undef, '  which is nothing to others');
$twice->allow_log(qw(OCSP0204 OCSP0601));

note 'one of two CAs whose CRLs are in files of one source';
my %list;
for my $of (['root', 'rsa', 3600], ['ec', 'ec', -10]) {
    my ($tag, $kind, $end) = @$of;
    my $ca = ca($tag);
    $list{$tag} = folder() . "/$tag.crl";
    spew($list{$tag}, slurp($ca->{pem}),
        crl_pem(by => { pem => $ca->{pem}, key => $ca->{ca_key} },
            kind => $kind, start => -100, end => $end));
}
open_up(folder());
my $source = "OCSPResponderSource crl absent=good $list{root} $list{ec}";
my $lists = T::Server->new(db => 0, dbd => 0, conf => <<"CONF")->start;
<Location "/root/">
    \@responder root\@
    $source
</Location>
<Location "/ec/">
    \@responder ec\@
    $source
</Location>
\@page health\@
CONF
is $lists->get("/$_->[0]/", ocsp_request([certid($_->[0], '0B')]))->{says},
    $_->[1], "$_->[0]: $_->[1]" for ['root', 'good'], ['ec', 'tryLater'];
is_health($lists, 503, qr/^CA \Q@{[ca('ec')->{serial}]}\E: .*not answer$/,
    '  and the check says so');
$lists->allow_log('OCSP0203');

note 'every CA of a database';
my $all = T::Server->new(conf => <<'CONF')->start;
<Location "/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage @ROOT@/db
</Location>
@page health@
CONF
$all->sql("UPDATE django_ca_certificateauthority SET"
    . " ocsp_key_backend_options='{}'");
is_health($all, 503, qr/no CA/, 'none has a key');
my $options = JSON::PP->new->encode({
    private_key => { pem => slurp(ca('root')->{key}) },
    certificate => { pem => slurp(ca('root')->{cert}) } });
$all->sql("UPDATE django_ca_certificateauthority SET"
    . " ocsp_key_backend_alias='db', ocsp_key_backend_options='$options'"
    . " WHERE name='root'");
wait_for { $all->request('GET', '/health')->{status} == 200 } 30;
is is_health($all, 200, undef, 'one has, and the others are not in use')
    ->{cas}, 1, '  it alone counts';

note 'one of several has a key that cannot be read';
my $place = "$all->{root}/db/ocsp";
mkdir $place;
chmod 0755, $place;
my %key = (
    ec => ['in the database', '{"pem": "-----BEGIN PRIVATE KEY-----\\nAAAA\\n'
        . '-----END PRIVATE KEY-----\\n"}', sub { }],
    p384 => ['in the storage', '{"path": "ocsp/secret.key"}',
        sub { chmod $_[0] ? 0644 : 0600, "$place/secret.key" }],
);
for my $tag (sort keys %key) {
    my ($where, $json, $may_read) = @{ $key{$tag} };
  SKIP: {
        skip 'not root, so httpd runs as the same user', 1
            if $> && $tag eq 'p384';
        my $made = make_pair($place, $tag);
        copy($made->{key}, "$place/secret.key");
        $may_read->(0);
        $all->sql(options_sql($tag, pair_json($json, $made->{pem})));
        wait_for { $all->request('GET', '/health')->{status} == 503 } 30;
        my $serial = ca($tag)->{serial};
        my $told = is_health($all, 503, qr/^CA $serial: there is no key and/,
            $where);
        is $told->{cas}, 2, '  of two that count';
        is @{ $told->{reasons} }, 1, '  the one alone, and nothing secret';
        is $told->{signed}, 1, '  as the other signs';
        $may_read->(1);
        $all->sql(options_sql($tag, $tag eq 'ec' ? '{}'
            : pair_json($json, $made->{pem})));
        wait_for { $all->request('GET', '/health')->{status} == 200 } 30;
        is_health($all, 200, undef, '  until it is mended');
        $all->sql(options_sql($tag, '{}'));
        wait_for {
            decode_json($all->request('GET', '/health')->{body})->{cas} == 1
        } 30;
    }
}

note 'a CA that is disabled';
# django-ca renews its pair no more, and its last one has expired.
$all->allow_log(qw(OCSP0104));
my $pair = JSON::PP->new->encode({
    private_key => { pem => slurp(ca('disabled')->{key}) },
    certificate => { pem => expired('disabled') } });
$all->sql("UPDATE django_ca_certificateauthority SET enabled = 1,"
    . " ocsp_key_backend_alias = 'db', ocsp_key_backend_options = '$pair'"
    . " WHERE name = 'disabled'");
wait_for { $all->request('GET', '/health')->{status} == 503 } 30;
is_health($all, 503, qr/has expired/, 'not yet');
$all->sql("UPDATE django_ca_certificateauthority SET enabled = 0"
    . " WHERE name = 'disabled'");
wait_for { $all->request('GET', '/health')->{status} == 200 } 30;
is is_health($all, 200, undef, 'is not missed')->{cas}, 1, '  nor counted';

note 'one of two that differ in whether stored answers are enough';
my $auto = <<'CONF';
    OCSPResponderCA      inter
    OCSPResponderKey     auto
    OCSPResponderCert    auto
    OCSPResponderStorage @ROOT@/db
CONF
my $stored = T::Server->new(conf => <<"CONF")->start;
<Location "/stored/">
$auto
    OCSPResponderPresigned on
</Location>
<Location "/signs/">
$auto
</Location>
\@page health\@
CONF
is $stored->says('/signs/', 'inter-good-1'), 'internalError',
    'it cannot sign';
is_health($stored, 503, qr/there is no key/, '  whatever the other can');
$stored->expect_log('OCSP0202');

note 'certificates';
my $root = ca('root');
my %case = (
    'expired'              => [-86_400 * 2, -60],
    'not yet valid'        => [86_400, 86_400 * 2],
    'expires within a min' => [-86_400, 55],
);
for my $name (sort keys %case) {
    my ($start, $end) = @{ $case{$name} };
    my $key  = make_key('p256');
    my $cert = make_cert(key => $key, start => $start, end => $end,
        issuer => { pem => $root->{pem}, key => $root->{ca_key} },
        extensions => ['extendedKeyUsage=OCSPSigning']);
    my $bad = T::Server->new(conf => <<"CONF");
<Location "/root/">
    OCSPResponderCA $root->{serial}
    OCSPResponderKey $key
    OCSPResponderCert $cert
</Location>
\@page health\@
CONF
    $bad->allow_log(qw(OCSP0104 OCSP0105 OCSP0504))->start;
    my $answer = is_health($bad, 503, qr/\Q$name\E/, $name);
    unlike join(' ', @{ $answer->{reasons} }), qr{\Q$key\E|/tmp/},
        '  nothing secret';
}

note 'a key in place that is not the certificate\'s';
my $folder = folder();
copy($root->{key}, "$folder/root.key");
chmod 0644, "$folder/root.key";
open_up($folder);
my $swapped = T::Server->new(conf => <<"CONF")->start;
<Location "/root/">
    OCSPResponderCA   $root->{serial}
    OCSPResponderKey  $folder/root.key
    OCSPResponderCert $root->{cert}
</Location>
\@page health\@
CONF
is_health($swapped, 200, undef, 'the key of before');
copy(ca('ec')->{key}, "$folder/root.key");
ok wait_for(sub { $swapped->says('/root/', 'root-good-1');
    $swapped->error_log =~ /OCSP0503/ }, 12), 'another is told';
$swapped->expect_log('OCSP0503');
is $swapped->says('/root/', 'root-good-1'), 'good', '  what was read signs on';
is_health($swapped, 200, undef, '  and is healthy');

finish;
