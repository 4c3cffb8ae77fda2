# SPDX-License-Identifier: Apache-2.0
# httpd -t: the sections that directives stand in, and their order.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::Server;

my $server = check_on(T::Server->new);
my $ca     = "OCSPResponderCA root\n";

sub test_of { return $server->write_conf($_[0])->configtest }

note 'case 66: a CA stands in <Location>';
refused('in the server', 'OCSPResponderCA', qr/outside of a <Location>/, $ca);
refused('in a virtual host', 'OCSPResponderCA', qr/outside of a <Location>/,
    "<VirtualHost *:\@PORT\@>\n$ca</VirtualHost>\n");
for my $section ('Directory "/srv"', 'DirectoryMatch "/srv"', 'Files "x"',
                 'FilesMatch "x"', 'LocationMatch "/x"', 'Location ~ "/x"',
                 'If "true"') {
    my ($end) = split / /, $section;
    for my $line ($ca, "OCSPResponderKey /x\n", "OCSPResponderExpires 60\n",
                  "OCSPResponderNonce off\n") {
        my ($directive) = split / /, $line;
        refused("$directive in <$section>", $directive,
            qr/not allowed|cannot (?:be used|occur)|outside of/,
            "<$section>\n$line</$end>\n");
    }
}
refused("a path without a slash: $_", 'OCSPResponderCA',
    qr/which no URL is in: a path begins with \//,
    qq(<Location "$_">\n$ca</Location>\n))
    for 'ocsp/', '', 'http://ca.example/ocsp/', 'https://ca.example/';
refused("what httpd takes out of a URL: $_", 'OCSPResponderCA',
    qr/which no URL is in: httpd takes/,
    qq(<Location "$_">\n$ca</Location>\n))
    for '/a//ocsp/', '//ocsp', '/./ocsp/', '/a/../ocsp/', '/ocsp/..', '/ocsp/.';
my $root = '@responder root@';
accepted("an escape: $_", qq(<Location "$_">\n$root\n</Location>\n),
    qr/OCSP0155: Warning on line 2 of .*in place of %[[:xdigit:]]{2}$/m)
    for '/a%20b/', '/%C3%BC/ocsp/', '/%6fcsp/';
unlike +(test_of(qq(<Location "$_">\n$ca</Location>\n)))[1],
    qr/which no URL is in/, "a path that URLs are in: $_"
    for '/ocsp/...', '/a.b/.ocsp/', '/..ocsp/', '/a b/';
accepted("no escape: $_", qq(<Location "$_">\n$root\n</Location>\n))
    for '/100%/ocsp/', '/a%/', '/a%2', '/per%cent/';
refused("wildcards: $_", 'OCSPResponderCA', qr/wildcards match whole URLs/,
    qq(<Location "$_">\n$ca</Location>\n))
    for '/*/ocsp/', '/ocsp?/', '/ocsp/[a-z]/';
for my $line ('Expires 60', 'TimeZone UTC', 'Key /x', 'Source django-ca',
              'off', 'Unknown revoked') {
    my $directive = $line eq 'off' ? "OCSPResponder $line"
        : "OCSPResponder$line";
    my ($name) = split / /, $directive;
    refused("$directive with wildcards", $name, qr/wildcards match whole URLs/,
        qq(<Location "/ocsp/*">\n$directive\n</Location>\n));
    refused("$directive in no URL", $name, qr/which no URL is in/,
        qq(<Location "ocsp/">\n$directive\n</Location>\n));
}

note 'case 66: a broad section behind a narrow one';

sub sections {
    my ($first, $second) = @_;
    return join '', map { my ($path, @lines) = @$_; join '',
        qq(<Location "$path">\n), (map { "    $_\n" } @lines),
        "</Location>\n" } $first, $second;
}
my $narrow = ['/ocsp/root/', '@responder root@', 'OCSPResponderExpires 300'];
my %broad = (
    'its CA' => ['/ocsp/', '@responder inter@'],
    'its CA, at /' => ['/', '@responder inter@'],
    'its CA, without a slash' => ['/ocsp', '@responder inter@'],
    'its validity' => ['/ocsp/', 'OCSPResponderExpires 600'],
    'its answers' => ['/ocsp/', 'OCSPResponder off'],
    'its key' =>
        ['/ocsp/', 'OCSPResponderKey @ec.key@', 'OCSPResponderCert @ec.cert@'],
);
my %lost = ('its validity' => 'OCSPResponderExpires',
    'its answers' => 'OCSPResponderCA',
    'its key' => 'OCSPResponderKey, OCSPResponderCert');
for my $what (sort keys %broad) {
    my $lost = $lost{$what}
        // 'OCSPResponderCA, OCSPResponderKey, OCSPResponderCert';
    $server->write_conf(sections($narrow, $broad{$what}));
    my ($code, $text) = $server->configtest;
    my @lines = split /\n/, slurp($server->conf_file);
    my ($one, $two) = grep { $lines[$_ - 1] =~ /^<Location/ } 1 .. @lines;
    my $file = $server->conf_file;
    my $behind = "on line $one of $file and takes its $lost away";
    like $text, qr{^OCSP0151: Warning on line $two of \Q$file\E: .* \Q$behind}m,
        "$what is taken away";
    is $code, $what eq 'its key' ? 1 : 0, '  which is a warning';
}
$server->write_conf(sections($broad{'its CA'}, $narrow));
is +($server->configtest)[1], "Syntax OK\n", 'the broad one first';

note 'one path for two CAs';
for my $around ([], ['<IfModule so_module>', '</IfModule>']) {
    my ($begin, $end) = @$around ? @$around : ('', '');
    $server->write_conf("$begin\n" . sections($narrow,
        ['/ocsp/root/', '@responder inter@']) . "$end\n");
    my ($code, $text) = $server->configtest;
    my @lines = split /\n/, slurp($server->conf_file);
    my ($one, $two) = grep { $lines[$_ - 1] =~ /^<Location/ } 1 .. @lines;
    my $file = $server->conf_file;
    my $told = qr{<Location "/ocsp/root/"> stands on line $one of \Q$file\E};
    like $text, qr{^OCSP0159: Warning on line $two of \Q$file\E: $told, too,}m,
        "is told $begin";
    is $code, 0, '  which is a warning';
}
$server->write_conf(sections($narrow, ['/ocsp/root/',
    '@responder root@', 'OCSPResponderExpires 600']));
is +($server->configtest)[1], "Syntax OK\n", 'one CA in two sections';
my $spelt = lc join ':', ca('root')->{serial} =~ /../g;
$server->write_conf(sections($narrow,
    ['/ocsp/root/', "OCSPResponderCA $spelt"]));
is +($server->configtest)[1], "Syntax OK\n", '  and its serial in two ways';
$server->write_conf(sections($narrow, ['/ocsp/root/', 'OCSPResponderCA root']));
my $first = ca('root')->{serial};
like +($server->configtest)[1],
    qr/ OCSPResponderCA $first, which does not count,/,
    '  or by its name, too, which is told';
$server->write_conf(sections($narrow, ['/ocsp/root/x/', 'Options None'])
    . "<VirtualHost *:$server->{port}>\n"
    . sections(['/ocsp/root/', '@responder inter@'], ['/x/', 'Options None'])
    . "</VirtualHost>\n");
is +($server->configtest)[1], "Syntax OK\n", 'a host with a CA of its own';

my %fine = (
    'the same value'       => ['/ocsp/', 'OCSPResponderExpires 300'],
    'another setting'      => ['/ocsp/', 'OCSPResponderUnknown revoked'],
    'not around it'        => ['/ocsp/roo', 'OCSPResponderExpires 600'],
    'a narrower one'       => ['/ocsp/root/x/', 'OCSPResponderExpires 600'],
    'the same path'        => ['/ocsp/root/', 'OCSPResponderExpires 600'],
    'nothing of the responder\'s' => ['/ocsp/', 'Options None'],
);
for my $what (sort keys %fine) {
    $server->write_conf(sections($narrow, $fine{$what}));
    is +($server->configtest)[1], "Syntax OK\n", $what;
}

note 'a location that lacks its CA';
my $pair  = 'OCSPResponderKey @root.key@' . "\n"
    . 'OCSPResponderCert @root.cert@' . "\n";
my $below = "OCSPResponderCA root\n";
my %other = (Cert => 'OCSPResponderCert @root.cert@',
    Source => 'OCSPResponderSource django-ca', Key => $pair);
accepted("$_ alone", qq(<Location "/x/">\n$other{$_}\n</Location>\n),
    qr{^OCSP0157: Warning on line 1 of .*: OCSPResponder$_ in .* "/x/">}m)
    for sort keys %other;
accepted('one that begins alike',
    qq(<Location "/x">\n$pair</Location>\n)
    . qq(<Location "/xy/">\n$root\n</Location>\n),
    qr/^OCSP0157: Warning on line 1 of /m);
accepted('of those below it', qq(<Location "/x">\n$pair</Location>\n)
    . qq(<Location "/x/y/">\n$below</Location>\n));
accepted('of one around it', qq(<Location "/x">\n$root\n</Location>\n)
    . qq(<Location "/x/y/">\n$pair</Location>\n));
my $host = "<VirtualHost *:\@PORT\@>\n<Location \"/x/\">\n";
accepted('of those of virtual hosts', qq(<Location "/x/">\n$pair</Location>\n)
    . "$host$below</Location>\n</VirtualHost>\n");
accepted('of another host', "$host$pair</Location>\n</VirtualHost>\n"
    . "$host$root\n</Location>\n</VirtualHost>\n",
    qr/^OCSP0157: Warning on line 2 of /m);
accepted('off', qq(<Location "/x/">\n${pair}OCSPResponder off\n</Location>\n));
accepted('without what a responder needs',
    qq(<Location "/x/">\nOCSPResponderExpires 60\n</Location>\n));

note 'case 50: what sections around ask of clients';
my $auth  = "AuthType Basic\nAuthName x\nAuthUserFile /dev/null\n";
my $inner = qq(<Location "/site/ocsp/">\n\@responder root\@\n);
check_on(T::Server->new(modules =>
    [qw(auth_basic authn_core authn_file authz_user allowmethods)]));

sub around {
    my ($name, $like, $outer, $own) = @_;
    return accepted($name, qq(<Location "/site/">\n$outer</Location>\n$inner)
        . ($own // '') . "</Location>\n", $like);
}
my $require = qr/^OCSP0152: .*: Require, which holds for /m;
around('a password', qr/^OCSP0152: Warning on line 5 of .*: Require, which /m,
    "${auth}Require valid-user\n");
around('a password for some', $require, "${auth}Require user a b\n");
around('nobody', qr/^OCSP0152: .*: Require, .* lets nobody in/m,
    "Require all denied\n");
around('a password for POST', $require,
    "${auth}<Limit POST>\nRequire valid-user\n</Limit>\n");
around('a password for all but GET', $require,
    "${auth}<LimitExcept GET>\nRequire valid-user\n</LimitExcept>\n");
around('a password besides', $require,
    "${auth}<RequireAll>\nRequire valid-user\n</RequireAll>\n");
around('a password for other methods', undef,
    "${auth}<Limit PUT DELETE>\nRequire valid-user\n</Limit>\n"
    . "<LimitExcept GET POST>\nRequire valid-user\n</LimitExcept>\n");
around('not for the responder', undef, "${auth}Require valid-user\n",
    "Require all granted\n");
around('no password', undef, "Require all granted\n");
around('one method', qr/^OCSP0152: .*: AllowMethods, .*GET and by POST/m,
    "AllowMethods GET\n");
around('both', undef, "AllowMethods $_\n") for 'GET POST',
    "GET\nAllowMethods POST";
around('one method, not for the responder', undef, "AllowMethods GET\n",
    "AllowMethods reset\n");
around('one of several ways in, for the responder', undef,
    "Require all denied\n",
    "<RequireAny>\nRequire all granted\n</RequireAny>\n");
around('some of those that are all to be met', $require,
    "<RequireAll>\nRequire all granted\nRequire all denied\n</RequireAll>\n");
around('all besides nobody', undef,
    "Require all denied\nRequire all granted\n");
around('nobody, which is undone', undef, "Require all denied\n",
    "AuthMerging Off\n");
around("nobody: $_", $require, "$_\n")
    for 'Require  all  denied', 'Require "all" denied', "Require all\tdenied",
        "AuthMerging Or\nRequire all denied";
around('nobody by POST', $require,
    "<Limit GET>\nRequire all granted\n</Limit>\n"
    . "<Limit POST>\nRequire all denied\n</Limit>\n");
around("what is not known: $_", undef, "$_\n")
    for 'Require env x', 'Require method GET',
        qq(<If "true">\nRequire all denied\n</If>),
        qq(<If "false">\n</If>\n<Else>\nRequire all denied\n</Else>),
        qq(<If "true">\nAllowMethods GET\n</If>);
around('nobody, and others if …', $require, "Require all denied\n"
    . qq(<If "-R '192.0.2.1'">\nRequire valid-user\n</If>\n));
around('  and all', undef, "Require all denied\n",
    qq(<If "true">\nRequire all granted\n</If>\n));
around('one method, but if …', undef, "AllowMethods GET\n",
    qq(<If "true">\nAllowMethods reset\n</If>\n));
around('methods in quotes', undef, qq(AllowMethods "GET"  POST\n));
around("nobody, $_ the responder", undef, "Require all denied\n",
    "AuthMerging $_\nRequire all granted\n") for 'Or', 'And';
SKIP: {
    skip 'no mod_access_compat', 1 unless has_module('access_compat');
    check_on(T::Server->new(modules => [qw(access_compat)]));
    my $deny = qr/^OCSP0152: .*: deny, .* lets nobody in; .*Allow from all$/im;
    around('Deny from all', $deny, "Deny from all\n");
    around("  spelt otherwise: $_", $deny, "$_\n")
        for 'Deny  from  all', 'Deny from "all"', 'deny from 192.0.2.1 all';
    around('  by order', qr/^OCSP0152: .*: Order, .* Allow from all$/im,
        "Order $_\n") for '"allow,deny"', 'mutual-failure';
    around('  at last', undef, "Order allow,deny\nOrder deny,allow\n");
    around('  for whom no Require asks', undef,
        "Require all denied\nSatisfy any\n");
    around('  in a <Limit>', $deny,
        "<Limit GET POST>\nDeny from all\n</Limit>\n");
    around('  which no Require undoes', $deny, "Deny from all\n",
        "Require all granted\n");
    around('  but an Allow', undef, "Order allow,deny\nDeny from all\n",
        "Allow from all\n");
    around('  for some', undef, "Deny from all\nAllow from 192.0.2.1\n");
    around('  or with a password', undef, "Deny from all\nSatisfy any\n");
}
SKIP: {
    skip 'no mod_ssl', 1 unless has_module('ssl');
    check_on(T::Server->new(modules => ['ssl']));
    my $ssl = qr/^OCSP0152: .*: SSLRequireSSL, .* over http, /m;
    around('TLS alone', $ssl, "SSLRequireSSL\n");
    my $section = qq(<Location "/">\nSSLRequireSSL\n</Location>\n$inner)
        . "</Location>\n";
    accepted('  in a host', "<VirtualHost *:1>\n$section</VirtualHost>\n",
        $ssl);
    accepted('  with TLS', "<VirtualHost *:1>\nSSLEngine On\n"
        . 'SSLCertificateFile "@root.cert@"' . "\n"
        . 'SSLCertificateKeyFile "@root.key@"' . "\n$section</VirtualHost>\n");
}
SKIP: {
    skip 'no mod_md', 1 unless has_module('md') && has_module('ssl');
    check_on(T::Server->new(modules => [qw(watchdog ssl md)]));
    my $https = qr/^OCSP0152: .*: MDRequireHttps, .* over http, /m;
    my $host = qq(<VirtualHost *:1>\nServerName %s\n$inner</Location>\n)
        . "</VirtualHost>\n";
    my %md = (
        'redirected by mod_md' =>
            ["MDomain a.example b.example\n", 'B.example:80', 1],
        '  by another name' =>
            ["MDomain a.example\n", "x.example\nServerAlias a.example", 1],
        '  by a domain of many names' =>
            ["MDomain *.a.example\n", 'ocsp.a.example', 1],
        '  but not by that of others' =>
            ["MDomain *.a.example\n", 'a.ocsp.a.example', 0],
        '  by its section' =>
            ["<MDomain a.example>\nMDRequireHttps temporary\n</MDomain>\n",
             'http://a.example', 1, 'off'],
        '  but not that host' => ["MDomain a.example\n", 'ocsp.example', 0],
        '  or not that domain' =>
            ["<MDomain a.example>\nMDRequireHttps off\n</MDomain>\n",
             'a.example', 0],
        '  or not at all' => ["MDomain a.example\n", 'a.example', 0, 'off'],
        '  and not with TLS' =>
            ["MDomain a.example\n", "a.example\nSSLEngine on", 0],
    );
    for my $name (sort keys %md) {
        my ($domain, $names, $is_told, $global) = @{ $md{$name} };
        accepted($name, 'MDRequireHttps ' . ($global // 'permanent') . "\n"
            . $domain . sprintf($host, $names), $is_told ? $https : undef);
    }
    my $main = "MDRequireHttps permanent\nMDomain a.example\n"
        . "ServerName a.example\n$inner</Location>\n";
    accepted('the main server is not redirected', $main, undef);
    accepted('  but by request', "MDBaseServer on\n$main", $https);
}
SKIP: {
    skip 'no mod_authz_dbm', 1 unless has_module('authz_dbm');
    check_on(T::Server->new(modules => [qw(auth_basic authn_core authn_file
        authz_user authz_groupfile authz_dbm)]));
    around('a group of users', $require, "${auth}Require dbm-group a\n");
}
check_on(T::Server->new(modules =>
    [qw(auth_basic authn_core authn_file authz_user allowmethods)]));

# The later section wins.
my $granted = "Require all granted\n</Location>\n";
my $denied  = qq(<Location "/site/">\nRequire all denied\n</Location>\n);
my $host_of = "<VirtualHost *:\@PORT\@>\n";
accepted('nobody, behind it', "$inner$granted$denied",
    qr/^OCSP0152: Warning on line 8 of .*: Require, /m);
accepted('one method, behind it', "${inner}AllowMethods reset\n</Location>\n"
    . qq(<Location "/site/">\nAllowMethods GET\n</Location>\n),
    qr/^OCSP0152: Warning on line 8 of .*: AllowMethods, /m);
accepted('nobody, and then all by a section between', $denied
    . qq(<Location "/site/ocsp">\n$granted$inner</Location>\n));
accepted('a host behind the main server, wherever it stands',
    "$host_of$inner$granted</VirtualHost>\n$denied");
accepted("nobody, by a host's section over the main server's",
    "$host_of$denied</VirtualHost>\n$inner$granted",
    qr/^OCSP0152: Warning on line 3 of .*: Require, /m);
for my $match ('<LocationMatch', '<Location ~') {
    my $end = $match =~ /(<L\w+)/ && "Require all denied\n" . ($1 =~ s/</<\//r);
    accepted("$match: nobody, behind it", "$inner$granted$match ^/site>\n$end>",
        qr/^OCSP0152: Warning on line 8 of .*: Require, /m);
    accepted('  or before it', qq($match "^/site">\n$end>\n$inner$granted));
    accepted('  of another path', "$inner$granted$match ^/s/>\n$end>");
}
accepted('elsewhere', qq(<Location "/other/">\n${auth}Require valid-user\n)
    . "</Location>\n$inner</Location>\n");
accepted('short lines', "LimitRequestLine 200\n$inner</Location>\n",
    qr/^OCSP0153: Warning .*LimitRequestLine 200 refuses/m);
accepted('lines that are long enough',
    "LimitRequestLine 500\n$inner</Location>\n");

my $page = qr/^OCSP0152: .*: SetHandler, .* a <Location> of its own$/m;
around("$_ page around it", $page, "SetHandler ocsp-responder-$_\n"
    . "Require all granted\n") for qw(status health);
around('a page of its own', $page, '', 'SetHandler "ocsp-responder-status"'
    . "\nRequire all granted\n");
around('a page around it, but not for it', undef,
    "SetHandler ocsp-responder-status\nRequire all granted\n",
    "SetHandler none\n");
accepted('a page below it', qq($inner</Location>\n<Location "/site/ocsp/page">)
    . "\nSetHandler ocsp-responder-health\n</Location>\n");
around('another handler around it', undef, "SetHandler server-status\n");

note 'a lower limit of bodies';
my $short = qr/^OCSP0154: .*: LimitRequestBody, .*OCSPResponderMaxRequest/m;
accepted('of the server', "LimitRequestBody 100\n$inner</Location>\n", $short);
around('around it', $short, "LimitRequestBody 8191\n");
accepted('its own', "${inner}LimitRequestBody 100\n</Location>\n", $short);
around('as much', undef, "LimitRequestBody 8192\n");
around('none', undef, "LimitRequestBody 0\n");
around('its own, higher', undef, "LimitRequestBody 100\n",
    "LimitRequestBody 0\n");
accepted('its own, higher, before it', "${inner}LimitRequestBody 0\n"
    . qq(</Location>\n<Location "/site/">\nLimitRequestBody 100\n</Location>\n),
    $short);
accepted("the server's, behind its own", "${inner}LimitRequestBody 0\n"
    . "</Location>\nLimitRequestBody 100\n");
around('no higher than its own', undef, "LimitRequestBody 512\n",
    "OCSPResponderMaxRequest 512\n");

SKIP: {
    skip 'no mod_lua', 1 unless has_module('lua');
    check_on(T::Server->new(modules => ['lua']));
    my $lua = qr/^OCSP0152: .*: LuaQuickHandler, .* can answer in its place/m;
    accepted('a quick handler', "LuaQuickHandler /x.lua f\n$inner</Location>\n",
        $lua);
    accepted('one of its virtual host', "<VirtualHost *:\@PORT\@>\n"
        . "LuaQuickHandler /x.lua f\n$inner</Location>\n</VirtualHost>\n",
        $lua);
    accepted("another virtual host's", "<VirtualHost *:\@PORT\@>\n"
        . "LuaQuickHandler /x.lua f\n</VirtualHost>\n"
        . "<VirtualHost *:1>\n$inner</Location>\n</VirtualHost>\n");
}

finish;
