# SPDX-License-Identifier: Apache-2.0
# conf/tables: other products' tables, on each engine that they run on, with
# rows by their documented rules.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha1 sha256);
use MIME::Base64 qw(encode_base64 encode_base64url);
use POSIX qw(strftime);
use T::Database;
use T::PKI;
use T::Server;

my $root = ca('root');
my ($AT, $SINCE) = (1_700_000_000, 1_690_000_000);
my $CERT_HASH = '1.3.36.8.3.13';

# -- certificates, and what is true of them ----------------------------------

my $key = make_key();
my %cert = map { $_->{name} => $_ } (
    { name => 'good',    serial => '0ABCDE00112233445566778899AABBCCDDEEFF01' },
    { name => 'short',   serial => '05' },
    { name => 'revoked', serial => 'F0BCDE00112233445566778899AABBCCDDEEFF02',
      reason => 1, since => 1 },
    { name => 'plain',   serial => '0C77' },
    { name => 'other',   serial => '0D99', ca => 'ec' },
    { name => 'odd',     serial => '0E99' },
);
for my $name (keys %cert) {
    my $c = $cert{$name};
    my $ca = ca($c->{ca} //= 'root');
    $c->{pem} = slurp(make_cert(key => $key, serial => $c->{serial},
        issuer => { pem => $ca->{pem}, key => $ca->{ca_key} }));
    ($c->{base64}) = $c->{pem} =~ /-----BEGIN[^-]+-----(.*?)-----END/s;
    $c->{base64} =~ s/\s//g;
    $c->{der} = MIME::Base64::decode_base64($c->{base64});
    $c->{revoked} = $name =~ /^(?:revoked|plain|odd)$/;
    ($c->{decimal}) = must('perl', '-Mbigint', '-e',
        "print hex '0x$c->{serial}'") =~ /(\d+)/;
    ($c->{lower} = lc $c->{serial}) =~ s/^0+//;
}

my %ca_der = map { $_ => pem_der(ca($_)->{pem}) } qw(root ec);
my %ski = map { my ($hex) = must('openssl', 'x509', '-in', ca($_)->{pem},
        '-noout', '-ext', 'subjectKeyIdentifier') =~ /((?:\w\w:){19}\w\w)/;
    $hex =~ tr/://d;
    $_ => lc $hex } qw(root ec);
my %number = (root => 7, ec => 8);

sub at { return strftime($_[0], gmtime($_[1] // $AT)) }

# -- products ----------------------------------------------------------------

# Values as SQL has them: text, or bytes as each engine writes them.
sub q_ { return defined $_[0] ? "'$_[0]'" : 'NULL' }
sub bytes {
    my ($engine, $octets) = @_;
    my $hex = unpack 'H*', $octets;
    return $engine eq 'pgsql' ? "'\\x$hex'" : "x'$hex'";
}
sub insert { return "INSERT INTO $_[0] VALUES (" . join(',', @_[1 .. $#_])
    . ");\n" }

# Each: engines, schema and row, which return SQL, what OCSPResponderSource says
# behind the name, and what it does not know (since, hash).
my %product = (
    cfssl => {
        engines => [qw(sqlite3 pgsql mysql)],
        schema => sub {
            my ($bytes, $time) = @{ { sqlite3 => ['blob', 'timestamp'],
                pgsql => ['bytea', 'timestamptz'],
                mysql => ['varbinary(128)', 'timestamp NULL'] }->{ $_[0] } };
            my $pem = $_[0] eq 'mysql' ? 'varbinary(4096)' : $bytes;
            return "CREATE TABLE certificates (serial_number $bytes NOT NULL,"
                . " authority_key_identifier $bytes NOT NULL, ca_label $bytes,"
                . " status $bytes NOT NULL, reason int, expiry $time,"
                . " revoked_at $time, pem $pem NOT NULL, PRIMARY KEY"
                . " (serial_number, authority_key_identifier));\n" },
        row => sub {
            my ($c, $engine) = @_;
            my $none = $engine eq 'mysql' ? undef : '0001-01-01 00:00:00'
                . '+00';
            return insert('certificates', q_($c->{decimal}), q_($ski{$c->{ca}}),
                "''", q_($c->{name} eq 'odd' ? 'lost'
                    : $c->{revoked} ? 'revoked' : 'good'), $c->{reason} // 0,
                q_('2037-01-01 00:00:00'),
                q_($c->{revoked} ? at('%F %T') . ($engine eq 'mysql' ? '' :
                    '+00') : $none), q_($c->{pem})) },
        without => ['since'],
    },
    'step-ca' => {
        engines => ['mysql'],
        schema => sub {
            return join '', map { "CREATE TABLE $_ (nkey VARBINARY(255) PRIMARY"
                . " KEY, nvalue MEDIUMBLOB);\n" }
                qw(x509_certs revoked_x509_certs) },
        row => sub { return step_ca(@_) },
        without => ['since'],
    },
    'step-ca-pgsql' => {
        engines => ['pgsql'],
        schema => sub {
            return join '', map { "CREATE TABLE $_ (nkey BYTEA PRIMARY KEY,"
                . " nvalue BYTEA);\n" } qw(x509_certs revoked_x509_certs) },
        row => sub { return step_ca(@_) },
        without => ['since'],
    },
    ejbca => {
        engines => [qw(pgsql mysql)],
        schema => sub {
            return 'CREATE TABLE CertificateData (fingerprint VARCHAR(250) NOT'
                . ' NULL PRIMARY KEY, base64Cert TEXT, cAFingerprint'
                . ' VARCHAR(250), expireDate BIGINT NOT NULL, issuerDN'
                . ' VARCHAR(250) NOT NULL, revocationDate BIGINT NOT NULL,'
                . ' revocationReason INT NOT NULL, serialNumber VARCHAR(250)'
                . ' NOT NULL, status INT NOT NULL);'
                . ' CREATE INDEX by_serial ON CertificateData'
                . " (serialNumber, issuerDN);\n" },
        row => sub {
            my ($c) = @_;
            my %status = (good => 20, short => 21, plain => 60, odd => 10);
            return insert('CertificateData', q_(unpack 'H*', sha1($c->{der})),
                q_($c->{base64}), q_(unpack 'H*', sha1($ca_der{ $c->{ca} })),
                0, q_('CN=x'), $c->{revoked} ? $AT . '123' : -1,
                $c->{revoked} ? $c->{reason} // 0 : -1, q_($c->{decimal}),
                $status{ $c->{name} } // ($c->{revoked} ? 40 : 60)) },
        without => ['since'],
    },
    openxpki => {
        engines => [qw(pgsql mysql)],
        schema => sub {
            return 'CREATE TABLE certificate (issuer_identifier VARCHAR(64) NOT'
                . ' NULL, cert_key NUMERIC(49,0) NOT NULL, status VARCHAR(255),'
                . ' revocation_time INT, invalidity_time INT, reason_code'
                . ' VARCHAR(64), data TEXT, PRIMARY KEY'
                . " (issuer_identifier, cert_key));\n" },
        row => sub {
            my ($c) = @_;
            my %status = (revoked => 'CRL_ISSUANCE_PENDING', plain => 'REVOKED',
                          odd => 'UNKNOWN');
            return insert('certificate', q_(encode_base64url(
                sha1($ca_der{ $c->{ca} }))), $c->{decimal},
                q_($status{ $c->{name} } // 'ISSUED'),
                $c->{revoked} ? $AT : 'NULL', $c->{since} ? $SINCE : 'NULL',
                q_($c->{reason} ? 'keyCompromise' : undef), q_($c->{pem})) },
    },
    xipki => {
        engines => [qw(pgsql mysql)],
        argument => 7,
        schema => sub {
            return 'CREATE TABLE CERT (ID BIGINT PRIMARY KEY, CA_ID SMALLINT,'
                . ' SN VARCHAR(40), REV SMALLINT, RR SMALLINT, RT BIGINT, RIT'
                . ' BIGINT, CERT TEXT, UNIQUE (CA_ID, SN));' . "\n" },
        row => sub { return xipki($_[0], "'$_[0]{base64}'") },
    },
    'xipki-ocsp' => {
        engines => [qw(pgsql mysql)],
        argument => 7,
        schema => sub {
            return 'CREATE TABLE CERT (ID BIGINT PRIMARY KEY, IID SMALLINT,'
                . ' SN VARCHAR(40), REV SMALLINT, RR SMALLINT, RT BIGINT, RIT'
                . ' BIGINT, HASH VARCHAR(86), UNIQUE (IID, SN));' . "\n" },
        row => sub { return xipki($_[0],
            q_(encode_base64(sha256($_[0]{der}), ''))) },
    },
    boulder => {
        engines => ['mysql'],
        argument => 7,
        schema => sub {
            return 'CREATE TABLE certificateStatus (id BIGINT AUTO_INCREMENT'
                . ' PRIMARY KEY, serial VARCHAR(255) NOT NULL, status'
                . ' VARCHAR(255) NOT NULL, revokedDate DATETIME, revokedReason'
                . ' INT NOT NULL, issuerID BIGINT, KEY (serial));' . "\n" },
        row => sub {
            my ($c) = @_;
            return insert('certificateStatus', 'NULL',
                q_(sprintf '%36s', $c->{lower}) =~ tr/ /0/r,
                q_($c->{name} eq 'odd' ? 'lost'
                    : $c->{revoked} ? 'revoked' : 'good'),
                q_(at('%F %T')), $c->{reason} // 0, $number{ $c->{ca} }) },
        without => [qw(since hash)],
    },
    xca => {
        engines => [qw(sqlite3 pgsql mysql)],
        schema => sub {
            my $blob = $_[0] eq 'mysql' ? 'LONGTEXT' : 'TEXT';
            return "CREATE TABLE certs (item INTEGER, serial VARCHAR(64),"
                . " issuer INTEGER, ca INTEGER, cert $blob);"
                . ' CREATE INDEX i_certs_item ON certs (item);'
                . ' CREATE INDEX i_certs_serial ON certs (serial);'
                . ' CREATE TABLE revocations (caId INTEGER, serial VARCHAR(64),'
                . ' date CHAR(15), invaldate CHAR(15), crlNo INTEGER, reasonBit'
                . ' INTEGER); CREATE INDEX i_revocations_caId_serial ON'
                . " revocations (caId, serial);\n"
                . join '', map { insert('certs', $number{$_}, "'01'",
                    $number{$_}, 1, q_(encode_base64($ca_der{$_}, ''))) }
                    qw(root ec) },
        row => sub {
            my ($c) = @_;
            my $n = $number{ $c->{ca} };
            my $text = insert('certs', 100 + length $c->{name},
                q_($c->{serial}), $n, 0, q_($c->{base64}));
            $text .= insert('revocations', $n, q_($c->{serial}),
                q_($c->{name} eq 'odd' ? 'yesterday' : at('%Y%m%d%H%M%SZ')),
                q_($c->{since} ? at('%Y%m%d%H%M%SZ', $SINCE) : ''), 1,
                $c->{reason} // 0) if $c->{revoked};
            return $text },
    },
);

sub step_ca {
    my ($c, $engine) = @_;
    my $text = insert('x509_certs', q_($c->{decimal}),
        bytes($engine, $c->{der}));
    my $when = $c->{name} eq 'odd' ? 'yesterday' : at('%FT%TZ');
    $text .= insert('revoked_x509_certs', q_($c->{decimal}),
        bytes($engine, qq({"Serial":"$c->{decimal}","ProvisionerID":"p",)
            . '"ReasonCode":' . ($c->{reason} // 0)
            . qq(,"Reason":"a, \\"b\\"","RevokedAt":"$when","MTLS":true})))
        if $c->{revoked};
    return $text;
}

my $id = 0;
sub xipki {
    my ($c, $last) = @_;
    return insert('CERT', ++$id, $number{ $c->{ca} }, q_($c->{lower}),
        $c->{name} eq 'odd' ? 2 : $c->{revoked} ? 1 : 0,
        $c->{reason} // 'NULL', $c->{revoked} ? $AT : 'NULL',
        $c->{since} ? $SINCE : 'NULL', $last);
}

# -- asked -------------------------------------------------------------------

# A database of the product's, which httpd's user may read.
sub create {
    my ($there, $engine, $name, $sql) = @_;
    return $there->create($name, $sql) if $engine eq 'sqlite3';
    my ($admin, $grant) = $engine eq 'mysql'
        ? ('mysql', "GRANT SELECT ON $name.* TO ocsp\@'127.0.0.1'")
        : ('postgres', 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO ocsp');
    $there->sql("CREATE DATABASE $name", $admin);
    $there->script(($engine eq 'mysql' ? "SET time_zone = '+00:00';\n" : '')
        . $sql, $name);
    $there->sql($grant, $name);
    return;
}

sub says {
    my ($server, $name) = @_;
    my $answer = $server->get('/ocsp/', ocsp_request([certid('root',
        $cert{$name} ? $cert{$name}{serial} : $name)]));
    my $single = $answer->{single} // return $answer->{says};
    my $since = $single->{extensions}{'2.5.29.24'};
    return join ' ', grep { defined } $answer->{says}, $single->{revoked_at},
        $single->{reason}, $since ? 'since ' . substr $since->{value}, 2
            : undef;
}

# Whether the query that httpd -t shows goes by an index. MariaDB reads all of
# tables as small as these, but says by which it could go.
sub is_indexed {
    my ($there, $engine, $name, $text) = @_;
    my ($query) = $text =~ /asks \(\w+\):\n\s+(SELECT.*)/ or return 0;
    my @arguments = $text =~ /^    \S.* '([^']*)'$/mg;
    $query =~ s/\?/"'" . shift(@arguments) . "'"/ge;
    my $plan = $there->sql({
        sqlite3 => "EXPLAIN QUERY PLAN $query",
        pgsql   => "SET enable_seqscan = off; EXPLAIN $query",
        mysql   => "EXPLAIN $query" }->{$engine}, $name);
    note $plan;
    return $engine eq 'sqlite3' ? $plan =~ /SEARCH/ && $plan !~ /SCAN/
        : $engine eq 'pgsql' ? $plan =~ /Index/ && $plan !~ /Seq Scan/
        : $plan !~ /\tALL\tNULL\t/;
}

sub test_product {
    my ($there, $engine, $product) = @_;
    my $p = $product{$product};
    (my $name = $product) =~ tr/-/_/;
    create($there, $engine, $name, join '', $p->{schema}->($engine),
        map { $p->{row}->($cert{$_}, $engine) } sort keys %cert);
    my $server = T::Server->new(db => 0, dbd => $there->lines(name => $name),
        conf => "Include @{[top_dir()]}/conf/tables/$product.conf\n"
            . "<Location /ocsp/>\n    OCSPResponderCA $root->{pem}\n"
            . "    OCSPResponderKey $root->{key}\n"
            . "    OCSPResponderCert $root->{cert}\n"
            . "    OCSPResponderCertHash on\n"
            . "    OCSPResponderSource sql $product "
            . ($p->{argument} // '') . "\n</Location>\n");
    my ($code, $text) = $server->configtest('-D', 'DUMP_OCSP');
    is $code, 0, 'httpd -t has nothing against it' or diag $text;
    ok is_indexed($there, $engine, $name, $text), 'its query uses an index'
        or diag $text;
    $server->start;
    my %without = map { $_ => 1 } @{ $p->{without} // [] };
    my $since = $without{since} ? '' : ' since ' . at('%Y%m%d%H%M%SZ', $SINCE);
    is says($server, 'good'), 'good', 'good';
    is says($server, 'short'), 'good', 'a short serial';
    is says($server, 'revoked'), "revoked $AT 1$since", 'revoked';
    is says($server, 'plain'), "revoked $AT", 'revoked without a reason';
    is says($server, 'other'), 'unknown', 'another CA\'s';
    is says($server, 'odd'), 'internalError', 'a value that nobody knows';
    is says($server, '7777'), 'unknown', 'never issued';
    my $hash = $server->get('/ocsp/', ocsp_request([certid('root',
        $cert{good}{serial})]))->{single}{extensions}{$CERT_HASH};
    is !!($hash && index($hash->{value}, sha256($cert{good}{der})) >= 0),
        !$without{hash}, $without{hash} ? 'no CertHash' : 'CertHash';
    $server->expect_log('OCSP0204');
    $server->stop;
    return;
}

for my $engine (T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    my $there = T::Database->start($engine);
    for my $product (sort keys %product) {
        next unless grep { $_ eq $engine } @{ $product{$product}{engines} };
        note "$product on $engine";
        test_product($there, $engine, $product);
    }
  }
}

finish;
