# SPDX-License-Identifier: Apache-2.0
# Responses: every kind of key, delegated and direct, times, extensions.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha1);
use T::PKI;
use T::Server;
use Time::HiRes ();

my $server = T::Server->new;
my $root   = ca('root');
my $conf   = '';

sub location {
    my ($path, $serial, $key, $cert, @more) = @_;
    $conf .= join "\n    ", qq(<Location "$path">), "OCSPResponderCA $serial",
        "OCSPResponderKey $key", "OCSPResponderCert $cert", @more;
    $conf .= "\n</Location>\n";
    return;
}

sub responder_cert {
    my ($issuer, $key, @span) = @_;
    return make_cert(key => $key, cn => 'responder', issuer => $issuer, @span,
        extensions => ['extendedKeyUsage=OCSPSigning']);
}

# A CA that the fixture has not, with a row in the database.
sub make_ca {
    my ($name, $kind, @span) = @_;
    my %ca = (ca_key => make_key($kind), key => make_key($kind));
    $ca{pem} = make_cert(key => $ca{ca_key}, cn => $name, @span,
        extensions => ['basicConstraints=critical,CA:true']);
    $ca{cert} = responder_cert({ pem => $ca{pem}, key => $ca{ca_key} },
        $ca{key});
    $ca{serial} = serial_of($ca{pem});
    insert_ca($server, $ca{pem}, name => $name);
    return \%ca;
}

# Every CA of the fixture and RSA-PSS, at /NAME/ and, with its own key, at
# /direct/NAME/.
my %all = (map({ $_ => ca($_) }
    grep { ca_is_usable($_, 1) } ca_tags()), pss => make_ca('pss', 'rsa_pss'));
for my $tag (sort keys %all) {
    my $ca = $all{$tag};
    location("/$tag/",        $ca->{serial}, $ca->{key},    $ca->{cert});
    location("/direct/$tag/", $ca->{serial}, $ca->{ca_key}, $ca->{pem});
}

# Certificates that end soon, or have ended, to see where nextUpdate ends.
my $day = 'OCSPResponderExpires 86400';
my $soon_key = make_key('p256');
my $soon = responder_cert({ pem => $root->{pem}, key => $root->{ca_key} },
    $soon_key, end => 1_800);
my $young_key = make_key('p256');
my $young = responder_cert({ pem => $root->{pem}, key => $root->{ca_key} },
    $young_key, start => -20);
my $short  = make_ca('short',  'p256', end => 3_000);
my $lapsed = make_ca('lapsed', 'p256', start => -90_000, end => -3_000);
my $never  = 'OCSPResponderExpires never';
location('/last/', $lapsed->{serial}, $lapsed->{key}, $lapsed->{cert}, $never);
location('/not-yet/', $short->{serial}, $short->{key}, $short->{cert}, $never);
location('/soon/',   $root->{serial},   $soon_key,      $soon,           $day);
location('/young/', $root->{serial}, $young_key, $young,
    'OCSPResponderBackdate 1h');
location('/short/',  $short->{serial},  $short->{key},  $short->{cert},  $day);
location('/lapsed/', $lapsed->{serial}, $lapsed->{key}, $lapsed->{cert}, $day);

$server->expect_log(qw(OCSP0104 OCSP0105 OCSP0205 OCSP0504));
$server->write_conf($conf . <<'CONF')->start;
<Location "/hour/">
    @responder root@
    OCSPResponderExpires 1h
    OCSPResponderDigest sha512
    OCSPResponderArchiveCutoff on
</Location>
<Location "/expired/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @FIXTURE@/keys/root-responder-expired.pem
    OCSPResponderCert @FIXTURE@/certs/root-responder-expired.pem
</Location>
<Location "/future/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @FIXTURE@/keys/root-responder-future.pem
    OCSPResponderCert @FIXTURE@/certs/root-responder-future.pem
</Location>
<Location "/fresh/">
    @responder root@
    OCSPResponderBackdate 0
</Location>
<Location "/retention/">
    @responder root@
    OCSPResponderArchiveCutoff 7y
</Location>
<Location "/der/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @FIXTURE@/keys/root-responder.der
    OCSPResponderCert @FIXTURE@/certs/root-responder.der
</Location>
<Location "/serial/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @root.key@
    OCSPResponderCert @root.responder_serial@
</Location>
CONF

# The parts of a certificate, from its serial number on.
sub parts_of {
    my ($pem) = @_;
    my ($tbs) = der(pem_der($pem))->inside;
    return grep { $_->{tag} != 0xa0 } $tbs->inside;
}

sub key_id { return sha1((((parts_of($_[0]))[5]->inside)[1])->bit_bytes) }

# Asks for a serial, by default one that was never issued.
sub ask {
    my ($location, $ca, $serial) = @_;
    my $certid = certid($ca, $serial // '5EED');
    return $server->post($location, ocsp_request([$certid]));
}

sub extensions {
    my ($answer) = @_;
    return ($answer->{single}{extensions}, $answer->{response}{extensions});
}

my %algorithm = (
    root    => '1.2.840.113549.1.1.11', pss  => '1.2.840.113549.1.1.10',
    ec      => '1.2.840.10045.4.3.2',   p384 => '1.2.840.10045.4.3.3',
    p521    => '1.2.840.10045.4.3.4',   dsa  => '2.16.840.1.101.3.4.3.2',
    ed25519 => '1.3.101.112',           ed448 => '1.3.101.113',
);

note 'cases 34, 35: who signed';
for my $tag (sort keys %all) {
    my $ca = $all{$tag};
    for my $mode ('', '/direct') {
        my $cert   = $mode ? $ca->{pem} : $ca->{cert};
        my $answer = ask("$mode/$tag/", $ca->{pem});
        is $answer->{says}, 'unknown', "$mode/$tag/ answers" or next;
        my $response = $answer->{response};
        is $response->{type}, $OID{basic}, '  id-pkix-ocsp-basic';
        is unpack('H*', $response->{responder}{key} // 'by name'),
            unpack('H*', key_id($cert)), '  byKey';
        my $is_root = $tag eq 'pss' || cert($tag)->{issuer} eq $tag;
        is_deeply $response->{certs},
            $mode && !$is_root ? undef : [pem_der($cert)],
            $mode && !$is_root ? '  certs is absent'
                : "  the signer's certificate in certs";
        is $response->{algorithm}, $algorithm{$tag}, '  the digest of the key'
            if $algorithm{$tag};
    }
}

note 'case 36: openssl, trusting only the root';
for my $tag (sort keys %all) {
    my $ca   = $all{$tag};
    my $leaf = $tag eq 'pss' ? $ca->{pem} : cert("$tag-good-1")->{pem};
    my $root = $tag eq 'pss' ? $ca->{pem} : ca(cert($tag)->{issuer})->{pem};
    for my $mode ('', '/direct') {
        my $text = openssl_verify($server->url("$mode/$tag/"), $ca->{pem},
            $leaf, $root, '-header', 'Host=localhost');
        like $text, qr/^Response verify OK$/m, "$mode/$tag/ verifies";
        like $text, qr/: (?:good|unknown)$/m, '  has a status';
        unlike $text, qr/WARNING/, '  without a warning';
    }
}
is ask('/der/', 'root')->{says}, 'unknown', 'key and certificate in DER';
is ask('/serial/', 'root')->{says}, 'unknown', 'certificate from the database';
is ask('/hour/', 'root')->{response}{algorithm}, '1.2.840.113549.1.1.13',
    'a chosen digest';

note 'case 37: times';
my %lasts = ('/root/' => 600, '/hour/' => 3600);
for my $location (sort keys %lasts) {
    my $before = time;
    my $answer = ask($location, 'root', cert('root-good-1')->{serial});
    my ($this, $next) = @{ $answer->{single} }{qw(this_update next_update)};
    my $produced = $answer->{response}{produced_at};
    is $this, $produced - 60, "$location: thisUpdate = producedAt - 60";
    cmp_ok $produced, '>=', $before, '  not before the question';
    # Perl's own time is behind by up to a tick of the kernel.
    cmp_ok $produced, '<=', Time::HiRes::time(), '  not later than now';
    is $next - $produced, $lasts{$location},
        "  valid for $lasts{$location} seconds";
}
is ask('/soon/', 'root')->{single}{next_update}, not_after($soon),
    "nextUpdate ends with the responder's certificate";
is ask('/short/', $short->{pem})->{single}{next_update},
    not_after($short->{pem}),
    'and with the CA';
my $ended = ask('/lapsed/', $lapsed->{pem});
is $ended->{single}{next_update} - $ended->{response}{produced_at}, 86_400,
    'but not with a CA that has ended already';
my $last = $server->get('/last/', ocsp_request([certid($lapsed->{pem},
    $lapsed->{serial})]));
is $last->{single}{next_update}, 253_402_300_799,
    'OCSPResponderExpires never: 99991231235959Z';
is $last->{headers}{expires}, 'Fri, 31 Dec 9999 23:59:59 GMT', '  for HTTP too';
like $last->{headers}{'cache-control'}, qr/^max-age=600,/,
    '  which keeps it for OCSPResponderMaxAge';
my $check = ($server->configtest)[1];
like $check, qr/OCSPResponderExpires never: CA $short->{serial} is valid/,
    '  httpd -t tells of a CA that has not ended';
unlike $check, qr/OCSPResponderExpires never: CA $lapsed->{serial}/,
    '  and not of one that has';
my $early = ask('/not-yet/', $short->{pem});
is $early->{single}{next_update} - $early->{response}{produced_at}, 600,
    '  not while the CA is valid';
my $fresh_answer = ask('/fresh/', 'root');
is $fresh_answer->{single}{this_update}, $fresh_answer->{response}{produced_at},
    'OCSPResponderBackdate 0';
is ask('/young/', 'root')->{single}{this_update}, not_before($young),
    "thisUpdate begins with the responder's certificate";

note 'case 38: responder certificates out of time';
is ask('/expired/', 'root')->{says}, 'internalError', 'expired';
is ask('/future/',  'root')->{says}, 'internalError', 'not yet valid';

note 'case 39: archive cutoff';
my ($in_single, $in_response) = extensions(ask('/hour/', 'root',
    cert('root-good-1')->{serial}));
my $cutoff = $in_single->{ $OID{archive_cutoff} } // {};
my ($not_before) = ((parts_of($root->{pem}))[3])->inside;
is eval { der($cutoff->{value})->{content} }, '20' . $not_before->{content},
    "the CA's notBefore, in the single answer";
ok !$cutoff->{critical}, 'not critical';
is_deeply $in_response, {}, 'and nowhere else';
my $kept = ask('/retention/', 'root', cert('root-good-1')->{serial});
($in_single) = extensions($kept);
is eval { gentime_epoch(der($in_single->{ $OID{archive_cutoff} }{value})) },
    $kept->{response}{produced_at} - 7 * 365 * 86_400,
    'a retention before producedAt';
is_deeply [extensions(ask('/root/', 'root'))], [{}, {}], 'none by default';

finish;
