# SPDX-License-Identifier: Apache-2.0
# OCSPResponderCertHash: the answer names the very certificate, by the SHA-256
# of what the database has of it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::PKI::Responder qw(folder);
use T::Server;
use Digest::SHA qw(sha256_hex);

my $CERT_HASH = '1.3.36.8.3.13';
my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/with/">
    @responder root@
    OCSPResponderCertHash on
</Location>
<Location "/without/">
    @responder root@
</Location>
CONF

# In hex, with the algorithm before it; undef: there is none.
sub hash_of {
    my ($location, $request) = @_;
    my $single = $server->get($location, $request)->{single};
    my $extension = $single->{extensions}{$CERT_HASH} or return undef;
    ok !$extension->{critical}, 'it is not critical';
    return unpack 'H*', $extension->{value};
}

# The certificate as the database has it, in DER.
sub wanted {
    my ($table, $serial) = @_;
    my $hex =
        $server->sql("SELECT hex(pub) FROM $table WHERE serial='$serial'");
    my $bytes = pack 'H*', $hex;
    $bytes = must('openssl', 'x509', '-in', scratch_file($bytes), '-outform',
        'DER') if $bytes =~ /BEGIN CERTIFICATE/;
    return '302f300b0609608648016503040201' . '0420' . sha256_hex($bytes);
}

for my $tag (qw(root-good-1 root-revoked-keyCompromise)) {
    is hash_of('/with/', request_for($tag)),
        wanted('django_ca_certificate', cert($tag)->{serial_stored}),
        "$tag: its hash";
}
is hash_of('/with/', request_for('inter')),
    wanted('django_ca_certificateauthority', ca('inter')->{serial}),
    'of a CA, too';
is hash_of('/without/', request_for('root-good-1')), undef, 'off by default';
is hash_of('/with/', ocsp_request([certid('root', '5EED5EED')])), undef,
    'none of what was never issued';

note 'a certificate that is stored as text';
my $serial = cert('root-good-2')->{serial_stored};
my $der    = scratch_file(pack 'H*', $server->sql(
    "SELECT hex(pub) FROM django_ca_certificate WHERE serial='$serial'"));
my $pem = unpack 'H*', must('openssl', 'x509', '-inform', 'DER', '-in', $der);
$server->sql("UPDATE django_ca_certificate SET pub=x'$pem'"
    . " WHERE serial='$serial'");
is hash_of('/with/', request_for('root-good-2')),
    wanted('django_ca_certificate', $serial), 'is hashed as DER';

note 'a source that keeps none';
my $index = spew(folder() . '/index.txt',
    "V\t491231235959Z\t\t0ABC\tunknown\t/CN=a\n");
check_on($server);
accepted('an index.txt', location(CA => ca('root')->{pem}, CertHash => 'on',
    Source => "index $index"), qr/CertHash on: CA .* keeps no certificates/);

finish;
