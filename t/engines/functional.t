# SPDX-License-Identifier: Apache-2.0
# The functional tests once more, on a PostgreSQL and a MariaDB that each run
# shares.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Server;

my $folder = "$FindBin::Bin/../functional";

# Those that are run on SQLite alone, and why.
my %left_out = (
    '29-unchanged'       => "tests what is kept of SQLite's file",
    '39-cost'            => 'measures httpd, not an engine',
    '40-failure'         => "locks, moves and replaces SQLite's file",
    '50-config'          => 'tests directives before a database is asked',
    '51-config-pair'     => 'tests keys and certificates, not rows',
    '52-config-database' => "tests SQLite's DBDParams and its file's rights",
    '70-valgrind'        => "locks SQLite's file, and takes minutes",
    '75-example'         => 'the example is for SQLite',
    '77-debian'          => 'tests what is installed, with the example',
    '81-auto'            => 'writes JSON that other engines refuse to store',
    '82-rotation'        => 'writes JSON that other engines refuse to store',
    '83-store'           => 'tests keys and certificates, not rows',
    '84-files-change'    => 'tests files that change, not rows',
    '85-presigned'       => "reckons with SQLite's datetime()",
    '87-index'           => 'asks no database',
    '88-crl'             => 'asks no database',
    '89-table'           => 'its table is of SQLite',
    '90-cache'           => 'tests the cache, not rows',
    '92-cache-hangs'     => 'tests the cache, not rows',
);

my @files = sort map { m{([^/]+)\.t$} } glob "$folder/*.t";
for my $engine (grep { $_ ne 'sqlite3' } T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    my $db = T::Database->start($engine, empty => 1);
    my %env = (ENGINE => $engine, ENGINE_ROOT => $db->{root},
               ENGINE_PORT => $db->{port});
    for my $file (grep { !$left_out{$_} } @files) {
        my ($code, $text) = run(\%env, $^X, '-I' . top_dir() . '/t/lib',
            "$folder/$file.t");
        is $code, 0, "$engine: $file" or diag $text =~ s/^ *ok .*\n//gmr;
    }
    $db->down;
  }
}
note "not $_: $left_out{$_}" for sort keys %left_out;
finish;
