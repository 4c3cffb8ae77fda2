# SPDX-License-Identifier: Apache-2.0
# Sections around the responder's: whatever they would have done with its URLs,
# and in whatever order the modules are loaded, the responder answers.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $dead = 'http://127.0.0.1:1/';

# What takes every URL: module, lines in <Location "/">, lines of the server.
my %around = (
    'FallbackResource' => ['dir', "FallbackResource /index.html\n"],
    'FallbackResource of the server' =>
        ['dir', '', "FallbackResource /index.html\n"],
    'DirectoryIndex'    => ['dir', "DirectoryIndex /index.html\n"],
    'DirectoryCheckHandler' => ['dir', "DirectoryCheckHandler on\n"
        . "FallbackResource /index.html\n"],
    'Action and handler' =>
        ['actions', "SetHandler own\nAction own /index.html virtual\n"],
    'Script'            => ['actions', "Script POST /index.html\n"],
    'SetHandler proxy:' => ['proxy proxy_http', qq(SetHandler "proxy:$dead"\n)],
    'ProxyPass'         => ['proxy proxy_http', "ProxyPass $dead\n"],
    'ProxyPass of the server' =>
        ['proxy proxy_http', '', "ProxyPass / $dead\n"],
    'ProxyPass, early' => ['proxy proxy_http', '',
        "ProxyPass / $dead mapping=servlet\n"],
    'Redirect'     => ['alias', qq(Redirect "$dead"\n)],
    'Redirect of a path' => ['alias', qq(Redirect "/ocsp" "$dead"\n)],
    'Redirect of the server' => ['alias', '', qq(Redirect "/" "$dead"\n)],
    'RedirectMatch' => ['alias', qq(RedirectMatch "." "$dead"\n)],
    'Redirect gone' => ['alias', "Redirect gone\n"],
    'Alias'         => ['alias', "Alias \@ROOT\@/htdocs/index.html\n"],
    'RewriteRule to elsewhere' =>
        ['rewrite', qq(RewriteEngine on\nRewriteRule . "$dead" [R,L]\n)],
    'RewriteRule to a page' =>
        ['rewrite', "RewriteEngine on\nRewriteRule . /index.html [L]\n"],
    'RewriteRule to nothing' =>
        ['rewrite', "RewriteEngine on\nRewriteRule . - [G]\n"],
    'RewriteRule to a proxy' => ['rewrite proxy proxy_http',
        qq(RewriteEngine on\nRewriteRule . "$dead" [P]\n)],
    'RewriteRule of the server' => ['rewrite', '',
        qq(RewriteEngine on\nRewriteRule . "$dead" [R,L]\n)],
    'Dav' => ['dav dav_fs', "Dav On\n", "DavLockDB \@ROOT\@/run/dav\n"],
    'Session' => ['session session_cookie',
        "Session On\nSessionCookieName session path=/\n"],
    'CookieTracking' => ['usertrack', "CookieTracking on\n"],
    'CheckSpelling' => ['speling', "CheckSpelling on\n"],
    'SetHandler'    => ['status',  "SetHandler server-status\n"],
    'If'            => ['alias', qq(<If "true">\nRedirect "$dead"\n</If>\n)],
);

my $good = request_for('root-good-1');

sub check {
    my ($server, $host, $name) = @_;
    my @host = (host => $host);
    for my $path ('/ocsp/', '/ocsp/a/', '/site/ocsp/') {
        is $server->get($path, $good, @host)->{says}, 'good',
            "$name, $path: GET";
        is $server->post($path, $good, @host)->{says}, 'good',
            "$name, $path: POST";
        is $server->request('GET', $path . base64($good) . '/', @host)->{says},
            'good', "$name, $path: GET with a slash";
    }
    my $none = $server->request('GET', '/ocsp/', @host);
    is $none->{says}, 'malformedRequest', "$name: no payload";
    is $none->{headers}{'set-cookie'}, undef, '  and no cookie';
    return;
}

# A virtual host for each, by number.
my @names = sort keys %around;
my %modules = map { map { ($_ => 1) } split ' ', $_->[0] } values %around;
my @hosts = map {
    my (undef, $section, $lines) = @{ $around{ $names[$_] } };
    qq(<VirtualHost *:\@PORT\@>\nServerName host$_.example\n),
        $lines // '', qq(<Location "/">\n$section</Location>\n),
        qq(<Location "/site/">\n$section</Location>\n), <<'CONF';
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/site/ocsp/">
    @responder root@
</Location>
</VirtualHost>
CONF
} 0 .. $#names;

note 'case 50: what sections around it say';
my @load = map { sprintf "LoadModule %s_module %s/mod_%s.so\n", $_,
    apxs('LIBEXECDIR'), $_ } sort keys %modules;
my $ours = 'LoadModule ocsp_responder_module ' . module_file() . "\n";
for my $first (0, 1) {
    my $server = T::Server->new(load => 0, conf => join '',
        ($first ? ($ours, @load) : (@load, $ours)), <<'CONF', @hosts);
<Directory "@ROOT@/htdocs">
    Require all granted
</Directory>
CONF
    # Files where the payload's path would lead.
    mkdir "$server->{root}/htdocs/ocsp";
    spew("$server->{root}/htdocs/$_", 'a page')
        for 'index.html', 'ocsp/index.html';
    $server->start;
    check($server, "host$_.example",
        $names[$_] . ($first ? ', ours loaded first' : '')) for 0 .. $#names;
}

note 'case 50: what the sections say of other URLs holds';
my $others = T::Server->new(modules => [qw(alias rewrite)],
    conf => <<'CONF')->start;
<Location "/">
    Redirect "http://other.example/"
</Location>
<Location "/rewritten/">
    RewriteEngine on
    RewriteRule . - [G]
</Location>
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/ocsp/off/">
    OCSPResponder off
</Location>
CONF
is $others->request('GET', $_)->{status}, 302, $_ for '/', '/x', '/ocsp/off/x';
is $others->get('/ocsp/', $good)->{says}, 'good', '/ocsp/';

note 'case 51: a location whose path needs escapes';
my %escaped = (
    '/a b/'      => '/a%20b/',
    '/ünïcode/'  => '/%C3%BCn%C3%AFcode/',
    '/per%cent/' => '/per%25cent/',
    '/1+2/'      => '/1%2B2/',
);
my $escapes = T::Server->new(conf => join '', <<'CONF',
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/ocsp/a b/">
    @responder inter@
</Location>
<Location "/ocsp/off x/">
    OCSPResponder off
</Location>
CONF
    map { qq(<Location "$_">\n    \@responder root\@\n</Location>\n) }
    sort keys %escaped)->expect_log('AH01630')->start;

# Has %2F, as / is in its base64, and %2B.
my $hard = request_for('root-good-1', nonce => "\xff\xfb\xef" x 30);
for my $path (sort keys %escaped) {
    my $target = $escaped{$path};
    for my $der ($good, $hard) {
        is $escapes->get($target, $der)->{says}, 'good', "$target: GET";
        is $escapes->request('GET', $target . base64($der))->{says}, 'good',
            '  with raw slashes';
        is $escapes->post($target, $der)->{says}, 'good', '  POST';
    }
}
my $inner = request_for('inter-good-1', nonce => "\xff\xfb\xef" x 30);
for my $spelling ('/ocsp/a%20b/', '/ocsp/%61%20b/') {
    is $escapes->get($spelling, $inner)->{says}, 'good',
        "$spelling: an inner location's CA, GET";
    is $escapes->post($spelling, $inner)->{says}, 'good', '  POST';
}
is $escapes->get('/ocsp/off%20x/', $hard)->{status}, 404, 'off, GET';
is $escapes->post('/ocsp/off%20x/', $hard)->{status}, 403, 'off, POST';
is $escapes->get('/elsewhere%20x/', $hard)->{status}, 404, 'another URL';
like $escapes->get('/ocsp/x%00/', $hard)->{says},
    qr/^(?:HTTP 40[04]|good|malformedRequest)$/, 'a NUL in the path';

note 'requests that other modules send to it, and an answer in a page';
SKIP: {
    my @modules = qw(rewrite actions alias include dir);
    my ($absent) = grep { !has_module($_) } @modules;
    skip "no mod_$absent", 9 if $absent;
    my $sent = T::Server->new(modules => \@modules, conf => <<'CONF');
RewriteEngine on
RewriteRule "^/passed/(.*)" "/ocsp/$1" [PT]
<Directory "@ROOT@/htdocs">
    Require all granted
    AllowOverride All
    Options +Includes
    AddOutputFilter INCLUDES .shtml
</Directory>
<Location "/action/">
    SetHandler own
    Action own /ocsp/ virtual
</Location>
<Location "/ocsp/">
    @responder root@
</Location>
CONF
    my $htdocs = "$sent->{root}/htdocs";
    mkdir "$htdocs/folder";
    spew("$htdocs/folder/.htaccess",
        "RewriteEngine on\nRewriteRule (.*) /ocsp/\$1 [L]\n");
    spew("$htdocs/page.shtml", '<!--#include virtual="/ocsp/'
        . base64($good) . '" -->');
    $sent->start;
    for my $path ('/passed/', '/folder/', '/action/') {
        is $sent->request('GET', $path . base64($good))->{says}, 'good',
            "$path: GET";
        is $sent->post($path, $good)->{says}, 'good', '  POST';
    }
    my $page = $sent->request('GET', '/page.shtml');
    is $page->{status}, 200, 'a page with an answer inside';
    is ocsp_status($page->{body}), 'successful', '  which is whole';
    is $sent->get('/ocsp/', $good)->{says}, 'good', 'and by itself';
}

finish;
