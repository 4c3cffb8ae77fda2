# SPDX-License-Identifier: Apache-2.0
# The query for a status is parsed once on each connection; whatever becomes of
# what was prepared, answers stay right, and servers do not keep ever more.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Fixture;
use T::Server;

my $why_not = grep({ $_ eq 'mysql' } T::Database::engines())
    ? T::Database::why_not('mysql') : 'not of ENGINES';
plan skip_all => "mysql: $why_not" if $why_not;

my $db = T::Database->start('mysql');
plan skip_all => 'MySQL gives EXECUTE no values'
    if $db->isa('T::Database::MySQL');

sub server {
    my ($more) = @_;
    return T::Server->new(db => 0, dbd => $db->lines(more => $more // ''),
        conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/hash/">
    @responder root@
    OCSPResponderCertHash on
</Location>
CONF
}

sub status_of {
    my ($name) = @_;
    return (split /\s+/, $db->sql("SHOW GLOBAL STATUS LIKE '$name'"))[-1];
}

# Twelve queries, each asked by four requests; the server.
sub ask_many {
    my ($there) = @_;
    my @tables = map { my $reason = $_; map { [$reason, $_] } qw(created updated
        not_before not_after revoked_date compromised) } qw(cn profile);
    my $asking = T::Server->new(db => 0, dbd => $there->lines,
        conf => join '', map { <<"CONF" } 0 .. $#tables)->start;
<OCSPResponderTable t$_>
    From django_ca_certificate
    Serial serial HEX
    CA any
    Status revoked 0=good 1=revoked f=good t=revoked false=good true=revoked
    Reason $tables[$_][0]
    RevokedAt $tables[$_][1] datetime
</OCSPResponderTable>
<Location "/t$_/">
    \@responder root: sql t$_\@
</Location>
CONF
    is join(' ', map { $asking->says("/t$_/", 'root-good-1') }
        (0 .. $#tables) x 4), join(' ', ('good') x (4 * @tables)),
        $there->engine . ': all are right';
    return $asking;
}

my @names = qw(root-good-1 root-odd-good root-revoked-keyCompromise);

sub are_right {
    my ($server, $name) = @_;
    is join(' ', map { my $path = $_; map { $server->says($path, $_) } @names }
        qw(/ocsp/ /hash/ /ocsp/ /hash/)),
        join(' ', ('good good revoked') x 4), $name;
    return;
}

my $server = server();
are_right($server, 'all are right');
my ($prepared, $run) = map { status_of($_) } qw(Com_prepare_sql Com_execute_sql);
are_right($server, 'and again') for 1 .. 5;
cmp_ok status_of('Com_execute_sql') - $run, '==', 60, 'each is executed';
cmp_ok status_of('Com_prepare_sql') - $prepared, '<=', 4 * $db->connections,
    '  and none prepared twice';
cmp_ok status_of('Prepared_stmt_count'), '<=', 4 * $db->connections,
    '  or left behind';

my $serial = cert('root-good-1')->{serial_stored};
$db->sql("UPDATE django_ca_certificate SET revoked = 1, revoked_date ="
    . " '2024-01-01 00:00:00' WHERE serial = '$serial'");
is $server->says('/ocsp/', 'root-good-1'), 'revoked', 'a commit shows';
$db->sql('UPDATE django_ca_certificate SET revoked = 0 WHERE serial ='
    . " '$serial'");
are_right($server, 'as does the next');

my $table = 'ALTER TABLE django_ca_certificate';
$db->sql("$table ADD COLUMN other INT FIRST");
are_right($server, 'with a column more');
$db->sql("$table DROP COLUMN compromised");
are_right($server, 'with a column less');
$db->sql("$table ADD COLUMN compromised DATETIME(6) DEFAULT NULL");
are_right($server, 'with a column again');
$db->cut;
are_right($server, 'on new connections');
$server->stop;

$db->sql('SET GLOBAL max_prepared_stmt_count = 0');
$server = server();
are_right($server, 'where no statement may be prepared');
cmp_ok status_of('Prepared_stmt_count'), '==', 0, '  none is';
$db->sql('SET GLOBAL max_prepared_stmt_count = 100');
$server->stop;

note 'more queries than are kept';
$prepared = status_of('Com_prepare_sql');
$server = ask_many($db);
cmp_ok status_of('Com_prepare_sql') - $prepared, '>', 12,
    '  some are prepared again';
cmp_ok status_of('Prepared_stmt_count'), '<=', 8 * $db->connections,
    '  in the place of others';
$server->stop;

$server =
    server(qq(DBDInitSQL "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'"\n));
are_right($server, 'with other rules for strings');
$server->stop;

SKIP: {
    $why_not = grep({ $_ eq 'pgsql' } T::Database::engines())
        ? T::Database::why_not('pgsql') : 'not of ENGINES';
    skip "pgsql: $why_not", 1 if $why_not;
    my $pgsql = T::Database->start('pgsql', settings =>
        { log_statement => 'all' });
    ask_many($pgsql)->stop;
    my $given_back = () = slurp("$pgsql->{root}/log") =~ /: DEALLOCATE ocsp_/g;
    cmp_ok $given_back, '>', 12, '  and what is not kept is given back';
}
finish;
