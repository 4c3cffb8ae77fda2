# SPDX-License-Identifier: Apache-2.0
# Case 59: MariaDB with autocommit=0, whoever says so: a commit is seen by the
# next request, and no transaction stays open.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::Database;
use T::Fixture;
use T::Process;
use T::Server;

my $why_not = grep({ $_ eq 'mysql' } T::Database::engines())
    ? T::Database::why_not('mysql') : 'not of ENGINES';
plan skip_all => "mysql: $why_not" if $why_not;
note 'case 59';

my $db = T::Database->start('mysql');

sub revoke {
    my ($revoked) = @_;
    $db->script("SET autocommit=1;\n"
        . $db->revocation('root-good-1', $revoked));
    return;
}

sub open_transactions {
    return $db->sql('SELECT count(*) FROM information_schema.innodb_trx t'
        . ' JOIN information_schema.processlist p'
        . " ON p.id = t.trx_mysql_thread_id WHERE p.user = 'ocsp'", 'mysql');
}

# Options: dbd (lines), params, is_off (what httpd -t is to see).
sub check {
    my ($name, %o) = @_;
    revoke(0);
    my $server = T::Server->new(db => 0,
        dbd => $db->lines(more => ($o{dbd} // '') . "DBDMax 3\n",
            params => $o{params}),
        conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF
    my ($code, $said) = $server->configtest;
    is $code, 0, "$name: httpd -t";
    ($o{is_off} ? \&like : \&unlike)->($said,
        qr/sessions of this database begin with autocommit=0/,
        '  says whether autocommit is off');
    like $said, at_directive('DBDParams', 'Warning', $server), "    at DBDParams' own line"
        if $o{is_off};
    my $says = sub { join ' ',
        map { $server->says('/ocsp/', 'root-good-1') } 1 .. 6 };
    is $says->(), join(' ', ('good') x 6), "$name: good";
    revoke(1);
    is $says->(), join(' ', ('revoked') x 6), '  a commit shows';
    is open_transactions(), 0, '  no transaction stays open';
    $db->cut;
    is $says->(), join(' ', ('revoked') x 6), '  connections are cut';
    revoke(0);
    is $says->(), join(' ', ('good') x 6), '  and a commit shows after that';
    $server->stop;
    return;
}

check('as usual');
check('DBDInitSQL', is_off => 1, dbd => qq{DBDInitSQL "SET autocommit=0"\n});
check('a transaction of DBDInitSQL', is_off => 1,
    dbd => qq{DBDInitSQL "SET autocommit=0"\n}
    . qq{DBDInitSQL "START TRANSACTION WITH CONSISTENT SNAPSHOT"\n});

$db->sql('SET GLOBAL autocommit=0', 'mysql');
check('the server', is_off => 1);
$db->sql('SET GLOBAL autocommit=1', 'mysql');

$db->sql("SET GLOBAL init_connect='SET autocommit=0'", 'mysql');
check('init_connect', is_off => 1);
$db->sql("SET GLOBAL init_connect=''", 'mysql');

spew("$db->{root}/my.cnf", "[ocsp]\ninit-command=SET autocommit=0\n");
{
    local $ENV{MYSQL_HOME} = $db->{root};
    check('my.cnf', is_off => 1, params => 'group=ocsp');
}
$db->down;
finish;
