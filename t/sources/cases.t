# SPDX-License-Identifier: Apache-2.0
# The cases of the conformance list beyond the wire, 44 to 67, once more with
# other products' tables: the tests of django-ca's, on databases that have the
# same rows in a product's tables (SOURCE). wire.t has cases 1 to 43, 52, 53, 56,
# 57 and 58.
#
# A run takes a few of them; `make test-sources` takes all, or those that SOURCES
# and ENGINES name. Elsewhere are 45, in
# functional/89-table.t and, for each product, engines/tables.t; and what no table
# has a part in: 60, 64 (the CA is a file) and 66 but for the database's own lines.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;

# Each file: the engines that it is for, and the cases that it shows.
my %cases = (
    'outage/servers'            => ['pgsql mysql', '44, 46'],
    'outage/failing'            => ['pgsql mysql', '44'],
    'outage/sqlite'             => ['sqlite3', '44, 59'],
    'functional/45-concurrency' => ['sqlite3 pgsql mysql', '47'],
    'functional/61-filters'     => ['sqlite3', '48, 49'],
    'functional/62-around'      => ['sqlite3', '50, 51'],
    'functional/63-pipelines'   => ['sqlite3', '54'],
    'functional/68-mod-security' => ['sqlite3', '55'],
    'outage/sqlite_file'        => ['sqlite3', '59'],
    'engines/autocommit'        => ['mysql', '59'],
    'functional/39-cost'        => ['sqlite3', '61'],
    'engines/connections'       => ['pgsql mysql', '62'],
    'functional/92-cache-hangs' => ['sqlite3', '62'],
    'outage/vanished'           => ['pgsql mysql', '63'],
    'outage/log'                => ['pgsql mysql', '65'],
    'functional/54-expiry'      => ['sqlite3', '67'],
);

# For `make test`.
my %few = (sqlite3 => { cfssl => ['outage/sqlite_file'] },
    pgsql => { 'step-ca-pgsql' => ['outage/log'] },
    mysql => { cfssl => ['engines/autocommit'] });

sub run_file {
    my ($engine, $product, $file, $db) = @_;
    my %env = (SOURCE => $product, SOURCE_ENGINE => $engine,
        ENGINES => $engine, ENGINE_ROOT => $db->{root},
        ENGINE_PORT => $db->{port});
    my ($code, $text) = run(\%env, $^X, '-I' . top_dir() . '/t/lib',
        top_dir() . "/t/$file.t");
    is $code, 0, "$product on $engine: $file (cases $cases{$file}[1])"
        or diag $text =~ s/^ *ok .*\n//gmr;
    return;
}

my $takes_all = $ENV{SOURCES};
hurry();
T::Database::each_engine(sub {
    my ($engine) = @_;
    my $db = T::Database->start($engine, empty => 1);
    for my $product (grep { T::Product::is_named($_) }
        T::Product::names_on($engine)) {
        my @files = $takes_all
            ? grep { $cases{$_}[0] =~ /\b$engine\b/ } sort keys %cases
            : @{ $few{$engine}{$product} // [] };
        run_file($engine, $product, $_, $db) for @files;
    }
    $db->down;
});
finish;
