# SPDX-License-Identifier: Apache-2.0
# make torture: every call of a child process, and of the process that holds a
# token, fails in turn while a key in the token signs; and calls of all
# processes fail while the parent starts another that holds it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../bench", $FindBin::Bin;
use T::PKI::Responder;
use T::Server;

ask_once;

use Token;
use Torture;

# Of the calls of the process that holds the token, every so many alone; a new
# one starts after a second where it ends.
my $STEP  = $ENV{TORTURE_ALL} ? 1 : 9;

my $why_not = Torture::why_not();
plan skip_all => $why_not if $why_not;

Torture::in_parts(4) if $ENV{TORTURE_ALL};

my $ec    = ca('ec');
my $token = token(p256 => $ec->{key});
plan skip_all => 'no SoftHSM, or OpenSSL knows no PKCS#11' unless $token;

my $torture = Torture->new;
my $server  = T::Server->new(mpm => 'worker', threads => 2,
    env  => { %{ $torture->env }, %{ $token->{env} } },
    conf => token_location($token));

my $client;
sub ask {
    $client //= $server->client(timeout => 20);
    my $answer = read_answer($client->request('POST', '/ec/',
        body => request_for('ec-good-1', nonce => 'n' x 16)));
    undef $client if ($answer->{headers}{connection} // 'close') =~ /close/i;
    return $answer->{says};
}

$server->start;
wait_for { ask() eq 'good' } 20;
$torture->watch($server);
my $failed = 0;
if (Torture::part_of('a child')) {
    $failed = $torture->each_call('token', \&ask);
    is $torture->told, '', "a child: $failed calls fail";
    cmp_ok $failed, '>', 0, '  some do';
}

# The process that holds the token.
sub holder {
    my ($pid) = grep { (eval { slurp("/proc/$_/maps") } // '') =~ /softhsm/ }
        T::Process::children_of($server->{pid});
    return $pid;
}

# What is wrong when that call of it fails, alone or with all behind it; undef
# where there are not so many.
sub fail_holder {
    my ($mode, $n) = @_;
    wait_for { ask() eq 'good' && ($torture->{pid} = holder()) } 30;
    $torture->arm($mode, $n);
    my $says = ask();
    $torture->disarm;
    my (undef, $failed, undef, $site) = $torture->seen;
    return unless $failed;
    return "call $n ($site): $says"
        if $says !~ /^(?:good|tryLater|internalError)$/;
    my $healed = wait_for { ask() eq 'good' } 30;
    return $healed ? '' : "call $n ($site): it is never good again";
}

my ($holders, @wrong) = (0);
my @calls = Torture::part_of(map { 1 + $_ * $STEP } 0 .. 9_999);
for my $mode (Torture::ONE, Torture::ALL) {
    for my $n (@calls) {
        my $wrong = fail_holder($mode, $n) // last;
        $holders++;
        push @wrong, $wrong if $wrong;
    }
}
is join("\n", @wrong), '', "who holds the token: $holders calls fail";
cmp_ok $holders, '>', 0, '  some do';

# What is wrong when it is killed, and calls may fail while the next one starts.
sub begin_holder {
    my $old = wait_for { holder() } 30;
    return 'nobody holds the token' unless $old;
    kill KILL => $old;
    my $says;
    wait_for {
        $says = ask();
        ($torture->seen)[1] || $says eq 'good' && (holder() // $old) != $old;
    } 10;
    my @wrong = $says =~ /^(?:good|tryLater|internalError)$/ ? () : $says;
    $torture->disarm;
    push @wrong, 'it is never good again'
        unless heals() && wait_for { holder() } 30;
    return @wrong;
}

# SoftHSM writes the token's file anew at each login: it is empty meanwhile, and
# stays so where memory is short then. Who writes has it open.
my $folder = $token->{bare}{SOFTHSM2_CONF} =~ s{/[^/]+$}{}r;
must('cp', '-a', "$folder/tokens", "$folder/whole");
my ($file) = glob "$folder/tokens/*/token.object";
sub is_open {
    my @pids = T::Process::children_of($server->{pid});
    return scalar grep { (readlink $_ // '') eq $file }
        map { glob "/proc/$_/fd/*" } @pids;
}
sub is_lost { return -z $file && !is_open() && -z $file }

# Whether it is good again. SoftHSM says that the PIN is wrong where it has no
# memory to find out, and a PIN that was refused is not tried again.
sub heals {
    my ($heals, $is_refused, $is_lost);
    my $look = sub {
        $heals      = ask() eq 'good';
        $is_lost    = is_lost();
        $is_refused = $server->error_log =~ /again until the pass phrase/;
        return $heals || $is_refused || $is_lost;
    };
    wait_for { $look->() } 30;
    return 1 if $heals;
    # Why it is not may have to wait: an id is told once a minute.
    wait_for { $look->(); $is_refused || $is_lost } 60
        unless $is_refused || $is_lost;
    return 0 unless $is_refused || $is_lost;
    undef $client;
    $server->kill_all;
    must('cp', '-a', "$folder/whole/.", "$folder/tokens");
    unlink "$server->{root}/logs/error_log";
    return $server->try_start && wait_for { ask() eq 'good' } 30;
}

wait_for { ask() eq 'good' && holder() } 30;
$torture->{pid} = 0;
my $starts = $torture->each_place('another holds the token', \&begin_holder);
is $torture->told, '', "another that holds the token: $starts calls fail";
$holders += $starts;
diag 'torture: ' . ($failed + $holders) . ' calls failed'
    if $ENV{TORTURE_ALL};
undef $client;
$server->allow_log($server->error_log =~ /(OCSP\d{4}):/g);
$server->stop;
Test::More::done_testing();
