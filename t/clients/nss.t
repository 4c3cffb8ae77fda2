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

# What NSS says of a certificate, in its own words.
sub verdict {
    my ($cert) = @_;
    my $place = File::Temp->newdir('nss-XXXXXX', TMPDIR => 1);
    must('certutil', '-N', '-d', "sql:$place", '--empty-password');
    must('certutil', '-A', '-d', "sql:$place", '-n', 'root', '-t', 'CT,C,C',
        '-a', '-i', ca('root')->{pem});
    must('certutil', '-A', '-d', "sql:$place", '-n', 'leaf', '-t', ',,', '-a',
        '-i', $cert->{pem});
    my ($code, $text) = run('timeout', '60', 'ocspclnt', '-V', 'leaf', '-d',
        "sql:$place", '-u', 's');
    return $text;
}

my %want = (
    good         => qr/Verification of certificate "leaf" succeeded/,
    revoked      => qr/Peer's Certificate has been revoked/,
    unknown      => qr/OCSP server has no status for the certificate/,
    unauthorized => qr/OCSP server has refused this request as unauthorized/,
    tryLater     => qr/OCSP server suggests trying again later/,
);
each_status(sub {
    my ($status, $cert) = @_;
    like verdict($cert), $want{$status}, $status;
}, cn => 'localhost', usage => 'serverAuth');

finish;
