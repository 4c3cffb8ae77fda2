# SPDX-License-Identifier: Apache-2.0
# A site of django-ca 3.1.0 under mod_wsgi, with the module in the same virtual
# host; its own commands, and clients that take the URL out of the certificate.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../compat";
use Responder;
use Client;
use Site;

my ($python, $why_not) = system_python();
plan(skip_all => $why_not) unless $python;
for my $module (qw(wsgi ssl socache_shmcb)) {
    plan(skip_all => "mod_$module is not installed") unless has_module($module);
}

# mod_wsgi's Python is the system's, and its packages must be for that one,
# where httpd's user can read them.
sub system_python {
    my $venv = $ENV{COHOST_VENV} // top_dir() . '/build/venv/cohost';
    my $found = "$venv/bin/python";
    my $look = 'import celery, django, django_ca';
    return $found unless (run($found, '-c', $look))[0];
    my ($code, $text) = run('/usr/bin/python3', '-m', 'venv', '--clear', $venv);
    return (undef, "/usr/bin/python3 -m venv fails: $text") if $code;
    ($code, $text) = run($found, '-m', 'pip', 'install', '--quiet',
        '--disable-pip-version-check', '--no-input', '--timeout=15',
        'django-ca[celery]==3.1.0');
    return (undef, "pip cannot install django-ca: $text") if $code;
    must('chmod', '-R', 'a+rX', $venv);
    return $found;
}

my $venv = $python =~ s{/bin/python$}{}r;
my $bin  = $FindBin::Bin;
my $project = "$bin/../compat/site";
my %mode = (
    daemon => <<"CONF",
WSGISocketPrefix \@ROOT\@/run/wsgi
WSGIDaemonProcess site python-home=$venv threads=2
WSGIProcessGroup site
WSGIApplicationGroup %{GLOBAL}
CONF
    embedded => <<"CONF",
WSGIPythonHome $venv
WSGIApplicationGroup %{GLOBAL}
CONF
);

sub said_by {
    my ($like, @command) = @_;
    my (undef, $text) = run(@command);
    return $text =~ $like ? lc $1 : $text;
}

# name => what it says of a certificate, in a word: good or revoked.
my %client = (
    'openssl ocsp' => sub {
        my ($cert, $issuer, $url) = @_;
        my $like = qr/^Response verify OK.*?: (good|revoked)$/ms;
        return said_by($like, 'openssl', 'ocsp', '-url', $url, '-issuer',
            $issuer, '-cert', $cert, '-CAfile', $issuer);
    },
    'ocsptool' => sub {
        my ($cert, $issuer) = @_;
        return said_by(qr/Certificate Status: (\w+)/, 'ocsptool', '--ask',
            '--load-cert', $cert, '--load-issuer', $issuer, '--load-trust',
            $issuer);
    },
    'cryptography' => sub {
        my ($cert, $issuer) = @_;
        return said_by(qr/\A(\w+)$/, $python, "$bin/clients.py", $cert,
            $issuer);
    },
    'java' => sub {
        my ($cert, $issuer) = @_;
        return said_by(qr/\A(GOOD|REVOKED)\b/, 'java', "$bin/Check.java", $cert,
            $issuer);
    },
);
my %version = (ocsptool => '--version', java => '-version');

for my $mode (sort keys %mode) {
    my $tls = Machine::free_port();
    my $server = Responder->new(db => 0, modules =>
        [qw(wsgi ssl socache_shmcb)], dbd => <<'DBD', conf => '');
DBDriver sqlite3
DBDParams @ROOT@/site/db.sqlite3
DBD
    my $site = Site->new("$server->{root}/site", $python);
    my $url  = "http://localhost:$server->{port}/django_ca/ocsp";
    note "$mode: the site";
    $site->manage_all('init_ca --key-type=EC root CN=root');
    my $root = $site->ca('root');
    $site->manage_all("edit_ca --sign-ocsp-responder=$url/$root->{serial}/cert/"
        . " $root->{serial}");
    # The other kind of site, with a responder that is signed by hand. Java
    # reads no certificate without a subject, as 3.1.0 makes its own.
    $site->manage_all('init_ca --key-type=EC hand CN=hand');
    my $hand = $site->ca('hand');
    my $hand_csr = $site->key('hand-ocsp', qw(-algorithm EC -pkeyopt
        ec_paramgen_curve:P-256));
    my $hand_leaf = $site->key('hand-leaf', qw(-algorithm EC -pkeyopt
        ec_paramgen_curve:P-256));
    $site->manage_all(
        "sign_cert --ca=$hand->{serial} --csr=$hand_csr --subject=CN=hand-ocsp"
            . ' --ocsp',
        "edit_ca --sign-ocsp-responder=$url/hand/ $hand->{serial}",
        "sign_cert --ca=$hand->{serial} --csr=$hand_leaf --subject=CN=hand-leaf"
            . ' --subject-alternative-name=DNS:localhost --webserver');
    my %cert;
    for my $name (qw(localhost other)) {
        my $csr = $site->key($name, qw(-algorithm EC -pkeyopt
            ec_paramgen_curve:P-256));
        $site->manage_all("sign_cert --ca=$root->{serial} --csr=$csr"
            . " --subject=CN=$name --subject-alternative-name=DNS:localhost"
            . ' --webserver');
        $cert{$name} = $site->cert($name);
    }
    $cert{'hand-leaf'} = $site->cert('hand-leaf');
    spew("$site->{root}/wsgi.py", <<"PYTHON");
import os
import sys

os.environ["SITE"] = "$site->{root}"
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
sys.path.insert(0, "$project")
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
PYTHON
    # Who runs django-ca's commands is who httpd runs as, here.
    my $share = sub {
        my (undef, undef, $uid, $gid) = user();
        must('chown', '-R', "$uid:$gid", $site->{root}) if $uid;
    };
    $share->();
    my $hand_ocsp = $site->cert('hand-ocsp')->{serial};
    $server->write_conf(<<"CONF");
$mode{$mode}
WSGIScriptAlias / $site->{root}/wsgi.py
<Directory $site->{root}>
    Require all granted
</Directory>
<Location "/django_ca/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage $site->{root}/files
</Location>
<Location "/django_ca/ocsp/hand/">
    OCSPResponderCA $hand->{serial}
    OCSPResponderKey $site->{root}/files/hand-ocsp.key
    OCSPResponderCert $hand_ocsp
</Location>
SSLStaplingCache shmcb:\@ROOT\@/run/stapling(65536)
SSLSessionCache shmcb:\@ROOT\@/run/session(65536)
Listen 127.0.0.1:$tls
<VirtualHost 127.0.0.1:$tls>
    ServerName localhost
    SSLEngine on
    SSLCertificateFile $cert{localhost}{pem}
    SSLCertificateKeyFile $site->{root}/files/localhost.key
    SSLCACertificateFile $root->{pem}
    SSLUseStapling on
    SSLStaplingStandardCacheTimeout 1
    SSLStaplingErrorCacheTimeout 1
</VirtualHost>
CONF
    $server->start;

    my $curl = sub {
        my ($code, $text) = run('curl', '-sv', '--cert-status', '--cacert',
            $root->{pem}, '-o', '/dev/null', '--resolve',
            "localhost:$tls:127.0.0.1", "https://localhost:$tls/");
        return 'good' if $code == 0;
        return $text =~ /revoked/i ? 'revoked' : "$code: $text";
    };
    my $all_say = sub {
        my ($name, $says) = @_;
        my $is_hand = $name eq 'hand-leaf';
        my $ca = $is_hand ? $hand : $root;
        for my $who (sort keys %client) {
            next if $who eq 'java' && !$is_hand;
          SKIP: {
                my $program = (split ' ', $who)[0];
                skip "there is no $program", 1
                    if $version{$program} && (run($program,
                        $version{$program}))[0];
                is $client{$who}->($cert{$name}{pem}, $ca->{pem}, $is_hand
                    ? "$url/hand/" : "$url/$root->{serial}/cert/"), $says,
                    "$name: $who: $says";
            }
        }
    };
    like $server->get("/django_ca/crl/$root->{serial}/", '')->{says},
        qr/^HTTP (?:200|404)/, "$mode: django answers what is not OCSP";
    $all_say->($_, 'good') for qw(localhost other hand-leaf);
    SKIP: {
        skip 'there is no curl', 1 if (run('curl', '--version'))[0];
        wait_for { $curl->() eq 'good' } 10;
        is $curl->(), 'good', 'curl --cert-status, stapled by mod_ssl';
    }

    note "$mode: revoked, and keys renewed";
    my $signer = sub {
        my $request = openssl_request('-issuer', $root->{pem}, '-cert',
            $cert{other}{pem});
        my $certs = $server->post("/django_ca/ocsp/$root->{serial}/cert/",
            $request)->{response}{certs};
        return unpack 'H*', $certs ? $certs->[0] : '';
    };
    my $before = $signer->();
    # Without a serial --force is ignored.
    $site->manage_all("generate_ocsp_keys --force $root->{serial}",
        "revoke_cert --reason=superseded $cert{localhost}{serial}",
        "revoke_cert $cert{'hand-leaf'}{serial}");
    $share->();
    $all_say->($_, 'revoked') for qw(localhost hand-leaf);
    $all_say->('other', 'good');
    wait_for { $signer->() ne $before } 10;
    isnt $signer->(), $before, 'the new key is in use, with no restart';
    SKIP: {
        skip 'there is no curl', 1 if (run('curl', '--version'))[0];
        wait_for { $curl->() eq 'revoked' } 10;
        is $curl->(), 'revoked', 'curl --cert-status';
    }
    $server->expect_log('AH02969');
    ok $server->graceful, 'a graceful restart';
    $all_say->('localhost', 'revoked');
}

finish;
