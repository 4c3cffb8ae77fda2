# SPDX-License-Identifier: Apache-2.0
# OCSPResponderSource sql: what httpd -t says of <OCSPResponderTable>, and a
# table that changes. t/engines/tables.t asks other products' tables.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Math::BigInt;
use T::Server;
use T::ConfigTest;

my $root = ca('root');
my $server = T::Server->new(db => <<'SQL');
CREATE TABLE certs (serial TEXT, state TEXT, reason TEXT, revoked_at TEXT);
INSERT INTO certs VALUES ('01', 'V', NULL, NULL),
    ('02', 'R', 'superseded', '2024-01-02 03:04:05');
SQL
my %line = (From => 'certs', Serial => 'serial HEX even', CA => 'any',
    Status => 'state V=good R=revoked', Reason => 'reason',
    RevokedAt => 'revoked_at datetime');

# The section, with some lines changed (undef: left out), and a location.
sub conf {
    my (%o) = @_;
    my %location = (CA => $root->{pem}, Source => 'sql mine',
        %{ delete $o{location} // {} });
    my %all = (%line, %o);
    return "<OCSPResponderTable mine>\n"
        . join('', map { "    $_ $all{$_}\n" } grep { defined $all{$_} }
            sort keys %all)
        . "</OCSPResponderTable>\n" . location(%location);
}

note 'httpd -t';
check_on($server);
my $at = 'OCSPResponderSource';
accepted('a table', conf());
refused('no name', $at, qr/takes the name of an <OCSPResponderTable>/,
    conf(location => { Source => 'sql' }));
refused('another name', $at, qr/there is no <OCSPResponderTable yours>/,
    conf(location => { Source => 'sql yours' }));
refused('a word too much', $at, qr/sql mine takes no CA/,
    conf(location => { Source => 'sql mine 7' }));
refused('a word too little', $at, qr/must say behind the name what the column/,
    conf(CA => 'ca argument'));
refused('no path of a CA', $at, qr/must be the absolute path/,
    conf(location => { CA => $root->{serial} }));
refused('another directive', $at,
    qr/line \d+ of \S+: Serail is none of From, Serial/, conf(Serail => 'x'));
refused('a wrong line', $at, qr/line \d+ of \S+: Serial must say decimal/,
    conf(Serial => 'serial octal'));
refused('a line twice', $at,
    qr/line \d+ of \S+: Status stands twice: all of it goes on one line/,
    conf(Status => "state V=good\n    Status state R=revoked"));
refused('a missing line', $at,
    qr/<OCSPResponderTable mine>: Status is missing/, conf(Status => undef));
refused('no such column', $at, qr/table mine: .*no such column: stat/,
    conf(Status => 'stat V=good'));
refused('no such table', $at, qr/table mine: .*no such table: cert\b/,
    conf(From => 'cert'));

note 'case 66: its database';
check_on(T::Server->new(db => 0, dbd => "# The lines follow.\n"));
for (['no such file', '@ROOT@/db/none', qr{file \S+/none does not exist}],
    ['a relative file', 'db/none', qr{file db/none is named without its}]) {
    my ($name, $path, $why) = @$_;
    refused($name, 'DBDParams', $why,
        "DBDriver sqlite3\nDBDParams $path\n" . conf());
}
check_on($server);

SKIP: {
    my $down = T::Server->new(db => 0, dbd => "DBDriver pgsql\n"
        . 'DBDParams "host=127.0.0.1 port=1 user=ocsp dbname=ca"' . "\n");
    check_on($down);
    $down->write_conf(conf());
    my ($code, $text) = $down->configtest;
    skip 'there is no driver for PostgreSQL', 2
        if $text =~ /apr_dbd_pgsql|no library/;
    is $code, 0, 'a database that is down stops nothing';
    like $text, at_directive('DBDParams', 'Warning'),
        '  and is told where it is';
}
check_on($server);

my $unused = "<OCSPResponderTable spare>\n    From certs\n    Serail x\n"
    . "</OCSPResponderTable>\n";
accepted('a wrong one that nobody uses', "# a line\n$unused" . conf(),
    qr/on line 2 of \S+: <OCSPResponderTable spare>, which .*: Serail is none/);
accepted('a whole one that nobody uses', conf() . conf(location => undef)
    =~ s/<Location.*//sr =~ s/Table mine/Table spare/r);

note 'what httpd -t reads in the rows';
my $good = cert('root-good-1');
my ($own, $others) = map { slurp(cert($_)->{pem}) } qw(root-good-1 ec-good-1);
my $decimal = Math::BigInt->from_hex($good->{serial})->bstr;
my $later = time + 90_000;

# What it says of rows: serial, status, time, certificate. Options: %line.
sub of_rows {
    my ($rows, %o) = @_;
    my $test = T::Server->new(db => 'CREATE TABLE certs (serial TEXT, state'
        . ' TEXT, at BIGINT, pem TEXT);' . join '', map {
            'INSERT INTO certs VALUES (' . join(',', map { defined $_
                ? "'$_'" : 'NULL' } @$_[0 .. 3]) . ');' } @$rows);
    check_on($test);
    return conf(Reason => undef, RevokedAt => 'at seconds', %o);
}
my $table = 'OCSPResponderSource sql: table mine: ';
sub of_row { return qr/\Q$table\Ecertificate $_[0]: $_[1]/ }

accepted('as they should be', of_rows([['01', 'V'], ['0ABC', 'R', 5]]));
accepted('no rows', of_rows([]));
accepted('no rows, and that is good', of_rows([], Absent => 'good'),
    qr/\Q$table\Eno row is about this CA, and Absent says good/);
accepted('rows of others alone', of_rows([['01', 'V']], CA =>
    'state ski-hex'), qr/\Q$table\Ethere are rows, and none is about this CA/);
accepted('no rows of any CA', of_rows([], CA => 'state ski-hex'));
refused('serials that are none', $at,
    qr/\Q$table\Eserial has "0x01", which is not .*in 2 of the 2 rows/,
    of_rows([['0x01', 'V'], ['0x0A', 'V']]));
accepted('one that is none', of_rows([['01', 'V'], ['A:B', 'V']]),
    qr/serial has "A:B", which is not .*in 1 of the 2 rows/);
refused('one, where what is absent is good', $at, qr/serial has "A:B", which/,
    of_rows([['01', 'V'], ['A:B', 'V']], Absent => 'good'));
for (['lower case', 'ABC', '0abc', '0ABC'], ['no zero', 'ABC', 'ABC', '0ABC'],
    ['zeros', 'ABC', '000ABC', '0ABC']) {
    my ($name, $serial, $has, $asked) = @$_;
    refused("serials in $name", $at, of_row($serial, qr/serial has "$has" for a/
        . qr/ serial that is asked for as "$asked"/), of_rows([[$has, 'V']]));
}
accepted('text that is found as a number',
    of_rows([['12345678901234567890', 'V']], Serial => 'serial numeric'));
my %as_bytes = (Serial => 'serial bytes');
refused('text that is said to be bytes', $at, qr/serial is text in the /
    . qr/database, where Serial says bytes .*in 2 of the 2 rows/,
    of_rows([['01', 'V'], ['0A', 'V']], %as_bytes));
for (['bytes', '0A'], ['bytes with a zero', '0080'],
    ['bytes of a fixed length', '0000000A', qr/ asked for as "0a"/]) {
    my ($name, $hex, $like) = @$_;
    my $conf = of_rows([], %as_bytes,
        From => "(SELECT x'$hex' AS serial, 'V' AS state, NULL AS at)");
    $like ? refused($name, $at, $like, $conf) : accepted($name, $conf);
}
accepted('one in lower case', of_rows([['01', 'V'], ['0abc', 'V']]),
    of_row('ABC', qr/serial has "0abc"/));
accepted('one that is found all the same', of_rows([['0abc', 'V']],
    From => '(SELECT serial COLLATE NOCASE AS serial, state, at FROM certs)'));
refused('decimal serials that are said to be hex', $at,
    qr/serial has "0?$decimal", and the certificate in pem has the serial/,
    of_rows([["0$decimal" =~ s/^0(?=(?:..)*$)//r, 'V', undef, $own]],
        Certificate => 'pem pem'));
accepted('another CA\'s certificate',
    of_rows([[cert('ec-good-1')->{serial} =~ s/^(?=.(?:..)*$)/0/r, 'V', undef,
        $others]], Certificate => 'pem pem'),
    of_row(cert('ec-good-1')->{serial}, qr/the certificate in pem was not/));
accepted('and its own', of_rows([[$good->{serial} =~ s/^(?=.(?:..)*$)/0/r, 'V',
    undef, $own]], Certificate => 'pem pem'));
accepted('a state that nobody knows', of_rows([['01', 'V'], ['02', 'X']]),
    of_row(2, qr/state has "X", of which Status does not say/));
accepted('revoked without a time', of_rows([['01', 'V'], ['02', 'R']]),
    of_row(2, qr/it is revoked, and at has no time/));
accepted('revoked in 1970', of_rows([['01', 'V'], ['02', 'R', 0]]),
    of_row(2, qr/it is revoked, and at has "0", which is not after 1970/));
note 'case 57: revoked in the future';
accepted('a minute', of_rows([['02', 'R', time + 30]]));
accepted('a day', of_rows([['01', 'V'], ['02', 'R', $later]]),
    of_row(2, qr/at lies in the future; answers say that it is revoked now/));
accepted('behind a thousand rows', of_rows([(map { [sprintf('%04X', $_), 'V'] }
    4097 .. 5097), ['0ABCDE', 'R', $later]]),
    of_row('ABCDE', qr/at lies in the future/));
for (['milliseconds', "${later}000"], ['asn1', '30000101000000Z'],
    ['datetime', '3000-01-01 00:00:00'], ['timestamp', '3000-01-01T00:00:00Z'])
{
    accepted("a day, $_->[0]", of_rows([(map { [sprintf('%04X', $_), 'V'] }
        4097 .. 5097), ['0ABCDE', 'R', $_->[1]]], RevokedAt => "at $_->[0]"),
        of_row('ABCDE', qr/at lies in the future/));
}
check_on($server);

note 'what it says';
$server->sql(<<'SQL');
INSERT INTO certs VALUES ('03', 'X', NULL, NULL), ('04', 'R', NULL, NULL),
    ('05', 'R', 'because', '2024-07-02 03:04:05'),
    ('06', 'V', NULL, NULL), ('06', 'R', NULL, '2024-07-02 03:04:05'),
    ('07', 'V', NULL, NULL), ('07', 'V', NULL, NULL);
SQL
$server->write_conf(conf(location => { TimeZone => 'Europe/Vienna' })
    . <<'CONF')->start;
<Location "/own/">
    @responder root@
</Location>
CONF

sub says {
    my $answer = $server->get('/ocsp/', ocsp_request([certid('root', $_[0])]));
    my $single = $answer->{single} // {};
    return join ' ', grep { defined } $answer->{says}, $single->{revoked_text},
        $single->{reason};
}

is says('01'), 'good', 'good';
is says('02'), 'revoked 20240102020405Z 4', 'revoked, by the wall clock';
is says('05'), 'revoked 20240702010405Z', 'a reason that is none';
is says('03'), 'internalError', 'a state that nobody knows';
is says('04'), 'internalError', 'revoked without a time';
is says('0A'), 'unknown', 'never issued';
note 'case 45: two rows for one serial';
is says('06'), 'internalError', 'good and revoked';
is says('07'), 'internalError', 'good, and good';
my $odd = 'certificate 3: table mine: state has "X", of which';
like $server->error_log, qr/OCSP0204: .* \Q$odd\E/,
    'what is wrong is told';
like $server->error_log,
    qr/OCSP0604: .*table mine: reason has "because", which cannot/,
    'what is odd, too';
$server->sql("UPDATE certs SET state='R', reason='keyCompromise',"
    . " revoked_at='2024-01-02 03:04:05' WHERE serial='01'");
is says('01'), 'revoked 20240102020405Z 1', 'revoked in the very next answer';
$server->sql("UPDATE certs SET state='V' WHERE serial='01'");
is says('01'), 'good', 'and back';
$server->sql('ALTER TABLE certs RENAME TO gone');
is says('01'), 'internalError', 'a table that is gone';
$server->sql('ALTER TABLE gone RENAME TO certs');
is says('01'), 'good', 'and comes back';
$server->sql('ALTER TABLE certs RENAME COLUMN state TO shape');
is says('01'), 'internalError', 'a column that is gone';
is $server->says('/own/', 'root-good-1'), 'good', 'other sources answer';
$server->sql('ALTER TABLE certs RENAME COLUMN shape TO state');
is says('01'), 'good', 'and comes back';
$server->expect_log(qw(OCSP0204 OCSP0604));

note 'httpd -t -D DUMP_OCSP';
like +($server->configtest('-D', 'DUMP_OCSP'))[1],
    qr/^sql mine asks \(sqlite3\):\n    SELECT .* FROM certs WHERE serial IN/m,
    'the query is shown';

finish;
