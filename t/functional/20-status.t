# SPDX-License-Identifier: Apache-2.0
# Rows to statuses: all the rows of the fixture, and those that are odd.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $cas = join '', map { <<"CONF" } grep { ca_is_usable($_) } ca_tags();
<Location "/$_/">
    \@responder $_\@
</Location>
CONF
my $server = T::Server->new(conf => $cas . <<'CONF')->start;
<Location "/vienna/">
    @responder root@
    OCSPResponderTimeZone Europe/Vienna
</Location>
CONF

my %number = (
    unspecified => 0, keyCompromise => 1, cACompromise => 2,
    affiliationChanged => 3, superseded => 4, cessationOfOperation => 5,
    certificateHold => 6, removeFromCRL => 8, privilegeWithdrawn => 9,
    aACompromise => 10,
);

sub ask {
    my ($tag, $location) = @_;
    my $issuer = cert($tag)->{issuer};
    return $server->get($location // "/$issuer/", request_for($tag));
}

sub leaf {
    my ($tag, $set) = @_;
    return $server->sql("UPDATE django_ca_certificate SET $set"
                      . " WHERE serial='@{[cert($tag)->{serial_stored}]}'");
}

note 'cases 22, 23, 25, 26: every certificate of the fixture';
for my $tag (cert_tags()) {
    ca_is_usable(cert($tag)->{issuer}, 1) or next;
    my ($row, $answer) = (cert($tag), ask($tag));
    my $single = $answer->{single} // {};
    is $answer->{says}, $row->{status}, "$tag is $row->{status}";
    next if $row->{status} ne 'revoked';
    is $single->{revoked_text}, $row->{revoked_utc}, '  since';
    is $single->{reason}, $number{ $row->{reason} // '' }, '  because';
    my $invalid = $single->{extensions}{ $OID{invalidity_date} };
    is $invalid && der($invalid->{value})->{content}, $row->{invalidity_utc},
        '  invalid since';
    ok !($invalid && $invalid->{critical}), '  not critical';
}

note 'case 22: what does not matter';
is ask('root-expired-good')->{says}, 'good', 'expired, not revoked';
is ask('disabled-good-1')->{says}, 'good', 'of a CA that is disabled';
leaf('root-good-5', "revoked_date='2024-01-01 00:00:00',"
    . " revoked_reason='key_compromise', compromised='2023-01-01 00:00:00'");
is ask('root-good-5')->{says}, 'good', 'date and reason left over, not revoked';
is_deeply ask('root-good-5')->{single}{extensions}, {}, 'and no invalidityDate';

note "case 23: every release's spelling of a reason";
my %spelling = (
    keyCompromise => 1, key_compromise => 1, CACompromise => 2,
    caCompromise => 2, ca_compromise => 2, affiliationChanged => 3,
    affiliation_changed => 3, superseded => 4, cessationOfOperation => 5,
    cessation_of_operation => 5, certificateHold => 6, certificate_hold => 6,
    removeFromCRL => 8, remove_from_crl => 8, privilegeWithdrawn => 9,
    privilege_withdrawn => 9, aACompromise => 10, aa_compromise => 10,
    unspecified => undef, '' => undef,
);
for my $word (sort keys %spelling) {
    leaf('root-good-4', "revoked=1, revoked_date='2024-02-03 04:05:06.700000',"
        . " revoked_reason='$word'");
    my $single = ask('root-good-4')->{single};
    is $single->{reason}, $spelling{$word}, "'$word'";
}
leaf('root-good-4', "revoked_reason='dog ate it'");
my $answer = ask('root-good-4');
is $answer->{says}, 'revoked', 'a word that nobody knows';
is $answer->{single}{reason}, undef, 'has no reason';

note 'case 23: times';
# PostgreSQL's know their zone, and the directive changes nothing.
my $zoned = $server->engine eq 'pgsql';
for my $case (
    ['root-revoked-unspecified', '20220103030506Z', 'a zone in winter'],
    ['root-revoked-certificateHold', '20220703020506Z', 'in summer'],
) {
    my ($tag, $since, $name) = @$case;
    is ask($tag, '/vienna/')->{single}{revoked_text},
        $zoned ? cert($tag)->{revoked_utc} : $since, $name;
}
for my $time (['2024-02-29 23:59:59.999999', '20240229235959Z'],
              ['2024-12-31 23:59:59',        '20241231235959Z'],
              ['1999-12-31 00:00:00.000001', '19991231000000Z']) {
    leaf('root-good-3', "revoked=1, revoked_date='$time->[0]'");
    is ask('root-good-3')->{single}{revoked_text}, $time->[1], $time->[0];
}

note 'case 57: no time lies after producedAt';
leaf('root-good-3', "revoked=1, revoked_date='2049-12-31 23:59:59',"
    . " compromised='2049-12-30 00:00:00'");
my $ahead = ask('root-good-3');
is $ahead->{says}, 'revoked', 'revoked in the future';
my $now = $ahead->{response}{produced_at};
is $ahead->{single}{revoked_at}, $now, '  is sent as now';
my $invalid = $ahead->{single}{extensions}{ $OID{invalidity_date} };
is $invalid && gentime_epoch(der($invalid->{value})), $now,
    '  and so is the invalidity date';
like join('', $server->alarms), qr/OCSP0304.*OCSPResponderTimeZone/,
    '  with a warning that names the directive';
leaf('root-good-2', "revoked=1, revoked_date='2021-06-01 00:00:00',"
    . " compromised='2049-12-30 00:00:00'");
$ahead = ask('root-good-2');
is $ahead->{single}{revoked_text}, '20210601000000Z',
    'an invalidity date alone in the future';
$invalid = $ahead->{single}{extensions}{ $OID{invalidity_date} };
is $invalid && gentime_epoch(der($invalid->{value})),
    $ahead->{response}{produced_at}, '  is sent as now';
like join("\n", $server->alarms),
    qr/OCSP0304: certificate @{[cert('root-good-2')->{serial}]} of /,
    '  with a warning';

note 'case 24: no date';
leaf('root-good-2',
    "revoked=1, revoked_date=NULL, compromised=NULL,"
    . " revoked_reason='superseded'");
$answer = ask('root-good-2');
is $answer->{says}, 'revoked', 'revoked without a date';
is $answer->{single}{revoked_text}, '20210101000000Z', 'since its creation';

note 'case 24: a row that makes no sense is never good';
my @odd = ("revoked=1, revoked_date='yesterday'", "revoked='x'", 'revoked=2',
           "revoked=0, pub=x''", "pub=x'3003020101'", 'pub=csr');
push @odd, "revoked=1, revoked_date='0000-00-00'"
    if $server->engine eq 'mysql';
# A BLOB, as SQLite from 3.53 on writes such a text as the number 0.
unshift @odd, "revoked=x'300031'"
    if $server->engine eq 'sqlite3';
for my $set (@odd) {
    if (!eval { leaf('root-odd-good', $set); 1 }) {
        like $@, qr/invalid input|is of type boolean|Incorrect/,
            "$set: refused by the database";
        next;
    }
    like ask('root-odd-good')->{says}, qr/^(?:internalError|revoked|unknown)$/,
        $set;
}

note 'case 25: CAs';
is ask('inter')->{says}, 'good', 'a child at its parent';
is ask('revokedca')->{says}, 'revoked', 'a revoked child';
is ask('root')->{says}, 'good', 'a root at itself';
$server->sql("UPDATE django_ca_certificateauthority SET revoked=1,"
    . " revoked_date='2024-01-01 00:00:00' WHERE name='ec'");
is ask('ec')->{says}, 'revoked', 'a revoked root at itself';
is ask('revokedca-good-1')->{says}, 'good', 'a leaf of a revoked CA, as stored';

note 'case 27: the very next answer';
leaf('root-good-1', "revoked=1, revoked_date='2024-01-01 00:00:00',"
    . " revoked_reason='certificate_hold'");
is ask('root-good-1')->{says}, 'revoked', 'put on hold';
leaf('root-good-1', 'revoked=0');
is ask('root-good-1')->{says}, 'good', 'and lifted';
$server->sql("DELETE FROM django_ca_certificate WHERE serial='"
    . cert('root-good-1')->{serial} . "'");
is ask('root-good-1')->{says}, 'unknown', 'the row is gone';

$server->expect_log(qw(OCSP0204 OCSP0301 OCSP0302 OCSP0304));
finish;
