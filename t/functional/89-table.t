# SPDX-License-Identifier: Apache-2.0
# OCSPResponderSource sql: what httpd -t says of <OCSPResponderTable>, and a
# table that changes. t/engines/tables.t asks other products' tables.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use T::ConfigTest;

my $root = ca('root');
my $server = T::Server->new(db => <<'SQL');
CREATE TABLE certs (serial TEXT, state TEXT, reason TEXT, revoked_at TEXT);
INSERT INTO certs VALUES ('01', 'V', NULL, NULL),
    ('02', 'R', 'superseded', '2024-01-02 03:04:05'),
    ('03', 'X', NULL, NULL), ('04', 'R', NULL, NULL),
    ('05', 'R', 'because', '2024-07-02 03:04:05'),
    ('06', 'V', NULL, NULL), ('06', 'R', NULL, '2024-07-02 03:04:05'),
    ('07', 'V', NULL, NULL), ('07', 'V', NULL, NULL);
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

my $unused = "<OCSPResponderTable spare>\n    From certs\n    Serail x\n"
    . "</OCSPResponderTable>\n";
accepted('a wrong one that nobody uses', "# a line\n$unused" . conf(),
    qr/on line 2 of \S+: <OCSPResponderTable spare>, which .*: Serail is none/);
accepted('a whole one that nobody uses', conf() . conf(location => undef)
    =~ s/<Location.*//sr =~ s/Table mine/Table spare/r);

note 'what it says';
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
