# SPDX-License-Identifier: Apache-2.0
# Makes OCSP requests byte by byte, reads responses, and asks openssl.
package T::OCSP;

use strict;
use warnings;
use Carp qw(croak);
use Digest::MD5 ();
use Digest::SHA ();
use Exporter 'import';
use File::Temp ();
use MIME::Base64 qw(encode_base64);
use T::Process;
use T::DER;
use T::Fixture;

our @EXPORT = qw(certid certid_of issuer_hashes extension nonce single_request
    ocsp_request request_for read_response ocsp_status base64 percent
    openssl_request openssl_verify scratch_file %OID);

our %OID = (
    basic           => '1.3.6.1.5.5.7.48.1.1',
    nonce           => '1.3.6.1.5.5.7.48.1.2',
    acceptable      => '1.3.6.1.5.5.7.48.1.4',
    archive_cutoff  => '1.3.6.1.5.5.7.48.1.6',
    service_locator => '1.3.6.1.5.5.7.48.1.7',
    extended_revoke => '1.3.6.1.5.5.7.48.1.9',
    invalidity_date => '2.5.29.24',
    ocsp_signing    => '1.3.6.1.5.5.7.3.9',
    md5             => '1.2.840.113549.2.5',
    sha1            => '1.3.14.3.2.26',
    sha224          => '2.16.840.1.101.3.4.2.4',
    sha256          => '2.16.840.1.101.3.4.2.1',
    sha384          => '2.16.840.1.101.3.4.2.2',
    sha512          => '2.16.840.1.101.3.4.2.3',
    'sha3-224'      => '2.16.840.1.101.3.4.2.7',
    'sha3-256'      => '2.16.840.1.101.3.4.2.8',
    'sha3-384'      => '2.16.840.1.101.3.4.2.9',
    'sha3-512'      => '2.16.840.1.101.3.4.2.10',
);

my %digest = (
    md5    => \&Digest::MD5::md5,
    sha1   => \&Digest::SHA::sha1,
    sha224 => \&Digest::SHA::sha224,
    sha256 => \&Digest::SHA::sha256,
    sha384 => \&Digest::SHA::sha384,
    sha512 => \&Digest::SHA::sha512,
);

# Perl's core has no SHA-3.
for my $bits (224, 256, 384, 512) {
    $digest{"sha3-$bits"} = sub {
        my ($bytes) = @_;
        return must('openssl', 'dgst', "-sha3-$bits", '-binary',
            scratch_file($bytes));
    };
}

my ($scratch, $files);

# A file of its own for bytes that a program is to read; gone at the end.
sub scratch_file {
    my ($bytes) = @_;
    $scratch //= File::Temp->newdir('ocsp-XXXXXX', TMPDIR => 1);
    my $path = sprintf '%s/%d', $scratch, ++$files;
    return spew($path, $bytes // '');
}

# -- requests ----------------------------------------------------------------

my %names;

# Subject name (DER) and the bytes of the public key of a certificate.
sub name_and_key {
    my ($pem) = @_;
    return @{
        $names{$pem} //= do {
            my ($tbs) = der(pem_der($pem))->inside;
            my @parts = grep { $_->{tag} != 0xa0 } $tbs->inside;
            my (undef, $key) = $parts[5]->inside;
            [$parts[4]{der}, $key->bit_bytes];
        }
    };
}

# The two hashes by which a CA (a tag, or the path of its PEM) is known.
sub issuer_hashes {
    my ($issuer, $digest) = @_;
    my $pem = $issuer =~ m{/} ? $issuer : ca($issuer)->{pem};
    my $hash = $digest{$digest} // $digest{sha1};
    return map { $hash->($_) } name_and_key($pem);
}

# A CertID. serial: hex digits, or the INTEGER's bytes as a reference. Options:
# digest, oid, null (parameters: 1 NULL, 0 absent, else bytes), name_hash,
# key_hash.
sub certid {
    my ($issuer, $serial, %o) = @_;
    my $digest = $o{digest} // 'sha1';
    my ($name, $key) = issuer_hashes($issuer, $digest);
    my $parameters = $o{null} // 1;
    $parameters = null() if $parameters eq '1';
    $parameters = ''     if $parameters eq '0';
    return seq(
        seq(oid($o{oid} // $OID{$digest}), $parameters),
        octet_string($o{name_hash} // $name),
        octet_string($o{key_hash}  // $key),
        ref $serial ? integer_raw($$serial) : integer($serial));
}

# The CertID of a certificate of the fixture. Options as certid().
sub certid_of {
    my ($tag, %o) = @_;
    return certid(cert($tag)->{issuer}, cert($tag)->{serial}, %o);
}

# An Extension: its OID or the name of one above, its value.
sub extension {
    my ($oid, $value, $critical) = @_;
    return seq(oid($OID{$oid} // $oid), $critical ? boolean(1) : '',
               octet_string($value));
}

# The nonce extension (RFC 9654) with these bytes.
sub nonce { return extension('nonce', octet_string($_[0])) }

# One CertID with singleRequestExtensions.
sub single_request {
    my ($certid, @extensions) = @_;
    return seq($certid, @extensions ? explicit(0, seq(@extensions)) : ());
}

# An OCSPRequest. Options: single (ready-made requests instead of CertIDs),
# version (number), requestor (GeneralName), extensions, signature (bytes of
# the Signature).
sub ocsp_request {
    my ($certids, %o) = @_;
    my @single = $o{single} ? @{ $o{single} }
                            : map { single_request($_) } @$certids;
    my $tbs = seq(
        defined $o{version} ? explicit(0, integer($o{version})) : '',
        defined $o{requestor} ? explicit(1, $o{requestor}) : '',
        seq(@single),
        $o{extensions} ? explicit(2, seq(@{ $o{extensions} })) : '');
    return seq($tbs, $o{signature} ? explicit(0, $o{signature}) : '');
}

# The plain request for a certificate of the fixture.
sub request_for {
    my ($tag, %o) = @_;
    my $nonce = delete $o{nonce};
    return ocsp_request([certid_of($tag, %o)],
        defined $nonce ? (extensions => [nonce($nonce)]) : ());
}

# Base64 in one line.
sub base64 { return encode_base64($_[0], '') }

# The text with all but letters and digits percent-encoded.
sub percent {
    my ($text) = @_;
    $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

# -- responses ---------------------------------------------------------------

my %status_name = (
    0 => 'successful', 1 => 'malformedRequest', 2 => 'internalError',
    3 => 'tryLater',   5 => 'sigRequired',      6 => 'unauthorized',
);

# The responseStatus by name; for an error that is not its five bytes, or for
# what is no response, a text that says so.
sub ocsp_status {
    my ($bytes) = @_;
    my $node = eval { der($bytes // '') }
        or return 'no DER: ' . unpack('H*', substr $bytes // '', 0, 40);
    my ($status, $response) = $node->inside;
    return 'no ENUMERATED' unless $status && $status->{tag} == 0x0a;
    my $n = ord $status->{content};
    return 'successful' if $n == 0 && $response;
    return "$n, but not in five bytes"
        if $bytes ne "\x30\x03\x0a\x01" . chr $n;
    return $status_name{$n} // "status $n";
}

sub read_extensions {
    my ($node) = @_;
    my %found;
    my ($list) = $node->inside;
    my @extensions = $list->inside or croak 'empty Extensions';
    for my $extension (@extensions) {
        my ($oid, @rest) = $extension->inside;
        my $critical = @rest == 2 ? ord $rest[0]{content} : 0;
        my $text = oid_text($oid);
        croak "extension $text twice" if $found{$text};
        $found{$text} = { value => $rest[-1]{content}, critical => $critical };
    }
    return \%found;
}

sub read_single {
    my ($node) = @_;
    my ($certid, $status, $this, @rest) = $node->inside;
    my %single = (
        certid      => $certid->{der},
        this_update => gentime_epoch($this),
        extensions  => {},
    );
    if ($status->{tag} == 0x80)    { $single{status} = 'good' }
    elsif ($status->{tag} == 0x82) { $single{status} = 'unknown' }
    elsif ($status->{tag} == 0xa1) {
        my ($time, $reason) = $status->inside;
        $single{status}       = 'revoked';
        $single{revoked_at}   = gentime_epoch($time);
        $single{revoked_text} = $time->{content};
        $single{reason} = ord +($reason->inside)[0]{content} if $reason;
    }
    else { croak sprintf 'certStatus with tag %02x', $status->{tag} }
    for my $part (@rest) {
        if ($part->{tag} == 0xa0) {
            $single{next_update} = gentime_epoch($part->inside);
        }
        elsif ($part->{tag} == 0xa1) {
            $single{extensions} = read_extensions($part);
        }
        else { croak sprintf 'tag %02x in SingleResponse', $part->{tag} }
    }
    return \%single;
}

# A successful response: type, responder ({key} or {name}), produced_at,
# singles (certid, status, revoked_at, revoked_text, reason, this_update,
# next_update, extensions), extensions, algorithm, certs (undef when absent).
# Dies on what is not DER or not a successful response.
sub read_response {
    my ($bytes) = @_;
    my $status = ocsp_status($bytes);
    croak "response is $status" unless $status eq 'successful';
    my (undef, $response) = der($bytes)->inside;
    my ($type, $basic) = ($response->inside)[0]->inside;
    my ($tbs, $algorithm, undef, $certs) = der($basic->{content})->inside;
    my ($responder, $produced, $list, @rest) = $tbs->inside;
    my ($id) = $responder->inside;
    my ($sequence) = $certs ? $certs->inside : ();
    return {
        type       => oid_text($type),
        responder  => $responder->{tag} == 0xa2 ? { key => $id->{content} }
                                                : { name => $id->{der} },
        produced_at => gentime_epoch($produced),
        singles     => [map { read_single($_) } $list->inside],
        extensions  => @rest ? read_extensions($rest[0]) : {},
        algorithm   => oid_text(($algorithm->inside)[0]),
        certs => $certs ? [map { $_->{der} } $sequence->inside] : undef,
    };
}

# -- openssl -----------------------------------------------------------------

# The request `openssl ocsp` makes with these arguments, as bytes.
sub openssl_request {
    my (@arguments) = @_;
    my $path = scratch_file();
    must('openssl', 'ocsp', @arguments, '-reqout', $path);
    return slurp($path);
}

# What `openssl ocsp` says of a certificate at a URL, trusting $root only.
# Returns all it printed.
sub openssl_verify {
    my ($url, $issuer_pem, $cert_pem, $root_pem, @arguments) = @_;
    my (undef, $text) = run('openssl', 'ocsp', '-url', $url, '-issuer',
        $issuer_pem, '-cert', $cert_pem, '-CAfile', $root_pem, @arguments);
    return $text;
}

1;
