# SPDX-License-Identifier: Apache-2.0
# A site of django-ca whose database is a private PostgreSQL.
#
#   my $site = PgSite->new($root, $python, $database);
package PgSite;

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);

use Site;

our @ISA = ('Site');

my $settings = abs_path(dirname(__FILE__) . '/site');

# The PostgreSQL's database gives way to an empty one; Site makes its tables.
my $database;

sub new {
    my ($class, $root, $python, $postgres) = @_;
    $database = $postgres;
    $database->sql("$_ DATABASE ocsp", 'postgres') for qw(DROP CREATE);
    my $self = Site::new($class, $root, $python);
    $database->grant('ocsp');
    return $self;
}

sub environment {
    my ($self) = @_;
    return { %{ Site::environment($self) },
        DJANGO_SETTINGS_MODULE => 'pgsql_settings', PYTHONPATH => $settings,
        PGHOST => $database->{root}, PGPORT => $database->{port},
        PGUSER => 'postgres' };
}

sub migrate { return $_[0]->manage('migrate', '-v', '0') }

sub sql {
    my ($self, $sql) = @_;
    $sql =~ s/\bhex\(([\w.]+)\)/encode($1, 'hex')/g;
    return $database->sql($sql);
}

1;
