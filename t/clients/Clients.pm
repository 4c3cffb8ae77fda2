# SPDX-License-Identifier: Apache-2.0
# A CA, a responder, and certificates that name it, for clients that others
# wrote. What a client is asked about:
#
#   good, revoked, unknown   what the database says
#   unauthorized             a serial never issued, at a location that says so
#   tryLater                 a good one, while the database is locked
package Clients;

use strict;
use warnings;
use Exporter 'import';
use IO::Socket::INET;
use T::PKI;
use T::Server;

our @EXPORT = qw(responder certificate tls_server each_status program
    is_listening nss_says chromium chromium_on chromium_says);

my ($server, $key, %made);

# The responder, started when it is first asked for.
sub responder {
    return $server if $server;
    $server = T::Server->new(conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/unauthorized/">
    @responder root@
    OCSPResponderUnknown unauthorized
</Location>
<Location "/fresh/">
    @responder root@
    OCSPResponderBackdate 0
</Location>
<Location "/direct/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @root.ca_key@
    OCSPResponderCert @root.pem@
</Location>
<Location "/direct-fresh/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @root.ca_key@
    OCSPResponderCert @root.pem@
    OCSPResponderBackdate 0
</Location>
<Location "/dual/">
    @responder root@
    OCSPResponderDualCertID on
</Location>
CustomLog @ROOT@/logs/sizes "%U %B"
CONF
    return $server->allow_log(qw(OCSP0203 AH00632 AH02655))->start;
}

# Signs a certificate by the root; its path, and that of its key, which all of
# them share. Options: cn, path (of the responder), usage (extendedKeyUsage).
sub issue {
    my (%o) = @_;
    my $root = ca('root');
    $key //= make_key('rsa');
    my $url  = responder()->url($o{path} // '/ocsp/');
    my $pem  = make_cert(key => $key, cn => $o{cn} // 'client',
        issuer => { pem => $root->{pem}, key => $root->{ca_key} },
        extensions => ["authorityInfoAccess=OCSP;URI:$url",
            'extendedKeyUsage=' . ($o{usage} // 'clientAuth'),
            'subjectAltName=DNS:' . ($o{cn} // 'client')]);
    return { pem => $pem, key => $key };
}

# A client's certificate of such a status: its paths, {pem, key}.
sub certificate {
    my ($status, %o) = @_;
    my $kind = join ' ', $status, map { "$_=$o{$_}" } sort keys %o;
    return $made{$kind} //= do {
        my $cert = issue(%o,
            path => $status eq 'unauthorized' ? '/unauthorized/' : $o{path});
        insert_cert(responder(), ca('root')->{name}, $cert->{pem})
            if $status =~ /^(?:good|fresh|revoked|tryLater)$/;
        my $serial = serial_of($cert->{pem});
        responder()->sql("UPDATE django_ca_certificate SET revoked=1,"
            . " revoked_date='2026-01-02 03:04:05',"
            . " revoked_reason='key_compromise' WHERE serial='$serial'")
            if $status eq 'revoked';
        $cert;
    };
}

# The certificate of a TLS server on localhost, which nobody asks about.
sub tls_server { return certificate('good', cn => 'localhost',
    usage => 'serverAuth') }

# Calls the code with each status and a certificate of it.
sub each_status {
    my ($code, %o) = @_;
    for my $status (qw(good revoked unknown unauthorized tryLater)) {
        my $cert = certificate($status, %o);
        my $free = $status eq 'tryLater' ? responder()->lock_database
            : sub { };
        $code->($status, $cert);
        $free->();
    }
    wait_for { responder()->says('/ocsp/', 'root-good-1') eq 'good' } 5;
    return;
}

# The path of a program, or undef.
sub program {
    my ($name) = @_;
    my ($path) = grep { -x } map { "$_/$name" } split(/:/, $ENV{PATH}),
        qw(/usr/sbin /usr/local/sbin);
    return $path;
}

# What NSS says of a certificate's status, in its own words. Whether it takes
# the certificate comes first: since 3.110 the reason there is "revoked" for all
# that is not good.
sub nss_says {
    my ($cert) = @_;
    my $place = File::Temp->newdir('nss-XXXXXX', TMPDIR => 1);
    must('certutil', '-N', '-d', "sql:$place", '--empty-password');
    must('certutil', '-A', '-d', "sql:$place", '-n', 'root', '-t', 'CT,C,C',
        '-a', '-i', ca('root')->{pem});
    must('certutil', '-A', '-d', "sql:$place", '-n', 'leaf', '-t', ',,', '-a',
        '-i', $cert->{pem});
    my @ask = ('timeout', '60', 'ocspclnt', '-d', "sql:$place");
    my (undef, $verified) = run(@ask, '-V', 'leaf', '-u', 's');
    my (undef, $status)   = run(@ask, '-S', 'leaf');
    return ($verified =~ /succeeded/ ? 'taken: ' : 'refused: ')
        . $status =~ tr/\n/ /r;
}

# Chromium's path, or undef.
sub chromium {
    my ($path) = grep { defined } map { program($_) } qw(chromium
        chromium-browser google-chrome);
    my $fedora = '/usr/lib64/chromium-browser/chromium-browser';
    return $path // (-x $fedora ? $fedora : undef);
}

# What Chromium prints of a page, with a folder of its own for a home, and these
# arguments besides.
sub chromium_on {
    my ($home, $url, @arguments) = @_;
    my (undef, $text) = run({ HOME => "$home" }, qw(timeout -k 5 300),
        chromium(), qw(--headless --no-sandbox --disable-gpu
        --disable-dev-shm-usage --no-first-run --disable-background-networking
        --enable-logging=stderr), "--user-data-dir=$home/profile", @arguments,
        $url);
    return $text;
}

# What it says of a TLS server with this certificate: good, revoked, or all that
# it prints. Told to ask about those of CAs that the user trusts, it takes none
# of which it is not told that it is good.
sub chromium_says {
    my ($cert) = @_;
    my $home = File::Temp->newdir('chromium-XXXXXX', TMPDIR => 1);
    mkdir "$home/$_" for qw(.pki .pki/nssdb profile);
    my $nss = "sql:$home/.pki/nssdb";
    must('certutil', '-N', '-d', $nss, '--empty-password');
    must('certutil', '-A', '-d', $nss, '-n', 'root', '-t', 'CT,C,C', '-a', '-i',
        ca('root')->{pem});
    spew("$home/profile/Local State", '{"ssl": {"rev_checking": {"enabled":'
        . ' true, "required_for_local_anchors": true}}}');
    my $port = T::Platform::free_port();
    my $pid = background({}, "$home/out", qw(openssl s_server -www -accept),
        $port, '-cert', $cert->{pem}, '-key', $cert->{key});
    wait_for { is_listening($port) } 20;
    my $text = chromium_on($home, "https://localhost:$port/", '--dump-dom');
    kill KILL => $pid;
    waitpid $pid, 0;
    return $text =~ /net_error -206\b/ ? 'revoked'
        : $text =~ /s_server -www/ ? 'good' : $text;
}

# Whether somebody accepts connections at a port.
sub is_listening {
    my ($port) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
}

1;
