# SPDX-License-Identifier: Apache-2.0
# django-ca's own responder keys, wherever a release keeps them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Copy qw(copy);
use File::Path qw(make_path);
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64);
use T::Database;
use T::PKI::Responder;

my $work    = folder();
my $storage = new_storage($work);

sub conf {
    my ($folder) = @_;
    my $line = defined $folder ? qq(OCSPResponderStorage "$folder") : '';
    return <<"CONF";
<Location "/ocsp/">
    OCSPResponderCA *
    $line
</Location>
CONF
}

sub started {
    my ($folder, @options) = @_;
    return T::Server->new(conf => conf($folder), @options)->start;
}

sub der_of {
    my ($pair, $file) = @_;
    must('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', $pair->{key},
        '-outform', 'DER', '-out', $file);
    return;
}

my $pair = make_pair($work, 'ec');
copy($pair->{key}, "$storage/ocsp/plain.key");
der_of($pair, "$storage/ocsp/plain.der");
spew("$storage/ocsp/garbage.key", 'no key');
open_up($work);

note 'the row names the key';
my $server = started($storage);
is $server->says('/ocsp/', "$_-good-1"), 'good', "$_: as django-ca has it"
    for qw(root inter ec p521 ed25519 ed448 rsa4096 dsa);
is signed_by($server->get('/ocsp/', request_for('root-good-1'))),
    cert('root-auto-2')->{serial}, 'by the pair that the row names';
my %place = (
    'a DER file'              => '{"path": "ocsp/plain.der"}',
    'a PEM file'              => '{"path": "ocsp/plain.key"}',
    'a password of null'      => '{"path": "ocsp/plain.key", "password": null}',
    'the database'            => $pair,
    'an absolute path inside' => qq({"path": "$storage/ocsp/plain.key"}),
);
for my $what (sort keys %place) {
    my $json = pair_json($place{$what}, $pair->{pem});
    my $in = started($storage, db => options_sql('ec', $json));
    my $answer = $in->get('/ocsp/', request_for('ec-good-1'));
    is $answer->{says}, 'good', $what;
    is signed_by($answer), $pair->{serial}, '  its certificate';
}
my $inside = started(undef,
    db => options_sql('ec', pair_json($pair, $pair->{pem})));
is $inside->says('/ocsp/', 'ec-good-1'), 'good',
    'no OCSPResponderStorage where the database has the key';
is $inside->says('/ocsp/', 'root-good-1'), 'internalError',
    'but where it is a file';
$inside->expect_log('OCSP0202');
like $inside->error_log, qr/OCSPResponderStorage is not set/,
    '  which is said';

note 'up to 2.0: two files named after the CA';
my $old = "$work/old";
my $no_options = 'ALTER TABLE django_ca_certificateauthority DROP COLUMN'
    . ' ocsp_key_backend_options;';
make_path("$old/ocsp");
for my $tag (qw(root ec)) {
    my $own  = make_pair($work, $tag);
    my $name = "$old/ocsp/" . ca($tag)->{serial};
    $tag eq 'ec' ? der_of($own, "$name.key") : copy($own->{key}, "$name.key");
    copy($own->{pem}, "$name.pem");
}
open_up($old);
my $files = started($old, db => $no_options);
is $files->says('/ocsp/', 'root-good-1'), 'good', 'in PEM';
is $files->says('/ocsp/', 'ec-good-1'),   'good', 'in DER';
is $files->says('/ocsp/', 'p384-good-1'), 'internalError', 'no files';
$files->expect_log('OCSP0202');

# Only releases up to 1.12 have serials with colons.
my $past = fixture_dir() . '/../django-ca-1.12.0';
my $ec   = decode_json(slurp("$past/cas.json"))->{ec};
my $db   = T::Database->start('sqlite3', empty => 1);
$db->create('past', slurp("$past/db.sql"));
my $named = "$old/ocsp/" . $ec->{serial} =~ tr/://dr;
copy("$past/keys/$ec->{responder_key}.pem", "$named.key");
spew("$named.pem", $db->sql('SELECT pub FROM django_ca_certificate WHERE'
    . " serial = '$ec->{responder_serial}'", 'past'));
open_up($old);
my $coloned = T::Server->new(conf => conf($old), db => 0,
    dbd => $db->lines(name => 'past'))->start;
is $coloned->post('/ocsp/', ocsp_request([certid("$past/certs/ca-ec.pem",
    $ec->{responder_serial} =~ tr/://dr)]))->{says}, 'good',
    'a serial with colons';

note 'half of it by hand';
my $mixed = T::Server->new(conf => <<"CONF",
<Location "/key/">
    OCSPResponderCA ec
    OCSPResponderKey "$pair->{key}"
    OCSPResponderCert auto
</Location>
<Location "/cert/">
    OCSPResponderCA ec
    OCSPResponderKey AUTO
    OCSPResponderCert "$pair->{pem}"
    OCSPResponderStorage "$storage"
</Location>
CONF
    db => options_sql('ec', pair_json('{"path": "ocsp/plain.der"}',
        $pair->{pem})))->start;
is $mixed->says($_, 'ec-good-1'), 'good', $_ for '/key/', '/cert/';

note 'what is wrong harms one CA alone';
my $path     = option('ec', 'private_key.path');
my $pem      = scratch_file(option('ec', 'certificate.pem'));
my $password = encode_base64('x' x 32, '');
my $none     = scratch_file("-----BEGIN CERTIFICATE-----\nAAAA\n"
    . "-----END CERTIFICATE-----\n");
sub with_key { return pair_json($_[0], $pem) }
my %bad = (
    'no JSON'              => ['{"private_key": ', qr/JSON/],
    'an empty text'        => ['', qr/JSON/],
    'a list'               => ['[]', qr/not what django-ca writes/],
    'a number for the key' => ['{"private_key": 5, "certificate": {}}',
        qr/not what django-ca writes/],
    'nothing made'         => ['{"private_key": {}, "certificate": {}}',
        qr/generate_ocsp_keys/],
    'an empty object'      => ['{}', qr/generate_ocsp_keys/],
    'no certificate'       => [
        qq({"private_key": {"path": "$path"}, "certificate": {}}),
        qr/no certificate/],
    'no path'              => [with_key('{"password": "x"}'), qr/path/],
    'a HSM'                => [with_key('{"key_label": "a", "key_id": "b"}'),
        qr/HSM/],
    'a wrong password'     => [
        with_key(qq({"path": "$path", "password": "$password"})),
        qr/pass phrase/],
    'no password'          => [with_key(qq({"path": "$path"})),
        qr/encrypted/],
    'a password not base64' => [
        with_key(qq({"path": "$path", "password": "\$%&"})), qr/base64/],
    'a file that is not there' => [with_key('{"path": "ocsp/none.key"}'),
        qr/none\.key/],
    'a file that is no key' => [with_key('{"path": "ocsp/garbage.key"}'),
        qr/no readable private key/],
    'a folder'             => [with_key('{"path": "ocsp"}'), qr/not a file/],
    'another key'          => [with_key('{"path": "ocsp/plain.key"}'),
        qr/does not match the certificate/],
    'a path that leaves'   => [with_key('{"path": "../ec-key"}'),
        qr/leads out/],
    'a path that leaves later' => [with_key('{"path": "ocsp/../../k"}'),
        qr/leads out/],
    'an absolute path'     => [with_key(qq({"path": "$pair->{key}"})),
        qr/leads out/],
    'a certificate that is none' => [
        pair_json('{"path": "ocsp/plain.key"}', $none), qr/certificate/],
    "another CA's certificate" => [
        pair_json('{"path": "ocsp/plain.key"}', cert('p384-responder')->{pem}),
        qr/key/],
);
if (!$>) {
    spew("$storage/secret.key", '');
    chmod 0600, "$storage/secret.key";
    $bad{'a file that may not be read'} =
        [with_key('{"path": "secret.key"}'), qr/user [\w-]+ has no right to/];
}
for my $what (sort keys %bad) {
    my ($json, $like) = @{ $bad{$what} };
    my $in = T::Server->new(conf => conf($storage),
        db => options_sql('ec', $json));
    my ($code, $text) = $in->configtest;
    is $code, 0, "$what: httpd -t" or diag $text;
    $in->expect_log('OCSP0202')->start;
    is $in->says('/ocsp/', 'ec-good-1'), 'internalError', '  internalError'
        for 1, 2;
    is $in->says('/ocsp/', 'p521-good-1'), 'good', '  another CA';
    my @lines = grep { /OCSP0202/ } $in->alarms;
    is scalar @lines, 1, '  said once';
    like "@lines", $like, '  and clearly';
}

note 'httpd -t';
hurry();    # it leaves out what takes ten seconds
sub refused {
    my ($what, $folder, $like) = @_;
    my ($code, $text) = T::Server->new(conf => conf($folder))->configtest;
    isnt $code, 0, $what;
    like $text, $like, '  which is said';
    return;
}
refused('a folder that is not there', "$work/none",
    qr/Error on line 3 of .*OCSPResponderStorage.*none/);
refused('a relative path', 'relative',
    qr/OCSPResponderStorage: 'relative' is not the absolute path/);
refused('a file', "$storage/ocsp/plain.key",
    qr/OCSPResponderStorage.*[Nn]ot a directory/);
refused('no folder, and every key in a file', undef,
    qr/OCSPResponderStorage is not set/);
SKIP: {
    skip 'not root, so httpd runs as the same user', 2 if $>;
    mkdir "$work/closed", 0700;
    refused("a folder that httpd's user may not look into", "$work/closed",
        qr/OCSPResponderStorage.*ermission denied/);
}
my ($code, $text) = T::Server->new(conf => conf($storage))->configtest;
is $code, 0, 'all is well' or diag $text;
my @notes = $text =~ /^(OCSP0113: .*)$/mg;
is scalar @notes, 1, '  one note for all certificates without a subject';
like $notes[0], qr/: Note on line 2 of .* for CA \S+ \(and for \d+ more\) has /,
    '  which tells how many';
unlike $server->error_log, qr/OCSP0113/, '  and a running server does not';

note "a key that django-ca renews: its mode takes an ACL's effect away";
SKIP: {
    my ($user) = user();
    skip 'not root, or no setfacl', 6
        if !$user || (run('setfacl', '--version'))[0];
    my $key = "$storage/ocsp/renewed.key";
    copy($pair->{key}, $key);
    chmod 0600, $key;
    must('setfacl', '-m', "u:$user:r", $key);
    chmod 0600, $key;
    my $told = T::Server->new(conf => conf($storage), db => options_sql('ec',
        pair_json('{"path": "ocsp/renewed.key"}', $pair->{pem})));
    my ($failed, $says) = $told->configtest;
    my $clear = qr/cannot read \Q$key\E: user $user .*`(chgrp [^`]*)`/;
    is $failed, 0, 'httpd -t warns' or diag $says;
    like $says, $clear, '  naming user, file and command';
    $told->expect_log('OCSP0202')->start;
    is $told->says('/ocsp/', 'ec-good-1'), 'internalError', 'no answer';
    my ($command) = $told->error_log =~ $clear;
    isnt $command, undef, '  and the log names them, too';
    must('sh', '-c', $command);
    ok((wait_for { $told->says('/ocsp/', 'ec-good-1') eq 'good' } 20),
        '  which helps');
}

finish;
