# SPDX-License-Identifier: Apache-2.0
# OCSPResponderCA *: every CA of the database, found by a request's hashes, and
# as they come and go.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI;
use T::PKI::Responder;
use T::Server;
use Time::HiRes qw(sleep time);

my $CAS = 'django_ca_certificateauthority';
my $conf = <<'CONF';
<Location "/django_ca/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage @STORAGE@
</Location>
<Location "/brief/">
    OCSPResponderCA *
    OCSPResponderStorage @STORAGE@
    OCSPResponderExpires 60
    OCSPResponderCertHash on
</Location>
<Location "/named/">
    OCSPResponderCA root
    OCSPResponderKey auto
    OCSPResponderCert auto
    OCSPResponderStorage @STORAGE@
</Location>
CONF
# In a place where httpd's user may read, whoever's home this is.
$conf =~ s/\@STORAGE\@/new_storage(folder())/ge;
# twin's row is left out at first; it comes later.
my $server = T::Server->new(conf => $conf, db => <<"SQL")->start;
CREATE TABLE later AS SELECT * FROM $CAS WHERE name = 'twin';
DELETE FROM $CAS WHERE name = 'twin';
SQL
my $url = '/django_ca/ocsp/';

sub seconds_of {
    my ($location, $tag) = @_;
    my $answer = $server->get($location, request_for($tag));
    return ($answer->{single}{next_update} // 0)
        - ($answer->{response}{produced_at} // 0);
}

sub becomes {
    my ($tag, $says, $name) = @_;
    my $since = time;
    wait_for { $server->says($url, $tag) eq $says } 8;
    is $server->says($url, $tag), $says, $name;
    takes_less time - $since, 5, '  within seconds';
    return;
}

note 'each CA answers for its own, in every algorithm and at any URL';
for my $tag (grep { !/^(?:twin|disabled|revokedca)$/ } ca_tags()) {
    is $server->says($url, "$tag-good-1"), 'good', "$tag: good";
    is $server->says($url, $_), 'revoked', "$tag: revoked"
        for grep { /^\Q$tag\E-revoked-1$/ } cert_tags();
    my ($top) = $tag =~ /^(?:inter2?|odd)$/ ? 'root' : $tag;
    my $chain = scratch_file(slurp(ca($tag)->{pem}) . slurp(ca($top)->{pem}));
    like openssl_verify($server->url($url . ca($tag)->{serial} . '/cert/'),
        ca($tag)->{pem}, cert("$tag-good-1")->{pem}, $chain),
        qr/^Response verify OK.*: good/s, "$tag: openssl verifies";
}
for my $digest (qw(sha1 sha256 sha384 sha512)) {
    my $der = request_for('ec-good-1', digest => $digest);
    is $server->get($url . ca('ec')->{serial} . '/cert/', $der)->{says}, 'good',
        "$digest, GET below /cert/";
    is $server->post($url . ca('ec')->{serial} . '/cert/', $der)->{says},
        'good', "$digest, POST to /cert/";
    is $server->get($url, $der)->{says}, 'good', "$digest, no serial";
}
my $child = ocsp_request([certid('root', ca('inter')->{serial})]);
is $server->post($url . ca('root')->{serial} . '/ca/', $child)->{says}, 'good',
    'a child CA below /ca/';
is $server->says($url, 'disabled-good-1'), 'internalError',
    'a CA whose responder certificate has ended';
$server->expect_log('OCSP0205');

note 'hashes of no CA';
is $server->says($url, 'twin-good-1'), 'unauthorized', 'one that is not there';
is $server->post($url, ocsp_request([certid_of('ec-good-1',
    key_hash => (issuer_hashes('root', 'sha1'))[1])]))->{says}, 'unauthorized',
    "one CA's name with another's key";
is $server->post($url, ocsp_request([certid_of('ec-good-1'),
    certid_of('root-good-1')]))->{says}, 'unauthorized', 'two CAs at once';
is $server->post($url, ocsp_request([certid_of('ec-good-1'),
    certid_of('ec-revoked-1', digest => 'sha256')]))->{says}, 'good,revoked',
    'two digests of one CA';
is $server->post($url, ocsp_request([certid('root',
    cert('ec-good-1')->{serial})]))->{says}, 'unknown',
    "a serial of another CA's";

note 'how long answers are valid';
is seconds_of($url, 'root-good-1'), 86400, "the CA's own";
is seconds_of('/brief/', 'root-good-1'), 60, 'OCSPResponderExpires';
is seconds_of('/named/', 'root-good-1'), 600, 'a CA that is named: 600';
$server->sql("UPDATE $CAS SET ocsp_response_validity = 7200 WHERE name='ec'");
wait_for { seconds_of($url, 'ec-good-1') == 7200 } 8;
is seconds_of($url, 'ec-good-1'), 7200, 'when it is changed';

note 'CAs come and go';
$server->sql("INSERT INTO $CAS SELECT * FROM later");
becomes('twin-good-1', 'good', 'a new CA');
$server->sql("UPDATE $CAS SET enabled = 0 WHERE name = 'twin'");
is $server->says($url, 'twin-good-1'), 'good', 'disabled, it is still answered';
$server->sql("DELETE FROM $CAS WHERE name = 'twin'");
my $gone = $server->says($url, 'twin-good-1');
like $gone, qr/^(?:unauthorized|internalError)$/, 'it is deleted';
$server->allow_log('OCSP0204');
becomes('twin-good-1', 'unauthorized', 'and forgotten');

note 'a row that cannot be read harms no other';
my $pub = $server->sql("SELECT hex(pub) FROM $CAS WHERE name = 'odd'");
$server->sql("UPDATE $CAS SET pub = x'3000' WHERE name = 'odd'");
wait_for {
    $server->says($url, 'odd-good-1');
    $server->error_log =~ /OCSP0501/
} 8;
is $server->says($url, 'odd-good-1'), 'internalError', 'its CA';
is $server->says($url, "$_-good-1"), 'good', $_ for qw(root inter ec ed25519);
$server->expect_log('OCSP0501')->allow_log(qw(OCSP0202 OCSP0204 OCSP0208));
$server->sql("UPDATE $CAS SET pub = x'$pub' WHERE name = 'odd'");
becomes('odd-good-1', 'good', 'mended');

note 'a CA renewed with its name and key';
# A second certificate of ec's name and key, with leaves of its own.
my $dir = "$server->{root}/san";
must('openssl', 'x509', '-in', ca('ec')->{pem}, '-signkey', ca('ec')->{ca_key},
    '-set_serial', '0x1234567890ABCDEF', '-days', '3650', '-out',
    "$dir/renewed.pem");
my $renewed = unpack 'H*', pem_der("$dir/renewed.pem");
my ($max) = $server->sql("SELECT max(id) FROM $CAS") =~ /(\d+)/;
$max++;
my %own = map { $_ => 1 } qw(id serial name pub ocsp_key_backend_options);
my $columns = join ', ', grep { !$own{$_} }
    split /\n/, $server->sql("SELECT name FROM pragma_table_info('$CAS')");
$server->sql("INSERT INTO $CAS (id, serial, name, pub,"
    . " ocsp_key_backend_options, $columns) SELECT $max, '1234567890ABCDEF',"
    . " 'ec renewed', x'$renewed',"
    . " '{\"private_key\": {}, \"certificate\": {}}', $columns FROM $CAS"
    . " WHERE name = 'ec'");
$server->sql("UPDATE django_ca_certificate SET ca_id = $max WHERE serial = '"
    . cert('ec-revoked-1')->{serial_stored} . q{'});
my $behind = ocsp_request([certid('ec', cert('root-good-1')->{serial}),
    certid_of('ec-revoked-1')]);
my %said;
wait_for { $said{ $server->post($url, $behind)->{says} }++;
    $said{ $server->says($url, 'ec-revoked-1') }++;
    $said{revoked} && $said{'unknown,revoked'} } 8;
delete $said{tryLater};
is join(' ', sort keys %said), 'revoked unknown,revoked',
    'a leaf of the new row, which was never unknown';
$server->allow_log('OCSP0203');
is $server->says($url, 'ec-good-1'), 'good', 'a leaf of the old row';
is $server->post($url, ocsp_request([certid('ec', '5EED5EED')]))->{says},
    'unknown', 'a leaf of neither';
is $server->post($url, ocsp_request([certid_of('ec-good-1'),
    certid_of('ec-revoked-1')]))->{says}, 'good,revoked', 'both at once';

note 'both have a certificate of one serial';
# The new row's is a CA's: the table of leaves has each serial once.
my ($twin, $revoked) =
    map { "FROM django_ca_certificate WHERE serial = '$_'" }
    map { cert($_)->{serial_stored} } qw(ec-good-1 ec-revoked-1);
my @differ = qw(pub revoked revoked_date revoked_reason);
my %differs = map { $_ => 1 } @differ, 'parent_id';
my $alike = join ', ', grep { !$differs{$_} } split /, /, $columns;
$server->sql("INSERT INTO $CAS (id, serial, name, ocsp_key_backend_options,"
    . " parent_id, " . join(', ', @differ) . ", $alike) SELECT $max + 1,"
    . " (SELECT serial $twin), 'twin', '{}', $max, (SELECT pub $twin), "
    . join(', ', map { "(SELECT $_ $revoked)" } @differ[1 .. 3])
    . ", $alike FROM $CAS WHERE name = 'ec'");
is $server->says($url, 'ec-good-1'), 'internalError',
    'good is not said where the other is revoked';
$server->sql("UPDATE $CAS SET revoked = (SELECT revoked $twin)"
    . " WHERE id = $max + 1");
is $server->says($url, 'ec-good-1'), 'good', 'unless neither is';
is $server->says('/brief/', 'ec-good-1'), 'good', '  nor its hash differs';
my $other = make_cert(key => make_key('p256'), cn => 'other',
    serial => cert('ec-good-1')->{serial});
$server->sql("UPDATE $CAS SET pub = x'@{[unpack 'H*', pem_der($other)]}'"
    . " WHERE id = $max + 1");
is $server->says('/brief/', 'ec-good-1'), 'internalError', 'a hash of each';
is $server->says($url, 'ec-good-1'), 'good', '  where hashes are not sent';
my $leaf = 'UPDATE django_ca_certificate SET';
my $told = "revoked=1, revoked_date='2024-01-02 03:04:05',"
    . " revoked_reason='superseded', compromised='1970-01-01 00:00:00'";
sub both_say {
    my ($set, $says, $name) = @_;
    $server->sql("$leaf $told WHERE serial = (SELECT serial $twin)");
    $server->sql("UPDATE $CAS SET $told WHERE id = $max + 1");
    $server->sql("UPDATE $CAS SET $set WHERE id = $max + 1") if $set;
    return is $server->says($url, 'ec-good-1'), $says, $name;
}
both_say('', 'revoked', 'both are revoked');
both_say("revoked_reason='keyCompromise'", 'internalError', '  of two reasons');
both_say("revoked_date='2024-01-02 03:04:06'", 'internalError', '  two times');
both_say("compromised=$_", 'internalError', '  invalidity dates: one is ' . $_)
    for "'2023-12-31 00:00:00'", 'NULL';
$server->sql("$leaf revoked=0, revoked_date=NULL, revoked_reason='',"
    . " compromised=NULL WHERE serial = (SELECT serial $twin)");
$server->sql("DELETE FROM $CAS WHERE id = $max + 1");

note 'the same key, whose algorithm is written in another way';
my $named = ca('ec')->{ca_key};
must('openssl', 'pkey', '-in', $named, '-ec_param_enc', 'explicit', '-out',
    "$dir/explicit.key");
must('openssl', 'x509', '-in', ca('ec')->{pem}, '-signkey', "$dir/explicit.key",
    '-set_serial', '0x1234567890ABCDEF', '-days', '3650', '-out',
    "$dir/explicit.pem");
my $explicit = pem_der("$dir/explicit.pem");
cmp_ok length $explicit, '>', 100 + length pack('H*', $renewed),
    'its parameters are written out';
$server->sql("UPDATE $CAS SET pub = x'@{[unpack 'H*', $explicit]}'"
    . " WHERE id = $max");
is $server->says($url, 'ec-good-1'), 'good', 'a leaf of the old row';
becomes('ec-revoked-1', 'revoked', 'a leaf of the new row');
wait_for { $server->says($url, 'ec-revoked-1') ne 'revoked' } 3;
is $server->says($url, 'ec-revoked-1'), 'revoked', '  and it stays so';
$server->sql("UPDATE $CAS SET pub = x'$renewed' WHERE id = $max");

note 'one of them is gone';
$server->sql("CREATE TABLE again AS SELECT * FROM $CAS WHERE id = $max");
$server->sql("UPDATE django_ca_certificate SET ca_id = (SELECT id FROM $CAS"
    . " WHERE name = 'ec') WHERE serial = '"
    . cert('ec-revoked-1')->{serial_stored} . q{'});
# As long as lists are left alone.
sleep 3;
$server->sql("DELETE FROM $CAS WHERE id = $max");
is $server->says($url, 'ec-good-1'), 'good', 'a leaf of the other, at once';
$server->sql("INSERT INTO $CAS SELECT * FROM again");

note 'of two rows with one name and key, neither may sign';
# In a query of its own, as MySQL does not read the table that it changes.
$server->sql("UPDATE $CAS SET ocsp_key_backend_options = (SELECT options FROM"
    . " (SELECT ocsp_key_backend_options AS options FROM $CAS WHERE id = $max)"
    . " AS renewed) WHERE name = 'ec'");
becomes('ec-good-1', 'internalError', 'no keys at all');
must('openssl', 'x509', '-in', ca('disabled')->{pem}, '-signkey',
    ca('disabled')->{ca_key}, '-set_serial', '0x1234567890ABCDEF', '-days',
    '3650', '-out', "$dir/renewed.pem");
$renewed = unpack 'H*', pem_der("$dir/renewed.pem");
$server->sql("UPDATE $CAS SET pub = x'$renewed' WHERE id = $max");
$server->sql("UPDATE django_ca_certificate SET ca_id = $max WHERE serial = '"
    . cert('disabled-good-1')->{serial_stored} . q{'});
wait_for {
    $server->says($url, 'disabled-good-1');
    $server->error_log =~ /CA 1234567890ABCDEF answered/
} 8;
is $server->says($url, 'disabled-good-1'), 'internalError',
    'one without a key, one whose certificate has ended';

note 'none yet';
my $none = T::Server->new(conf => $conf =~ s{<Location "/named/.*}{}sr, db =>
    "DELETE FROM django_ca_certificate; DELETE FROM $CAS");
my ($code, $text) = $none->configtest;
is $code, 0, 'httpd starts';
like $text, qr/^OCSP0107: Warning on line 2 of .* there is no CA yet/m,
    '  and httpd -t tells';

finish;
