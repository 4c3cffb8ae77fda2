# SPDX-License-Identifier: Apache-2.0
# NSS, the library of Firefox, Thunderbird and LibreOffice.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Server;
use Clients;

for my $need (qw(certutil ocspclnt)) {
    plan(skip_all => "$need is not installed") unless program($need);
}

# What NSS says of a certificate's status, in its own words. Whether it takes the
# certificate comes first: since 3.110 the reason there is "revoked" for all that
# is not good.
sub verdict {
    my ($cert) = @_;
    my $place = File::Temp->newdir('nss-XXXXXX', TMPDIR => 1);
    must('certutil', '-N', '-d', "sql:$place", '--empty-password');
    must('certutil', '-A', '-d', "sql:$place", '-n', 'root', '-t', 'CT,C,C',
        '-a', '-i', ca('root')->{pem});
    must('certutil', '-A', '-d', "sql:$place", '-n', 'leaf', '-t', ',,', '-a',
        '-i', $cert->{pem});
    my @ask = ('timeout', '60', 'ocspclnt', '-d', "sql:$place");
    my (undef, $verified) = run(@ask, '-V', 'leaf', '-u', 's');
    my (undef, $status)   = run(@ask, '-S', 'leaf');
    return ($verified =~ /succeeded/ ? 'taken: ' : 'refused: ')
        . $status =~ tr/\n/ /r;
}

my %want = (
    good         => qr/^taken.*succeeded/,
    revoked      => qr/^refused.*Certificate has been revoked/,
    unknown      => qr/^refused.*OCSP server has no status for/,
    unauthorized => qr/^refused.*OCSP server has refused this request as unau/,
    tryLater     => qr/^refused.*OCSP server suggests trying again later/,
);
each_status(sub {
    my ($status, $cert) = @_;
    like verdict($cert), $want{$status}, $status;
}, cn => 'localhost', usage => 'serverAuth');

finish;
