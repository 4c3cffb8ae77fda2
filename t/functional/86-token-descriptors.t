# SPDX-License-Identifier: Apache-2.0
# A child process that has no descriptor left for a socket to the token's
# process signs again as soon as it has one. That process has a socket for each
# of its threads, and may have as many as there are.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../bench";
use T::Fault;
use T::Server;
use Token;

my $ec    = ca('ec');
my $token = token(p256 => $ec->{key});
plan skip_all => 'no SoftHSM, or OpenSSL knows no PKCS#11' unless $token;
plan skip_all => 'no prlimit' if (run('prlimit', '--version'))[0];

run('prlimit', '--pid', $$, '--nofile=500:');
my $server = T::Server->new(mpm => 'worker', threads => 2, env => $token->{env},
    conf => "KeepAliveTimeout 60\nMaxKeepAliveRequests 0\n"
        . token_location($token));
$server->allow_log(qw(OCSP0201 OCSP0206 OCSP0552))->start;

my $client = $server->client(timeout => 20);
sub ask {
    return read_answer($client->request('POST', '/ec/',
        body => request_for('ec-good-1', nonce => 'n' x 16)))->{says};
}

# Descriptors that a process may have.
my ($child) = $server->children;
sub allow {
    my ($most) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        my (undef, undef, $uid, $gid) = user();
        ($(, $)) = ($gid, "$gid $gid");
        ($<, $>) = ($uid, $uid);
        exec 'prlimit', '--pid', $child, "--nofile=$most:";
    }
    waitpid $pid, 0;
    return $? == 0;
}

sub holder {
    my ($pid) = grep { (eval { slurp("/proc/$_/maps") } // '') =~ /softhsm/ }
        T::Process::children_of($server->{pid});
    return $pid;
}

wait_for { ask() eq 'good' } 20;
is ask(), 'good', 'the token signs';
my ($may, $at_most) = slurp('/proc/' . holder() . '/limits')
    =~ /^Max open files +(\d+) +(\d+)/m;
is $may, $at_most, 'and has sockets for as many as may ask';
# The numbers that process has for the sockets of those who ask, which are of
# the type 5 (SOCK_SEQPACKET); it has others, for a while.
sub numbers {
    my %asks = map { $_ => 1 }
        slurp('/proc/net/unix') =~ /^(?:\S+ +){4}0005 +\S+ +(\d+)/mg;
    return grep { (readlink '/proc/' . holder() . "/fd/$_") =~ /(\d+)/
            && $asks{$1} }
        map { m{/(\d+)$} } glob '/proc/' . holder() . '/fd/*';
}
ok((wait_for { my @are = numbers(); @are && !grep { $_ < 1024 } @are } 10),
    'and leaves the numbers that select() knows to others')
    or diag join ' ', numbers();
# Its socket goes with that process, and there is to be none for the next.
my ($most) = sort { $b <=> $a } map { m{/(\d+)$} } glob "/proc/$child/fd/*";
plan skip_all => "no right to it" unless allow(3);
kill KILL => holder();
# It is tried every half a second; eight threads may be at it at a time.
my %said;
wait_for { $said{ ask() }++; 0 } 6;
is join(' ', sort keys %said), 'tryLater', 'there are no descriptors';
allow($most + 100);
ok wait_for(sub { ask() eq 'good' }, 20), 'there are some again';
finish;
