# SPDX-License-Identifier: Apache-2.0
# conf/tables on rows that the products themselves have written: what
# t/fixtures/products/make had them do.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Product;
use T::Server;


sub says {
    my ($server, $serial) = @_;
    my $answer = $server->get('/ocsp/', ocsp_request([certid('root', $serial)]));
    my $since = ($answer->{single}{extensions} // {})->{'2.5.29.24'};
    return join ' ', grep { defined } $answer->{says},
        $answer->{single}{reason}, $since
            ? 'since ' . substr $since->{value}, 2 : undef;
}

sub test_file {
    my ($there, $engine, $product, $file) = @_;
    my $name = "$product on $engine";
    (my $database = $product) =~ tr/-/_/;
    T::Product::create($there, $engine, $database, slurp($file));
    my $server = T::Server->new(db => 0, dbd => $there->lines(name =>
        $database), conf => <<"CONF");
Include @{[top_dir()]}/conf/tables/$product.conf
<Location "/ocsp/">
    \@responder root: sql $product\@
</Location>
CONF
    is +($server->configtest)[1], "Syntax OK\n", "$name: httpd -t";
    my (undef, $query) = $server->configtest('-D', 'DUMP_OCSP');
    ok T::Product::is_indexed($there, $engine, $database, $query),
        '  its query goes by an index of its own' or diag $query;
    $server->start;
    my @facts = slurp($file) =~ /^-- root (\w+ \w.*)$/mg;
    cmp_ok scalar @facts, '>=', 4, '  there are facts';
    for (@facts) {
        my ($serial, $says) = split / /, $_, 2;
        is says($server, $serial), $says, "  $serial";
    }
    is says($server, '5EED5EED'), 'unknown', '  never issued';
    $server->stop;
    return;
}

my @files = glob fixture_dir() . '/../products/*-*.sql';
ok scalar @files, 'there are rows';
T::Database::each_engine(sub {
    my ($engine) = @_;
    my $there = T::Database->start($engine, empty => 1);
    for my $file (grep { /-$engine\.sql$/ } @files) {
        my ($product) = $file =~ m{([^/]+)-$engine\.sql$};
        $product .= '-pgsql' if "$product $engine" eq 'step-ca pgsql';
        test_file($there, $engine, $product, $file);
    }
    $there->down;
});

finish;
