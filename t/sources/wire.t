# SPDX-License-Identifier: Apache-2.0
# The wire tests once more, with other sources of statuses that have the same
# rows: index.txt, CRLs, and other products' tables on each engine.
#
# A run takes a few of them; `make test-sources` takes all, or those that SOURCES
# names ("xca xipki", and ENGINES names engines). What a source cannot say, or
# what a test says of django-ca's own tables, is listed below, test by test: any
# other failure is one, and so is one listed that does not come.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;

my $folder = "$FindBin::Bin/../functional";
my @ALL = qw(10-get 12-post 15-certid 20-status 25-request 28-mutated
    30-response 31-certificates 32-cert-hash 35-headers 36-cache 37-changed);

# -- what differs, and why ---------------------------------------------------

# Sources (with their engines), files, names of tests.
my @differs = (
    # Times are instants there.
    [qr/^(?!boulder)/, '20-status', 'a zone in winter', 'in summer'],
    # Rows that are django-ca's own: they do not get into a source.
    [qr/./, '20-status', "revoked='x'", 'revoked=2', "revoked=x'300031'",
        map { "$_ was logged" } qw(OCSP0204 OCSP0301 OCSP0302)],
    # Files have no lock.
    [qr/^(?:index|crl)/, '36-cache', 'a writer has a lock: tryLater', 'OCSP0203 was logged'],
    # An invalidity date makes the reason keyTime.
    [qr/^index/, '20-status', '  because'],
    # Two CAs' certificates cannot have one serial.
    [qr/^step-ca/, '15-certid', 'inter2: 40 digits, first 7', 'the CA'],
    [qr/^step-ca/, '20-status', 'inter2 is good'],
    [qr/^step-ca/, '28-mutated', '1000 are answered'],
    # Says that a hold was lifted, of a row that is not revoked.
    [qr/^ejbca/, '20-status', '  because', "'removeFromCRL'",
        "'remove_from_crl'"],
    # MariaDB's timestamps end in 2038.
    [qr/^cfssl mysql/, '20-status', 'revoked in the future',
        '  is sent as now', '  with a warning that names the directive',
        'OCSP0304 was logged'],
    [qr/^cfssl mysql/, '37-changed', 'revoked as it is produced',
        'and still, when sent again'],
    # No invalidity dates.
    [qr/^(?:cfssl|step-ca|ejbca|boulder)/, '20-status', '  invalid since',
        '  and so is the invalidity date', '  is sent as now',
        '  with a warning'],
    [qr/^(?:cfssl|step-ca|ejbca|boulder)/, '36-cache', 'an invalidity date'],
    # No certificates.
    [qr/^(?:index|crl|boulder)/, '32-cert-hash', 'root-good-1: its hash',
        'root-revoked-keyCompromise: its hash', 'of a CA, too',
        'is hashed as DER'],
    # The certificate is always the true one.
    [qr/^(?:cfssl|xca|ejbca|openxpki|step-ca|xipki)/, '32-cert-hash',
        'is hashed as DER'],
    # What is in no CRL is good, whoever has issued it.
    [qr/^crl /, '15-certid', 'a leaf of the child', 'a leaf of the parent',
        "the child's own serial", "the parent's own serial", 'by default',
        'unauthorized', 'revoked', 'in 1970', 'for certificateHold',
        'with id-pkix-ocsp-extended-revoke', 'beside a real revocation',
        '1000 bytes', '21 bytes', '40 bytes', 'zero',
        'a neighbour, 5A17E9C3D0', 'a neighbour, 5A17E9C'],
    [qr/^crl /, '20-status', "revoked=0, pub=x''", "pub=x'3003020101'",
        'pub=csr', 'the row is gone'],
    [qr/^crl /, '25-request', 'one answer each, in order'],
    [qr/^crl /, '36-cache', 'the row is gone'],
);

sub differing {
    my ($source, $file) = @_;
    return map { @$_[2 .. $#$_] } grep { $source =~ $_->[0] && $_->[1] eq $file }
        @differs;
}

# -- run ---------------------------------------------------------------------

sub run_file {
    my ($source, $file, %env) = @_;
    my ($code, $text) = run({ %env, SOURCE => $source }, $^X,
        '-I' . top_dir() . '/t/lib', "$folder/$file.t");
    my %failed = map { $_ => 1 } $text =~ /^not ok \d+ - (.*)$/mg;
    my %listed = map { $_ => 1 }
        differing("$source " . ($env{SOURCE_ENGINE} // ''), $file);
    my @new  = grep { !$listed{$_} } sort keys %failed;
    my @gone = grep { !$failed{$_} } sort keys %listed;
    my $name = join ' ', $file, 'on', $source, $env{SOURCE_ENGINE} // ();
    like $text, qr/^1\.\.\d+$/m, "$name: to its end" or diag $text;
    is join("\n", @new), '', '  nothing fails that is not listed'
        or diag $text =~ s/^ok .*\n//gmr;
    is join("\n", @gone), '', '  and all that is listed';
    return;
}

my $takes_all = $ENV{SOURCES};
my %files = $takes_all
    # Those left out ask for what was never issued, mostly.
    ? (index => \@ALL, crl => [grep { !/^(?:30|35)/ } @ALL])
    : (index => ['15-certid', '20-status'], crl => ['20-status']);
for my $source (grep { T::Product::is_named($_) } sort keys %files) {
    run_file($source, $_) for @{ $files{$source} };
}

my %on = $takes_all ? map({ $_ => [grep { T::Product::is_named($_) }
        T::Product::names_on($_)] } T::Database::engines())
    : (sqlite3 => ['cfssl'], pgsql => ['xipki'], mysql => ['openxpki']);
for my $engine (sort keys %on) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    my $db = T::Database->start($engine, empty => 1);
    my %env = (SOURCE_ENGINE => $engine, ENGINE_ROOT => $db->{root},
        ENGINE_PORT => $db->{port});
    for my $product (@{ $on{$engine} }) {
        run_file($product, $_, %env) for $takes_all ? @ALL : '20-status';
    }
    $db->down;
  }
}

finish;
