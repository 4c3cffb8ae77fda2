# SPDX-License-Identifier: Apache-2.0
# A site around the responder: the location wins over what would take all.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $server = T::Server->new(modules => [qw(alias rewrite proxy proxy_http
    authz_host)], conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/denied/">
    @responder root@
    Require all denied
</Location>
<Location "/elsewhere/">
    @responder root@
    Require ip 192.0.2.1
</Location>
<VirtualHost *:@PORT@>
    ServerName plain.example
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName proxy.example
    ProxyPass "/" "http://127.0.0.1:1/"
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName redirect.example
    Redirect "/" "https://redirect.example/"
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName rewrite.example
    RewriteEngine on
    RewriteRule "^" "https://rewrite.example/" [R=302,L]
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName alias.example
    Alias "/" "@ROOT@/htdocs/"
    AllowEncodedSlashes On
    MergeSlashes Off
</VirtualHost>
CONF

# Files where the payload's path would lead.
mkdir "$server->{root}/htdocs/ocsp";
spew("$server->{root}/htdocs/ocsp/index.html", 'a page');
$server->expect_log('AH01630')->allow_log(qw(AH00957 AH01114))->start;

my $long = request_for('root-good-1', nonce => "\xff" x 100);
my $hard = base64($long);

sub check {
    my ($host, $other, $name, $on) = @_;
    $on //= $server;
    for my $der (request_for('root-good-1'), $long) {
        is $on->get('/ocsp/', $der, host => $host)->{says}, 'good',
            "$name: GET";
        is $on->post('/ocsp/', $der, host => $host)->{says}, 'good',
            "$name: POST";
    }
    is $on->request('GET', "/ocsp/$hard", host => $host)->{says}, 'good',
        "$name: raw slashes";
    is $on->request('GET', '/ocsp/', host => $host)->{says}, 'malformedRequest',
        "$name: no payload";
    like $on->request('GET', '/other', host => $host)->{says}, $other,
        "$name: has the rest";
    return;
}

note 'cases 1 to 4 on a site of its own';
check('plain.example',    qr/^HTTP 403/, 'DocumentRoot with the same path');
check('alias.example',    qr/^HTTP 403/, 'Alias /');
check('proxy.example',    qr/^HTTP 503/, 'ProxyPass /');
check('redirect.example', qr/^HTTP 302/, 'Redirect /');
check('rewrite.example',  qr/^HTTP 302/, 'RewriteRule');

note 'Require in the location holds';
is $server->get($_, request_for('root-good-1'))->{says}, 'HTTP 403', $_
    for '/denied/', '/elsewhere/';

note 'WSGIScriptAlias /';
SKIP: {
    skip 'mod_wsgi is not installed', 14 unless has_module('wsgi');
    my $wsgi = T::Server->new(modules => ['wsgi'], conf => <<'CONF');
WSGISocketPrefix @ROOT@/run/wsgi
# Python's own end takes seconds.
WSGIDestroyInterpreter Off
<Directory "@ROOT@/conf">
    Require all granted
</Directory>
<Location "/ocsp/">
    @responder root@
</Location>
<VirtualHost *:@PORT@>
    ServerName embedded.example
    WSGIScriptAlias "/" "@ROOT@/conf/app.py"
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName daemon.example
    WSGIDaemonProcess site processes=1 threads=2 home=@ROOT@/conf
    WSGIProcessGroup site
    WSGIScriptAlias "/" "@ROOT@/conf/app.py"
</VirtualHost>
CONF
    spew("$wsgi->{root}/conf/app.py", <<'PYTHON');
def application(environ, start_response):
    start_response("418 Teapot", [("Content-Type", "text/plain")])
    return [b"django"]
PYTHON
    $wsgi->start;
    check('embedded.example', qr/^HTTP 418/, 'embedded', $wsgi);
    check('daemon.example',   qr/^HTTP 418/, 'daemon',   $wsgi);
}

finish;
