# SPDX-License-Identifier: Apache-2.0
# The wire tests once more where OpenSSL has its FIPS and base providers only:
# CertIDs by SHA-1 are answered, too, as hashing is no signature.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI;
use T::PKI::Responder;
use T::Server;
use File::Temp ();

my ($module) = glob '/usr/lib/*/ossl-modules/fips.so /usr/lib*/ossl-modules/'
    . 'fips.so';
my (undef, $version) = run('openssl', 'version');
chomp $version;
plan(skip_all => "$version has no FIPS provider here") unless $module;

my $folder = File::Temp->newdir('fips-XXXXXX', TMPDIR => 1);
chmod 0755, "$folder";
my ($code, $text) = run('openssl', 'fipsinstall', '-module', $module, '-out',
    "$folder/module.cnf");
plan(skip_all => "the FIPS provider does not pass its own tests: $text")
    if $code;
spew("$folder/openssl.cnf", <<"CNF");
openssl_conf = main
.include $folder/module.cnf
[main]
providers = providers
alg_section = algorithms
[providers]
fips = fips_sect
base = base_section
[base_section]
activate = 1
[algorithms]
default_properties = fips=yes
CNF
chmod 0644, glob "$folder/*";

my %env = (OPENSSL_CONF => "$folder/openssl.cnf");
my (undef, $providers) = run(\%env, 'openssl', 'list', '-providers');
like $providers, qr/\bfips\b/, 'there is the FIPS provider';
unlike $providers, qr/\bdefault\b/, '  and not the usual one';
note 'a CA whose curve FIPS has not, beside others';
my $key = scratch_file();
must(qw(openssl genpkey -algorithm EC -pkeyopt
    ec_paramgen_curve:brainpoolP256r1 -out), $key);
chmod 0644, $key;
my $pool = make_cert(key => $key, cn => 'pool', end => 1000 * 86_400,
    extensions => ['basicConstraints = critical, CA:true',
        'keyUsage = critical, keyCertSign, cRLSign, digitalSignature']);
my $work    = folder();
my $storage = new_storage($work);
open_up($work);
my $all = "<Location \"/all/\">\nOCSPResponderCA *\n"
    . "OCSPResponderStorage \"$storage\"\n</Location>\n";
my $server = T::Server->new(env => \%env, conf => $all);
insert_ca($server, $pool, name => 'pool');
my ($other) = serial_of($pool) =~ /^0*(.*)/;
($code, $text) = $server->configtest;
is $code, 0, 'httpd -t does not fail for it';
like $text, qr/CA $other: .*brainpoolP256r1, which OpenSSL.* cannot use/,
    '  but names CA and curve';
$server->allow_log(qw(OCSP0202))->start;
is $server->says('/all/', "$_-good-1"), 'good', "$_: good" for qw(root ec);
is $server->post('/all/', ocsp_request([certid($pool, '01')]))->{says},
    'internalError', 'that CA alone is not answered for';
my (undef, $said) = T::Server->new(env => \%env, conf => <<"CONF")->configtest;
<Location "/pool/">
    OCSPResponderCA "$pool"
    OCSPResponderKey "$key"
    OCSPResponderCert "$pool"
</Location>
CONF
like $said,
    qr/OCSPResponderCert: .*brainpoolP256r1, which OpenSSL.* cannot use/,
    'nor is its pair used, and that is said';

note 'the wire tests';
for my $file (glob "$FindBin::Bin/[1-3]*.t") {
    my ($failed, $said) =
        run(\%env, 'perl', '-I' . top_dir() . '/t/lib', $file);
    is $failed, 0, $file =~ s/.*\///r or diag join "\n",
        (grep { /^not ok|^#/ } split /\n/, $said)[0 .. 20];
}

finish;
