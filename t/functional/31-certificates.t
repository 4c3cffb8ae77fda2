# SPDX-License-Identifier: Apache-2.0
# What an answer holds besides its status: certificates, a second CertID.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI;
use T::Server;

my $server = T::Server->new;
my ($root, $inter) = (ca('root'), ca('inter'));
my $chain = scratch_file(slurp($inter->{pem}) . "text between\n"
        . slurp($root->{pem}));
my $single = scratch_file(pem_der($root->{pem}));
$server->write_conf(<<"CONF" . <<'CONF')->start;
<Location "/chain/">
    \@responder inter\@
    OCSPResponderChain $chain
</Location>
<Location "/single/">
    \@responder inter\@
    OCSPResponderChain $single
</Location>
<Location "/direct/inter/">
    OCSPResponderCA $inter->{serial}
    OCSPResponderKey $inter->{ca_key}
    OCSPResponderCert $inter->{pem}
    OCSPResponderChain $chain
</Location>
CONF
<Location "/dual/">
    @responder root@
    OCSPResponderDualCertID on
</Location>
<Location "/alone/">
    @responder root@
</Location>
CONF

sub ask {
    my ($location, $name, @how) = @_;
    return $server->post($location, ocsp_request([certid_of($name, @how)]));
}

sub certs { return ask(@_)->{response}{certs} }

note 'case 35: the chain';
is_deeply certs('/chain/', 'inter-good-1'),
    [map { pem_der($_) } @$inter{qw(cert pem)}, $root->{pem}],
    "the signer's certificate, then the chain in its order";
is_deeply certs('/single/', 'inter-good-1'),
    [map { pem_der($_) } $inter->{cert}, $root->{pem}], 'a chain of one in DER';
is certs('/direct/inter/', 'inter-good-1'), undef,
    'absent where an intermediate CA signs';

note 'OCSPResponderDualCertID';
my %sent = map { my $digest = $_; map {
    ("$digest-$_" => certid_of('root-good-1', digest => $digest, null => $_))
} 0, 1 } qw(sha1 sha256 sha384);
for my $null (0, 1) {
    my @both = map { $sent{"$_-$null"} } qw(sha1 sha256);
    my $bodies = sub {
        return map { $server->get('/dual/', ocsp_request([$sent{"$_-$null"}]))
                ->{body} } qw(sha1 sha256);
    };
    for my $digest (qw(sha1 sha256)) {
        my $answer = $server->get('/dual/',
            ocsp_request([$sent{"$digest-$null"}]));
        my $singles = $answer->{response}{singles};
        is_deeply [map { $_->{certid} } @$singles], \@both,
            "$digest, parameters " . ($null ? 'NULL' : 'absent')
            . ': both CertIDs';
        is_deeply [map { $_->{status} } @$singles], ['good', 'good'],
            '  both say good';
    }
    ok wait_for { my ($one, $other) = $bodies->(); $one eq $other },
        'one signature serves both';
}
is @{ $server->get('/dual/', ocsp_request([$sent{'sha384-1'}]))
    ->{response}{singles} }, 1, 'SHA-384 is answered alone';
is @{ $server->get('/alone/', ocsp_request([$sent{'sha1-1'}]))
    ->{response}{singles} }, 1, 'one CertID by default';

finish;
