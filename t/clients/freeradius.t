# SPDX-License-Identifier: Apache-2.0
# FreeRADIUS checks the certificates of EAP-TLS (802.1X): with a nonce, and
# without.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Server;
use Clients;

my ($radius, $supplicant) = map { program($_) } qw(freeradius eapol_test);
plan(skip_all => 'freeradius or eapol_test is not installed')
    unless $radius && $supplicant;

my ($root, $own) = (ca('root'), tls_server());
my $place = File::Temp->newdir('radius-XXXXXX', TMPDIR => 1);
my $port  = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1')
    ->sockport;
my $owner = $$;
my $pid;
END { put_down($pid) if $pid && $$ == $owner }

# Starts it, in such an environment.
sub start {
    my ($nonce, $env) = @_;
    spew("$place/radiusd.conf", <<"CONF");
prefix = /usr
logdir = $place
run_dir = $place
pidfile = $place/pid
libdir = /usr/lib/freeradius
proxy_requests = no
security {
    allow_core_dumps = no
}
thread pool {
    start_servers = 1
    max_servers = 2
    min_spare_servers = 1
    max_spare_servers = 2
}
client localhost {
    ipaddr = 127.0.0.1
    secret = testing123
}
modules {
    eap {
        default_eap_type = tls
        timer_expire = 60
        tls-config common {
            private_key_file = $own->{key}
            certificate_file = $own->{pem}
            ca_file = $root->{pem}
            tls_max_version = "1.2"
            ocsp {
                enable = yes
                override_cert_url = no
                url = "http://127.0.0.1/"
                use_nonce = $nonce
                timeout = 5
                softfail = no
            }
        }
        tls {
            tls = common
        }
    }
}
server default {
    listen {
        type = auth
        ipaddr = 127.0.0.1
        port = $port
    }
    authorize {
        eap
    }
    authenticate {
        eap
    }
}
CONF
    unlink "$place/log";
    $pid = background($env // {}, "$place/log", $radius, '-X', '-d', "$place");
    ok((wait_for { -e "$place/log"
        && slurp("$place/log") =~ /Ready to process/ } 30), 'FreeRADIUS is up')
        or diag slurp("$place/log");
    return;
}

# Whether somebody with the certificate gets into the network.
sub gets_in {
    my ($cert) = @_;
    spew("$place/eapol", <<"CONF");
network={
    key_mgmt=WPA-EAP
    eap=TLS
    identity="somebody"
    client_cert="$cert->{pem}"
    private_key="$cert->{key}"
}
CONF
    my ($code, $text) = run('timeout', '60', $supplicant, '-c',
        "$place/eapol", '-a', '127.0.0.1', '-p', $port, '-s', 'testing123',
        '-t', '20');
    return $text =~ /^SUCCESS$/m ? 1 : 0;
}

for my $nonce (qw(yes no)) {
    start($nonce);
    each_status(sub {
        my ($status, $cert) = @_;
        is gets_in($cert), $status eq 'good' ? 1 : 0,
            "use_nonce $nonce: $status";
    });
    put_down($pid);
    undef $pid;
    like slurp("$place/log"), qr/ocsp: Cert status: $_/i, "it was told $_"
        for qw(good revoked unknown);
}

note 'a clock that is half a minute slow, where the root itself signs';
my $faketime = T::Platform::faketime();
SKIP: {
    skip 'no libfaketime', 2 unless $faketime;
    start('no', { LD_PRELOAD => $faketime, FAKETIME => '-30s' });
    my $direct = certificate('good', cn => 'direct', path => '/direct/');
    is gets_in($direct), 1, 'thisUpdate lies a minute back: good';
    put_down($pid);
    undef $pid;
    like slurp("$place/log"), qr/ocsp: Cert status: good/i, '  by OCSP';
}

finish;
