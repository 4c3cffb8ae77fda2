# SPDX-License-Identifier: Apache-2.0
# For functional-*.t: the functional tests once more, on one server that they
# share, of the engine ON. A run takes those about rows; `make test-sources`
# takes all that can be run there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Server;

my $folder = "$FindBin::Bin/../functional";

# Those that are run on SQLite alone, and why.
my %left_out = map { my ($why, @files) = @$_; map { $_ => $why } @files } (
    ["tests SQLite's file, its locks or its rights",
        qw(29-unchanged 40-failure 52-config-database 70-valgrind)],
    ['tests directives before a database is asked',
        qw(50-config 53-config-sections 55-inheritance 56-config-scale
           57-profile)],
    ['tests keys and certificates, not rows',
        qw(51-config-pair 54-expiry 83-store 84-files-change 86-token
           87-post-quantum 88-storage-hangs 93-fips)],
    ['writes what SQLite alone takes: JSON, hex or its datetime()',
        qw(81-auto 82-rotation 85-presigned 87-many-cas 89-one-ca-alone)],
    ['tests other modules around a location, not rows',
        qw(61-filters 62-around 63-pipelines 64-mod-cache 68-mod-security)],
    ['tests the cache, not rows',
        qw(90-cache 91-cache-size 92-cache-hangs)],
    ['tests other sources of statuses',
        qw(86-source 87-index 87-index-calls 88-crl 88-crl-kinds
           88-files-attacked 89-table)],
    ['tests what is shown and counted',
        qw(66-log-limit 95-status 96-health 97-status-access 98-version)],
    ['measures httpd, not an engine',
        qw(39-cost)],
    ['tests what is installed, with the example, which is for SQLite',
        qw(75-example 77-debian)],
);

my $USUAL = qr/^(?:15|20|25|32|36|37|41|45|65|80)-/;

my $engine = $ENV{ON};
my $why_not = grep({ $_ eq $engine } T::Database::engines())
    ? T::Database::why_not($engine) : 'not of ENGINES';
plan(skip_all => $why_not) if $why_not;
hurry();
my $db = T::Database->start($engine);
my %env = (ENGINE => $engine, ENGINE_ROOT => $db->{root},
           ENGINE_PORT => $db->{port});
for my $file (sort map { m{([^/]+)\.t$} } glob "$folder/*.t") {
    next if $left_out{$file} || (!$ENV{SOURCES} && $file !~ $USUAL);
    my ($code, $text) = run(\%env, $^X, '-I' . top_dir() . '/t/lib',
        "$folder/$file.t");
    is $code, 0, "$engine: $file" or diag $text =~ s/^ *ok .*\n//gmr;
}
$db->down;
note "not $_: $left_out{$_}" for sort keys %left_out;
finish;
