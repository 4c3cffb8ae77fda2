# SPDX-License-Identifier: Apache-2.0
# make rotations: keys are replaced again and again under load, and a child's
# memory stays what it was after ten thousand requests and a few rotations, by
# which all threads have what they use again.
#
#   ROTATIONS=1000 REQUESTS=1000000 make rotations
#
# So many new pairs (100), and at least so many requests (100000); each pair is
# seen to sign before the next one comes. The child has one heap, as each of
# glibc's many grows by itself up to what a new pair takes for a moment.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use File::Copy qw(copy);
use T::PKI;
use T::Server;

use Answers;

my $ROTATIONS = $ENV{ROTATIONS} || 100;    # more than $FIRST
my $REQUESTS  = $ENV{REQUESTS}  || 100_000;
my $FEW       = 10_000;
my $FIRST     = 24;

plan(skip_all => 'no mod_socache_shmcb') unless has_module('socache_shmcb');
plan(skip_all => 'no /proc') unless -r '/proc/self/status';

my $ec = ca('ec');
my @pairs = map {
    my $key = make_key('p256');
    [$key, make_cert(key => $key, cn => "pair $_",
        extensions => ['extendedKeyUsage=OCSPSigning'],
        issuer => { pem => $ec->{pem}, key => $ec->{ca_key} })];
} 1 .. 4;

# One child, which nothing but its own end takes away.
my $server = T::Server->new(mpm => 'worker', modules => ['socache_shmcb'],
    env => { MALLOC_ARENA_MAX => 1 }, conf => <<'CONF');
ServerLimit 1
StartServers 1
ThreadsPerChild 16
MaxRequestWorkers 16
MinSpareThreads 1
MaxSpareThreads 16
OCSPResponderCache shmcb:@ROOT@/run/cache(512000)
@page status@
<Location "/ocsp/">
    OCSPResponderCA @ec.serial@
    OCSPResponderKey @ROOT@/conf/responder.key
    OCSPResponderCert @ROOT@/conf/responder.pem
</Location>
CONF

# A new key, and then its certificate.
sub rotate {
    my ($n) = @_;
    my ($key, $cert) = @{ $pairs[$n % @pairs] };
    copy($key,  "$server->{root}/conf/responder.key") or die $!;
    copy($cert, "$server->{root}/conf/responder.pem") or die $!;
    return;
}

sub signer {
    my $answer = $server->get('/ocsp/', request_for('ec-good-1'));
    return $answer->{response}{responder}{key} // '';
}

# Kilobytes of the child, without the cache, which all children share.
sub memory {
    my ($pid) = @_;
    my %kilobytes = slurp("/proc/$pid/status") =~ /^(\w+):\s+(\d+) kB/gm;
    return $kilobytes{VmRSS} - $kilobytes{RssShmem};
}

sub requests {
    my $text = $server->request('GET', '/status?metrics')->{body};
    return $text =~ /^ocsp_responder_requests_total(?:\{[^}]*\})? (\d+)/m
        ? $1 : 0;
}

rotate(0);
chmod 0644, glob "$server->{root}/conf/responder.*";
$server->start;
my ($child) = $server->children;
my $answers = Answers->begin($server, [qw(ec-good-1 ec-revoked-1)],
    "$server->{root}/logs", 4);
ok wait_for(sub { requests() >= $FEW }, 600), "after $FEW requests";
my ($seen, $few) = (0);
for my $n (1 .. $ROTATIONS) {
    my $old = signer();
    rotate($n);
    $seen++ if wait_for { signer() ne $old } 60;
    $few = memory($child) if $n == $FIRST;
}
is $seen, $ROTATIONS, "each of $ROTATIONS new pairs signs";
ok wait_for(sub { requests() >= $REQUESTS }, 3600), "after $REQUESTS requests";
my ($many, $count) = (memory($child), requests());
$answers->end;
my $words = $answers->each_answer(sub {});
is join(' ', sort keys %$words), '', 'every request is answered';
is "@{[$server->children]}", $child, 'by one child';
my $ratio = $many / $few;
cmp_ok $ratio, '<', 1.02, 'memory does not grow';
diag sprintf 'rotations: %d kB at first, %d kB after %d requests and %d'
    . ' rotations: %.3f times', $few, $many, $count, $ROTATIONS, $ratio;
finish;
