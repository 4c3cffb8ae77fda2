# SPDX-License-Identifier: Apache-2.0
# Keys and certificates that the fixture has not, made with openssl, and their
# rows in a server's database.
package T::PKI;

use strict;
use warnings;
use Exporter 'import';
use POSIX qw(strftime);

use T::Process;
use T::Fixture;
use T::OCSP;

our @EXPORT = qw(can_sign make_key make_cert insert_ca insert_cert serial_of
    not_before not_after stamp);

my $serials = 0;
my %algorithm = (
    rsa     => [qw(-algorithm RSA -pkeyopt rsa_keygen_bits:2048)],
    rsa_pss => [qw(-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048)],
    rsa4096 => [qw(-algorithm RSA -pkeyopt rsa_keygen_bits:4096)],
    p256    => [qw(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)],
    p384    => [qw(-algorithm EC -pkeyopt ec_paramgen_curve:P-384)],
    ed25519 => [qw(-algorithm ED25519)],
    # One with restrictions: salts that are longer than its hashes.
    pss_40  => [qw(-algorithm RSA-PSS), map { (-pkeyopt => "rsa_$_") }
        qw(keygen_bits:2048 pss_keygen_md:sha256 pss_keygen_mgf1_md:sha256
        pss_keygen_saltlen:40)],
);

# Whether OpenSSL signs with an algorithm of that name: ML-DSA-65.
sub can_sign {
    my ($name) = @_;
    my (undef, $list) = run('openssl', 'list', '-signature-algorithms');
    return $list =~ /\b\Q$name\E\b/;
}

# A private key of a kind named above, or of OpenSSL's name for it; its path.
sub make_key {
    my ($kind) = @_;
    my $path = scratch_file();
    $kind //= 'p256';
    must('openssl', 'genpkey', @{ $algorithm{$kind} // ['-algorithm', $kind] },
        '-out', $path);
    return $path;
}

# The time some seconds from now, as X.509 writes it.
sub stamp { return strftime('%Y%m%d%H%M%SZ', gmtime(time + $_[0])) }

# A certificate; its path. Options: key, cn, nameless (true: no subject), issuer
# ({pem, key}; none: signed by itself), md (sha256), serial (hex), start and end
# (seconds from now), extensions (lines).
sub make_cert {
    my (%o) = @_;
    my $dir = scratch_file();
    unlink $dir;
    mkdir $dir or die $!;
    my $serial = $o{serial} // sprintf '5A%014X', ++$serials;
    $serial = "0$serial" if length($serial) % 2;
    spew("$dir/serial", "$serial\n");
    spew("$dir/index",  '');
    spew("$dir/cnf", <<"CNF", map { "$_\n" } @{ $o{extensions} // [] });
[ca]
default_ca = d
[d]
database = $dir/index
serial = $dir/serial
new_certs_dir = $dir
default_md = @{[$o{md} // 'sha256']}
policy = p
x509_extensions = x
[p]
commonName = optional
[req]
distinguished_name = n
[n]
[x]
CNF
    must('openssl', 'req', '-new', '-config', "$dir/cnf", '-key', $o{key},
        '-subj', $o{nameless} ? '/' : '/CN=' . ($o{cn} // 'made'),
        '-out', "$dir/csr");
    must('openssl', 'ca', '-batch', '-notext', '-config', "$dir/cnf",
        '-in', "$dir/csr", '-out', "$dir/pem",
        '-startdate', stamp($o{start} // -86_400),
        '-enddate',   stamp($o{end}   // 86_400 * 365),
        $o{issuer} ? ('-cert', $o{issuer}{pem}, '-keyfile', $o{issuer}{key})
                   : ('-selfsign', '-keyfile', $o{key}));
    return "$dir/pem";
}

# A certificate's serial in hex, without leading zeros.
sub serial_of {
    my ($pem) = @_;
    my ($hex) = must('openssl', 'x509', '-in', $pem, '-noout', '-serial')
        =~ /serial=0*([0-9A-F]+)/;
    return $hex;
}

sub date_of {
    my ($pem, $which) = @_;
    require Time::Piece;
    my ($text) = must('openssl', 'x509', '-in', $pem, '-noout', '-dates')
        =~ /$which=(.*) GMT/;
    return Time::Piece->strptime($text, '%b %e %H:%M:%S %Y')->epoch;
}

# notBefore and notAfter in seconds since 1970.
sub not_before { return date_of($_[0], 'notBefore') }
sub not_after  { return date_of($_[0], 'notAfter') }

# A copy of a row, with some columns changed (values are SQL).
sub clone {
    my ($server, $table, $where, %change) = @_;
    my @columns = grep { $_ ne 'id' } split /\n/,
        $server->sql("SELECT name FROM pragma_table_info('$table')");
    my $values = join ', ', map { $change{$_} // qq("$_") } @columns;
    my $names  = join ', ', map { qq("$_") } @columns;
    $server->sql("INSERT INTO $table ($names) SELECT $values FROM $table"
               . " WHERE $where LIMIT 1");
    return;
}

sub id_of {
    my ($name) = @_;
    return "(SELECT id FROM django_ca_certificateauthority WHERE name='$name')";
}

# The certificate of a PEM file as a value in SQL.
sub pub { return "x'" . unpack('H*', pem_der($_[0])) . "'" }

# Makes a row for a CA certificate. Options: name, serial (as stored), parent (a
# name).
sub insert_ca {
    my ($server, $pem, %o) = @_;
    my $serial = $o{serial} // serial_of($pem);
    my $parent = $o{parent} ? id_of($o{parent}) : 'NULL';
    clone($server, 'django_ca_certificateauthority', "name='root'",
        name => "'$o{name}'", cn => "'$o{name}'", serial => "'$serial'",
        pub => pub($pem), parent_id => $parent);
    return;
}

# Makes a row for a certificate of the CA with that name, good.
sub insert_cert {
    my ($server, $ca, $pem) = @_;
    clone($server, 'django_ca_certificate', 'revoked=0',
        serial => "'" . serial_of($pem) . "'", pub => pub($pem), cn => "'made'",
        ca_id => id_of($ca));
    return;
}

1;
