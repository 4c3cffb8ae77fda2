# SPDX-License-Identifier: Apache-2.0
# What httpd's other modules do to content, they do not do to answers.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my @endings = qw(.gz .Z .de .shtml .html .php .cgi .var .txt);

# Each way to alter content, for all URLs.
my %around = (
    'SetOutputFilter INCLUDES' =>
        ['include', "Options +Includes\nSetOutputFilter INCLUDES\n"],
    'AddOutputFilter by ending' => ['include',
        "Options +Includes\nAddOutputFilter INCLUDES @endings\n"],
    'SetOutputFilter SUBSTITUTE' => ['substitute',
        "SetOutputFilter SUBSTITUTE\nSubstitute s/0/X/\n"],
    'SetOutputFilter SED' =>
        ['sed', qq(SetOutputFilter Sed\nOutputSed "s/0/X/g"\n)],
    'SetOutputFilter DEFLATE'    => ['deflate', "SetOutputFilter DEFLATE\n"],
    'SetOutputFilter BROTLI'     =>
        ['brotli', "SetOutputFilter BROTLI_COMPRESS\n"],
    'AddOutputFilterByType' => ['deflate',
        "AddOutputFilterByType DEFLATE application/ocsp-response\n"],
    'FilterChain' => ['deflate', "FilterDeclare any CONTENT_SET\n"
        . qq(FilterProvider any DEFLATE "true"\nFilterChain any\n)],
    'a character set' => ['charset_lite',
        "CharsetSourceEnc utf-8\nCharsetDefault utf-16\n"
        . "CharsetOptions TranslateAllMimeTypes\n"],
    'an external filter' => ['ext_filter',
        qq(ExtFilterDefine upper cmd="/usr/bin/tr 0a X%"\n)
        . "SetOutputFilter upper\n"],
    'an external filter behind all others' => ['ext_filter',
        qq(ExtFilterDefine late ftype=20 cmd="/usr/bin/tr 0a X%"\n)
        . "SetOutputFilter late\n"],
);

# What only the server may define.
sub is_definition { return $_[0] =~ /^(?:ExtFilterDefine|FilterDeclare)/ }

my $ssi   = '<!--#echo var="DATE_LOCAL" --><!--#printenv -->';
my $good  = request_for('root-good-1');
my $nonce = request_for('root-good-1', nonce => $ssi);

sub is_whole {
    my ($answer, $name) = @_;
    is $answer->{says}, 'good', "$name: is answered";
    is $answer->{headers}{$_}, undef, "  no $_"
        for qw(content-encoding content-language);
    is $answer->{headers}{'content-type'}, 'application/ocsp-response',
        '  the type is its own';
    is $answer->{headers}{'content-length'}, length $answer->{body},
        '  of the length that is said';
    return $answer;
}

sub is_echoed {
    my ($answer, $name) = @_;
    is_whole($answer, $name);
    like $answer->{body}, qr/\Q$ssi\E/, '  the nonce comes back as it is';
    return;
}

my @accept = ('Accept-Encoding: gzip, deflate, br', 'Accept-Language: de');

note 'case 48: filters that alter content';
my @names = grep { has_module($around{$_}[0]) } sort keys %around;
is scalar @names, scalar keys %around, 'all modules are here';
my %modules = map { $around{$_}[0] => 1 } @names;
my $server = T::Server->new(modules => ['filter', sort keys %modules],
    conf => join '', map {
        my @lines = split /^/, $around{ $names[$_] }[1];
        (grep { is_definition($_) } @lines),
            "<VirtualHost *:\@PORT\@>\nServerName host$_.example\n",
            qq(<Location "/">\n), (grep { !is_definition($_) } @lines),
            "</Location>\n", <<'CONF';
<Location "/ocsp/">
    @responder root@
</Location>
</VirtualHost>
CONF
    } 0 .. $#names)->start;
for my $n (0 .. $#names) {
    my $name = $names[$n];
    my %o = (headers => \@accept, host => "host$n.example");
    is_whole($server->get('/ocsp/', $good, %o), "$name, GET");
    is_echoed($server->post('/ocsp/', $nonce, %o), "$name, POST");
    is_echoed($server->post('/ocsp/x.shtml', $nonce, %o),
        "$name, POST to .shtml");
    is $server->post('/ocsp/x', 'x', %o)->{body}, "0\x03\x0a\x01\x01",
        "$name, an error";
}

note 'a page that includes an answer';
my $page = T::Server->new(modules => [qw(include substitute)],
    conf => <<'CONF');
<Directory "@ROOT@/htdocs">
    Options +Includes
    SetOutputFilter INCLUDES;SUBSTITUTE
    Substitute s/behind/after/
    Require all granted
</Directory>
<Location "/ocsp/">
    SetOutputFilter SUBSTITUTE
    Substitute s/0/X/
    @responder root@
</Location>
CONF
my ($before, $behind) = ("before\n" x 9_000, "behind\n" x 9_000);
spew("$page->{root}/htdocs/page.html", $before,
    qq(<!--#include virtual="/ocsp/@{[percent(base64($good))]}" -->), $behind);
$page->start;
my $text = $page->request('GET', '/page.html')->{body};
my $after = $behind =~ s/behind/after/gr;
ok substr($text, 0, length $before) eq $before, 'begins';
ok substr($text, -length $after) eq $after, '  goes on, filtered';
my $der = eval { substr $text, length $before, -length $after } // '';
is ocsp_status($der), 'successful', '  the answer is as it is sent';

note 'case 48: types, languages and encodings by ending';
my $types = T::Server->new(modules => [qw(negotiation mime_magic)],
    conf => <<'CONF')->start;
AddEncoding x-gzip .gz
AddEncoding x-compress .Z
AddLanguage de .de
DefaultLanguage fr
AddType text/html .shtml .html .php
AddHandler cgi-script .cgi
AddHandler type-map .var
MimeMagicFile /dev/null
<Location "/">
    Options +MultiViews +ExecCGI
    ForceType text/plain
</Location>
<Location "/ocsp/">
    @responder root@
</Location>
CONF
for my $ending (@endings) {
    is_whole($types->post("/ocsp/x$ending", $good, headers => \@accept),
        "POST to $ending");
    is_whole($types->request('GET', '/ocsp/' . base64($good) . "?x$ending",
        headers => \@accept), "GET with $ending");
}

note 'case 49: mod_expires';
my $expires = T::Server->new(modules => [qw(expires headers)],
    conf => <<'CONF')->start;
ExpiresActive on
ExpiresDefault "access plus 1 month"
ExpiresByType application/ocsp-response "access plus 1 month"
Header set X-Ours yes
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/once/">
    @responder root@
    OCSPResponderMaxAge 0
</Location>
CONF

sub freshness {
    my ($answer) = @_;
    my $control = $answer->{headers}{'cache-control'} // 'none';
    return "$control, Expires " . ($answer->{headers}{expires} // 'none');
}
is freshness($expires->post('/ocsp/', 'x')), 'no-store, Expires none',
    'an error by POST';
is freshness($expires->get('/ocsp/', 'x')), 'no-store, Expires none',
    'an error by GET';
is freshness($expires->get('/ocsp/', request_for('inter-good-1'))),
    'no-store, Expires none', 'unauthorized';
my %once = (
    'an answer by POST'      => $expires->post('/ocsp/', $good),
    'an answer with a nonce' => $expires->get('/ocsp/', $nonce),
    'unknown' => $expires->get('/ocsp/', ocsp_request([certid('root',
        '5EED')])),
    'MaxAge 0' => $expires->get('/once/', $good),
);
is freshness($once{$_}), 'no-cache, no-transform, Expires none', $_
    for sort keys %once;
my $kept = $expires->get('/ocsp/', $good);
like $kept->{headers}{'cache-control'}, qr/^max-age=(?:5[67]\d), public,/,
    'a good answer: its own freshness, once';
is $kept->{headers}{'x-ours'}, 'yes', 'mod_headers is obeyed';
for my $method ('OPTIONS', 'PUT') {
    my $answer = $expires->request($method, '/ocsp/');
    is $answer->{headers}{expires}, undef, "$method: no Expires";
}

finish;
