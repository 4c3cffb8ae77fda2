# SPDX-License-Identifier: Apache-2.0
# pkilint and zlint, which hold what they are shown against RFC 6960 and the
# Baseline Requirements: nothing to say about any kind of answer.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use File::Path qw(make_path);
use T::Server;
use Clients;
use T::PKI;

ask_once;

my $tools = top_dir() . '/build/lint';

# -- answers of every kind ---------------------------------------------------

my @tags = ca_tags();
my $conf = join '', map {
    my $ca = ca($_);
    <<"CONF" } @tags;
<Location "/$_/">
    \@responder $_\@
</Location>
<Location "/direct/$_/">
    OCSPResponderCA $ca->{serial}
    OCSPResponderKey $ca->{ca_key}
    OCSPResponderCert $ca->{pem}
</Location>
CONF
my %lines = (
    cutoff       => 'ArchiveCutoff on',
    retention    => 'ArchiveCutoff 7y',
    hash         => 'CertHash on',
    dual         => 'DualCertID on',
    chain        => 'Chain @root.pem@',
    revoked      => 'Unknown revoked',
    sha512       => 'Digest sha512',
    'no-backdate' => 'Backdate 0',
    decade       => 'Expires 10y',
);
$conf .= join '', map { <<"CONF" } sort keys %lines;
<Location "/$_/">
    \@responder root\@
    OCSPResponder$lines{$_}
</Location>
CONF
hurry();
my $server = T::Server->new;

# A CA that has ended, and its last answers.
my %ended = (ca_key => make_key(), key => make_key());
$ended{pem} = make_cert(key => $ended{ca_key}, cn => 'ended',
    start => -90_000, end => -3_000,
    extensions => ['basicConstraints=critical,CA:true']);
$ended{cert} = make_cert(key => $ended{key}, cn => 'responder',
    issuer => { pem => $ended{pem}, key => $ended{ca_key} },
    extensions => ['extendedKeyUsage=OCSPSigning']);
insert_ca($server, $ended{pem}, name => 'ended');

# A CA of ML-DSA, where OpenSSL can.
my ($not, $dsa) = run('openssl', qw(genpkey -algorithm ML-DSA-65));
my %post = (ca_key => scratch_file($dsa));
if (!$not) {
    my @key = (key => $post{ca_key}, end => 90_000);
    chmod 0644, $post{ca_key};
    $post{pem} = make_cert(@key, cn => 'ml-dsa', extensions =>
        ['basicConstraints=critical,CA:true',
         'keyUsage=critical,keyCertSign,cRLSign,digitalSignature']);
    insert_ca($server, $post{pem}, name => 'ml-dsa');
    (undef, $dsa) = run('openssl', qw(genpkey -algorithm ML-DSA-65));
    $post{sub_key} = scratch_file($dsa);
    chmod 0644, $post{sub_key};
    $post{sub} = make_cert(key => $post{sub_key}, end => 80_000,
        cn => 'ml-dsa below', issuer => { pem => $post{pem}, key =>
            $post{ca_key} }, extensions => ['basicConstraints=critical,CA:true',
            'keyUsage=critical,keyCertSign,cRLSign,digitalSignature']);
    insert_ca($server, $post{sub}, name => 'ml-dsa-below');
    $conf .= <<"CONF";
<Location "/ml-dsa/">
    OCSPResponderCA ml-dsa
    OCSPResponderKey $post{ca_key}
    OCSPResponderCert $post{pem}
</Location>
<Location "/ml-dsa-below/">
    OCSPResponderCA ml-dsa-below
    OCSPResponderKey $post{sub_key}
    OCSPResponderCert $post{sub}
</Location>
CONF
}
$server->write_conf($conf . <<"CONF")->start;
<Location "/ended/">
    OCSPResponderCA ended
    OCSPResponderKey $ended{key}
    OCSPResponderCert $ended{cert}
    OCSPResponderExpires never
</Location>
CONF

my $folder = File::Temp->newdir('lint-XXXXXX', TMPDIR => 1);
my @files;

# Keeps an answer for the linters, by what it is.
sub keep {
    my ($name, $location, $request, $says) = @_;
    my $answer = $server->post($location, $request);
    is $answer->{says}, $says, $name;
    (my $file = "$folder/$name.der") =~ tr/ /_/;
    push @files, spew($file, $answer->{body});
    return;
}

for my $tag (@tags) {
    my ($own) = grep { cert($_)->{issuer} eq $tag } cert_tags();
    keep("$tag$_->[0]", "$_->[1]/$tag/", request_for($own),
        cert($own)->{status}) for ['', ''], [' direct', '/direct'];
}
keep($_, '/root/', request_for($_), 'revoked')
    for grep { cert($_)->{issuer} eq 'root' && cert($_)->{status} eq 'revoked' }
    cert_tags();
my $never = ocsp_request([certid('root', '5EED')]);
for my $location (sort keys %lines) {
    keep("$location $_->[0]", "/$location/", $_->[1], $_->[2])
        for ['good', request_for('root-good-1'),
             $location eq 'dual' ? 'good,good' : 'good'],
        ['never issued', $never,
         $location eq 'revoked' ? 'revoked' : 'unknown'];
}
keep('last answer', '/ended/',
    ocsp_request([certid($ended{pem}, serial_of($ended{pem}))]), 'good');
keep('ml-dsa', '/ml-dsa/',
    ocsp_request([certid($post{pem}, serial_of($post{pem}))]), 'good')
    unless $not;
keep('post-quantum, no certificate', '/ml-dsa-below/',
    ocsp_request([certid($post{sub}, '5EED')]), 'unknown') unless $not;
keep("$_ CertID", '/root/',
    ocsp_request([certid_of('root-good-1', digest => $_)]), 'good')
    for qw(sha224 sha256 sha384 sha512 sha3-256);
keep('nonce', '/root/', request_for('root-good-1', nonce => 'n' x 32), 'good');
keep('several', '/root/', ocsp_request([map { certid_of($_) }
    'root-good-1', 'root-revoked-superseded']), 'good,revoked');
keep('malformed', '/root/', 'foobar', 'malformedRequest');
keep('unauthorized', '/root/', request_for('ec-good-1'), 'unauthorized');

# Answers while the database is away, or says what nobody understands.
my $unlock = $server->lock_database;
keep('try later', '/root/', request_for('root-good-2'), 'tryLater');
$unlock->();
wait_for { $server->says('/root/', 'root-good-2') eq 'good' };
$server->sql("UPDATE django_ca_certificate SET revoked = 2 WHERE serial = '"
    . cert('root-good-3')->{serial_stored} . "'");
keep('internal error', '/root/', request_for('root-good-3'), 'internalError');
$server->expect_log(qw(OCSP0203 OCSP0204))->allow_log(
    qw(OCSP0201 OCSP0504));

# -- answers of other sources ------------------------------------------------

my $root = ca('root');
my ($good, $revoked, $dated) = map { cert("root-good-$_")->{serial} } 1 .. 3;
my ($index, $crl) = map { "$folder/$_" } qw(index crl);
chmod 0755, $folder;
spew($index, map { join("\t", @$_, 'unknown', '/CN=x') . "\n" }
    ['V', '391225202502Z', '', even($good)],
    ['R', '391225202502Z', '240102030405Z,superseded', even($revoked)],
    ['R', '391225202502Z', '240302030405Z,keyTime,20240203040506Z',
        even($dated)]);
spew("$crl.cnf", slurp(top_dir() . '/t/fixtures/openssl-index/ca.cnf')
    =~ s{\./index.txt}{$index}r);
must('openssl', 'ca', '-gencrl', '-config', "$crl.cnf", '-cert', $root->{pem},
    '-keyfile', $root->{ca_key}, '-out', $crl, '-crldays', 30);
chmod 0644, $index, $crl;

# OpenSSL's and XCA's spelling.
sub even { return length($_[0]) % 2 ? "0$_[0]" : $_[0] }

my %source = (index => "index $index", crl => "crl absent=good $crl",
    sql => 'sql mine');
$server = T::Server->new(db => 'CREATE TABLE certs (serial TEXT PRIMARY KEY,'
    . ' state TEXT, reason TEXT, at INTEGER, since INTEGER, pem TEXT);'
    . " INSERT INTO certs VALUES ('@{[even($good)]}', 'V', NULL, NULL, NULL,"
    . " '" . slurp(cert('root-good-1')->{pem}) . "'),"
    . " ('@{[even($revoked)]}', 'R', '4', 1704164645, NULL, NULL),"
    . " ('@{[even($dated)]}', 'R', '1', 1709348645, 1706933106, NULL)",
    conf => <<'CONF' . join '', map { <<"LOCATION" } sort keys %source)->start;
<OCSPResponderTable mine>
    From        certs
    Serial      serial HEX even
    CA          any
    Status      state V=good R=revoked
    Reason      reason
    RevokedAt   at seconds
    InvalidAt   since seconds
    Certificate pem pem
</OCSPResponderTable>
CONF
<Location "/$_/">
    \@responder root: $source{$_}\@
    OCSPResponderCertHash @{[$_ eq 'sql' ? 'on' : 'off']}
</Location>
LOCATION
for my $source (sort keys %source) {
    keep("$source good", "/$source/", request_for('root-good-1'), 'good');
    keep("$source revoked", "/$source/", request_for('root-good-2'), 'revoked');
    keep("$source dated", "/$source/", request_for('root-good-3'), 'revoked');
    keep("$source never issued", "/$source/", $never,
        $source eq 'crl' ? 'good' : 'unknown');
}

# -- judged ------------------------------------------------------------------

my $PKILINT = '0.13.3';

# The interpreter that has pkilint, which is installed where it is not; undef
# and why not.
sub pkilint {
    my $python = "$tools/venv/bin/python";
    my $look = "import importlib.metadata as m; assert m.version('pkilint') =="
        . " '$PKILINT'";
    return $python unless (run($python, '-c', $look))[0];
    make_path($tools);
    my ($code, $text) = run('python3', '-m', 'venv', '--clear', "$tools/venv");
    ($code, $text) = run($python, '-m', 'pip', 'install', '--quiet',
        '--disable-pip-version-check', '--no-input', '--timeout=15',
        '--retries=1', "pkilint==$PKILINT") unless $code;
    return $code ? (undef, "pkilint cannot be installed: $text") : $python;
}

SKIP: {
    my ($python, $why) = pkilint();
    skip $why, 1 unless $python;
    my @judge = ($python, "$FindBin::Bin/lint_ocsp.py");
    my ($code, $text) = run(@judge, @files);
    is $code, 0, 'pkilint understands all answers' or diag $text;
    is $text, @files . " answers\n", 'pkilint finds nothing';
    my $bad = scratch_file(slurp($files[0]) =~ s/(\x18\x0f\d{14})Z/${1}z/r);
    like +(run(@judge, $bad))[1], qr/generalizedtime_incorrect_syntax/,
        'and a time that is none';
}

my $ZLINT = 'v3.7.3';

# The program, which Go builds where it is not there; undef and why not.
sub zlint {
    my $found = program('zlint') // "$tools/zlint";
    return $found if -x $found;
    return (undef, 'there is neither zlint nor go') unless program('go');
    make_path($tools);
    my ($code, $text) = run({ GOBIN => $tools, GOTOOLCHAIN => 'local',
        GOFLAGS => '-p=1' }, 'timeout', '240', 'go', 'install',
        "github.com/zmap/zlint/v3/cmd/zlint\@$ZLINT");
    return $found if -x $found;
    # Go before 1.21, and later, when a module is too new for it.
    my ($least) = $text =~ /(?:invalid go version '|requires go >= )(1\.\d+)/;
    return (undef, $least ? "zlint $ZLINT needs Go $least or newer"
        : "go cannot build zlint: $text");
}

SKIP: {
    my ($zlint, $why) = zlint();
    skip $why, 1 unless $zlint;
    # Go reads neither these keys, nor errors, nor CertIDs by these digests, nor
    # answers about two certificates; nor those with one of ML-DSA, which it
    # would verify.
    my @read = grep { !m{/(?:dsa|ed\d+|brainpool|dual_good|several|malformed
        |unauthorized|try_later|internal_error|ml-dsa)\b}x
        && !m{/(?:dsa|ed\d+|brainpool|sha224|sha3-256)_} } @files;
    my ($code, $text) = run($zlint, '-format', 'der', @read);
    is $code, 0, 'zlint understands ' . @read . ' answers' or diag $text;
    unlike $text, qr/"result":"(?:info|notice|warn|error|fatal)"/,
        'zlint finds nothing';
    my @judged = $text =~ /"e_ocsp_\w+":\{"result":"pass"/g;
    # It looks at signatures, and not at those of ML-DSA.
    cmp_ok scalar @judged, '>=', scalar(grep { !/post-quantum/ } @read),
        'and has looked';
}

finish;
