# SPDX-License-Identifier: Apache-2.0
# Java's own path validation asks about a certificate. It takes one that is
# revoked in the future for good.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::PKI;
use T::Server;
use Clients;

plan(skip_all => 'no java') unless program('java');
my $classes = File::Temp->newdir('java-XXXXXX', TMPDIR => 1);
my ($code, $said) = run('java', '--module',
    'jdk.compiler/com.sun.tools.javac.Main', '-d', "$classes",
    "$FindBin::Bin/../cohost/Check.java");
plan(skip_all => 'no compiler with java')
    if $said =~ /Module jdk\.compiler not found/;
is $code, 0, 'the client is compiled' or die $said;

# What it says of a certificate: GOOD, REVOKED, or what went wrong.
sub verdict {
    my ($cert) = @_;
    my (undef, $text) = run('java', '-XX:TieredStopAtLevel=1', '-cp',
        "$classes", 'Check', $cert->{pem}, ca('root')->{pem});
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
