# SPDX-License-Identifier: Apache-2.0
# Large answers: they are kept, if the cache can, and httpd -t says how many it
# holds, and that some clients do not take them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use T::PKI;
use T::PKI::Responder;
use Time::HiRes qw(sleep);

plan(skip_all => 'no mod_socache_shmcb') unless has_module('socache_shmcb');

my $work = folder();
my $key  = make_key('p256');
chmod 0644, $key;

# A responder certificate with an extension of about so many bytes.
sub certificate {
    my ($bytes) = @_;
    my $root = ca('root');
    return make_cert(key => $key, end => 86_400 * 1000,
        issuer => { pem => $root->{pem}, key => $root->{ca_key} },
        extensions => ['extendedKeyUsage = OCSPSigning', 'noCheck = ignored',
            'keyUsage = digitalSignature',
            $bytes ? '1.3.6.1.4.1.99999.1 = ASN1:UTF8String:' . 'x' x $bytes
                : ()]);
}

sub server {
    my ($bytes, $size) = @_;
    my $cert = certificate($bytes);
    return T::Server->new(modules => ['socache_shmcb'], conf => <<"CONF");
OCSPResponderCache shmcb:\@ROOT\@/run/answers($size)
<Location "/ocsp/">
    OCSPResponderCA root
    OCSPResponderKey $key
    OCSPResponderCert $cert
</Location>
CONF
}

sub answer { return $_[0]->get('/ocsp/', request_for('root-good-1')) }

my (undef, $text) = server(0, 1_000_000)->configtest;
is $text, "Syntax OK\n", 'usual answers: nothing to say';

my $large = server(20_000, 33_554_432);
(my $code, $text) = $large->configtest;
is $code, 0, 'large ones: no error';
like $text, qr/Warning on line \d+ .* about 2[01]\d{3} bytes, more than the 4/,
    '  but a word about clients';
my ($count) = $text =~ /OCSPResponderCache holds some (\d+) of them/;
cmp_ok $count // 0, '>', 1000, '  and how many the cache holds';
cmp_ok $count // 0, '<', 2000, '    which its bytes allow';
$large->start;
my $kept = kept_answer(sub { answer($large) })->{body};
is answer($large)->{body}, $kept, '  and they are kept';

my $none = server(40_000, 65_536);
($code, $text) = $none->configtest;
is $code, 0, 'too large for the cache: no error';
like $text, qr/OCSPResponderCache cannot keep one of them/, '  but told';
$none->expect_log(qw(AH00833 AH00844))->start;
my @bodies = map { sleep 1.1 if $_; answer($none)->{body} } 0, 1;
isnt $bodies[1], $bodies[0], '  and true';
is $none->says('/ocsp/', 'root-good-1'), 'good', '  answers come all the same';
my $attempts = () = $none->error_log =~ /AH00844/g;
cmp_ok $attempts, '<=', 2,
    '  and it is not tried again for each: threads at once, and that is all';

finish;
