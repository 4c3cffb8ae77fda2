# SPDX-License-Identifier: Apache-2.0
# A database that django-ca itself makes now, asked through the module and through
# django-ca's own OCSP view: the same URL, key, certificate and request, and the
# same answer, but for the differences listed here.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use Responder;
use Site;

my ($python, $why_not) = Site::python();
plan(skip_all => $why_not) unless $python;

my $server = Responder->new(db => 0, dbd => "DBDriver sqlite3\n"
    . "DBDParams \@ROOT\@/site/db.sqlite3\n",
    modules => [has_module('socache_shmcb') ? 'socache_shmcb' : ()]);
my $site = Site->new("$server->{root}/site", $python);

# -- what an administrator of django-ca does ---------------------------------

sub serial { return $site->ca($_[0])->{serial} }

$site->manage_all(
    'init_ca --key-type=RSA --key-size=2048 --path-length=1 root CN=Root',
    'init_ca --key-type=EC ec CN=EC');
$site->manage_all(
    map { "init_ca --key-type=RSA --key-size=2048 --parent=@{[serial('root')]}"
        . " $_ CN=$_" } 'inter', 'lost');

my @rsa = qw(-algorithm RSA -pkeyopt rsa_keygen_bits:2048);
my @p256 = qw(-algorithm EC -pkeyopt ec_paramgen_curve:P-256);
my %csr = map { $_ => ($site->key($_, $_ eq 'ec' ? @p256 : @rsa))[1] }
    'root', 'inter', 'ec';
my (undef, $csr) = $site->key('leaf', @p256);

sub sign {
    my ($ca, $cn, $from, @options) = @_;
    return "sign_cert --ca=@{[serial($ca)]} --csr=$from --subject=CN=$cn"
        . " @options";
}

# The words of revoke_cert, and what RFC 5280 calls them.
my %reason = (
    unspecified => 0, key_compromise => 1, ca_compromise => 2,
    affiliation_changed => 3, superseded => 4, cessation_of_operation => 5,
    certificate_hold => 6, remove_from_crl => 8, privilege_withdrawn => 9,
    aa_compromise => 10,
);
my %leaf = (
    root  => ['good-1', 'good-2', 'no-reason', 'compromised', sort keys %reason],
    inter => ['inter-good', 'inter-revoked'],
    ec    => ['ec-good', 'ec-revoked'],
);
$site->manage_all(
    (map { sign($_, "$_-responder", $csr{$_}, '--ocsp') } sort keys %leaf),
    map { my $ca = $_; map { sign($ca, $_, $csr) } @{ $leaf{$ca} } }
        sort keys %leaf);
$site->manage_all(
    (map { "revoke_cert --reason=$_ $_" } sort keys %reason),
    'revoke_cert no-reason',
    'revoke_cert --reason=key_compromise --compromised=2026-01-31T23:30:00-05:00'
        . ' compromised',
    'revoke_cert --reason=superseded inter-revoked',
    'revoke_cert --reason=superseded ec-revoked',
    # There is no command for this one.
    'shell -v 0 -c "from django_ca.models import CertificateAuthority as CA,'
        . " ReasonFlags; CA.objects.get(name='lost')"
        . '.revoke(ReasonFlags.ca_compromise)"',
    "edit_ca --disable @{[serial('ec')]}");

# -- CA_OCSP_URLS, and its translation ---------------------------------------

sub colons {
    my ($hex) = @_;
    $hex = "0$hex" if length($hex) % 2;
    return join ':', $hex =~ /../g;
}

sub entry {
    my ($ca, %o) = @_;
    return {
        ca            => colons(serial($ca)),
        responder_key => "$ca.key",
        responder_cert => colons($site->cert("$ca-responder")->{serial}),
        expires       => 3600, %o,
    };
}

my %url = (
    'root'     => entry('root'),
    'children' => entry('root', ca_ocsp => JSON::PP::true),
    'inter'    => entry('inter'),
    'ec'       => entry('ec', expires => 600),
    'long'     => entry('root', expires => 200 * 86_400),
);
my $conf = '';
for my $name (sort keys %url) {
    my $entry = $url{$name};
    $conf .= <<"CONF";
<Location "/django_ca/ocsp/$name/">
    OCSPResponderCA      $entry->{ca}
    OCSPResponderKey     $site->{root}/files/$entry->{responder_key}
    OCSPResponderCert    $entry->{responder_cert}
    OCSPResponderExpires $entry->{expires}
</Location>
CONF
}
# The URL that django-ca writes into certificates.
my $generic = '/django_ca/ocsp/' . serial('root');
$conf .= <<"CONF";
<Location "$generic/">
    OCSPResponderCA   @{[serial('root')]}
    OCSPResponderKey  $site->{root}/files/root.key
    OCSPResponderCert @{[$site->cert('root-responder')->{serial}]}
</Location>
CONF
$site->ocsp_urls(\%url);
$site->serve("$server->{root}/run");
$server->write_conf($conf);
is_deeply [$server->configtest], [0, "Syntax OK\n"], 'httpd -t likes the site';
$server->start;

my $r = "/django_ca/ocsp/root/";
my $good = $site->cert('good-1');
sub id { return certid($site->ca($_[0]{ca})->{pem}, $_[0]{serial}, @_[1 .. $#_]) }
my $id = id($good);
my %try = (
  unknown => sub { $_[0]->get($r, ocsp_request([certid($site->ca('root')->{pem}, 'C0FFEE')])) },
  otherca => sub { $_[0]->get($r, ocsp_request([id($site->cert('inter-good'))])) },
  otherserial => sub { $_[0]->get($r, ocsp_request([certid($site->ca('root')->{pem}, $site->cert('inter-good')->{serial})])) },
  namehash => sub { $_[0]->get($r, ocsp_request([id($good, name_hash => 'x' x 20)])) },
  keyhash => sub { $_[0]->get($r, ocsp_request([id($good, key_hash => 'x' x 20)])) },
  hashlen => sub { $_[0]->get($r, ocsp_request([id($good, key_hash => 'x' x 19)])) },
  md5 => sub { $_[0]->get($r, ocsp_request([id($good, digest => 'md5')])) },
  sha224 => sub { $_[0]->get($r, ocsp_request([id($good, digest => 'sha224')])) },
  sha512 => sub { $_[0]->get($r, ocsp_request([id($good, digest => 'sha512')])) },
  oid => sub { $_[0]->get($r, ocsp_request([id($good, oid=>'1.2.3.4')])) },
  several => sub { $_[0]->get($r, ocsp_request([$id, $id])) },
  none => sub { $_[0]->post($r, ocsp_request([])) },
  trailing => sub { $_[0]->post($r, ocsp_request([$id]) . "\0") },
  trailingget => sub { $_[0]->get($r, ocsp_request([$id]) . "\0") },
  child => sub { $_[0]->get($r, ocsp_request([id($site->ca('inter'))])) },
  leafatchildren => sub { $_[0]->get('/django_ca/ocsp/children/', ocsp_request([$id])) },
  self => sub { $_[0]->get($r, ocsp_request([id($site->ca('root'))])) },
  selfc => sub { $_[0]->get('/django_ca/ocsp/children/', ocsp_request([id($site->ca('root'))])) },
  nonce0 => sub { $_[0]->post($r, ocsp_request([$id], extensions => [nonce('')])) },
  nonce129 => sub { $_[0]->post($r, ocsp_request([$id], extensions => [nonce('n' x 129)])) },
  noncetwice => sub { $_[0]->post($r, ocsp_request([$id], extensions => [nonce('n'), nonce('n')])) },
  noncebare => sub { $_[0]->post($r, ocsp_request([$id], extensions => [extension('nonce', 'bareword')])) },
  noncecrit => sub { $_[0]->post($r, ocsp_request([$id], extensions => [extension('nonce', octets('abcd'), 1)])) },
  crit => sub { $_[0]->post($r, ocsp_request([$id], extensions => [extension('1.2.3.4', octets('n'), 1)])) },
  noncrit => sub { $_[0]->post($r, ocsp_request([$id], extensions => [extension('1.2.3.4', octets('n'))])) },
  critsingle => sub { $_[0]->post($r, ocsp_request(undef, single => [single_request($id, extension('1.2.3.4', octets('n'), 1))])) },
  v2 => sub { $_[0]->post($r, ocsp_request([$id], version => '01')) },
  acceptable => sub { $_[0]->post($r, ocsp_request([$id], extensions => [extension('acceptable', seq(oid('1.2.3')))])) },
  acceptableok => sub { $_[0]->post($r, ocsp_request([$id], extensions => [extension('acceptable', seq(oid($OID{basic})))])) },
  absent => sub { $_[0]->post($r, ocsp_request([id($good, null => 0)])) },
  nonminimal => sub { my $s = pack('H*', length($good->{serial}) % 2 ? "0$good->{serial}" : $good->{serial}); $_[0]->post($r, ocsp_request([certid($site->ca('root')->{pem}, \"\0\0$s")])) },
  negative => sub { $_[0]->post($r, ocsp_request([certid($site->ca('root')->{pem}, \"\xff")])) },
  zero => sub { $_[0]->post($r, ocsp_request([certid($site->ca('root')->{pem}, \"\0")])) },
  requestor => sub { $_[0]->post($r, ocsp_request([$id], requestor => implicit(2, 'client.example'))) },
  empty => sub { $_[0]->post($r, '') },
  foobar => sub { $_[0]->post($r, 'foobar') },
  getempty => sub { $_[0]->request('GET', $r) },
  getbad => sub { $_[0]->request('GET', "${r}\%21\%21") },
  getjunk => sub { $_[0]->request('GET', "${r}Zm9vYmFy") },
  put => sub { $_[0]->request('PUT', $r, body => ocsp_request([$id])) },
  head => sub { $_[0]->request('HEAD', $r . percent(base64(ocsp_request([$id])))) },
  postget => sub { $_[0]->request('POST', $r . percent(base64(ocsp_request([$id]))), body=>'') },
  nopad => sub { my $b = base64(ocsp_request([$id])); $b =~ s/=+$//; $_[0]->request('GET', $r . $b) },
  raw => sub { my $b = base64(ocsp_request([$id])); $_[0]->request('GET', $r . $b) },
  url => sub { my $b = base64(ocsp_request([id($good, digest=>'sha256')])); $b =~ tr{+/}{-_}; $_[0]->request('GET', $r . $b) },
  space => sub { my $b = base64(ocsp_request([id($good, digest=>'sha512'),], extensions => [nonce("\xfb\xef\xbe" x 9)])); $b =~ s/\+/%20/g; $_[0]->request('GET', $r . $b) },
  dslash => sub { my $b = base64(ocsp_request([id($good, digest=>'sha512'),], extensions => [nonce("\xff" x 9)])); $_[0]->request('GET', $r . $b) },
  slash2 => sub { my $b = base64(ocsp_request([$id])); $_[0]->request('GET', $r . "/$b") },
  big => sub { $_[0]->post($r, ocsp_request([$id]) . ' ' x 9000) },
  noct => sub { $_[0]->request('POST', $r, body => ocsp_request([$id])) },
);
for (sort keys %try) {
  my @a = map { $try{$_[0] // $_} && $try{$_}->($_[0]) } ();
  my $o = $try{$_}->($server); my $t = $try{$_}->($site);
  diag sprintf "%-15s ours %-22s theirs %s  %s", $_, $o->{says}, $t->{says}, ($o->{single} && $t->{single} && $o->{single}{certid} ne $t->{single}{certid} ? "CERTID differs":'');
}
use Data::Dumper; $Data::Dumper::Useqq=1; $Data::Dumper::Sortkeys=1; 
for ('compromised', 'no-reason', 'certificate_hold','ec-good') {
my $c=$site->cert($_);
diag Dumper(map { my $x=$_->get("/django_ca/ocsp/$c->{ca}/", ocsp_request([id($c)], extensions => [nonce('n' x 16)])); $x->{response}{certs}=[length $x->{response}{certs}[0]]; $x->{response}, $x->{headers} } $server, $site); }
diag $site->log;
$site->stop;
finish;
