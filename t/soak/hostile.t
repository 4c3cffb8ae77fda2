# SPDX-License-Identifier: Apache-2.0
# make hostile: slow clients, clients that reset, and floods of other CAs'
# certificates, serials never issued and bad requests, beside a few true
# requests. These are answered rightly and nearly as fast as on a quiet server,
# the server's memory stays bounded, and it is as before when they are gone.
#
#   HOSTILE_SLOW=10000 HOSTILE_SECONDS=60 make hostile
#
# So many clients (2000) that send a byte a second, for so long (20); each keeps
# a thread of httpd's busy until RequestReadTimeout, so there are as many.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use T::Fault;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

my $SLOW    = $ENV{HOSTILE_SLOW}    || 2_000;
my $SECONDS = $ENV{HOSTILE_SECONDS} || 20;
my $FLOODS  = 4;
my $RESETS  = 1_000;    # a second

plan(skip_all => 'no mod_reqtimeout') unless has_module('reqtimeout');
if (POSIX::sysconf(&POSIX::_SC_OPEN_MAX) < $SLOW + 200) {
    exec 'sh', '-c', "ulimit -n @{[$SLOW + 1000]} && exec \"\$@\"", 'sh', $^X,
        (map { "-I$_" } @INC), $0
        unless $ENV{HOSTILE_RAISED}++;
    plan(skip_all => 'not enough descriptors');
}

my $children = 1 + int(($SLOW + 200) / 250);
my $server = T::Server->new(modules => ['reqtimeout'], conf => <<"CONF")
ServerLimit $children
StartServers $children
ThreadLimit 250
ThreadsPerChild 250
MinSpareThreads 250
MaxSpareThreads @{[250 * $children]}
MaxRequestWorkers @{[250 * $children]}
ThreadStackSize 262144
RequestReadTimeout header=5 body=5
Timeout 5
<Location "/ocsp/">
    \@responder ec\@
</Location>
CONF
    ->allow_log(qw(AH00484 AH00485 AH00286 OCSP0201 OCSP0203))->start;

# -- those who attack ----------------------------------------------------------

my $stop = "$server->{root}/stop";
my @pids;

# A process that does it again and again.
sub attack {
    my ($act) = @_;
    my $parent = $$;
    my $pid = fork // die "fork: $!";
    return push @pids, $pid if $pid;
    $act->() until -e $stop || getppid != $parent;
    POSIX::_exit(0);
}

sub connection {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $server->{port}, Blocking => 0);
}

my $head = "POST /ocsp/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: " . 'x' x 900;
my %slow;

# A byte for each of them; those that were closed come again.
sub be_slow {
    my $began = time;
    for my $n (0 .. $SLOW - 1) {
        my $slot = $slow{$n} //= { socket => connection(), sent => 0 };
        my $sent = $slot->{socket}
            && syswrite $slot->{socket}, $head, 1, $slot->{sent};
        if ($sent)            { $slot->{sent}++ }
        elsif (!$!{EAGAIN})   { delete $slow{$n} }
    }
    sleep 1 - (time - $began) if time - $began < 1;
    return;
}

sub reset_some {
    my $began = time;
    for (1 .. $RESETS / 10) {
        my $socket = connection() or next;
        syswrite $socket, substr $head, 0, rand 100;
        setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
        close $socket;
    }
    sleep 0.1 - (time - $began) if time - $began < 0.1;
    return;
}

my $client;
sub flood {
    my ($kind) = @_;
    my $serial = sprintf '5EED%012X', rand 2**40;
    my $der = $kind == 0 ? ocsp_request([certid('root', $serial)])
        : $kind == 1     ? ocsp_request([certid('ec', $serial)])
        : $kind == 2     ? ocsp_request([certid('ec', $serial,
                               key_hash => substr "$serial$serial", 0, 20)])
        :                  join '', map { chr rand 256 } 1 .. 80;
    $client //= eval { $server->client } or return sleep 0.1;
    my $answer = $client->request('POST', '/ocsp/', body => $der);
    undef $client unless $answer;
    sleep 0.002;    # they share the machine with the server
    return;
}

# -- the true ones -------------------------------------------------------------

my @true = map { [$_, cert($_)->{status}] } qw(ec-good-1 ec-revoked-1);

# (the 99th of a hundred in seconds, what is wrong) for so long.
sub ask_truly {
    my ($seconds) = @_;
    my ($until, $n, @took, %wrong) = (time + $seconds, 0);
    while (time < $until) {
        my ($tag, $right) = @{ $true[$n++ % @true] };
        my $began = time;
        my $says  = eval { $server->says('/ocsp/', $tag, nonce => "n$n") };
        push @took, time - $began;
        $wrong{ $says // $@ }++ if ($says // '') ne $right;
        sleep 0.01;
    }
    @took = sort { $a <=> $b } @took;
    return ($took[@took * 0.99], join ', ', map { "$_ ($wrong{$_})" }
        sort keys %wrong);
}

ask_truly(2);
my ($quiet) = ask_truly($SECONDS / 4);
my $before = resources($server);
attack(\&be_slow);
attack(\&reset_some);
for my $kind (0 .. $FLOODS - 1) {
    attack(sub { flood($kind) });
}
sleep 3;
my ($busy, $wrong) = ask_truly($SECONDS);
my $during = resources($server);
spew($stop, '');
waitpid $_, 0 for @pids;

is $wrong, '', 'true requests are answered rightly';
cmp_ok $during->{kilobytes}, '<', $before->{kilobytes} + 20_000 * $children,
    'memory is bounded';
my $idle = wait_for {
    my $now = resources($server);
    $now->{descriptors} <= $before->{descriptors} + 10 * $children;
} 30;
ok $idle, 'nobody holds a connection any more';
is $server->says('/ocsp/', 'ec-good-1'), 'good', 'all is well after';
diag sprintf 'hostile: %d slow clients; p99 %.1f ms quiet, %.1f ms beside them:'
    . ' %.1f times (5 are meant)', $SLOW, 1000 * $quiet, 1000 * $busy,
    $busy / $quiet;
$server->allow_log($server->error_log =~ /(AH\d{5}):/g);
finish;
