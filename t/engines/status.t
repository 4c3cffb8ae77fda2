# SPDX-License-Identifier: Apache-2.0
# The same truth on every engine: all the rows of the fixture, and what is not
# in it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Server;

my $conf = join '', map { <<"CA" } ca_tags();
<Location "/$_/">
    \@responder $_\@
</Location>
CA

my %number = (
    keyCompromise => 1, cACompromise => 2, affiliationChanged => 3,
    superseded => 4, cessationOfOperation => 5, certificateHold => 6,
    removeFromCRL => 8, privilegeWithdrawn => 9, aACompromise => 10,
);
my ($db, $server);

sub leaf {
    my ($tag, $set) = @_;
    return $db->sql("UPDATE django_ca_certificate SET $set WHERE serial = '"
        . cert($tag)->{serial_stored} . "'");
}

sub says { return $server->says("/$_[0]/", $_[1]) }

sub every_row {
    my $wrong = 0;
    for my $tag (cert_tags()) {
        my $row    = cert($tag);
        my $answer = $server->get("/$row->{issuer}/", request_for($tag));
        my $single = $answer->{single};
        my $told = join ' ', map { $_ // '-' }
            @{$single}{qw(status revoked_text reason)},
            scalar invalid_since($single);
        my $true = join ' ', map { $_ // '-' } $row->{status},
            $row->{revoked_utc}, $number{ $row->{reason} // '' },
            $row->{invalidity_utc};
        $told eq $true or $wrong++, diag "$tag: $told, not $true";
    }
    is $wrong, 0, 'every row is told as it is';
    return;
}

sub invalid_since {
    my ($single) = @_;
    my $extension = $single->{extensions}{ $OID{invalidity_date} } or return;
    return der($extension->{value})->{content};
}

sub not_its_own {
    my @ask = (
        ['a serial never issued', 'root', '1234567890ABCDEF'],
        ['one digit more', 'root', cert('root-good-1')->{serial} . '0'],
        ['one digit less', 'root',
            substr cert('root-good-1')->{serial}, 0, -1],
        ["another CA's", 'root', cert('ec-good-1')->{serial}],
        ["a child CA's leaf", 'root', cert('inter-good-1')->{serial}],
        ['zero', 'root', '00'], ['40 bytes', 'root', 'AB' x 40],
    );
    for my $ask (@ask) {
        my ($name, $ca, $serial) = @$ask;
        my $der = ocsp_request([certid($ca, $serial)]);
        is $server->get("/$ca/", $der)->{says}, 'unknown', $name;
    }
    my $der = ocsp_request([map { certid_of($_, digest => 'sha256') }
        qw(root-good-1 root-revoked-keyCompromise root-odd-good inter)]);
    is $server->get('/root/', $der)->{says}, 'good,revoked,good,good',
        'four at once';
    is says('ec', 'root-good-1'), 'unauthorized', "another CA's hashes";
    return;
}

# What changes in the database is told in the next answer.
my %true = (sqlite3 => '1', pgsql => 'true', mysql => '1');
my %false = (sqlite3 => '0', pgsql => 'false', mysql => '0');

sub changes {
    my ($yes, $no) = map { $_->{ $db->engine } } \%true, \%false;
    my %zone = (pgsql => '+00');
    my $zone = $zone{ $db->engine } // '';
    leaf('root-good-1', "revoked = $yes, revoked_reason = 'certificate_hold',"
        . " revoked_date = '2024-02-29 23:59:59.999999$zone'");
    my $single = $server->get('/root/', request_for('root-good-1'))->{single};
    is $single->{status}, 'revoked', 'put on hold';
    is $single->{revoked_text}, '20240229235959Z',
        '  a time is cut, not rounded';
    leaf('root-good-1', "revoked = $no");
    is says('root', 'root-good-1'), 'good', '  and lifted';
    leaf('root-good-1', "revoked = $yes, revoked_date = NULL");
    is says('root', 'root-good-1'), 'revoked', 'revoked without a date';
    leaf('root-good-1', "revoked_date = '2024-01-01 00:00:00$zone',"
        . " revoked_reason = 'dög ate it'");
    is says('root', 'root-good-1'), 'revoked', 'a word that nobody knows';
    $db->sql("UPDATE django_ca_certificateauthority SET revoked = $yes,"
        . " revoked_date = '2024-01-01 00:00:00$zone' WHERE name = 'inter'");
    is says('root', 'inter'), 'revoked', 'a child CA';
    $db->sql("DELETE FROM django_ca_certificate WHERE serial = '"
        . cert('root-good-2')->{serial} . "'");
    is says('root', 'root-good-2'), 'unknown', 'a row is gone';
    return;
}

# A time that lies in the future is told with a cure that helps there.
sub future {
    my ($engine) = @_;
    my $serial = cert('root-revoked-superseded')->{serial};
    my $cure = $engine eq 'pgsql' ? 'look at the clocks, and at its row'
        : 'set OCSPResponderTimeZone';
    $db->sql("UPDATE django_ca_certificate SET revoked_date ="
        . " '2100-01-01 00:00:00' WHERE serial = '$serial'");
    like + ($server->configtest)[1],
        qr/certificate $serial is revoked in the future; .*: $cure/,
        'revoked in the future';
    return;
}

T::Database::each_engine(sub {
    my ($engine) = @_;
    $db = T::Database->start($engine);
    $server = T::Server->new(db => 0, dbd => $db->lines, conf => $conf);
    note $engine;
    my ($code, $text) = $server->configtest;
    is $code, 0, "$engine: httpd -t" or diag $text;
    $server->start;
    every_row();
    not_its_own();
    changes();
    future($engine);
    $server->expect_log('OCSP0301')->allow_log('OCSP0302')->stop;
});
finish;
