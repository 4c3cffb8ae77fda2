# SPDX-License-Identifier: Apache-2.0
# Many clients at once: every answer is for its own request.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Load;
use T::Server;

ask_once;

my $conf = join '', map { <<"CONF" } 'root', 'ec', 'ed25519';
<Location "/$_/">
    \@responder $_\@
</Location>
CONF

# Of two certificates with one serial step-ca has the first alone.
my @tags = grep { cert($_)->{issuer} =~ /^(?:root|ec|ed25519)$/
    && !($_ eq 'inter2' && ($ENV{SOURCE} // '') =~ /^step-ca/) } cert_tags();

# The job number $n: GET or POST, with or without nonce, some cut off. Those who
# are told to try later are put into @late: others may keep a machine busy for
# longer than a request may take.
my @late;
sub job {
    my ($n) = @_;
    my $tag    = $tags[$n % @tags];
    my $nonce  = $n % 3 ? undef : sprintf 'nonce of job %06d', $n;
    my $sent   = defined $nonce ? octet_string($nonce) : '';
    my $certid = certid_of($tag, digest => $n % 5 ? 'sha1' : 'sha256');
    my $der = ocsp_request([$certid],
        $nonce ? (extensions => [nonce($nonce)]) : ());
    my $path = '/' . cert($tag)->{issuer} . '/';
    my %close = (headers => ['Connection: close']);
    return {
        bytes => $n % 2
            ? T::HTTP::bytes('GET', $path . percent(base64($der)), %close)
            : T::HTTP::bytes('POST', $path, body => $der, %close),
        abort => $n % 10 == 7 ? 'half' : $n % 10 == 8 ? 'all' : '',
        check => sub {
            my $response = eval { read_response($_[0]) };
            if (!$response) {
                my $status = ocsp_status($_[0]);
                return "job $n: $status" if $status ne 'tryLater';
                push @late, $n;
                return '';
            }
            my $single = $response->{singles}[0];
            my $echo   = $response->{extensions}{ $OID{nonce} };
            return "job $n: another's CertID" if $single->{certid} ne $certid;
            return "job $n: $single->{status}"
                if $single->{status} ne cert($tag)->{status};
            return "job $n: another's nonce"
                if ($echo ? $echo->{value} : '') ne $sent;
            return '';
        },
    };
}

hurry();
for my $mpm (qw(prefork worker event)) {
    note "case 47: 200 clients under $mpm";
    SKIP: {
        skip "no mod_mpm_$mpm", 4 unless has_module("mpm_$mpm");
        my $server = T::Server->new(mpm => $mpm, conf => $conf)->start;
        # httpd's own words for as many clients as it was told to take
        $server->allow_log(qw(AH00161 AH00286 AH00484));
        my @wrong = load($server->{port}, 200, map { job($_) } 1 .. 600);
        is join("\n", splice @wrong, 0, 10), '',
            "every answer under $mpm is its request's";
        cmp_ok scalar @late, '<', 300, '  most of them at once';
        wait_for {
            push @wrong, load($server->{port}, 1, map { job($_) }
                splice @late);
            !@late;
        } 20;
        is join("\n", @wrong, @late), '', '  and the others when asked again';
        $server->allow_log(qw(OCSP0201 OCSP0203));
        is $server->says('/root/', 'root-good-1'), 'good',
            'and all is well after';
    }
}

finish;
