# SPDX-License-Identifier: Apache-2.0
# What is wrong with one CA costs that CA alone; and a CA that is named by its
# certificate's file follows that file.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
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
my ($code, $text) = $server->configtest;
is $code, 0, 'httpd -t does not fail for it';
my $serial = ca('p384')->{serial};
like $text, qr/Warning on line 2 .*CA $serial: .*key/, '  but warns';
$server->start;
is $server->says('/all/', "$_-good-1"), 'good', "$_: good"
    for qw(root ec inter);
is $server->says('/all/', 'p384-good-1'), 'internalError', 'p384 is not';
like join('', $server->alarms), qr/OCSP0202: CA $serial answered/,
    '  and named in the log';
$server->expect_log('OCSP0202');

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
