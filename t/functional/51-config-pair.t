# SPDX-License-Identifier: Apache-2.0
# httpd -t: key, pass phrase and certificate, and whether they fit the CA.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::PKI;
use T::Server;

my $server = check_on(T::Server->new);
my $root   = ca('root');

note 'files';
my $garbage = scratch_file("garbage\n");
my $empty   = scratch_file('');
my $half    = scratch_file(substr slurp($root->{key}), 0, 200);
my %no_file = (
    'no file'       => '/nonexistent',
    'a folder'      => '/tmp',
    'garbage'       => $garbage,
    'an empty file' => $empty,
);
for my $name (sort keys %no_file) {
    my $path = $no_file{$name};
    for my $directive ('Key', 'Cert') {
        refused("OCSPResponder$directive: $name", "OCSPResponder$directive",
            qr/\Q$path\E/, location($directive => $path));
    }
}
refused('a certificate for a key', 'OCSPResponderKey', qr/certificate/,
    location(Key => $root->{cert}));
refused('a key for a certificate', 'OCSPResponderCert', qr/\Q$root->{key}\E/,
    location(Cert => $root->{key}));
refused('half a key', 'OCSPResponderKey', qr/\Q$half\E/,
    location(Key => $half));
refused('a relative path is of ServerRoot', 'OCSPResponderKey',
    qr{\Q$server->{root}\E/conf/none}, location(Key => 'conf/none'));

# ML-DSA-65, which comes with OpenSSL 3.5.
SKIP: {
    skip 'OpenSSL knows ML-DSA', 1
        if (run('openssl', 'list', '-signature-algorithms'))[1] =~ /ML-DSA/;
    my $strange = scratch_file(pack 'H*', '3034020100300b06096086480165030403'
        . '1204228020' . '5a' x 32);
    refused('a key of a kind that is not known', 'OCSPResponderKey',
        qr/2\.16\.840\.1\.101\.3\.4\.3\.18, which OpenSSL \d.* cannot use/,
        location(Key => $strange));
}

note 'pass phrases';
my ($pem, $der) = map { scratch_file() } 1, 2;
must(qw(openssl pkey -aes256 -passout pass:right -in), $root->{key},
    '-out', $pem);
must(qw(openssl pkcs8 -topk8 -passout pass:right -outform DER -in),
    $root->{key}, '-out', $der);
my $right = scratch_file("right\nsecond line\n");
my $wrong = scratch_file("wrong\n");

sub program {
    my $path = scratch_file("#!/bin/sh\n$_[0]\n");
    chmod 0755, $path;
    return $path;
}

sub locked { return location(Key => $pem, KeyPassPhrase => $_[0]) }

accepted('in a file', locked("file:$right"));
accepted('of a program', locked('exec:' . program('echo right; echo more')));
accepted('for a key in DER',
    location(Key => $der, KeyPassPhrase => "file:$right"));
accepted('not needed',
    location(KeyPassPhrase => "file:$right"));
refused('none', 'OCSPResponderKey', qr/pass phrase/, locked(undef));
refused('wrong', 'OCSPResponderKey', qr/pass phrase/, locked("file:$wrong"));
my %no_phrase = (
    "file:$empty"                      => qr/\Q$empty\E/,
    'file:/nonexistent'                => qr{/nonexistent},
    'exec:/nonexistent'                => qr{/nonexistent},
    'exec:' . program('exit 0')        => qr{\S/\S},
    'exec:' . program('exit 1')        => qr{\S/\S},
);
refused("pass phrase of $_", 'OCSPResponderKey OCSPResponderKeyPassPhrase',
    $no_phrase{$_}, locked($_)) for sort keys %no_phrase;

note 'key, certificate and CA';
my $key    = make_key('p256');
my @issued = (issuer => { pem => $root->{pem}, key => $root->{ca_key} });
my @usage  = (extensions => ['extendedKeyUsage=OCSPSigning',
    'noCheck=ignored']);
my $no_pair = qr/key does not match the certificate/;

# A location with the certificate of that key that make_cert() is told to make.
sub made {
    return location(Key => $key,
        Cert => make_cert(key => $key, cn => 'made', @_));
}

accepted('a pair made now', made(@issued, @usage));
accepted("the CA's own pair, without digitalSignature, warns",
    location(Key => $root->{ca_key}, Cert => $root->{pem}),
    qr/Warning on line 4 of \S+: .*\bdigitalSignature\b/);
accepted('an expired certificate warns',
    made(@issued, @usage, start => -9000, end => -3000),
    qr/Warning on line 4 of \S+: OCSPResponderCert\b.*expired/);
accepted('one not yet valid warns',
    made(@issued, @usage, start => 3000, end => 9000),
    qr/Warning on line 4 of \S+: OCSPResponderCert\b.*not yet valid/);
note 'case 60: as clients see it';
accepted('one without nocheck warns',
    made(@issued, extensions => ['extendedKeyUsage=OCSPSigning']),
    qr/Warning on line 4 of \S+: .*\bid-pkix-ocsp-nocheck\b/);
accepted('one without a subject is noted',
    made(@issued, @usage, nameless => 1),
    qr/\AOCSP0113: Note on line 4 of .* has no subject, .*\nSyntax OK\n\z/);
refused('one issued under another name', 'OCSPResponderCert',
    qr/under another name/,
    made(issuer => {
        key => $root->{ca_key},
        pem => make_cert(key => $root->{ca_key}, cn => 'another',
            extensions => ['basicConstraints=critical,CA:true']),
    }, @usage));
refused('an unknown critical extension', 'OCSPResponderCert',
    qr/unhandled critical extension/,
    made(@issued, extensions => ['extendedKeyUsage=OCSPSigning',
        '1.2.3.4.5=critical,DER:0500']));
refused('a signature with SHA-1', 'OCSPResponderCert', qr/too weak/,
    made(@issued, @usage, md => 'sha1'));
# Without the CA's certificate, too, which may be in a database that is away.
my $unusual = qr/OCSP0103: .* has no OCSPSigning usage .*, and is not a CA's/;
refused('no OCSPSigning', 'OCSPResponderCert', $unusual, made(@issued));
refused('another usage', 'OCSPResponderCert', $unusual,
    made(@issued, extensions => ['extendedKeyUsage=serverAuth']));
refused('signed by itself', 'OCSPResponderCert', qr/issued/, made(@usage));
refused('a key of another', 'OCSPResponderCert', $no_pair,
    location(Key => ca('inter')->{key}));
my %inter = (Key => ca('inter')->{key}, Cert => ca('inter')->{cert});
refused("another CA's responder", 'OCSPResponderCert', qr/issued/,
    location(%inter));
refused('that of a CA with the same name', 'OCSPResponderCert', qr/issued/,
    location(CA => 'twin', %inter));
refused('a digest that the key does not take',
    'OCSPResponderCert OCSPResponderDigest', qr/sha256/,
    location(CA => 'ed25519', Key => ca('ed25519')->{key},
        Cert => ca('ed25519')->{cert}, Digest => 'sha256'));

note 'the certificate as PEM text';
sub pem_text {
    my ($path, $break) = @_;
    my @lines = split /\n/, slurp($path);
    return '"' . join($break, @lines) . '"';
}

for my $break ("\\\n", "\\\n    ", '\n', '\r\n', ' ', '') {
    (my $name = $break) =~ s/\n/LF/;
    accepted("lines broken by '$name'",
        location(Cert => pem_text($root->{cert}, $break)));
}
my $text = pem_text($root->{cert}, ' ');
refused('PEM of another certificate', 'OCSPResponderCert', $no_pair,
    location(Cert => pem_text(ca('inter')->{cert}, ' ')));
refused('PEM with a hole', 'OCSPResponderCert', qr/certificate/,
    location(Cert => $text =~ s/ \S{64} / /r));
refused('PEM without an end', 'OCSPResponderCert', qr/certificate/,
    location(Cert => $text =~ s/ -----END.*-/ /r));
refused('PEM of a key', 'OCSPResponderCert', qr/certificate/,
    location(Cert => pem_text($root->{key}, ' ')));

note 'what stops a start';
my $stopped = T::Server->new(conf => location(Key => '/nonexistent'));
ok !$stopped->try_start, 'a key that is missing does';
like $stopped->stderr,
    qr{Error on line 3 of \S+: OCSPResponderKey\b.*/nonexistent}, 'it says why';
$stopped->expect_log('OCSP0101')->allow_log('AH00014');

finish;
