# SPDX-License-Identifier: Apache-2.0
# httpd -t warns of a status page that everybody may read.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::Server;

my $server = check_on(T::Server->new(modules => ['authz_host']));

# Asserts what httpd -t says of the section's lines: a warning for the line of
# SetHandler, or nothing.
sub check {
    my ($what, $warned, $section) = @_;
    $server->write_conf($section);
    my ($code, $text) = $server->configtest;
    is $code, 0, "$what: httpd starts";
    my ($before) = $section =~ /^(.*?)SetHandler/s;
    my $line = 1 + ($before =~ tr/\n//);
    my $file = $server->conf_file;
    like $text, qr/^OCSP0150: Warning on line $line of \Q$file\E: .*Require/m,
        '  a warning with its line' if $warned;
    unlike $text, qr/OCSP0150/, '  nothing to say' unless $warned;
    return;
}

accepted("no handler: $_",
    qq(<Location "/s">\n    SetHandler $_\n    Require local\n</Location>\n),
    qr/^OCSP0158: Warning on line 2 of .*Handler $_: .*-status and .*health/m)
    for qw(ocsp-responder-stats OCSP-Responder-Status);
check('no Require', 1, <<'CONF');
<Location "/status">
    SetHandler ocsp-responder-status
</Location>
CONF
check('a Require elsewhere', 1, <<'CONF');
<VirtualHost *:1>
    <Location "/status">
        SetHandler "ocsp-responder-status"
    </Location>
    <Location "/other">
        Require local
    </Location>
</VirtualHost>
CONF
my $page = qq(<Location "/status">\nSetHandler ocsp-responder-status\n)
    . "</Location>\n";
for my $around ('/', '/status') {
    check("a Require of <Location \"$around\">", 0,
        qq(<Location "$around">\nRequire local\n</Location>\n$page));
    check('  behind it', 0,
        qq($page<Location "$around">\nRequire local\n</Location>\n));
    check('  that lets everybody in', 1,
        qq(<Location "$around">\nRequire all granted\n</Location>\n$page));
}
check('one of a section around it, and all by one between', 1,
    qq(<Location "/">\nRequire local\n</Location>\n<Location "/status">\n)
    . "Require all granted\n</Location>\n$page");
my $guarded = $page =~ s/(?=<.L)/Require local\n/r;
check('one that a virtual host undoes', 1, "$guarded<VirtualHost *:1>\n"
    . qq(<Location "/">\nRequire all granted\n</Location>\n</VirtualHost>\n));
check('one of another path', 1,
    qq(<Location "/stat">\nRequire local\n</Location>\n$page));
check('a Require', 0, <<'CONF');
<Location "/status">
    SetHandler ocsp-responder-status
    Require local
</Location>
CONF
check('several', 0, <<'CONF');
<Location "/status">
    <RequireAny>
        Require local
        Require ip 192.0.2.1
    </RequireAny>
    SetHandler ocsp-responder-status
</Location>
CONF
my $off = $page =~ s/(?=<.L)/AuthMerging Off\n/r;
check('a Require that the page undoes', 1,
    qq(<Location "/">\nRequire local\n</Location>\n$off));
my $limit = "<LimitExcept GET POST>\nRequire local\n</LimitExcept>\n";
check('methods that it does not know', 1, $page =~ s/(?=<.L)/$limit/r);
check('other methods, by a ' . s/>.*//sr . '>', 1, $page =~ s/(?=<.L)/$_/r)
    for "<Limit POST>\nRequire all denied\n</Limit>\n",
        "<LimitExcept GET>\nRequire all denied\n</LimitExcept>\n";
check('its own method', 0, $page =~ s/(?=<.L)/$_/r)
    for "<Limit GET>\nRequire local\n</Limit>\n", "Require method POST\n";
my $none = "<RequireAll>\nRequire all granted\n<RequireNone>\n%s\n"
    . "</RequireNone>\n</RequireAll>\n";
check('none of some', 0, '<Location "/">' . "\n"
    . sprintf($none, 'Require ip 192.0.2.1') . "</Location>\n$page");
check('an <If> that opens it', 1,
    $page =~ s/(?=<.L)/<If "true">\nRequire all granted\n<\/If>\n/r);
check('an <If>', 0,
    qq(<Location "/">\n<If "true">\nRequire local\n</If>\n</Location>\n$page));
my $folder = $page =~ s/Location "/Directory "\/srv/r =~ s/Loc\w+/Directory/r;
# The server's own configuration closes the root of all.
check('in a closed <Directory>', 0, $folder);
my $open = qq(<Directory "/srv/">\nRequire all granted\n</Directory>\n);
check('  and in an open one in that', 1, $open . $folder
    . qq(<Directory "/">\nRequire all denied\n</Directory>\n));
check('  and not in that of a URL', 1,
    qq($open<Location "/">\nRequire local\n</Location>\n$folder));
SKIP: {
    skip 'no mod_access_compat', 1 unless has_module('access_compat');
    $server =
        check_on(T::Server->new(modules => [qw(authz_host access_compat)]));
    for my $lines ("Deny from all\n",
        qq(Deny  from "all"\n), "Order mutual-failure\n",
        "Order deny,allow\nAllow from 192.0.2.1\nDeny from all\n",
        "Order allow,deny\nAllow from all\nDeny from all\n",
        "Order allow,deny\nAllow from 192.0.2.1\n") {
        check('closed around it', 0,
            qq(<Location "/">\n$lines</Location>\n$page));
        check('closed itself', 0, $page =~ s/(?=<.L)/$lines/r);
    }
    check('closed to one', 1, $page =~ s/(?=<.L)/Deny from 192.0.2.1\n/r);
    check('open: ' . s/\n/ /gr, 1,
        qq(<Location "/">\n$_</Location>\n$page))
        for "Allow from 192.0.2.1\n",
            "Order allow,deny\nOrder deny,allow\n",
            "<Limit POST>\nDeny from all\n</Limit>\n",
            "Require all denied\nSatisfy any\n";
    check('open around it', 1,
        qq(<Location "/">\nAllow from all\n</Location>\n$page));
}
check('another handler', 0, <<'CONF');
<Location "/health">
    SetHandler ocsp-responder-health
</Location>
CONF

finish;
