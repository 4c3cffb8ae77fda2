# SPDX-License-Identifier: Apache-2.0
# A T::Server whose statuses come from another source than django-ca's tables:
# SOURCE says which (index, crl, or a product of T::Product, on the engine of
# SOURCE_ENGINE, whose server is that of ENGINE_ROOT and ENGINE_PORT).
#
# Tests go on writing to django-ca's tables, in the server's SQLite file. What
# they have is written to the source each time that they change, and waited for.
package T::Server::Source;

use strict;
use warnings;
use Carp qw(croak);
use Time::HiRes ();
use Time::Local qw(timegm);

use T::Process;
use T::Fixture;
use T::Platform;
use T::OCSP;
use T::DER;

# The source of this run; undef for django-ca's own tables.
sub wanted { return $ENV{SOURCE} }

# It takes as long to load as all the rest.
require T::Product if wanted();

# The engine of the product's database.
sub engine { return $ENV{SOURCE_ENGINE} // 'sqlite3' }

my ($instance, $databases);

# The server of the product's database, not SQLite.
sub instance {
    require T::Database;
    return $instance //= $ENV{ENGINE_ROOT}
        ? T::Database->attach(engine(), root => $ENV{ENGINE_ROOT},
                              port => $ENV{ENGINE_PORT})
        : T::Database->start(engine(), empty => 1);
}

# Whether it is a table of a product's.
sub is_table { return wanted() !~ /^(?:index|crl)$/ }

# -- what the tables have ----------------------------------------------------

my %REASON = (
    keycompromise => 1, cacompromise => 2, affiliationchanged => 3,
    superseded => 4, cessationofoperation => 5, certificatehold => 6,
    removefromcrl => 8, privilegewithdrawn => 9, aacompromise => 10,
);

# Seconds since 1970 of a time of SQLite's; undef if it is none.
sub epoch {
    my ($text) = @_;
    my ($year, $month, @rest) = ($text // '') =~
        /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)/ or return undef;
    return timegm(reverse(@rest), $month - 1, $year);
}

# The bytes of a certificate's serial: django-ca may store it otherwise.
sub serial_in {
    my ($der) = @_;
    my ($length) = $der =~ /^\x30..?.?\x30..?.?\xa0\x03\x02\x01.\x02(.)/s
        or return;
    my $at = $+[0];
    return uc unpack 'H*', substr($der, $at, ord $length) =~ s/^\0+(?=.)//sr;
}

# All rows: id (of a CA), issuer (a CA's id), serial (hex, even), der, revoked,
# at, reason, since.
my $SELECT = "SELECT '', ca_id, revoked, revoked_reason, revoked_date,"
    . ' compromised, created, serial, hex(pub) FROM django_ca_certificate'
    . ' UNION ALL'
    . ' SELECT id, COALESCE(parent_id, id), revoked, revoked_reason,'
    . ' revoked_date, compromised, created, serial, hex(pub)'
    . ' FROM django_ca_certificateauthority';

sub read_rows {
    my ($server) = @_;
    my (@rows, %seen);
    for my $line (split /\n/, must('sqlite3', '-bail', '-cmd', '.timeout 5000',
        $server->{db}, $SELECT)) {
        my ($id, $issuer, $revoked, $reason, $date, $since, $created, $stored,
            $hex) = split /\|/, $line, -1;
        my $der = pack 'H*', $hex;
        my $serial = serial_in($der) // next;
        next if $serial !~ /^0*$stored$/ || $seen{"$issuer $serial"}++;
        ($reason //= '') =~ tr/_//d;
        push @rows, { id => $id, issuer => $issuer, serial => $serial,
            der => $der, revoked => $revoked eq '1',
            at => epoch($date) // epoch($created) // 0,
            reason => $REASON{ lc $reason }, since => epoch($since) };
    }
    return @rows;
}

# -- written to the source ---------------------------------------------------

# A serial that each export revokes anew, to see that it is in use, and a CRL's
# number: of the time, as a test's child exports, too, and none is older.
my $marker;
sub marker_row {
    my ($id) = @_;
    return { issuer => $id, serial => sprintf('%X', $marker), der => "\x30\0",
        revoked => 1, at => 1_700_000_000 };
}

# Writes a file of a CA's, and puts it in the place of the old.
sub replace {
    my ($path, $text) = @_;
    spew("$path.new", $text);
    chmod 0644, "$path.new";
    rename "$path.new", $path or croak "$path: $!";
    return;
}

sub index_text {
    my (@rows) = @_;
    return join '', map {
        my @t = gmtime $_->{at};
        my $stamp = sprintf '%02d%02d%02d%02d%02d%02dZ', $t[5] % 100, $t[4] + 1,
            @t[3, 2, 1, 0];
        # An invalidity date makes the reason there.
        my $revoked = join ',', $stamp, $_->{since}
            ? (($_->{reason} // 1) == 2 ? 'CAkeyTime' : 'keyTime',
               generalized($_->{since}))
            : $_->{reason} ? word($_->{reason}) : ();
        join("\t", $_->{revoked} ? 'R' : 'V', '391231235959Z',
            $_->{revoked} ? $revoked : '', $_->{serial}, 'unknown', '/CN=x')
            . "\n" } @rows;
}

sub generalized {
    my @t = gmtime $_[0];
    return sprintf '%04d%02d%02d%02d%02d%02dZ', $t[5] + 1900, $t[4] + 1,
        @t[3, 2, 1, 0];
}

# OpenSSL's word for a reason.
sub word {
    my ($code) = @_;
    return (qw(unspecified keyCompromise CACompromise affiliationChanged
        superseded cessationOfOperation certificateHold), undef,
        qw(removeFromCRL privilegeWithdrawn AACompromise))[$code];
}

# The key of a CA, by its certificate: a fixture's, or a test's.
sub key_of {
    my ($server, $id) = @_;
    my $der = slurp($server->{source}{ca}{$id}{path});
    my ($tag) = grep { slurp(ca($_)->{pem}) eq $der } ca_tags();
    return $tag && ca($tag)->{ca_key};
}

# How a key signs, by what stands in its public half: an algorithm, and the
# words of openssl.
my @SIGNS = (
    ['2a864886f70d010101', ['1.2.840.113549.1.1.11'], qw(dgst -sha256 -sign)],
    ['2a8648ce3d0201',     ['1.2.840.10045.4.3.2'],   qw(dgst -sha256 -sign)],
    ['2a8648ce380401', ['2.16.840.1.101.3.4.3.2'],    qw(dgst -sha256 -sign)],
    ['2b6570', ['1.3.101.112'], qw(pkeyutl -sign -rawin -inkey)],
    ['2b6571', ['1.3.101.113'], qw(pkeyutl -sign -rawin -inkey)],
);

# What make makes with an algorithm, signed by a key.
sub signed {
    my ($key, $make) = @_;
    my $public = unpack 'H*',
        must(qw(openssl pkey -pubout -outform DER -in), $key);
    my ($way) = grep { index($public, $_->[0]) >= 0 } @SIGNS;
    my (undef, $oid, @words) = @$way;
    my $algorithm = seq(oid($oid->[0]), $words[-1] eq '-sign'
        && $oid->[0] =~ /^1\.2\.840\.113549/ ? null() : ());
    my $tbs  = $make->($algorithm);
    my $file = scratch_file($tbs);
    my $signature = must('openssl', @words, $key,
        $words[0] eq 'dgst' ? $file : ('-in', $file));
    return seq($tbs, $algorithm, bits($signature));
}

# OpenSSL's own writer of CRLs does not know all reasons.
sub crl_entry {
    my ($row) = @_;
    my @extensions;
    push @extensions, seq(oid('2.5.29.21'),
        octet_string(enumerated($row->{reason}))) if $row->{reason};
    push @extensions, seq(oid('2.5.29.24'),
        octet_string(gentime(generalized($row->{since})))) if $row->{since};
    return seq(integer($row->{serial}), gentime(generalized($row->{at})),
        @extensions ? seq(@extensions) : ());
}

sub write_crl {
    my ($server, $id, $path, @rows) = @_;
    my $key = key_of($server, $id) or return;
    my ($name) = T::OCSP::name_and_key($server->{source}{ca}{$id}{path});
    replace($path, signed($key, sub {
        seq(integer('1'), $_[0], $name, gentime(generalized(time - 120)),
            gentime(generalized(time + 86_400 * 30)),
            seq(map { crl_entry($_) } grep { $_->{revoked} } @rows),
            explicit(0, seq(seq(oid('2.5.29.20'),
                octet_string(integer(sprintf '%X', $marker))))));
    }));
    return;
}

# Writes what the tables have, for the CAs in use.
sub export {
    my ($server) = @_;
    my $source = $server->{source} or return;
    my @rows = read_rows($server);
    $marker = 0x7A << 56 | int 1e6 * Time::HiRes::time();
    return export_table($server, @rows) if is_table();
    for my $id (sort keys %{ $source->{ca} }) {
        my $path = file_of($server, $id);
        my @own = grep { $_->{issuer} == $id } @rows;
        my $text = index_text(@own);
        next if $text eq ($source->{ca}{$id}{text} // '');
        $source->{ca}{$id}{text} = $text;
        unshift @own, marker_row($id);
        wanted() eq 'crl' ? write_crl($server, $id, $path, @own)
            : replace($path, index_text(@own));
        wait_until_used($server, $id);
    }
    return;
}

# SQL that fills the product's tables with rows.
sub product_rows {
    my ($engine, @rows) = @_;
    my %ca = map { $_->{id} => T::Product::authority($_->{id}, $_->{der}) }
        grep { $_->{id} } @rows;
    return T::Product::rows(wanted(), $engine, map {
        T::Product::certificate(%$_, number => $_->{id} || 0,
            ca => $ca{ $_->{issuer} }) } grep { $ca{ $_->{issuer} } } @rows);
}

sub export_table {
    my ($server, @rows) = @_;
    my $name = wanted();
    my $sql = product_rows(engine(), @rows);
    return if $sql eq ($server->{source}{sql} // '');
    $server->{source}{sql} = $sql;
    $sql = "BEGIN;\n" . T::Product::emptied($name, engine()) . $sql
        . "COMMIT;\n";
    return must('sqlite3', '-bail', '-cmd', '.timeout 5000',
        $server->{source}{db}, 'PRAGMA synchronous = OFF',
        '.read ' . scratch_file($sql))
        if engine() eq 'sqlite3';
    $sql = "SET time_zone = '+00:00';\n$sql" if engine() eq 'mysql';
    return instance()->script($sql, $server->{source}{name});
}

# Files are looked at now and then: waits until a location of the CA's says what
# is in the new one.
sub wait_until_used {
    my ($server, $id) = @_;
    my $ca = $server->{source}{ca}{$id};
    return unless $server->{pid};
    my $request = ocsp_request([certid($ca->{path}, sprintf '%X', $marker)]);
    wait_for { grep { $server->post($_, $request)->{says} eq 'revoked' }
        @{ $ca->{locations} } } 10;
    return;
}

# -- a database of a test's own ----------------------------------------------

my ($fixture, $number);

# The fixture's rows, and how the product numbers its CAs.
sub fixture_rows {
    if (!$fixture) {
        my $db = scratch_file();
        unlink $db;
        must('sqlite3', '-bail', $db, '.read ' . fixture_sql());
        $fixture = [read_rows({ db => $db })];
    }
    return @$fixture;
}

# Gives a T::Database the product's tables too, with the fixture's rows.
sub fill {
    my ($there) = @_;
    return unless wanted() && is_table();
    my $schema = T::Product::schema(wanted(), $there->engine);
    T::Product::create($there, $there->engine, 'source',
        $schema . product_rows($there->engine, fixture_rows()));
    $there->{name} = 'source';
    ($there->{table}) = T::Product::tables(wanted(), $there->engine);
    return;
}

# SQL that revokes a certificate of the fixture's there, or no longer.
sub revoke_sql {
    my ($engine, $tag, $revoked) = @_;
    my $serial = cert($tag)->{serial};
    my @rows = map { $_->{serial} =~ /^0*$serial$/
        ? { %$_, revoked => $revoked, at => 1_704_067_200 } : $_
        } fixture_rows();
    return "BEGIN;\n" . T::Product::emptied(wanted(), $engine)
        . product_rows($engine, @rows) . "COMMIT;\n";
}

# The lines for a CA of the fixture's where such a database is asked.
sub responder_lines {
    my ($tag) = @_;
    my $ca = ca($tag);
    my $der = pem_der($ca->{pem});
    my ($row) = grep { $_->{id} && $_->{der} eq $der } fixture_rows();
    return "OCSPResponderCA $ca->{pem}\n    OCSPResponderSource sql "
        . join ' ', wanted(), T::Product::argument(wanted(), $row->{id});
}

# -- configuration -----------------------------------------------------------

# Makes the product's database, empty.
sub prepare {
    my ($server) = @_;
    my $source = $server->{source} = { ca => {} };
    return unless is_table();
    my $schema = T::Product::schema(wanted(), engine());
    if (engine() eq 'sqlite3') {
        $source->{db} = "$server->{root}/db/product.sqlite3";
        must('sqlite3', '-bail', $source->{db}, $schema);
        my (undef, undef, $uid, $gid) = user();
        chown $uid, $gid, $source->{db} if $uid;
        return;
    }
    $source->{name} = sprintf 'p%d_%d', $$, ++$databases;
    (instance()->{table}) = T::Product::tables(wanted(), engine());
    T::Product::create(instance(), engine(), $source->{name}, $schema);
    return;
}

# mod_dbd's lines for it.
sub database_lines {
    my ($server) = @_;
    my $source = $server->{source};
    return "DBDriver sqlite3\nDBDParams $source->{db}\n" if $source->{db};
    return '' unless $source->{name};
    return instance()->lines(name => $source->{name});
}

# The index.txt or CRL of a CA.
sub file_of {
    my ($server, $id) = @_;
    return "$server->{root}/db/source-$id";
}

# The certificate's file of a CA that a directive calls so; undef if there is
# none.
sub ca_called {
    my ($server, $word) = @_;
    (my $hex = uc $word) =~ tr/://d;
    my $found = must('sqlite3', '-bail', $server->{db}, 'SELECT id, hex(pub)'
        . " FROM django_ca_certificateauthority WHERE serial = '$hex' OR"
        . " serial = '0$hex' OR name = '$word' OR cn = '$word' LIMIT 1");
    my ($id, $der) = $found =~ /^(\d+)\|(\w+)/ or return;
    my ($tag) = grep { uc unpack('H*', pem_der(ca($_)->{pem})) eq $der }
        ca_tags();
    my $path = $tag ? ca($tag)->{pem} : "$server->{root}/conf/ca-$id.der";
    spew($path, pack 'H*', $der) unless $tag;
    return ($id, $path);
}

# The file of the certificate with a serial.
sub file_of_certificate {
    my ($server, $serial) = @_;
    my $der = must('sqlite3', '-bail', $server->{db}, 'SELECT hex(pub) FROM'
        . " django_ca_certificate WHERE serial = '$serial' LIMIT 1");
    return spew("$server->{root}/conf/$serial.der", pack 'H*', $der =~ /(\w+)/);
}

# Behind OCSPResponderSource, for a CA.
sub directive {
    my ($server, $id) = @_;
    my $name = wanted();
    return "index " . file_of($server, $id) if $name eq 'index';
    return "crl absent=good " . file_of($server, $id) if $name eq 'crl';
    return join ' ', 'sql', $name, T::Product::argument($name, $id);
}

# The lines of a test's configuration, for this source.
sub rewrite {
    my ($server, $text) = @_;
    my ($location, $out) = ('', '');
    for my $line (split /(?<=\n)/, $text) {
        $location = $1 if $line =~ /^\s*<Location\s+"?([^">]+)/;
        if ($line =~ m{^(\s*)OCSPResponderCA\s+"?([^\s/*"]+)}) {
            my ($start, $word) = ($1, $2);
            if (my ($id, $path) = ca_called($server, $word)) {
                my $ca = $server->{source}{ca}{$id} //= { path => $path };
                push @{ $ca->{locations} }, $location;
                $line = "${start}OCSPResponderCA $path\n"
                    . "${start}OCSPResponderSource "
                    . directive($server, $id) . "\n";
            }
        }
        $line =~ s{(OCSPResponderCert\s+)([0-9A-Fa-f:]+)$}{$1 .
            file_of_certificate($server, $2)}e;
        $out .= $line;
    }
    return (is_table() ? include() : '') . $out;
}

# The line for the product's tables.
sub include { return "Include @{[top_dir()]}/conf/tables/@{[wanted()]}.conf\n" }

1;
