# SPDX-License-Identifier: Apache-2.0
# PostgreSQL's peer authentication, as the manual has it: the role has the name
# of httpd's user, nothing has a password, and the GRANT is for the role that
# really arrives.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::Database;
use T::Server;

my ($user) = user();
plan(skip_all => 'not root') unless $user;
my $why_not = T::Database::why_not('pgsql');
plan(skip_all => $why_not) if $why_not;

my ($create) = slurp(top_dir() . '/conf/manual/operation.txt')
    =~ /(CREATE ROLE "www-data" LOGIN)/;
ok $create, 'the manual has a line';
$create =~ s/www-data/$user/;

my $db = T::Database->start('pgsql');
$db->sql($create);
spew("$db->{root}/data/pg_hba.conf",
    "local all postgres trust\nlocal all all peer\n");
$db->sql('SELECT pg_reload_conf()');
my $server = T::Server->new(db => 0, dbd => "DBDriver pgsql\n"
    . "DBDParams \"dbname=ocsp host=$db->{root} port=$db->{port}\"\n",
    conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
CONF

note 'the GRANT is for another role';
my ($code, $text) = $server->configtest;
isnt $code, 0, 'httpd -t';
my ($role, $grant) = $text =~
    /role (\S+) at \S+ may not read it: (GRANT SELECT ON django_ca.*? TO \S+);/;
is $role, $user, '  names the role that arrives' or diag $text;

note 'and for that one, by the command that httpd -t tells';
$db->sql($grant);
($code, $text) = $server->configtest;
is $code, 0, 'httpd -t' or diag $text;
$server->start;
is $server->says('/ocsp/', 'root-good-1'), 'good', 'good';
is $server->says('/ocsp/', 'root-revoked-keyCompromise'), 'revoked', 'revoked';

finish;
