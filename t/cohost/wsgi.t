# SPDX-License-Identifier: Apache-2.0
# A site of django-ca under mod_wsgi, with the module in the same virtual
# host; its own commands, and clients that take the URL out of the certificate.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../compat", $FindBin::Bin;
use T::Server;
use T::HTTP;
use Cohost;
use Site;

my ($python, $why_not) = python();
plan(skip_all => $why_not) unless $python;
for my $module (qw(wsgi ssl socache_shmcb)) {
    plan(skip_all => "mod_$module is not installed") unless has_module($module);
}

for my $mode (qw(daemon embedded)) {
    my $tls = T::Platform::free_port();
    my $server = T::Server->new(db => 0, modules =>
        [qw(wsgi ssl socache_shmcb)], dbd => <<'DBD', conf => '');
DBDriver sqlite3
DBDParams @ROOT@/site/db.sqlite3
DBD
    my $site = Site->new("$server->{root}/site", $python);
    my $url  = "http://localhost:$server->{port}/django_ca/ocsp";
    note "$mode: the site";
    # hand is the other kind of site, with a responder that is signed by hand.
    # Java reads no certificate without a subject, as 3.1.0 makes its own.
    $site->manage_all(map { "init_ca --key-type=EC $_ CN=$_" } qw(root hand));
    my ($root, $hand) = map { $site->ca($_) } qw(root hand);
    my %csr = map { ($_ => $site->key($_, qw(-algorithm EC -pkeyopt
        ec_paramgen_curve:P-256))) } qw(hand-ocsp hand-leaf localhost other);
    my $sign = sub {
        my ($ca, $name, @options) = @_;
        return "sign_cert --ca=$ca->{serial} --csr=$csr{$name}"
            . " --subject=CN=$name @options";
    };
    my @server = qw(--subject-alternative-name=DNS:localhost --webserver);
    $site->manage_all(
        "edit_ca --sign-ocsp-responder=$url/$root->{serial}/cert/"
            . " $root->{serial}",
        $sign->($hand, 'hand-ocsp', '--ocsp'),
        "edit_ca --sign-ocsp-responder=$url/hand/ $hand->{serial}",
        $sign->($hand, 'hand-leaf', @server),
        map { $sign->($root, $_, @server) } qw(localhost other));
    my %cert = map { ($_ => $site->cert($_)) } qw(localhost other);
    $cert{'hand-leaf'} = $site->cert('hand-leaf');
    wsgi_file($site);
    share($site);
    my $hand_ocsp = $site->cert('hand-ocsp')->{serial};
    $server->write_conf(<<"CONF");
@{[wsgi_lines($site, $mode)]}
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
    my $say = sub {
        my ($name, $says) = @_;
        my $is_hand = $name eq 'hand-leaf';
        all_say($server, $name, $cert{$name}, $is_hand ? $hand : $root, $says,
            grep { $is_hand || $_ ne 'java' } clients());
    };
    django_answers($server, $root, "$mode: django answers what is not OCSP");
    $say->($_, 'good') for qw(localhost other hand-leaf);
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
    share($site);
    $say->($_, 'revoked') for qw(localhost hand-leaf);
    $say->('other', 'good');
    wait_for { $signer->() ne $before } 10;
    isnt $signer->(), $before, 'the new key is in use, with no restart';
    SKIP: {
        skip 'there is no curl', 1 if (run('curl', '--version'))[0];
        wait_for { $curl->() eq 'revoked' } 10;
        is $curl->(), 'revoked', 'curl --cert-status';
    }
    $server->expect_log('AH02969');
    ok $server->graceful, 'a graceful restart';
    $say->('localhost', 'revoked');
}

finish;
