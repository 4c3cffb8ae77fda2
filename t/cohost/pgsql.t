# SPDX-License-Identifier: Apache-2.0
# The same site on PostgreSQL: django-ca under mod_wsgi with psycopg, and
# the module in the same virtual host with a database user of its own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../compat", $FindBin::Bin;
use T::Database;
use T::Server;
use Cohost;
use PgSite;

my $why_not = T::Database::why_not('pgsql');
plan(skip_all => $why_not) if $why_not;
plan(skip_all => 'mod_wsgi is not installed') unless has_module('wsgi');
plan(skip_all => "APR's driver for PostgreSQL is not installed")
    unless glob '/usr/lib{,64}{,/*}/apr-util-1/apr_dbd_pgsql.so';
(my $python, $why_not) = python();
plan(skip_all => $why_not) unless $python;

my $postgres = T::Database->start('pgsql');
my $server = T::Server->new(db => 0, dbd => $postgres->lines,
    modules => ['wsgi']);
my $site = PgSite->new("$server->{root}/site", $python, $postgres);
my $url  = "http://localhost:$server->{port}/django_ca/ocsp";
my ($root, %cert) = make_root($site, $url, qw(leaf other));
wsgi_file($site);
share($site);
$server->write_conf(wsgi_lines($site, 'daemon') . <<"CONF");
<Location "/django_ca/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage $site->{root}/files
</Location>
CONF
like +($server->configtest)[1], qr/\AOCSP0113: Note .*\nSyntax OK\n\z/,
    'httpd -t: Syntax OK, and a note of certificates without a subject';
$server->start;

my @clients = ('openssl ocsp', 'cryptography', 'go');
django_answers($server, $root, 'django answers what is not OCSP');
is url_of($cert{leaf}{pem}), "$url/$root->{serial}/cert/",
    'the URL in a certificate';
all_say($server, $_, $cert{$_}, $root, 'good', @clients) for sort keys %cert;
cmp_ok $postgres->connections, '>=', 1, 'by a user who may read two tables';

note 'revoked';
$site->manage('revoke_cert', '--reason=superseded', $cert{leaf}{serial});
all_say($server, 'leaf', $cert{leaf}, $root, 'revoked', @clients);
all_say($server, 'other', $cert{other}, $root, 'good', @clients);

note 'new keys, and a graceful restart';
$site->manage('generate_ocsp_keys', '--force', $root->{serial});
share($site);
ok $server->graceful, 'a graceful restart';
all_say($server, 'leaf', $cert{leaf}, $root, 'revoked', @clients);
all_say($server, 'other', $cert{other}, $root, 'good', @clients);

finish;
