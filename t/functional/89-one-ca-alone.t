# SPDX-License-Identifier: Apache-2.0
# What is wrong with one CA costs that CA alone; and a CA that is named by its
# certificate's file follows that file.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI;
use T::PKI::Responder;
use T::Server;
use File::Copy qw(copy);

my $CAS     = 'django_ca_certificateauthority';
my $work    = folder();
my $storage = new_storage($work);
copy(ca('root')->{pem}, "$work/ca.pem");
open_up($work);
my $server = T::Server->new(conf => <<"CONF");
<Location "/all/">
    OCSPResponderCA *
    OCSPResponderStorage "$storage"
</Location>
<Location "/file/">
    OCSPResponderCA "$work/ca.pem"
    OCSPResponderKey \@root.key\@
    OCSPResponderCert \@root.cert\@
</Location>
CONF

note 'a key of a kind that OpenSSL does not know, as of tomorrow';
my $hex = $server->sql("SELECT hex(pub) FROM $CAS WHERE name = 'p384'");
is $hex =~ s/06052B81040022/06052B8104007F/g, 1, 'its curve is another one';
$server->sql("UPDATE $CAS SET pub = x'$hex' WHERE name = 'p384'");
# One of today that OpenSSL 3.0 does not know.
my $quantum = top_dir() . '/t/fixtures/ml-dsa-65';
my $is_late = !can_sign('ML-DSA-65');
insert_ca($server, "$quantum/ca.pem", name => 'quantum');
my ($code, $text) = $server->configtest;
is $code, 0, 'httpd -t does not fail for it';
my $serial = ca('p384')->{serial};
like $text, qr/Warning on line 2 .*CA $serial: .*key.* 1\.3\.132\.0\.127,/,
    '  but warns, and names the curve';
my ($other) = serial_of("$quantum/ca.pem") =~ /^0*(.*)/;
like $text, $is_late ? qr/CA $other: .*it is ML-DSA-65, for OpenSSL 3\.5/
    : qr/CA $other: /, 'ML-DSA-65: named, with what would read it';
$server->start;
is $server->says('/all/', "$_-good-1"), 'good', "$_: good"
    for qw(root ec inter);
is $server->says('/all/', 'p384-good-1'), 'internalError', 'p384 is not';
like join('', $server->alarms), qr/OCSP0202: CA $serial answered/,
    '  and named in the log';
$server->expect_log('OCSP0202');

is $server->post('/all/', ocsp_request([certid("$quantum/ca.pem", '01')]))
    ->{says}, 'internalError', 'nor is ML-DSA-65';
like join('', $server->alarms), qr/OCSP0202: CA $other answered/,
    '  and named in the log';
$server->expect_log('OCSP0202');

note 'its key in a file';
SKIP: {
    skip 'OpenSSL knows ML-DSA', 2 unless $is_late;
    my $secret = scratch_file("secret\n");
    chmod 0644, $secret;
    for my $file ('key.pem', 'encrypted.pem') {
        my (undef, $said) = T::Server->new(conf => <<"CONF")->configtest;
<Location "/quantum/">
    OCSPResponderCA "$quantum/ca.pem"
    OCSPResponderKey "$quantum/$file"
    OCSPResponderKeyPassPhrase "file:$secret"
    OCSPResponderCert "$quantum/ca.pem"
</Location>
CONF
        like $said, qr/OCSPResponderKey.*it is ML-DSA-65, for OpenSSL 3\.5/,
            "$file: named, with what would read it";
    }
}

note 'the certificate of a CA is replaced';
is $server->says('/file/', 'root-good-1'),  'good',         'root is meant';
is $server->says('/file/', 'inter-good-1'), 'unauthorized', 'inter is not';
copy(ca('inter')->{pem}, "$work/new.pem");
rename "$work/new.pem", "$work/ca.pem" or die $!;
wait_for { $server->says('/file/', 'root-good-1') eq 'unauthorized' } 10;
is $server->says('/file/', 'root-good-1'), 'unauthorized', 'then it is another';
is $server->says('/file/', 'inter-good-1'), 'internalError',
    '  whose responder this is not';

finish;
