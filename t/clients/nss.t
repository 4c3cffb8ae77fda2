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

my %want = (
    good         => qr/^taken.*succeeded/,
    revoked      => qr/^refused.*Certificate has been revoked/,
    unknown      => qr/^refused.*OCSP server has no status for/,
    unauthorized => qr/^refused.*OCSP server has refused this request as unau/,
    tryLater     => qr/^refused.*OCSP server suggests trying again later/,
);
each_status(sub {
    my ($status, $cert) = @_;
    like nss_says($cert), $want{$status}, $status;
}, cn => 'localhost', usage => 'serverAuth');

finish;
