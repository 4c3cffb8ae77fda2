# SPDX-License-Identifier: Apache-2.0
# Views in the place of django-ca's tables, as a site has them that shows the
# responder no more than it needs: the same answers, also where a view's times
# have lost their zone; and httpd -t tells of columns that cannot be read.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Server;

ask_once;

hurry();

my $TABLE = 'django_ca_certificate';

# The view's columns, in which this one is written so.
sub columns {
    my ($column, $sql) = @_;
    my %is = ($column => "$sql AS $column");
    return join ', ', map { $is{$_} // $_ } qw(id serial pub ca_id created
        updated revoked revoked_date revoked_reason compromised not_before profile);
}

# Puts a view in the table's place.
sub show {
    my ($db, $columns) = @_;
    my $name = $db->name;
    my $user = $db->engine eq 'mysql' ? q(ocsp@'127.0.0.1') : 'ocsp';
    $db->sql("DROP VIEW IF EXISTS $TABLE", $name);
    $db->sql("CREATE VIEW $TABLE AS SELECT $columns FROM hidden", $name);
    return if $db->engine eq 'sqlite3';
    $db->sql("GRANT SELECT ON $TABLE TO $user", $name);
    return;
}

# What is answered about one that is revoked, and one that is good.
sub says {
    my ($server) = @_;
    my $answer = $server->get('/ocsp/', request_for('root-revoked-superseded'));
    return join ' ', $answer->{says}, $answer->{single}{revoked_text},
        $server->says('/ocsp/', 'root-good-1');
}

my $RIGHT = 'revoked 20220503040506Z good';

for my $engine (grep { $_ ne 'sqlite3' } T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    my $db = T::Database->start($engine);
    my $server = T::Server->new(db => 0, dbd => $db->lines, conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
CONF
    $server->start;
    is says($server), $RIGHT, "$engine: the table";
    $db->sql("ALTER TABLE $TABLE RENAME TO hidden", $db->name);
    show($db, columns('', ''));
    is says($server), $RIGHT, '  a view of it';
    my ($code, $text) = $server->configtest;
    is $text, "Syntax OK\n", '  httpd -t';
    if ($engine eq 'pgsql') {
        show($db, columns(revoked_date => "revoked_date AT TIME ZONE 'UTC'"));
        is says($server), $RIGHT, '  one whose times have no zone';
        show($db, columns(revoked_date => 'CAST(revoked_date AS text)'));
        is $server->says('/ocsp/', 'root-good-1'), 'tryLater',
            '  one whose times are no times';
        (undef, $text) = $server->configtest;
        like $text, qr/DBDParams.* does not exist/, '  which httpd -t tells';
        $server->expect_log('OCSP0203');
    }
    $server->stop;
    $db->down;
  }
}

finish;
