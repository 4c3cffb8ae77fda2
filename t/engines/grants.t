# SPDX-License-Identifier: Apache-2.0
# SELECT on two tables is enough, and what is missing is told.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::Database;
use T::Server;

my $conf = <<'CONF';
<Location "/ocsp/">
    @responder root@
</Location>
CONF
my ($db, $server);

sub says { return $server->says('/ocsp/', 'root-good-1') }

sub refuses {
    my ($name, $pattern) = @_;
    my ($code, $text) = $server->configtest;
    isnt $code, 0, "$name: httpd -t";
    like $text, qr/role ocsp at \S+ may not read it: GRANT SELECT ON django_ca/,
        '  names the role, and what it lacks';
    like $text, $pattern, '  says which';
    like $text, at_directive('DBDParams', 'Error', $server), "  at DBDParams' own line";
    is says(), 'internalError', '  never good';
    return;
}

my %sql = (
    pgsql => {
        may => "SELECT string_agg(DISTINCT privilege_type, ',') FROM"
            . " information_schema.table_privileges WHERE grantee = 'ocsp'",
        revoke => 'REVOKE SELECT ON django_ca_certificate FROM ocsp',
        some => 'GRANT SELECT (serial, pub, ca_id, created, revoked_date,'
            . ' revoked_reason, compromised) ON django_ca_certificate TO ocsp',
        more => 'GRANT SELECT (revoked) ON django_ca_certificate TO ocsp',
    },
    mysql => {
        may => "SELECT GROUP_CONCAT(DISTINCT privilege_type) FROM"
            . ' information_schema.table_privileges'
            . " WHERE grantee LIKE '%ocsp%'",
        revoke => q{REVOKE SELECT ON ocsp.django_ca_certificate FROM}
            . q{ ocsp@'127.0.0.1'},
        some => 'GRANT SELECT (serial, pub, ca_id, created, revoked_date,'
            . ' revoked_reason, compromised) ON ocsp.django_ca_certificate TO'
            . q{ ocsp@'127.0.0.1'},
        more => 'GRANT SELECT (revoked) ON ocsp.django_ca_certificate TO'
            . q{ ocsp@'127.0.0.1'},
    },
);

for my $engine (grep { $_ ne 'sqlite3' } T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    my $sql = $sql{$engine};
    $db     = T::Database->start($engine);
    $server = T::Server->new(db => 0, dbd => $db->lines, conf => $conf)->start;
    $server->expect_log(qw(OCSP0204));
    is $db->sql($sql->{may}), 'SELECT', "$engine: the user may read";
    is says(), 'good', '  and that is enough';
    $db->sql($sql->{revoke});
    refuses('one table less', qr/django_ca_certificate/);
    $db->sql($sql->{some});
    refuses('one column less', qr/revoked\b/);
    $db->sql($sql->{more});
    wait_for { says() eq 'good' } 3;
    is says(), 'good', 'the columns that are read are enough';
    is +($server->configtest)[0], 0, '  httpd -t';
  }
}

SKIP: {
    skip 'needs root and another user for httpd', 3
        unless user() && grep { $_ eq 'sqlite3' } T::Database::engines();
    $db     = T::Database->start('sqlite3');
    $server = T::Server->new(db => 0, dbd => $db->lines, conf => $conf);
    chown 0, 0, $db->{root}, $db->file;
    chmod 0755, $db->{root};
    chmod 0644, $db->file;
    is +($server->configtest)[0], 0, 'SQLite: a file that httpd cannot write';
    $server->start;
    is says(), 'good', '  is answered from';
    $db->sql("UPDATE django_ca_certificate SET revoked = 1, revoked_date ="
        . " '2024-01-01 00:00:00' WHERE serial = '"
        . cert('root-good-1')->{serial} . "'");
    is says(), 'revoked', '  and what root writes is seen';
}
finish;
