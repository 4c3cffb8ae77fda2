# SPDX-License-Identifier: Apache-2.0
# CRLs of every kind, also of those that `openssl ca` does not make.
package T::PKI::CRL;

use strict;
use warnings;
use Exporter 'import';

use T::DER;
use T::OCSP;
use T::PKI;
use T::Process;

our @EXPORT = qw(crl_der crl_pem crl_number);

my %algorithm = (
    rsa => seq(oid('1.2.840.113549.1.1.11'), null()),
    ec  => seq(oid('1.2.840.10045.4.3.2')),
);

# A CRLNumber, or another extension with a number.
sub crl_number { return integer(sprintf '%X', $_[0]) }

# One of revokedCertificates, from [serial, {reason, issuer (path of the
# certificate of another CA), odd (true: an unknown critical extension), since
# (GeneralizedTime of the revocation)}].
sub entry {
    my ($serial, $o) = @_;
    my @extensions = (
        $o->{reason} ? extension('2.5.29.21', enumerated($o->{reason})) : (),
        $o->{issuer} ? extension('2.5.29.29', seq(explicit(4,
            (T::OCSP::name_and_key($o->{issuer}))[0])), 1) : (),
        $o->{odd} ? extension('1.2.3.4', null(), 1) : ());
    return seq(integer($serial), gentime($o->{since} // '20240102030405Z'),
        @extensions ? seq(@extensions) : ());
}

# A signed CRL, DER. Options: by ({pem, key}: in whose name, and the key that
# signs), kind (rsa or ec, of the key), entries (as above), more (DER, behind
# them), start and end (seconds from the test's beginning, so that which of two
# is older does not depend on how long it takes to make them; end 0: no
# nextUpdate), this (the time itself, in start's place), number, base
# (of a delta), scope (the fields of IssuingDistributionPoint), odd (true: an
# unknown critical extension), also (extensions, DER), version (DER; "": v1),
# inner (DER, the algorithm that the signed part names).
sub crl_der {
    my (%o) = @_;
    my $algorithm = $algorithm{ $o{kind} // 'rsa' };
    my @entries = map { entry(@$_) } @{ $o{entries} // [] };
    push @entries, $o{more} // ();
    my @extensions = (
        $o{number} ? extension('2.5.29.20', crl_number($o{number})) : (),
        $o{base} ? extension('2.5.29.27', crl_number($o{base}), 1) : (),
        $o{scope} ? extension('2.5.29.28', seq($o{scope}), 1) : (),
        $o{odd} ? extension('1.2.3.4', null(), 1) : (), @{ $o{also} // [] });
    my $end = $o{end} // 3600;
    my ($name) = T::OCSP::name_and_key($o{by}{pem});
    my $tbs = seq($o{version} // integer('1'), $o{inner} // $algorithm, $name,
        gentime($o{this} // stamp($^T - time + ($o{start} // -60))),
        $end ? gentime(stamp($^T - time + $end)) : (),
        @entries ? seq(@entries) : (),
        @extensions ? explicit(0, seq(@extensions)) : ());
    my $signature = must('openssl', 'dgst', '-sha256', '-sign', $o{by}{key},
        scratch_file($tbs));
    return seq($tbs, $algorithm, bits($signature));
}

# The same in PEM.
sub crl_pem {
    my $text = base64(crl_der(@_));
    $text =~ s/(.{1,64})/$1\n/g;
    return "-----BEGIN X509 CRL-----\n$text-----END X509 CRL-----\n";
}

1;
