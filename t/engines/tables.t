# SPDX-License-Identifier: Apache-2.0
# conf/tables: other products' tables, on each engine that they run on, with
# rows by their documented rules.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use List::Util qw(max);
use POSIX qw(strftime);
use T::Database;
use T::PKI;
use T::Product;
use T::Server;

my $root = ca('root');
my ($AT, $SINCE) = (1_700_000_000, 1_690_000_000);
my $CERT_HASH = '1.3.36.8.3.13';

# -- certificates, and what is true of them ----------------------------------

my $key = make_key();
my %authority = map { $_->[0] => T::Product::authority($_->[1],
    pem_der(ca($_->[0])->{pem})) } ['root', 7], ['ec', 8];
my %cert = map { $_->{name} => $_ } (
    { name => 'good',    serial => '0ABCDE00112233445566778899AABBCCDDEEFF01' },
    { name => 'short',   serial => '05', spelling => { ejbca => 21 } },
    { name => 'revoked', serial => 'F0BCDE00112233445566778899AABBCCDDEEFF02',
      revoked => 1, reason => 1, since => $SINCE,
      spelling => { openxpki => 'CRL_ISSUANCE_PENDING' } },
    { name => 'plain',   serial => '0C77', revoked => 1,
      spelling => { ejbca => 60 } },
    { name => 'other',   serial => '0D99', tag => 'ec',
      spelling => { ejbca => 60 } },
    { name => 'odd',     serial => '0E99', revoked => 1, odd => 1 },
    { name => 'held',    serial => '0F66', revoked => 1, reason => 6 },
    { name => 'sub-CA',  serial => '1A55', revoked => 1, is_ca => 1 },
);
for my $c (values %cert) {
    my $tag = $c->{tag} // 'root';
    my $ca  = ca($tag);
    $c = T::Product::certificate(%$c, ca => $authority{$tag}, at => $AT,
        der => pem_der(make_cert(key => $key, serial => $c->{serial},
            extensions => $c->{is_ca} ? ['basicConstraints = CA:true'] : [],
            issuer => { pem => $ca->{pem}, key => $ca->{ca_key} })));
}
# The CAs, which are their own issuers.
my @cas = map { T::Product::certificate(serial => "0$_->{number}", ca => $_,
    number => $_->{number}, der => $_->{der}) } values %authority;

# -- asked -------------------------------------------------------------------

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

# What a product's documents say of its rows: the columns that are set in the
# row of a good certificate, and what is answered then.
my $at = "revoked $AT";
my %rules = (
    cfssl => ['certificates', 'serial_number', 'decimal',
        ["status='revoked', reason=0, revoked_at='0001-01-01 00:00:01'",
            qr/^(?!good)/, qw(sqlite3 pgsql)],
        ["status='revoked', reason=0, revoked_at='0000-00-00 00:00:00'",
            qr/^(?!good)/, qw(sqlite3 mysql)],
        ["status='revoked', reason=6, revoked_at=NULL", qr/^internalError$/],
        ["status='good', revoked_at='0000-00-00 00:00:00'", qr/^good$/,
            qw(sqlite3 mysql)],
        ["status='good', revoked_at=NULL", qr/^good$/]],
    ejbca => ['CertificateData', 'serialNumber', 'decimal',
        (map { ["status=$_, revocationReason=-1, revocationDate=-1",
            qr/^internalError$/] } 0, 10, 30, 50),
        (map { ["status=$_, revocationReason=-1, revocationDate=-1",
            qr/^good$/] } 20, 21, 60),
        (map { ["status=$_, revocationReason=8, revocationDate=${AT}000",
            qr/^good$/] } 20, 60),
        (map { my $status = $_; map { [
            "status=$status, revocationReason=$_, revocationDate=${AT}999",
            qr/^$at $_$/] } 1, 4, 6 } 40, 60),
        ["status=40, revocationReason=-1, revocationDate=${AT}000",
            qr/^$at$/],
        ["status=40, revocationReason=0, revocationDate=-1",
            qr/^internalError$/]],
    openxpki => ['certificate', 'cert_key', 'decimal',
        (map { ["status='$_', reason_code='keyCompromise', invalidity_time=0,"
            . " revocation_time=$AT", qr/^$at 1$/] }
            qw(REVOKED CRL_ISSUANCE_PENDING)),
        ["status='HOLD', reason_code='certificateHold', invalidity_time=NULL,"
            . " revocation_time=$AT", qr/^$at 6$/],
        (map { ["status='REVOKED', reason_code='$_', revocation_time=$AT",
            qr/^$at 2$/] } qw(cACompromise CACompromise)),
        ["status='REVOKED', reason_code='unspecified', revocation_time=$AT,"
            . " invalidity_time=$SINCE", qr/^$at since /],
        ["status='REVOKED', reason_code='', invalidity_time=NULL,"
            . " revocation_time=$AT", qr/^$at$/],
        ["status='UNKNOWN'", qr/^internalError$/],
        ["status=NULL", qr/^internalError$/],
        ["status='ISSUED', revocation_time=$AT", qr/^good$/]],
    xipki => ['CERT', 'SN', 'lower',
        ["REV=1, RR=6, RT=$AT, RIT=NULL", qr/^$at 6$/],
        ["REV=1, RR=NULL, RT=$AT, RIT=$SINCE", qr/^$at since /],
        ['REV=1, RR=1, RT=NULL', qr/^internalError$/],
        ['REV=2', qr/^internalError$/], ['REV=0, RT=NULL', qr/^good$/]],
    boulder => ['certificateStatus', 'serial', 'padded',
        ["status='revoked', revokedReason=1", qr/^revoked \d+ 1$/],
        ["status='ready'", qr/^internalError$/],
        ["status='good'", qr/^good$/]],
);
$rules{'xipki-ocsp'} = $rules{xipki};

sub follows_rules {
    my ($there, $server, $product) = @_;
    my ($table, $column, $spelling, @rules) = @{ $rules{$product} // [] };
    my $engine = $there->engine;
    (my $name = $product) =~ tr/-/_/;
    for (@rules) {
        my ($set, $like, @engines) = @$_;
        next if @engines && !grep { $_ eq $engine } @engines;
        my $cert = $cert{good};
        my $key = $cert->{$spelling}
            // '0' x max(0, 36 - length $cert->{lower}) . $cert->{lower};
        my $mode = $engine eq 'mysql'
            ? "SET sql_mode='', time_zone='+00:00';" : '';
        $there->sql("$mode UPDATE $table SET $set WHERE $column = '$key'",
            $name);
        like says($server, 'good'), $like, $set;
    }
    return;
}

# What a profile has against the rows, as far as the columns tell.
sub is_objected_to {
    my ($server, $product) = @_;
    my (undef, $text) = $server->configtest('-D', 'FORUM');
    like $text, qr/rule held: .* on hold, as F66 is/, 'httpd -t sees a hold';
    my $tells = T::Product::knows($product, 'hash') && $product ne 'xipki-ocsp';
    like $text, $tells ? qr/rule ca-reason: .*; 1A55 is for none/
        : qr/rule ca-reason: .* not judged: nothing tells which of /,
        '  and a CA revoked without a reason, or says that it sees none';
    return;
}

# Case 45: a table that is gone, and two rows for one serial, where a product's
# keys do not rule that out.
sub is_strict {
    my ($there, $server, $product) = @_;
    my $engine = $there->engine;
    (my $name = $product) =~ tr/-/_/;
    my ($table) = T::Product::tables($product, $engine);
    note 'case 45';
    $there->sql("ALTER TABLE $table RENAME TO gone", $name);
    is says($server, 'short'), 'internalError', 'its table is gone';
    $there->sql("ALTER TABLE gone RENAME TO $table", $name);
    is says($server, 'short'), 'good', '  and comes back';
    return if $product !~ /^(?:boulder|ejbca|xca)$/;
    $there->sql(T::Product::rows($product, $engine,
        { %{ $cert{short} }, der => 'another' }), $name);
    is says($server, 'short'), 'internalError', 'two rows for one serial';
    is says($server, 'held'), "revoked $AT 6", '  and no other is lost';
    return;
}

# XCA gives the certificates of a CA that is renewed with its key to the new
# one, whose certificate is another.
sub is_renewed {
    my ($there, $server) = @_;
    $there->sql($_, 'xca') for
        "INSERT INTO certs VALUES (70, '70', 70, 1, 'AAAA')",
        'UPDATE certs SET issuer = 70 WHERE issuer = 7 AND ca = 0',
        'UPDATE revocations SET caId = 70 WHERE caId = 7';
    is says($server, 'short'), 'good', 'its CA is renewed: good';
    is says($server, 'plain'), "revoked $AT", '  and revoked';
    $there->sql($_, 'xca') for 'UPDATE certs SET issuer = NULL WHERE ca = 0',
        'UPDATE revocations SET caId = 71';
    is says($server, $_), 'unknown', "its CA is deleted, $_: unknown"
        for qw(short plain);
    $there->sql($_, 'xca') for 'UPDATE certs SET issuer = 70 WHERE ca = 0',
        'UPDATE revocations SET caId = 70';
    return;
}

sub test_product {
    my ($there, $engine, $product) = @_;
    my ($section) = slurp(top_dir() . "/conf/tables/$product.conf")
        =~ /^(<OCSPResponderTable \Q$product\E>\n.*<.OCSPResponderTable>)$/ms;
    cmp_ok scalar(() = $section =~ /^/mg), '<=', 25, 'at most 25 lines';
    (my $name = $product) =~ tr/-/_/;
    T::Product::create($there, $engine, $name,
        T::Product::schema($product, $engine)
            . T::Product::rows($product, $engine, @cas,
                map { $cert{$_} } sort keys %cert));
    my $server = T::Server->new(db => 0, dbd => $there->lines(name => $name),
        conf => "Include @{[top_dir()]}/conf/tables/$product.conf\n"
            . "<Location /ocsp/>\n    OCSPResponderCertHash on\n"
            . "    <IfDefine FORUM>\n        OCSPResponderProfile br\n"
            . "    </IfDefine>\n"
            . "    \@responder root: sql $product "
            . T::Product::argument($product, 7) . "\@\n</Location>\n");
    my ($code, $text) = $server->configtest('-D', 'DUMP_OCSP');
    is $code, 0, 'httpd -t has nothing against it' or diag $text;
    ok T::Product::is_indexed($there, $engine, $name, $text),
        'its query uses an index' or diag $text;
    is_objected_to($server, $product);
    $server->start;
    my $since = T::Product::knows($product, 'since')
        ? ' since ' . strftime('%Y%m%d%H%M%SZ', gmtime $SINCE) : '';
    my $has_hash = T::Product::knows($product, 'hash');
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
        $has_hash, $has_hash ? 'CertHash' : 'no CertHash';
    follows_rules($there, $server, $product);
    is_renewed($there, $server) if $product eq 'xca';
    is_strict($there, $server, $product);
    like $server->error_log, qr/OCSP0204: .* certificate E99: table $product: /,
        'the log names its row';
    $server->expect_log('OCSP0204')->allow_log('OCSP0604');
    $server->stop;
    return;
}

T::Database::each_engine(sub {
    my ($engine) = @_;
    my $there = T::Database->start($engine);
    for my $product (T::Product::names_on($engine)) {
        note "$product on $engine";
        test_product($there, $engine, $product);
    }
});

finish;
