# SPDX-License-Identifier: Apache-2.0
# Times of a described table, in each type that an engine has for them, on
# servers whose own time zone is another than UTC.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;

ask_once;

my $NOON = '2026-01-10 12:00:07';    # 1768046407 in UTC

# Each type, by engine: the column, its value, and the form that RevokedAt has.
# Of a text with an offset, that counts; what names no zone is UTC.
# Go writes the zone's name behind its offset.
my @text = map { my $form = $_;
    (["go_$form", 'VARCHAR(40)', '2026-01-10 13:00:07.5 +0100 CET', $form],
     ["apart_$form", 'VARCHAR(40)', '2026-01-10 13:00:07 +01:00', $form],
     ["zulu_$form", 'VARCHAR(40)', '2026-01-10T12:00:07Z', $form],
     ["east_$form", 'VARCHAR(40)', '2026-01-10 13:00:07+01:00', $form],
     ["west_$form", 'VARCHAR(40)', '2026-01-10T07:00:07.250-05:00', $form],
     ["none_$form", 'VARCHAR(40)', $NOON, $form]) } qw(timestamp datetime);
my %types = (
    sqlite3 => \@text,
    pgsql   => [map({ ["zoned_$_", 'TIMESTAMPTZ', "$NOON+00", $_, 'infinity'],
        ["plain_$_", 'TIMESTAMP', $NOON, $_, '-infinity'] }
        qw(timestamp datetime))],
    mysql => [@text, map { ["zoned_$_", 'TIMESTAMP', $NOON, $_],
        ["plain_$_", 'DATETIME', $NOON, $_, '1969-12-31 23:59:58'],
        ["finer_$_", 'DATETIME(6)', "$NOON.75", $_] } qw(timestamp datetime)],
);
my %elsewhere = (
    pgsql => ["ALTER DATABASE moments SET timezone = 'Asia/Tokyo'", 'postgres'],
    mysql => ["SET GLOBAL time_zone = '+09:00'", 'mysql'],
);

# A row that is revoked; and where there is another value, a good row and a
# revoked one of that.
sub sql_of {
    my ($name, $type, $value, undef, $odd) = @{ $_[0] };
    return "CREATE TABLE $name (serial VARCHAR(9), state CHAR(1), at $type);\n"
        . "INSERT INTO $name VALUES ('01', 'R', '$value');\n" . ($odd
            ? "INSERT INTO $name VALUES ('02', 'V', '$odd'), ('03', 'R', '$odd')"
                . ";\n" : '');
}

sub conf_of {
    my ($name, undef, undef, $form) = @{ $_[0] };
    return <<"CONF";
<OCSPResponderTable $name>
    From      $name
    Serial    serial HEX even
    CA        any
    Status    state V=good R=revoked
    RevokedAt at $form
</OCSPResponderTable>
<Location /$name/>
    \@responder root: sql $name\@
</Location>
CONF
}

sub test_engine {
    my ($engine) = @_;
    my $there = T::Database->start($engine, empty => 1);
    my @mine  = @{ $types{$engine} };
    T::Product::create($there, $engine, 'moments',
        join '', map { sql_of($_) } @mine);
    $there->sql(@{ $elsewhere{$engine} }) if $elsewhere{$engine};
    my $server = T::Server->new(db => 0, dbd => $there->lines(name =>
        'moments'), conf => join '', map { conf_of($_) } @mine)->start;
    for my $type (@mine) {
        my $path   = "/$type->[0]/";
        my $answer = {};
        wait_for { ($answer = $server->get($path, ocsp_request([certid('root',
            '01')])))->{says} ne 'tryLater' } within(10);
        is $answer->{single}{revoked_text} // $answer->{says},
            '20260110120007Z', "$engine: $type->[1] as $type->[3]: $type->[2]";
        my $odd = $type->[4] // next;
        $answer = $server->get($path, ocsp_request([certid('root', '02')]));
        is $answer->{says}, 'good', "  good, with $odd";
        $answer = $server->get($path, ocsp_request([certid('root', '03')]));
        is $answer->{single}{revoked_text} // $answer->{says},
            $engine eq 'mysql' ? '19691231235958Z' : 'internalError',
            '  revoked, with that';
    }
    $server->allow_log(qw(OCSP0203 OCSP0204 OCSP0604));
    $server->stop;
    return;
}

hurry();
T::Database::each_engine(\&test_engine);

finish;
