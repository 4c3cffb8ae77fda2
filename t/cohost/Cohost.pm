# SPDX-License-Identifier: Apache-2.0
# What the co-hosting tests share: Python with django-ca, the lines for mod_wsgi,
# and clients that take the URL out of the certificate.
package Cohost;

use strict;
use warnings;
use feature 'state';
use Cwd qw(abs_path);
use Digest::MD5 qw(md5_hex);
use Exporter 'import';
use File::Basename qw(dirname);
use Test::More;

use Site;
use T::OCSP;
use T::Process;
use T::Platform;

our @EXPORT = qw(all_say client_lacks client_says clients django_answers java
    make_root openssl_says python share url_of wsgi_file wsgi_lines);

my $bin     = abs_path(dirname(__FILE__));
my $project = "$bin/../compat/site";

# mod_wsgi's Python is the system's, and its packages must be for that one:
# (path, undef), or (undef, why there is none).
sub python {
    state $found = [find_python()];
    return @$found;
}

sub find_python {
    my ($python, $why_not) = Site::python();
    return (undef, $why_not) unless $python;
    my $venv = $python =~ s{/bin/python$}{}r;
    return $python if slurp("$venv/pyvenv.cfg") =~ m{^home = /usr/bin$}m;
    return (undef, "the system's Python is too old for django-ca");
}

# -- the site under mod_wsgi ---------------------------------------------------

# The lines for a mode: daemon or embedded.
sub wsgi_lines {
    my ($site, $mode) = @_;
    my $venv = $site->{python} =~ s{/bin/python$}{}r;
    # Python takes long to start on a busy machine.
    my $lines = "Timeout 60\n";
    $lines .= $mode eq 'daemon' ? <<"CONF" : "WSGIPythonHome $venv\n";
WSGISocketPrefix \@ROOT\@/run/wsgi
WSGIDaemonProcess site python-home=$venv threads=2
WSGIProcessGroup site
CONF
    return <<"CONF";
$lines
WSGIApplicationGroup %{GLOBAL}
WSGIScriptAlias / $site->{root}/wsgi.py
<Directory $site->{root}>
    Require all granted
</Directory>
CONF
}

# Python text that reads the site's settings as its manage.py does.
sub wsgi_file {
    my ($site) = @_;
    my $env = $site->environment;
    my @path = ($project, split /:/, $env->{PYTHONPATH} // '');
    return spew("$site->{root}/wsgi.py", "import os\nimport sys\n\n",
        (map { qq{os.environ["$_"] = "$env->{$_}"\n} } sort keys %$env),
        (map { qq{sys.path.insert(0, "$_")\n} } @path), <<'PYTHON');
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
PYTHON
}

# A CA named "root" whose responder is at that URL, and certificates for
# localhost by these names: the CA, and them by name.
sub make_root {
    my ($site, $url, @names) = @_;
    $site->manage_all('init_ca --key-type=EC root CN=root');
    my $root = $site->ca('root');
    my @sign = map {
        my $csr = $site->key($_, qw(-algorithm EC -pkeyopt
            ec_paramgen_curve:P-256));
        "sign_cert --ca=$root->{serial} --csr=$csr --subject=CN=$_"
            . ' --subject-alternative-name=DNS:localhost --webserver';
    } @names;
    $site->manage_all("edit_ca --sign-ocsp-responder=$url/$root->{serial}/cert/"
        . " $root->{serial}");
    $site->manage_all(@sign);
    return ($root, map { ($_ => $site->cert($_)) } @names);
}

# Tests that Django answers what is not OCSP, soon.
sub django_answers {
    my ($server, $root, $name) = @_;
    my $says;
    wait_for {
        $says = $server->get("/django_ca/crl/$root->{serial}/", '')->{says};
        $says =~ /^HTTP (?:200|404)/;
    } 60;
    return like $says, qr/^HTTP (?:200|404)/, $name;
}

# Who runs django-ca's commands is who httpd runs as, here.
sub share {
    my ($site) = @_;
    my (undef, undef, $uid, $gid) = user();
    must('chown', '-R', "$uid:$gid", $site->{root}) if $uid;
    return;
}

# -- clients -------------------------------------------------------------------

sub said_by {
    my ($like, @command) = @_;
    my (undef, $text) = run(@command);
    return $text =~ $like ? lc $1 : $text;
}

# The URL in a certificate.
sub url_of {
    my ($cert) = @_;
    my ($url) = split /\n/, must('openssl', 'x509', '-noout', '-ocsp_uri',
        '-in', $cert);
    return $url;
}

sub openssl_says {
    my ($cert, $issuer) = @_;
    my $like = qr/^Response verify OK.*?: (good|revoked)$/ms;
    return said_by($like, 'openssl', 'ocsp', '-url', url_of($cert), '-issuer',
        $issuer, '-cert', $cert, '-CAfile', $issuer);
}

# name => what it says of a certificate (and its issuer's; go, cryptography and
# java take a word more), in a word: good or revoked.
my %client = (
    'openssl ocsp' => \&openssl_says,
    'ocsptool' => sub {
        my ($cert, $issuer) = @_;
        return said_by(qr/Certificate Status: (\w+)/, 'ocsptool', '--ask',
            '--load-cert', $cert, '--load-issuer', $issuer, '--load-trust',
            $issuer);
    },
    'cryptography' => sub {
        return said_by(qr/\A(\w+)$/, (python())[0], "$bin/clients.py", @_);
    },
    'go' => sub {
        return said_by(qr/\A(\w+)$/, (go_client())[0], @_);
    },
    'java' => sub {
        return said_by(qr/\A(GOOD|REVOKED)\b/, java(), @_);
    },
);

# Why there is no such client here, if there is none.
my %lacks = (
    ocsptool => sub { (run('ocsptool', '--version'))[0] && 'no ocsptool' },
    java     => sub { (java_client())[1] },
    go       => sub { (go_client())[1] },
    cryptography => sub { (python())[1] },
);

my %why_not;

sub clients { return sort keys %client }

# Why there is no such client here; false: there is.
sub client_lacks {
    my ($who) = @_;
    return $lacks{$who} && ($why_not{$who} //= $lacks{$who}->());
}

# What it says; the arguments are files, as %client has them.
sub client_says {
    my ($who, @arguments) = @_;
    return $client{$who}->(@arguments);
}

# Each of the clients (all, when none is named) says so of the certificate. Ours
# is first and asks again where a busy machine is late; the others ask once, and
# find what had to be read.
sub all_say {
    my ($server, $name, $cert, $issuer, $says, @clients) = @_;
    my ($path) = url_of($cert->{pem}) =~ m{//[^/]*(/.*)};
    my $request = openssl_request('-issuer', $issuer->{pem}, '-cert',
        $cert->{pem});
    is $server->post($path, $request)->{says}, $says, "$name: ours: $says";
    for my $who (@clients ? @clients : clients()) {
      SKIP: {
            my $why = client_lacks($who);
            skip "$who: $why", 1 if $why;
            is client_says($who, $cert->{pem}, $issuer->{pem}), $says,
                "$name: $who: $says";
        }
    }
    return;
}

# A client of that name, built by the code in a folder that is given, once for
# all tests and until its source changes: (that folder, undef), or (undef, why
# not).
sub built {
    my ($source, $make) = @_;
    state %client;
    my $mark = md5_hex(slurp("$bin/$source"));
    $client{$source} //= [kept("clients/$source-$mark", $make)];
    return @{ $client{$source} };
}

# Java without what pays for programs that run for long alone.
my @java = qw(java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC);

# Java's, as classes in a folder. Some have the compiler as a module alone.
sub java_client {
    return built('Check.java', sub {
        my ($code, $text) = run(@java, '--module',
            'jdk.compiler/com.sun.tools.javac.Main', '-d', @_,
            "$bin/Check.java");
        return $code ? "no compiler with java: $text" : undef;
    });
}

# How it is run.
sub java {
    return (@java, '-cp',
        join(':', (java_client())[0], glob '/usr/share/java/bc*.jar'),
        'Check');
}

# The last release of x/crypto that Go 1.18 and later can build.
my $crypto = 'golang.org/x/crypto@v0.23.0';

# Go's.
sub go_client {
    my ($folder, $why_not) = built('client.go', \&build_go_client);
    return $folder ? "$folder/client" : (undef, $why_not);
}

sub build_go_client {
    my ($folder) = @_;
    my ($none, $version) = run('go', 'version');
    return 'no go' if $none;
    my ($minor) = $version =~ /\bgo1\.(\d+)/;
    return "Go is too old: $version" if $minor && $minor < 18;
    spew("$folder/client.go", slurp("$bin/client.go"));
    spew("$folder/go.mod", "module client\n\ngo 1.18\n");
    my %env = (GOTOOLCHAIN => 'local', GOFLAGS => '-mod=mod', GOWORK => 'off');
    for my $arguments (['get', $crypto], ['build', '-o', 'client', '.']) {
        my ($code, $text) = run(\%env, 'sh', '-c', 'cd "$0" && exec "$@"',
            $folder, qw(timeout -k 1 120 go), @$arguments);
        return "go @$arguments: $text" if $code;
    }
    return undef;
}

1;
