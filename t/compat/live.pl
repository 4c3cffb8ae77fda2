# SPDX-License-Identifier: Apache-2.0
# For django_ca-*.t: a database that a release of django-ca makes now, asked
# through the module and through django-ca's own OCSP view: the same URL, key,
# certificate and request, and the same answer, but for the differences that are
# listed here.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use Facts;
use T::PKI qw(not_after);
use JSON::PP ();
use T::Server;
use Site;

my ($python, $why_not) = Site::python();
plan(skip_all => $why_not) unless $python;

my $server = T::Server->new(db => 0, dbd => <<'DBD', modules =>
DBDriver sqlite3
DBDParams @ROOT@/site/db.sqlite3
DBD
    [has_module('socache_shmcb') ? 'socache_shmcb' : ()]);
my $site = Site->new("$server->{root}/site", $python);

# -- what the administrator of a site does -----------------------------------

sub serial { return $site->ca($_[0])->{serial} }

sub init_ca {
    my ($name, @options) = @_;
    return "init_ca @options $name CN=$name";
}

my @rsa_ca = qw(--key-type=RSA --key-size=2048);
$site->manage_all(
    init_ca('root', @rsa_ca, '--path-length=1'),
    init_ca('ec', '--key-type=EC'));
$site->manage_all(map { init_ca($_, @rsa_ca, '--parent=' . serial('root')) }
    'inter', 'lost');

my @rsa  = qw(-algorithm RSA -pkeyopt rsa_keygen_bits:2048);
my @p256 = qw(-algorithm EC -pkeyopt ec_paramgen_curve:P-256);
my $leaf_csr = $site->key('leaf', @p256);

sub sign_cert {
    my ($ca, $cn, $csr, @options) = @_;
    return "sign_cert --ca=@{[serial($ca)]} --csr=$csr --subject=CN=$cn"
        . " @options";
}

my @reasons = qw(unspecified key_compromise ca_compromise affiliation_changed
    superseded cessation_of_operation certificate_hold remove_from_crl
    privilege_withdrawn aa_compromise);
my %leaves = (
    root  => ['good', 'doomed', 'no-reason', 'compromised', @reasons],
    inter => ['inter-good', 'inter-revoked'],
    ec    => ['ec-good', 'ec-revoked'],
);
my @commands;
for my $ca (sort keys %leaves) {
    my $csr = $site->key($ca, $ca eq 'ec' ? @p256 : @rsa);
    push @commands, sign_cert($ca, "$ca-responder", $csr, '--ocsp');
    push @commands, sign_cert($ca, $_, $leaf_csr) for @{ $leaves{$ca} };
}

my %invalid_since = ('compromised' => '20240201043000Z');
push @commands, map({ "revoke_cert --reason=$_ $_" } @reasons),
    'revoke_cert no-reason',
    'revoke_cert --reason=key_compromise'
        . ' --compromised=2024-01-31T23:30:00-05:00 compromised',
    map { "revoke_cert --reason=superseded $_-revoked" } 'inter', 'ec';

# There is no command that revokes a CA.
my $python_text = 'from django_ca.constants import ReasonFlags; '
    . 'from django_ca.models import CertificateAuthority as CA; '
    . 'CA.objects.get(name="lost").revoke(ReasonFlags.ca_compromise)';
$site->manage_all(@commands, "shell -v 0 -c '$python_text'",
    'edit_ca --disable ' . serial('ec'));

# -- CA_OCSP_URLS, and its translation ---------------------------------------

# As list_certs shows a serial. django-ca's view does not find the certificate
# by what it shows when that begins with a zero.
sub colons {
    my ($hex) = @_;
    return length($hex) % 2 ? $hex : join ':', $hex =~ /../g;
}

sub entry {
    my ($ca, %o) = @_;
    return {
        ca             => colons(serial($ca)),
        responder_key  => "$ca.key",
        responder_cert => colons($site->cert("$ca-responder")->{serial}),
        expires        => 3600,
        %o,
    };
}

my %entries = (
    root     => entry('root'),
    children => entry('root', ca_ocsp => JSON::PP::true),
    inter    => entry('inter'),
    ec       => entry('ec',   expires => 600),
    long     => entry('root', expires => 86_400 * 3650),
);

# The URLs that django-ca writes into certificates; it signs with a pair that it
# made itself.
my $generic = serial('root');
my $conf = <<"CONF";
<Location "/django_ca/ocsp/$generic/">
    OCSPResponderCA      *
    OCSPResponderStorage $site->{root}/files
</Location>
CONF

sub location {
    my ($name, $entry) = @_;
    return <<"CONF";
<Location "/django_ca/ocsp/$name/">
    OCSPResponderCA      $entry->{ca}
    OCSPResponderKey     $site->{root}/files/$entry->{responder_key}
    OCSPResponderCert    $entry->{responder_cert}
    OCSPResponderExpires $entry->{expires}
</Location>
CONF
}

$site->ocsp_urls(\%entries);
$site->serve("$server->{root}/run");
$conf .= location($_, $entries{$_}) for sort keys %entries;
$server->write_conf($conf);
like +($server->configtest)[1], qr/\A(?:OCSP0113: .*\n)?Syntax OK\n\z/,
    'httpd -t likes the site';
$server->start;

# -- both answers ------------------------------------------------------------

# How an answer differs from django-ca's on purpose: what is done to django-ca's
# to have ours, false when that changes nothing.
my %differs = (
    'the reason "unspecified" is left out' => sub {
        my ($facts) = @_;
        return undef if ($facts->{reason} // 'none') ne '0';
        $facts->{reason} = undef;
        return 1;
    },
    '"compromised" becomes an invalidity date' => sub {
        my ($facts, %o) = @_;
        my $date = $invalid_since{ $o{name} } or return;
        $facts->{extensions} =
            { $OID{invalidity_date} => unpack('H*', gentime($date)) };
        return 1;
    },
    "the digest suits the key, not the responder certificate's signature" =>
        sub {
            my ($facts) = @_;
            return $facts->{algorithm} =~ s/^1\.2\.840\.113549\.1\.1\K\.13$/.11/
                || $facts->{algorithm} =~ s/^1\.2\.840\.10045\.4\.3\K\.4$/.2/;
        },
    'absent parameters in a CertID stay absent' => sub {
        my ($facts, %o) = @_;
        return undef if $facts->{certid} eq $o{certid};
        $facts->{certid} = $o{certid};
        return 1;
    },
    'a nonce is never critical' => sub {
        my ($facts) = @_;
        return $facts->{nonce} =~ s/^critical //;
    },
);
my %differed;

sub certid_for {
    my ($row, @options) = @_;
    return certid($site->ca($row->{ca})->{pem}, $row->{serial}, @options);
}

# Asks both for a certificate and compares. Options: method (get or post),
# nonce, critical (of the nonce), and those of certid().
sub same {
    my ($location, $name, $row, %o) = @_;
    my $certid = certid_for($row, %o);
    my $der = ocsp_request([$certid], defined $o{nonce} ? (extensions =>
        [extension('nonce', octet_string($o{nonce}), $o{critical})]) : ());
    my $method = $o{method} // 'get';
    my ($ours, $theirs) =
        map { facts($_->$method("/django_ca/ocsp/$location/", $der,
            timeout => 60), $_ == $server) } $server, $site;
    for my $difference ($theirs->{certid} ? sort keys %differs : ()) {
        $differed{$difference}++ if $differs{$difference}->($theirs,
            name => $name, certid => unpack('H*', $certid));
    }
    my $how = join ' ', uc $method, map { $o{$_} } grep { $o{$_} } 'digest';
    is_deeply $ours, $theirs, "$location: $name by $how: $ours->{says}";
    return $ours;
}

note 'certificates of every kind, by GET and POST';
for my $ca (sort keys %leaves) {
    for my $name (@{ $leaves{$ca} }, "$ca-responder") {
        my $row  = $site->cert($name);
        my $ours = same($ca, $name, $row);
        is $ours->{says}, $name =~ /good|doomed|responder/ ? 'good' : 'revoked',
            '  which is right';
        same($ca, $name, $row, method => 'post', nonce => "nonce of $name");
    }
}

note 'each digest, with and without parameters';
for my $digest (qw(sha1 sha256 sha384 sha512)) {
    same('root', $_, $site->cert($_), digest => $digest)
        for 'good', 'superseded';
    same('root', 'good', $site->cert('good'), digest => $digest, null => 0);
}
same('root', 'good', $site->cert('good'), nonce => 'n' x 32, critical => 1);

note 'child CAs';
is same('children', 'inter', $site->ca('inter'))->{says}, 'good',
    'the good one';
is same('children', 'lost', $site->ca('lost'), nonce => 'n')->{says},
    'revoked', 'the revoked one';

note "the URLs that are in certificates, with django-ca's own pair";
same("$generic/cert", $_, $site->cert($_), nonce => 'n')
    for 'good', 'superseded';
same("$generic/ca", $_, $site->ca($_)) for 'inter', 'lost';

is join(', ', grep { !$differed{$_} } sort keys %differs), '',
    'each difference of the list was met';

note 'openssl trusts both alike';
for my $name ('good', 'superseded', 'inter-good', 'ec-revoked') {
    my $row  = $site->cert($name);
    my $root = $site->ca($row->{ca} eq 'ec' ? 'ec' : 'root')->{pem};
    like openssl_verify($_->url("/django_ca/ocsp/$row->{ca}/"),
        $site->ca($row->{ca})->{pem}, $row->{pem}, $root),
        qr/Response verify OK.*: (?:good|revoked)$/ms, "$name: " . ref
        for $server, $site;
}

note 'no answer is valid for longer than the certificate that signs it';
my ($ours, $theirs) =
    map { $_->get('/django_ca/ocsp/long/',
        ocsp_request([certid_for($site->cert('good'))]))->{single} }
    $server, $site;
my $end = not_after($site->cert('root-responder')->{pem});
is $ours->{next_update}, $end, 'ours ends with it';
cmp_ok $theirs->{next_update}, '>', $end, "django-ca's does not";

# -- where the two differ on purpose -----------------------------------------

my $root = '/django_ca/ocsp/root/';
my $good = $site->cert('good');
my $id   = certid_for($good);
my $der  = ocsp_request([$id]);
my $unknown_extension = extension('1.2.3.4.5', octet_string('x'), 1);

sub get  { my @request = @_; return sub { $_[0]->get($root, @request) } }
sub post { my @request = @_; return sub { $_[0]->post($root, @request) } }
sub with { return post(ocsp_request([$id], extensions => [@_])) }

sub path {
    my ($path, $method, @options) = @_;
    return sub { $_[0]->request($method // 'GET', "$root$path", @options) };
}

sub root_serial { return certid($site->ca('root')->{pem}, @_) }

# A payload with a plus sign, which may become a space, and with padding.
my $payload = '';
for (my $bytes = "\xfb\xef\xbe" x 9; $payload !~ /\+.*=/; $bytes .= "\xfb") {
    $payload = base64(ocsp_request([$id], extensions => [nonce($bytes)]));
}

my @table = (
    # what is asked, ours, django-ca's, the request
    ['a serial never issued', 'unknown', 'internalError',
        get(ocsp_request([root_serial('C0FFEE')]))],
    ['serial 0', 'unknown', 'internalError',
        get(ocsp_request([root_serial('0')]))],
    ["another CA's certificate", 'unauthorized', 'internalError',
        get(ocsp_request([certid_for($site->cert('inter-good'))]))],
    ["another CA's serial, as this one's", 'unknown', 'internalError',
        get(ocsp_request([root_serial($site->cert('inter-good')->{serial})]))],
    ['a wrong issuerNameHash', 'unauthorized', 'good',
        get(ocsp_request([certid_for($good, name_hash => 'x' x 20)]))],
    ['a wrong issuerKeyHash', 'unauthorized', 'good',
        get(ocsp_request([certid_for($good, key_hash => 'x' x 20)]))],
    ['an issuerKeyHash of another length', 'unauthorized', 'good',
        get(ocsp_request([certid_for($good, key_hash => 'x' x 19)]))],
    ['a CertID by MD5', 'unauthorized', 'internalError',
        get(ocsp_request([certid_for($good, digest => 'md5')]))],
    ['a CertID by no known digest', 'unauthorized', 'internalError',
        get(ocsp_request([certid_for($good, oid => '1.2.3.4')]))],

    ['a child CA where the leaves are', 'good', 'internalError',
        get(ocsp_request([certid_for($site->ca('inter'))]))],
    ['a root at itself', 'good', 'internalError',
        get(ocsp_request([certid_for($site->ca('root'))]))],
    ['a leaf where the child CAs are', 'good', 'internalError',
        sub { $_[0]->get('/django_ca/ocsp/children/', $der) }],

    ['two CertIDs', 'good,revoked', 'malformedRequest',
        get(ocsp_request([$id, certid_for($site->cert('superseded'))]))],
    ['an empty nonce',         'malformedRequest', 'good', with(nonce(''))],
    ['a nonce of 129 bytes',  'malformedRequest', 'good',
        with(nonce('n' x 129))],
    ['a nonce without header', 'malformedRequest', 'good',
        with(extension('nonce', 'bare'))],
    ['two nonces', 'malformedRequest', 'internalError',
        with(nonce('a'), nonce('b'))],
    ['only other response types', 'malformedRequest', 'good',
        with(extension('acceptable', seq(oid('1.2.3'))))],
    ['a critical extension of a single request', 'malformedRequest', 'good',
        post(ocsp_request(undef,
            single => [single_request($id, $unknown_extension)]))],
    ['much', 'HTTP 413', 'good',
        post(ocsp_request([$id], requestor => implicit(2, 'x' x 9000)))],

    ['nothing', 'malformedRequest', 'HTTP 500', path('')],
    ['what is not base64', 'malformedRequest', 'HTTP 404', path('%21%21')],
    ['a second slash', 'good', 'malformedRequest', path('/' . base64($der))],
    ['+ as a space', 'good', 'HTTP 404', path($payload =~ s/\+/%20/gr)],
    ['without padding', 'good', 'malformedRequest',
        path($payload =~ s/=+$//r)],
    ['base64url', 'good', 'HTTP 404', path($payload =~ tr{+/}{-_}r)],
    ['POST to a payload', 'malformedRequest', 'HTTP 500',
        path(base64($der), 'POST', body => '')],

    # and where they do not
    ['a CertID by SHA-224', ('good') x 2,
        get(ocsp_request([certid_for($good, digest => 'sha224')]))],
    ['a byte too many', ('malformedRequest') x 2, post("$der\0")],
    ['  by GET',          ('malformedRequest') x 2, get("$der\0")],
    ['no CertID',         ('malformedRequest') x 2, post(ocsp_request([]))],
    ['no request',        ('malformedRequest') x 2, post('')],
    ['no DER',            ('malformedRequest') x 2, post('foobar')],
    ['a serial spelled with zeros', ('malformedRequest') x 2,
        post(ocsp_request([root_serial(\pack 'H*',
            (length($good->{serial}) % 2 ? '00000' : '0000')
            . $good->{serial})]))],
    ['version 2', ('malformedRequest') x 2,
        post(ocsp_request([$id], version => '01'))],
    ['a critical extension', ('malformedRequest') x 2,
        with($unknown_extension)],
    ['the basic response type', ('good') x 2,
        with(extension('acceptable', seq(oid($OID{basic}))))],
    ['who asks', ('good') x 2,
        post(ocsp_request([$id], requestor => implicit(2, 'client.example')))],
    ['raw base64', ('good') x 2, path(base64($der))],
    ['PUT', ('HTTP 405') x 2, path('', 'PUT', body => $der)],
);
note 'a list of differences, and of none';
for my $row (@table) {
    my ($name, $we, $they, $ask) = @$row;
    is_deeply [map { $ask->($_)->{says} } $server, $site], [$we, $they],
        "$name: $we" . ($we eq $they ? '' : ", not $they");
}

note 'what HTTP caches are told';
my @validators = qw(etag expires last-modified cache-control);
my @headers = map { $_->get($root, $der)->{headers} } $server, $site;
is_deeply [grep { $headers[0]{$_} } @validators], \@validators, 'by us';
is_deeply [grep { $headers[1]{$_} } @validators], [], 'by django-ca: nothing';

# -- the database changes under a server that runs ---------------------------

note "django-ca's own command, and the very next answer";
my $doomed = $site->cert('doomed');
my $before = $server->get($root, ocsp_request([certid_for($doomed)]));
is $before->{says}, 'good', 'good before';
$site->manage('revoke_cert', '--reason=key_compromise', 'doomed');
my $after = $server->get($root, ocsp_request([certid_for($doomed)]),
    headers => ["If-None-Match: $before->{headers}{etag}"]);
is $after->{says}, 'revoked', 'revoked after';
is $after->{single}{reason}, 1, '  for that reason';
is same('root', 'doomed', $doomed)->{says}, 'revoked', '  as django-ca says';

$site->manage_all(sign_cert('inter', 'newborn', $leaf_csr));
is same('inter', 'newborn', $site->cert('newborn'))->{says}, 'good',
    'a certificate of this moment';

$site->stop;
finish;
