# SPDX-License-Identifier: Apache-2.0
# Values that a database takes for one another, and that are two: serials as
# numbers, CAs and statuses in another case, blanks, booleans. A table whose
# description fits badly answers internalError or unknown, never a wrong good.
use strict;
use warnings;
use Digest::SHA qw(sha1_hex);
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;

ask_once;


# Each table: its columns but for one of the time, by engine or for all; its
# rows without that; its lines; and what is answered about which serials.
my $CI = { sqlite3 => 'TEXT COLLATE NOCASE', pgsql => 'VARCHAR(40)',
    mysql => 'VARCHAR(40) COLLATE utf8mb4_general_ci' };
my $SHA1 = sha1_hex(pem_der(ca('root')->{pem}));
my %STATE = (Status => 'state V=good R=revoked');

# A row of a serial and bytes, "-" for each that is zero.
sub zero {
    my ($serial, @bytes) = @{ $_[0] };
    my @hex = map { unpack 'H*', tr/-/\0/r } @bytes;
    my $row = sub { "($serial, " . join(', ', map { $_[0]->($_) } @hex) . ')' };
    return { sqlite3 => $row->(sub { "CAST(x'$_[0]' AS TEXT)" }),
        pgsql => $row->(sub { "'\\x$_[0]'" }),
        mysql => $row->(sub { "x'$_[0]'" }) };
}

my @tables = (
    [hexint => 'a number that is called hex',
        ['serial BIGINT', 'state CHAR(1)'],
        ["(10, 'R')", "(16, 'V')", "(1000, 'V')"],
        { Serial => 'serial hex', %STATE },
        { map({ $_ => 'internalError' } 10, 1000),
          map { $_ => { pgsql => 'internalError', '' => 'unknown' } }
              qw(A 3E8) }],
    [loose => 'a type that SQLite takes for numeric',
        [{ sqlite3 => 'serial STRING', '' => 'serial VARCHAR(40)' },
            'state VARCHAR(9)'],
        ["('1E3', 'R')", "('AB', 'V')"],
        { Serial => 'serial HEX', %STATE },
        { 1000 => { sqlite3 => 'internalError', '' => 'unknown' },
          '1E3' => { sqlite3 => 'internalError', '' => 'revoked' },
          AB => 'good' }],
    [looks => 'texts that are worth a number',
        ['serial VARCHAR(40)', 'state VARCHAR(9)'],
        ["('1e3', 'V')", "('0x10', 'V')", "(' 17', 'V')", "('18 ', 'V')",
            "('19.0', 'V')", "('0020', 'V')", "('-21', 'V')", "('22a', 'V')",
            "('1000', 'R')"],
        { Serial => 'serial decimal', %STATE },
        { '3E8' => 'revoked', 10 => 'unknown', 11 => 'unknown',
          # To MySQL's collations of today a blank is a character.
          12 => { mysql => qr/^(?:internalError|unknown)$/, '' => 'unknown' },
          13 => 'unknown', 14 => 'unknown', 15 => 'unknown',
          16 => 'unknown' }],
    [asnumber => 'the same, compared as numbers',
        ['serial VARCHAR(40)', 'state VARCHAR(9)'],
        ["('1e3', 'V')", "('17a', 'V')", "('18.0', 'V')", "('25', 'V')"],
        { Serial => 'serial numeric', %STATE },
        { '3E8' => qr/^(?:unknown|internalError)$/,
          11 => qr/^(?:unknown|internalError)$/,
          12 => qr/^(?:unknown|internalError)$/,
          19 => qr/^(?:good|internalError)$/ }, 'sqlite3 mysql'],
    [large => 'numbers of 64 bits, and just beside them',
        [{ mysql => 'serial BIGINT UNSIGNED', '' => 'serial NUMERIC(20,0)' },
            'state VARCHAR(9)'],
        ['(9223372036854775807, \'V\')', '(9007199254740993, \'R\')',
            '(9007199254740992, \'V\')'],
        { Serial => 'serial decimal', %STATE },
        { '7FFFFFFFFFFFFFFF' => 'good', '7FFFFFFFFFFFFFFE' => 'unknown',
          '8000000000000000' => qr/^(?:unknown|internalError)$/,
          '20000000000001' => 'revoked', '20000000000000' => 'good' }],
    [rounded => 'a number that is rounded',
        ['serial DOUBLE PRECISION', 'state VARCHAR(9)'],
        ['(9007199254740993, \'V\')'], { Serial => 'serial numeric', %STATE },
        { '20000000000000' => 'internalError' }],
    [cas => 'CAs that differ in case',
        [{ map { $_ => "ca $CI->{$_}" } keys %$CI }, 'serial VARCHAR(40)',
            'state VARCHAR(9)'],
        ["('Root', '01', 'V')", "('root', '01', 'R')", "('Root', '02', 'V')",
            "('ROOT ', '03', 'V')", "('root', '04', 'V')"],
        { Serial => 'serial HEX even', CA => 'ca argument', %STATE },
        { 1 => 'revoked', 2 => 'unknown', 3 => 'unknown', 4 => 'good' }],
    [hexcas => 'a CA in hex, of either case',
        [{ mysql => 'ca VARCHAR(50) COLLATE utf8mb4_bin', '' =>
            'ca VARCHAR(50)' }, 'serial VARCHAR(40)', 'state CHAR(1)'],
        ["('$SHA1', '01', 'R')", "('\U$SHA1\E', '02', 'R')",
            "('\U$SHA1\E', '03', 'V')", "('$SHA1', '04', 'V')",
            "('\U$SHA1\E', '04', 'R')", "('\U$SHA1\E0', '05', 'R')"],
        { Serial => 'serial HEX even', CA => 'ca sha1-hex', Absent => 'good',
          %STATE },
        { 1 => 'revoked', 2 => 'revoked', 3 => 'good', 4 => 'internalError',
          5 => 'good' }],
    [states => 'states that differ in case, or in nothing but blanks',
        ['serial VARCHAR(40)', 'state VARCHAR(9)'],
        ["('01', 'Good')", "('02', 'good ')", "('03', NULL)", "('04', '')",
            "('05', 'good')", "('06', 'REVOKED')"],
        { Serial => 'serial hex even', Status => 'state good=good'
            . ' revoked=revoked' },
        { map({ $_ => 'internalError' } 1 .. 4, 6), 5 => 'good' }],
    [padded => 'columns filled with blanks',
        ['serial CHAR(12)', 'state CHAR(8)'],
        ["('0A', 'good')", "('0B', 'revoked')"],
        { Serial => 'serial HEX even', Status => 'state good=good'
            . ' revoked=revoked' },
        { A => 'good', B => 'revoked', C => 'unknown' }],
    [yes => 'booleans', ['serial VARCHAR(40)', 'state BOOLEAN'],
        ["('01', TRUE)", "('02', FALSE)", "('03', NULL)"],
        { Serial => 'serial hex even', Status =>
            'state true=revoked 1=revoked false=good 0=good' },
        { 1 => 'revoked', 2 => 'good', 3 => 'internalError' }],
    [bit => 'bits', ['serial VARCHAR(40)', 'state BIT(1)'],
        ["('01', b'1')", "('02', b'0')"],
        { Serial => 'serial hex even', Status => 'state 1=revoked 0=good' },
        { 1 => { pgsql => 'revoked', '' => 'internalError' },
          2 => { pgsql => 'good', '' => 'internalError' } }, 'pgsql mysql'],
    [added => 'bits as numbers', ['serial VARCHAR(40)', 'state BIT(1)'],
        ["('01', b'1')", "('02', b'0')"],
        { Serial => 'serial hex even', Status => 'state+0 1=revoked 0=good' },
        { 1 => 'revoked', 2 => 'good' }, 'mysql'],
    [zeros => 'a zero byte, and more behind it',
        [{ mysql => 'serial VARCHAR(40) COLLATE utf8mb4_unicode_ci',
              '' => 'serial VARCHAR(40)' },
            map { my $name = $_; +{ sqlite3 => "$name TEXT",
                pgsql => "$name BYTEA", mysql => "$name VARBINARY(40)" } }
                qw(state reason)],
        [map({ zero($_) } ["'01'", 'V-R', '0'], ["'02'", 'V-', '0'],
            ["'03'", '-V', '0'], ["'04'", 'N-', '0'], ["'05'", 'N', '-1'],
            ["'06'", 'N', '0']),
            { mysql => "(CONCAT('0', CHAR(0), '7'), 'R', '0')",
              '' => "('07', 'R', '0')" }],
        { Serial => 'serial HEX even', Absent => 'good',
          Status => 'state V=good R=revoked N=by-reason',
          Reason => 'reason none=0' },
        { map({ $_ => 'internalError' } 1 .. 4), 5 => 'revoked', 6 => 'good',
          7 => { mysql => 'internalError', '' => 'revoked' } }],
    [letters => 'text that is called bytes',
        ['serial VARCHAR(40)', 'state CHAR(1)'],
        ["('01', 'V')", "('0A', 'R')"], { Serial => 'serial bytes', %STATE },
        { 1 => 'unknown', A => 'unknown', '3F' => 'unknown',
          map { $_ => { mysql => 'internalError', '' => 'unknown' } }
              qw(3031 3041) }, 'sqlite3 mysql'],
    [inbytes => 'bytes, with a zero before them or not',
        [{ sqlite3 => 'serial BLOB', pgsql => 'serial BYTEA',
            mysql => 'serial VARBINARY(20)' }, 'state CHAR(1)'],
        [map { my ($hex, $state) = @$_;
            +{ pgsql => "('\\x$hex', '$state')",
               '' => "(x'$hex', '$state')" } }
            ['0A', 'V'], ['0080', 'R'], ['3031', 'V']],
        { Serial => 'serial bytes', %STATE },
        { A => 'good', 80 => 'revoked', 3031 => 'good', 1 => 'unknown' }],
    [moments => 'times that are none', ['serial VARCHAR(40)', 'state CHAR(1)'],
        ["('01', 'R', NULL)", "('02', 'R', 1700000000000)", "('03', 'R', 5)",
            "('04', 'V', NULL)"],
        { Serial => 'serial hex even', %STATE },
        { 1 => 'internalError', 2 => 'internalError', 3 => 'revoked',
          4 => 'good' }],
);

# What is for this engine.
sub on {
    my ($engine, $what) = @_;
    return ref $what eq 'HASH' ? $what->{$engine} // $what->{''} : $what;
}

sub sql_of {
    my ($engine, $table) = @_;
    my ($name, undef, $columns, $rows) = @$table;
    return "CREATE TABLE $name (" . join(', ', map({ on($engine, $_) }
        @$columns), 'at BIGINT') . ");\n" . join '', map {
            my $row = on($engine, $_);
            $row =~ s/\)$/, 1700000000)/ if $name ne 'moments';
            "INSERT INTO $name VALUES $row;\n" } @$rows;
}

sub conf_of {
    my ($name, %line) = ($_[0][0], CA => 'any', RevokedAt => 'at seconds',
        %{ $_[0][4] });
    my $word = $line{CA} =~ /argument/ ? ' root' : '';
    return "<OCSPResponderTable $name>\n    From $name\n"
        . join('', map { "    $_ $line{$_}\n" } sort keys %line)
        . "</OCSPResponderTable>\n<Location /$name/>\n"
        . "    \@responder root: sql $name$word\@\n</Location>\n";
}

sub test_engine {
    my ($engine) = @_;
    my $there = T::Database->start($engine, empty => 1);
    my @mine = grep { !$_->[6] || $_->[6] =~ /$engine/ } @tables;
    T::Product::create($there, $engine, 'coercion',
        join '', map { sql_of($engine, $_) } @mine);
    my $server = T::Server->new(db => 0, dbd => $there->lines(name =>
        'coercion'), conf => join '', map { conf_of($_) } @mine)->start;
    for my $table (@mine) {
        my ($name, $about, undef, undef, undef, $says) = @$table;
        note "$engine: $about";
        for my $serial (sort keys %$says) {
            my $got = 'tryLater';
            wait_for { ($got = $server->get("/$name/", ocsp_request([certid(
                'root', $serial)]))->{says}) ne 'tryLater' } within(10);
            my $want = on($engine, $says->{$serial});
            ref $want ? like($got, $want, "$name $serial")
                : is($got, $want, "$name $serial");
        }
    }
    $server->allow_log(qw(OCSP0203 OCSP0204 OCSP0604));
    $server->stop;
    return;
}

hurry();
T::Database::each_engine(\&test_engine);

finish;
