# SPDX-License-Identifier: Apache-2.0
# Java's own path validation asks about a certificate. It takes one that is
# revoked in the future for good.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../compat",
    "$FindBin::Bin/../cohost", $FindBin::Bin;
use T::PKI;
use T::Server;
use Clients;
use Cohost qw(client_lacks java);

plan(skip_all => 'no java') unless program('java');
my $why_not = client_lacks('java');
plan(skip_all => $why_not) if $why_not;

# What it says of a certificate: GOOD, REVOKED, or what went wrong.
sub verdict {
    my ($cert) = @_;
    my (undef, $text) = run(java(), $cert->{pem}, ca('root')->{pem});
    return $text;
}

my %want = (good => qr/^GOOD$/m, revoked => qr/^REVOKED\b/m,
    unknown => qr/^UNDETERMINED_REVOCATION_STATUS\b/m,
    unauthorized => qr/UNAUTHORIZED/, tryLater => qr/TRY_LATER/);
each_status(sub {
    my ($status, $cert) = @_;
    like verdict($cert), $want{$status}, $status;
});

note 'case 57';
my $serial = serial_of(certificate('good')->{pem});
responder()->sql('UPDATE django_ca_certificate SET revoked=1,'
    . " revoked_date=datetime('now', '+1 hour'), revoked_reason='superseded'"
    . " WHERE serial='$serial'");
# Java compares with the time at which it began, which may lie in the second
# before the answer's; an hour ahead it would never agree.
my $verdict;
wait_for { ($verdict = verdict(certificate('good'))) =~ $want{revoked} } 30;
like $verdict, $want{revoked}, 'revoked an hour ahead, as the database has it';
responder()->allow_log('OCSP0304');

finish;
