# SPDX-License-Identifier: Apache-2.0
# Case 18: two CAs may have one serial. What the database says of one's
# certificates is never said of the other's.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::DER;
use T::PKI;
use T::PKI::Responder;
use T::Server;

note 'case 18';
my $CAS  = 'django_ca_certificateauthority';
my $work = folder();

# A CA with the serial of root, or of root with another key, in the folder.
sub make_twin {
    my ($name, $key) = @_;
    spew("$work/$name", slurp(make_cert(key => $key, cn => $name,
        serial => ca('root')->{serial}, extensions =>
        ['basicConstraints=critical,CA:TRUE'])));
    return "$work/$name";
}

my $key  = make_key();
my $twin = make_twin('twin', $key);
spew("$work/key", slurp($key));
open_up($work);
my $server = T::Server->new(conf => <<"CONF")->allow_log('OCSP0204')->start;
<Location "/twin/">
    OCSPResponderCA $twin
    OCSPResponderKey $work/key
    OCSPResponderCert $twin
</Location>
<Location "/root/">
    \@responder root\@
</Location>
CONF

sub says {
    my ($path, $ca, $tag) = @_;
    return $server->post($path,
        ocsp_request([certid($ca, cert($tag)->{serial})]))->{says};
}

# Puts another certificate into root's row.
sub set_root {
    my ($pem) = @_;
    $server->sql("UPDATE $CAS SET pub = " . T::PKI::pub($pem)
        . " WHERE name = 'root'");
    return;
}

# A certificate for root's name and key with that serial, in the folder.
sub renew_root {
    my ($serial) = @_;
    must('openssl', 'x509', '-in', ca('root')->{pem}, '-signkey',
        ca('root')->{ca_key}, '-set_serial', "0x$serial", '-days', '3650',
        '-out', "$work/renewed");
    return "$work/renewed";
}

# One that the database never had.
spew("$work/new", slurp(make_cert(key => $key, cn => 'new', serial => '5EED',
    extensions => ['basicConstraints=critical,CA:TRUE'])));
open_up($work);
my $newcomer = T::Server->new(conf => <<"CONF");
<Location "/new/">
    OCSPResponderCA $work/new
    OCSPResponderKey $work/key
    OCSPResponderCert $work/new
</Location>
CONF
like +($newcomer->configtest)[1],
    qr/Warning .*no status can be found.* its CA is not in the database$/m,
    'one that is in a file alone';

is says('/root/', 'root', 'root-good-1'), 'good', 'the one in the database';
is says('/twin/', $twin, 'root-good-1'), 'internalError', 'the one in a file';
like +($server->configtest)[1], qr/Warning .*no status can be found.*another/,
    '  httpd -t warns of it';
like $server->error_log, qr/has another CA with the CA's serial/,
    '  and the log says why';

note 'the row of a CA becomes that of another with its serial';
set_root($twin);
is says('/root/', 'root', 'root-good-1'), 'internalError', 'as in the database';
is says('/twin/', $twin, 'root-good-1'), 'good', 'that other';

note 'the CA, renewed with its serial and key';
set_root(renew_root(ca('root')->{serial}));
is says('/root/', 'root', 'root-good-1'), 'good', 'is the same';
is says('/twin/', $twin, 'root-good-1'), 'internalError', 'and no other';

note 'the CA, renewed with another serial, where it is named by its name';
my $second = make_key('p256');
my $delegated = make_cert(key => $second, cn => 'second',
    extensions => ['extendedKeyUsage=OCSPSigning', 'noCheck=yes'],
    issuer     => { pem => ca('root')->{pem}, key => ca('root')->{ca_key} });
my $named = T::Server->new(conf => <<"CONF")->allow_log('OCSP0204')->start;
<Location "/root/">
    \@responder root\@
    OCSPResponderCA root
</Location>
<Location "/pairs/">
    \@responder root\@
    OCSPResponderCA root
    OCSPResponderKey $second
    OCSPResponderCert $delegated
</Location>
\@page health\@
CONF

# By what the answer to somebody who prefers ECDSA is signed.
sub algorithm {
    my $wish = extension('1.3.6.1.5.5.7.48.1.8',
        seq(seq(seq(oid('1.2.840.10045.4.3.2')))));
    my $answer = $named->get('/pairs/', ocsp_request(
        [certid_of('root-good-1')], extensions => [$wish]));
    return $answer->{response}{algorithm} // $answer->{says};
}
is algorithm(), '1.2.840.10045.4.3.2', 'one of two pairs';
for my $serial ('5A77', '5A78') {
    my $pub = T::PKI::pub(renew_root($serial));
    is $named->says('/root/', 'root-good-1'), 'good', 'known';
    # By a row of its own.
    my $root = "(SELECT id FROM $CAS WHERE name = 'root')";
    $named->sql("UPDATE django_ca_certificate SET ca_id = 1000 + ca_id WHERE"
        . " ca_id = $root; UPDATE $CAS SET id = 1000 + id, serial = '$serial',"
        . " pub = $pub WHERE name = 'root'");
    my $is_well = $serial eq '5A77'
        ? sub { $named->says('/root/', 'root-good-1') eq 'good' }
        : sub { $named->request('GET', '/health')->{status} == 200 };
    isnt $is_well->(), 1, '  it is replaced';
    wait_for { $is_well->() } 30;
    is $is_well->(), 1, '  which is soon seen';
    wait_for { algorithm() eq '1.2.840.10045.4.3.2' } 30;
    is algorithm(), '1.2.840.10045.4.3.2', '  with the other pair, too';
}
finish;
