# SPDX-License-Identifier: Apache-2.0
# Other CAs' tables, those of conf/tables, and their rows by the products'
# documented rules.
#
#   my $sql = T::Product::schema('cfssl', 'pgsql')
#       . T::Product::rows('cfssl', 'pgsql', T::Product::certificate(…), …);
package T::Product;

use strict;
use warnings;
use Digest::SHA qw(sha1 sha256);
use Math::BigInt;
use MIME::Base64 qw(encode_base64 encode_base64url);
use POSIX qw(strftime);

my %product;

my ($id, %id) = (100);

# A certificate for rows(). Options: der; serial (hex, of an even number of
# digits); ca (one that authority() made); revoked; reason (a code), at and
# since (the invalidity date), seconds since 1970; number (a CA's, where it is
# one itself); spelling (by product, what it says in place of the usual), odd
# (true: what no map knows).
sub certificate {
    my (%o) = @_;
    (my $lower = lc $o{serial}) =~ s/^0+(?=.)//;
    my $base64 = encode_base64($o{der}, '');
    $id{ $o{der} . $o{serial} } //= ++$id;
    return { %o, id => $id{ $o{der} . $o{serial} }, lower => $lower,
        base64 => $base64,
        decimal => Math::BigInt->from_hex($o{serial})->bstr,
        pem => "-----BEGIN CERTIFICATE-----\n"
            . encode_base64($o{der}) . "-----END CERTIFICATE-----\n" };
}

# A CA for certificate(): its number, and its certificate in DER.
sub authority {
    my ($number, $der) = @_;
    my $ski = $der =~ /\x06\x03\x55\x1d\x0e\x04\x16\x04\x14(.{20})/s ? $1 : '';
    return { number => $number, der => $der, ski => unpack 'H*', $ski };
}

# The names of all.
sub names { my @names = sort keys %product; return @names }

# The names of those that run on an engine.
sub names_on {
    my ($engine) = @_;
    return grep { my $p = $product{$_};
        grep { $_ eq $engine } @{ $p->{engines} } } names();
}

# Whether SOURCES, which may be "all", leaves it in.
sub is_named {
    my ($name) = @_;
    my @named = split ' ', $ENV{SOURCES} // 'all';
    return !!grep { $_ eq 'all' || $_ eq $name } @named;
}

# What OCSPResponderSource says behind a name about the CA with that number.
sub argument { return $product{ $_[0] }{argument} ? $_[1] : '' }

# Whether it knows invalidity dates ("since") or certificates ("hash").
sub knows {
    my ($product, $what) = @_;
    return !grep { $_ eq $what } @{ $product{$product}{without} // [] };
}

# SQL that makes its tables.
sub schema { my ($product, $engine) = @_;
    return $product{$product}{schema}->($engine) }

# SQL that fills them.
sub rows {
    my ($product, $engine, @certificates) = @_;
    my $row = $product{$product}{row};
    my %seen;    # step-ca's key is the serial alone: the first has it
    return join '', map { $row->($_, $engine) }
        grep { $product !~ /^step-ca/ || !$seen{ $_->{decimal} }++ }
        @certificates;
}

# Their names.
sub tables { return schema(@_) =~ /CREATE TABLE (\w+)/g }

# SQL that empties them, in a transaction; for PostgreSQL, so that a writer that
# does the same waits, and deletes what this one writes.
sub emptied {
    my ($product, $engine) = @_;
    my @tables = tables($product, $engine);
    my $lock = join ', ', @tables;
    return join '',
        $engine eq 'pgsql' ? "LOCK TABLE $lock IN EXCLUSIVE MODE;\n" : (),
        map { "DELETE FROM $_;\n" } @tables;
}

# Whether the query that httpd -t -D DUMP_OCSP shows goes by an index. MariaDB
# reads all of tables as small as these, but says by which it could go.
sub is_indexed {
    my ($there, $engine, $name, $text) = @_;
    my ($query) = $text =~ /asks \(\w+\):\n\s+(SELECT.*)/ or return 0;
    my @arguments = $text =~ /^    \S.* '([^']*)'$/mg;
    $query =~ s/\?/"'" . shift(@arguments) . "'"/ge;
    my $plan = $there->sql({
        sqlite3 => "EXPLAIN QUERY PLAN $query",
        pgsql   => "SET enable_seqscan = off; EXPLAIN $query",
        mysql   => "EXPLAIN $query" }->{$engine}, $name);
    return $engine eq 'sqlite3' ? $plan =~ /SEARCH/ && $plan !~ /SCAN/
        : $engine eq 'pgsql' ? $plan =~ /Index/ && $plan !~ /Seq Scan/
        : $plan !~ /\tALL\tNULL\t/;
}

# -- its database -----------------------------------------------------------

# Makes a database of the SQL, which httpd's user may read.
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

# -- values ------------------------------------------------------------------

# Text.
sub q_ { return defined $_[0] ? "'$_[0]'" : 'NULL' }

# Bytes, as each engine writes them.
sub bytes {
    my ($engine, $bytes) = @_;
    my $hex = unpack 'H*', $bytes;
    return $engine eq 'pgsql' ? "'\\x$hex'" : "x'$hex'";
}

# A row.
sub insert { return "INSERT INTO $_[0] VALUES (" . join(',', @_[1 .. $#_])
    . ");\n" }

# A time since 1970, in strftime's words.
sub at { return strftime($_[0], gmtime $_[1]) }

# -- products ----------------------------------------------------------------


# Each: engines, schema and row, which return SQL; argument, where
# OCSPResponderSource names the CA; and what it does not know (since, hash).
%product = (
    cfssl => {
        engines => [qw(sqlite3 pgsql mysql)],
        schema => sub {
            my ($bytes, $time) = @{ { sqlite3 => ['blob', 'timestamp'],
                pgsql => ['bytea', 'timestamptz'],
                mysql => ['varbinary(128)', 'timestamp NULL'] }->{ $_[0] } };
            my $pem = $_[0] eq 'mysql' ? 'varbinary(8192)' : $bytes;
            return "CREATE TABLE certificates (serial_number $bytes NOT NULL,"
                . " authority_key_identifier $bytes NOT NULL, ca_label $bytes,"
                . " status $bytes NOT NULL, reason int, expiry $time,"
                . " revoked_at $time, pem $pem NOT NULL, PRIMARY KEY"
                . " (serial_number, authority_key_identifier));\n" },
        row => sub {
            my ($c, $engine) = @_;
            my $none = $engine eq 'mysql' ? undef : '0001-01-01 00:00:00'
                . '+00';
            return insert('certificates', q_($c->{decimal}), q_($c->{ca}{ski}),
                "''", q_($c->{odd} ? 'lost' : $c->{revoked} ? 'revoked'
                    : 'good'), $c->{reason} // 0, q_('2037-01-01 00:00:00'),
                q_($c->{revoked} ? at('%F %T', $c->{at})
                    . ($engine eq 'mysql' ? '' : '+00') : $none),
                q_($c->{pem})) },
        without => ['since'],
    },
    'step-ca' => {
        engines => ['mysql'],
        schema => sub {
            return join '', map { "CREATE TABLE $_ (nkey VARBINARY(255) PRIMARY"
                . " KEY, nvalue MEDIUMBLOB);\n" }
                qw(x509_certs revoked_x509_certs) },
        row => \&step_ca,
        without => ['since'],
    },
    'step-ca-pgsql' => {
        engines => ['pgsql'],
        schema => sub {
            return join '', map { "CREATE TABLE $_ (nkey BYTEA PRIMARY KEY,"
                . " nvalue BYTEA);\n" } qw(x509_certs revoked_x509_certs) },
        row => \&step_ca,
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
            return insert('CertificateData', q_(unpack 'H*', sha1($c->{der})),
                q_($c->{base64}), q_(unpack 'H*', sha1($c->{ca}{der})),
                0, q_('CN=x'), $c->{revoked} ? $c->{at} . '123' : -1,
                $c->{revoked} ? $c->{reason} // 0 : -1, q_($c->{decimal}),
                $c->{spelling}{ejbca} // ($c->{odd} ? 10
                    : $c->{revoked} ? 40 : 20)) },
        without => ['since'],
    },
    openxpki => {
        engines => [qw(sqlite3 pgsql mysql)],
        schema => sub {
            return 'CREATE TABLE certificate (issuer_identifier VARCHAR(64) NOT'
                . ' NULL, cert_key NUMERIC(49,0) NOT NULL, status VARCHAR(255),'
                . ' revocation_time INT, invalidity_time INT, reason_code'
                . ' VARCHAR(64), data TEXT, PRIMARY KEY'
                . " (issuer_identifier, cert_key));\n" },
        row => sub {
            my ($c) = @_;
            return insert('certificate', q_(encode_base64url(
                sha1($c->{ca}{der}))), $c->{decimal},
                q_($c->{spelling}{openxpki} // ($c->{odd} ? 'UNKNOWN'
                    : $c->{revoked} ? 'REVOKED' : 'ISSUED')),
                $c->{revoked} ? int4($c->{at}) : 'NULL',
                $c->{since} ? int4($c->{since}) : 'NULL',
                q_(crl_reason($c)), q_($c->{pem})) },
    },
    xipki => {
        engines => [qw(pgsql mysql)],
        argument => 1,
        schema => sub {
            return 'CREATE TABLE CERT (ID BIGINT PRIMARY KEY, CA_ID SMALLINT,'
                . ' SN VARCHAR(40), REV SMALLINT, RR SMALLINT, RT BIGINT, RIT'
                . ' BIGINT, CERT TEXT, UNIQUE (CA_ID, SN));' . "\n" },
        row => sub { return xipki($_[0], "'$_[0]{base64}'") },
    },
    'xipki-ocsp' => {
        engines => [qw(pgsql mysql)],
        argument => 1,
        schema => sub {
            return 'CREATE TABLE CERT (ID BIGINT PRIMARY KEY, IID SMALLINT,'
                . ' SN VARCHAR(40), REV SMALLINT, RR SMALLINT, RT BIGINT, RIT'
                . ' BIGINT, HASH VARCHAR(86), UNIQUE (IID, SN));' . "\n" },
        row => sub { return xipki($_[0],
            q_(encode_base64(sha256($_[0]{der}), ''))) },
    },
    boulder => {
        engines => ['mysql'],
        argument => 1,
        schema => sub {
            return 'CREATE TABLE certificateStatus (id BIGINT AUTO_INCREMENT'
                . ' PRIMARY KEY, serial VARCHAR(255) NOT NULL, status'
                . ' VARCHAR(255) NOT NULL, revokedDate DATETIME, revokedReason'
                . ' INT NOT NULL, issuerID BIGINT, KEY (serial));' . "\n" },
        row => sub {
            my ($c) = @_;
            return insert('certificateStatus', 'NULL',
                q_(sprintf '%36s', $c->{lower}) =~ tr/ /0/r,
                q_($c->{odd} ? 'lost' : $c->{revoked} ? 'revoked' : 'good'),
                q_(at('%F %T', $c->{at} // 0)), $c->{reason} // 0,
                $c->{ca}{number}) },
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
                . " revocations (caId, serial);\n" },
        row => sub {
            my ($c) = @_;
            my $time = '%Y%m%d%H%M%SZ';
            my $n = $c->{ca}{number};
            my $text = insert('certs', $c->{number} // $c->{id},
                q_($c->{serial}), $n, $c->{number} ? 1 : 0, q_($c->{base64}));
            $text .= insert('revocations', $n, q_($c->{serial}),
                q_($c->{odd} ? 'yesterday' : at($time, $c->{at})),
                q_($c->{since} ? at($time, $c->{since})
                    : '99991231235959Z'), 1,
                $c->{reason} // 0) if $c->{revoked};
            return $text },
    },
);

# As late as its columns can say.
sub int4 { return $_[0] < 2_147_483_647 ? $_[0] : 2_147_483_647 }

# CRLReason in OpenXPKI's words.
sub crl_reason {
    my ($c) = @_;
    return $c->{reason} && (qw(unspecified keyCompromise CACompromise
        affiliationChanged superseded cessationOfOperation certificateHold),
        undef, qw(removeFromCRL privilegeWithdrawn aACompromise)
        )[$c->{reason}];
}

sub step_ca {
    my ($c, $engine) = @_;
    my $text = insert('x509_certs', q_($c->{decimal}),
        bytes($engine, $c->{der}));
    my $when = $c->{odd} ? 'yesterday' : at('%FT%TZ', $c->{at} // 0);
    $text .= insert('revoked_x509_certs', q_($c->{decimal}),
        bytes($engine, qq({"Serial":"$c->{decimal}","ProvisionerID":"p",)
            . '"ReasonCode":' . ($c->{reason} // 0)
            . qq(,"Reason":"a, \\"b\\"","RevokedAt":"$when","MTLS":true})))
        if $c->{revoked};
    return $text;
}

# A row of XiPKI's, whose two databases differ in the last column.
sub xipki {
    my ($c, $last) = @_;
    return insert('CERT', $c->{id}, $c->{ca}{number}, q_($c->{lower}),
        $c->{odd} ? 2 : $c->{revoked} ? 1 : 0, $c->{reason} // 'NULL',
        $c->{revoked} ? $c->{at} : 'NULL', $c->{since} // 'NULL', $last);
}

1;
