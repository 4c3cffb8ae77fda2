# SPDX-License-Identifier: Apache-2.0
# Databases that old releases of django-ca filled: every row is told as it
# truly is, whatever the release wrote of it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use JSON::PP ();
use POSIX qw(strftime);
use T::PKI::Responder;
use T::Server;
use Time::Local qw(timegm);

my %number = (
    keycompromise => 1, cacompromise => 2, affiliationchanged => 3,
    superseded => 4, cessationofoperation => 5, certificatehold => 6,
    removefromcrl => 8, privilegewithdrawn => 9, aacompromise => 10,
);
my ($dir, $engine, $server, %location);

sub rows {
    my ($head, @lines) = split /\n/, slurp("$dir/expected.tsv");
    my @names = split /\t/, $head;
    return map {
        my %row;
        @row{@names} = map { $_ eq '\N' ? undef : $_ } split /\t/;
        \%row;
    } @lines;
}

# A location for each CA; its certificate is taken from the database, by serial.
sub conf {
    my $cas  = JSON::PP::decode_json(slurp("$dir/cas.json"));
    my $conf = "OCSPResponderTimeZone Europe/Vienna\n";
    for my $tag (sort keys %$cas) {
        my $ca = $cas->{$tag};
        $location{ $ca->{serial} } =
            { tag => $tag, pem => "$dir/certs/ca-$tag.pem" };
        $conf .= <<"CA";
<Location "/$tag/">
    OCSPResponderCA $ca->{serial}
    OCSPResponderCert $ca->{responder_serial}
    OCSPResponderKey $dir/keys/$ca->{responder_key}.pem
</Location>
CA
    }
    return $conf;
}

# The last Sunday of October, 01:00 UTC: clocks went back from 3 to 2.
sub clocks_back {
    my ($year) = @_;
    my $day = timegm(0, 0, 1, 31, 9, $year);
    return $day - 86_400 * (gmtime $day)[6];
}

# What is stored of the hour that happened twice is ambiguous: without a zone
# the earlier is meant, and what PostgreSQL has of the earlier is an hour late.
sub told_time {
    my ($true) = @_;
    my ($y, $mon, $d, $h, $min, $s) = $true =~ /(\d+)/g;
    my $time = timegm($s, $min, $h, $d, $mon - 1, $y);
    my $back = clocks_back($y);
    my $shift = 0;
    $shift = -3600
        if $engine ne 'pgsql' && $time >= $back && $time < $back + 3600;
    $shift = 3600
        if $engine eq 'pgsql' && $time < $back && $time >= $back - 3600;
    return strftime('%Y%m%d%H%M%SZ', gmtime $time + $shift);
}

sub ask {
    my ($row, $serial) = @_;
    my $at = $location{ $row->{ca_serial_stored} // $row->{serial_stored} };
    my $der = ocsp_request([certid($at->{pem}, $serial)]);
    return $server->get("/$at->{tag}/", $der);
}

sub compare {
    my ($row) = @_;
    my $answer = ask($row, $row->{serial_hex});
    my $single = $answer->{single} // {};
    (my $word = lc($row->{revoked_reason_stored} // '')) =~ tr/_//d;
    my @true = ($row->{status}, $row->{status} eq 'good' ? () :
        (told_time($row->{revoked_utc_true}), $number{$word} // 'none'));
    my @told = ($answer->{says}, $answer->{says} ne 'revoked' ? () :
        ($single->{revoked_text}, $single->{reason} // 'none'));
    return "@told" eq "@true" ? () : "$row->{serial_hex}: @told, not @true";
}

# Serials that nobody has, next to those that a release cut short.
sub neighbours {
    my ($row) = @_;
    my $true = $row->{serial_hex};
    (my $stored = $row->{serial_stored}) =~ tr/://d;
    my @near = map { substr($true, 0, -1) . sprintf '%X', $_ }
        grep { $_ != hex substr $true, -1 } 0, 15, 7;
    return map {
        my $says = ask($row, $_)->{says};
        $says eq 'unknown' ? () : "$_ is $says"
    } @near, $stored eq $true ? () : $stored;
}

for my $fixture (sort glob "$FindBin::Bin/../fixtures/django-ca-1.*") {
    $dir    = $fixture;
    $engine = $dir =~ /-(pgsql|mysql)$/ ? $1 : 'sqlite3';
    (my $name = $dir) =~ s{.*/}{};
  SKIP: {
    skip "$name: not among the engines", 1
        unless grep { $_ eq $engine } T::Database::engines();
    my $why_not = T::Database::why_not($engine);
    skip "$name: $why_not", 1 if $why_not;
    my $db = T::Database->start($engine);
    $db->create('old', slurp("$dir/db.sql"));
    %location = ();
    $server = T::Server->new(db => 0, dbd => $db->lines(name => 'old'),
        conf => conf())->allow_log(qw(OCSP0301 OCSP0302));
    my ($code, $text) = $server->configtest;
    is $code, 0, "$name: httpd -t" or diag $text;
    $server->start;
    my @rows = rows();
    cmp_ok scalar @rows, '>', 0, '  it has certificates';
    is join("\n", map { compare($_) } @rows), '', @rows . ' rows told truly';
    my @odd = grep { length($_->{serial_hex}) % 2 } @rows;
    is join("\n", map { neighbours($_) } @odd), '',
        @odd . ' odd ones never taken for their neighbours';
    $server->stop;
  }
}

note 'what dump_ocsp_index wrote, as index.txt';
# What a row says, as ask_dump() says it.
sub row_says {
    my ($flag, $revoked) = @_;
    return 'good' if $flag ne 'R';
    my ($time, $reason) = split /,/, $revoked;
    (my $word = lc($reason // '')) =~ tr/_//d;
    return "revoked 20$time " . ($number{$word} // 'none');
}

sub ask_dump {
    my ($path, $serial) = @_;
    my $answer = $server->get($path,
        ocsp_request([certid(ca('root')->{pem}, $serial)]));
    my $single = $answer->{single} // {};
    return $answer->{says} if $answer->{says} ne 'revoked';
    return "revoked $single->{revoked_text} " . ($single->{reason} // 'none');
}

my $folder = folder();
my %dump = map { m{django-ca-([^/]+)}; $1 => spew("$folder/$1.txt", slurp($_)) }
    glob "$FindBin::Bin/../fixtures/django-ca-*/index.txt";
open_up($folder);
$server = T::Server->new(db => 0, dbd => 0, conf => join '', map { <<"CONF" }
<Location "/$_/">
    OCSPResponderCA @{[ca('root')->{pem}]}
    OCSPResponderKey @{[ca('root')->{key}]}
    OCSPResponderCert @{[ca('root')->{cert}]}
    OCSPResponderSource index $dump{$_}
</Location>
CONF
    sort keys %dump)->start;
$server->expect_log('OCSP0603');    # a reason that is free text
for my $release (sort keys %dump) {
    my @rows = map { [split /\t/] } split /\n/, slurp($dump{$release});
    is_deeply [map { "$_->[3] " . ask_dump("/$release/", $_->[3]) } @rows],
        [map { "$_->[3] " . row_says(@$_[0, 2]) } @rows],
        "$release: " . @rows . ' rows told as they are';
    is ask_dump("/$release/", '5EED'), 'unknown', '  and no other';
}
finish;
