# SPDX-License-Identifier: Apache-2.0
# A token that goes and comes, hangs, or has another PIN: the process that holds
# it is all that has to end, and no child process has to be restarted.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Copy qw(copy);
use List::Util qw(max);
use POSIX ();
use T::PKI;
use T::PKI::Responder;
use T::Token;
use Time::HiRes qw(sleep time);

ask_once;

my $work = folder();
my $softhsm = softhsm();
plan(skip_all => 'no SoftHSM') unless $softhsm;

# -- tokens

my $hsm = "$work/hsm";
mkdir $hsm;
spew("$work/softhsm.conf",
    "directories.tokendir = $hsm\nobjectstore.backend = file\n");
my ($logins, $signatures, $overlaps, $hang) =
    map { "$work/$_" } qw(logins signatures overlaps hang);
spew($_, '') for $logins, $signatures, $overlaps;
chmod 0666, $logins, $signatures, $overlaps;
must('cc', '-shared', '-fPIC', '-o', "$work/shim.so",
    top_dir() . '/t/lib/pkcs11_shim.c', '-ldl');
my %env = (SOFTHSM2_CONF => "$work/softhsm.conf", SHIM_MODULE => $softhsm,
    SHIM_LOGINS => $logins, SHIM_SIGNATURES => $signatures,
    SHIM_OVERLAPS => $overlaps, SHIM_HANG => $hang);
my %through = token_ways($work, "$work/shim.so", %env);
plan(skip_all => 'OpenSSL knows no PKCS#11, or none beside a sanitizer')
    unless %through;

# SoftHSM uses OpenSSL itself, which would ask it in turn.
sub util { return must(\%env, 'softhsm2-util', @_) }

# Makes a token with a pair's key in it, in place of the one there is.
sub fill_token {
    my ($pair, $pin) = @_;
    must('rm', '-rf', $hsm);
    mkdir $hsm;
    util(qw(--init-token --free --label responder --so-pin 4321 --pin), $pin);
    util('--import', $pair->{key}, qw(--token responder --label key --id A1),
        '--pin', $pin);
    my (undef, undef, $uid, $gid) = user();
    must('chown', '-R', "$uid:$gid", $hsm) if $uid;
    return;
}

my $pair = make_pair($work, 'root');
fill_token($pair, '1234');
copy($pair->{pem}, "$work/cert.pem");
spew("$work/pin", "1234\n");

# What the token does from now on: a word, or nothing at all. It never sees the
# file before the word is in it.
sub hang {
    my ($word) = @_;
    spew("$hang.new", $word);
    rename "$hang.new", $hang or die $!;
    return;
}

# -- a server with several processes, and a CA whose key is in a file

sub server {
    my ($mpm, $way, %o) = @_;
    return T::Server->new(mpm => $mpm, env => $through{$way}, %o,
        modules => ['socache_shmcb'], conf => <<"CONF");
OCSPResponderCache none
<Location "/token/">
    OCSPResponderCA root
    OCSPResponderKey "pkcs11:token=responder;object=key;type=private"
    OCSPResponderKeyPassPhrase "file:$work/pin"
    OCSPResponderCert "$work/cert.pem"
</Location>
<Location "/file/">
    \@responder root\@
</Location>
CONF
}

# A client that has asked the token's CA.
sub asking {
    my ($server) = @_;
    my $client = $server->client;
    $client->send_bytes(T::HTTP::bytes('POST', '/token/',
        headers => ['Connection: close'],
        body    => request_for('root-good-1')));
    return $client;
}

# What it says while nobody can sign, for now or until somebody mends it.
my $unsigned = qr/^(?:internalError|tryLater|internalError tryLater)$/;

# What the token's CA says to so many at once, and how long they took.
sub ask_at_once {
    my ($server, $count) = @_;
    my $began = time;
    my @clients = map { asking($server) } 1 .. $count;
    my %said;
    # Each is closed at once, as httpd waits for that.
    while (my $client = shift @clients) {
        $said{ read_answer($client->response('POST'))->{says} } = 1;
    }
    return (join(' ', sort keys %said), time - $began);
}

# What it says in the end to those who ask one after the other, and wait.
sub ask_in_turn {
    my ($server, $count) = @_;
    my ($said, @clients);
    for (1 .. $count) {
        push @clients, asking($server);
        sleep 0.3;
        $said = read_answer((shift @clients)->response('POST'))->{says}
            if @clients > 7;
    }
    return $said;
}

# Every process has found the token again, within some seconds.
sub healed {
    my ($server, $name) = @_;
    my $began = time;
    # Each looks at its files for itself, and not all are asked each time.
    my $good = 0;
    my $healed = wait_for {
        $good = (ask_at_once($server, 12))[0] eq 'good' ? $good + 1 : 0;
        $good == 4;
    } 15;
    my $took = time - $began;
    ok $healed, "$name: all processes sign";
    return takes_less $took, 5, '  within five seconds';
}

# The processes that hold the token.
sub holders {
    my ($server) = @_;
    return join ' ', grep {
        (eval { slurp("/proc/$_/maps") } // '') =~ /shim\.so/
    } T::Process::children_of($server->{pid});
}

# Keeps a process from ending, as a driver may that is stuck in the kernel: who
# traces it is told first. The process; undef where that is not allowed.
sub keep_from_dying {
    my ($pid) = @_;
    my $PTRACE_SEIZE = 0x4206;
    my $failed = eval { require 'syscall.ph';
        syscall(SYS_ptrace(), $PTRACE_SEIZE, $pid + 0, 0, 0) };
    return ($failed // -1) == 0 ? $pid : undef;
}

# How many signatures were made at a time, at most, since $overlaps was emptied.
sub most_at_once {
    return max(1, map { $_ - ord '0' } unpack 'C*', slurp($overlaps));
}

sub login_count { return length slurp($logins) }

# Both ways, where there are both.
my @ways = sort keys %through;
for my $run (['prefork', $ways[0]], ['event', $ways[-1]]) {
    my ($mpm, $way) = @$run;
    note "case 62: $mpm, through the $way";
    spew($logins, '');
    my $server = server($mpm, $way)->allow_log(
        qw(OCSP0201 OCSP0202 OCSP0203 OCSP0206 OCSP0502 OCSP0552 AH00161));
    $server->start;
    healed($server, 'at the start');
    is login_count(), 1, '  which have logged in once between them';
    is signed_by($server->post('/token/', request_for('root-good-1'))),
        $pair->{serial}, '  with the key in the token';

    my $before = length slurp($signatures);
    $server->says('/token/', 'root-good-1') for 1 .. 10;
    is length(slurp($signatures)) - $before, 10, 'a signature for each answer';
    my $said;

    note 'its signatures are work for a processor, as by RSA in software';
    hang('busy');
    $server->says('/token/', 'root-good-1') for 1 .. 10;
    spew($overlaps, '');
    ask_at_once($server, 12) for 1 .. 4;
    my ($most, $processors) = (most_at_once(), POSIX::sysconf(84) || 1);
    cmp_ok $most, '<=', $processors, '  no more at a time than there are';
    cmp_ok $most, '>', 1, '  but several' if $processors > 1;
    unlink $hang;

    hang('slow');
    my $several;
    wait_for {
        spew($overlaps, '');
        $said = (ask_at_once($server, 12))[0];
        $several = length slurp($overlaps);
        $several && $said eq 'good';
    } 10;
    ok $several, 'a device makes several at a time';
    is $said, 'good', '  which are right';
    unlink $hang;

    note 'it signs with another key, as a token that took its place';
    sleep 0.2;
    hang('other');
    $said = (ask_at_once($server, 4))[0];
    unlike $said, qr/good/, '  no such signature is sent';
    is $server->says('/file/', 'root-good-2'), 'good', '  others are answered';
    unlink $hang;
    healed($server, 'it has the key again');

    note 'it hangs while it signs';
    hang('');
    ($said, my $took) = ask_at_once($server, 4);
    is $said, 'tryLater', 'an answer';
    takes_less $took, 2.5, '  in time';
    my $began = time;
    is $server->says('/file/', 'root-good-2'), 'good', '  others are answered';
    takes_less time - $began, 1, '  at once';
    unlink $hang;
    healed($server, 'it goes on');

    note 'it takes its time to be opened';
    my $former = holders($server);
    hang('late');
    ok $server->graceful, 'a graceful restart';
    $began = time;
    my %while;
    while (time - $began < 2.5) {
        $while{ (ask_at_once($server, 2))[0] } = 1;
        sleep 0.1;
    }
    is join(' ', sort keys %while), 'good', '  the process of before signs';
    ok wait_for(sub { holders($server) =~ /^\d+$/
        && holders($server) ne $former }, 10), '  until the next one can';
    is $server->says('/token/', 'root-good-1'), 'good', '  which does';
    unlink $hang;

    note 'its key is replaced before a restart';
    my $other = make_pair($work, 'root');
    unlink grep { !m{/token\.object$} } glob "$hsm/*/*.object";
    util('--import', $other->{key},
        qw(--token responder --label key --id A1 --pin 1234));
    my (undef, undef, $uid, $gid) = user();
    must('chown', '-R', "$uid:$gid", $hsm) if $uid;
    copy($other->{pem}, "$work/cert.pem");
    $pair = $other;
    hang('late');
    ok $server->graceful, 'a graceful restart';
    %while = map { (ask_at_once($server, 2))[0] => 1 } 1 .. 8;
    unlike join(' ', keys %while), qr/internalError/,
        '  none is sent while the next process opens it';
    unlink $hang;
    healed($server, 'it is opened');

    note 'it hangs before anything has been signed';
    hang('');
    ok $server->graceful, 'a graceful restart';
    ($said, $took) = ask_at_once($server, 4);
    is $said, 'tryLater', '  the first answers';
    is $server->says('/file/', 'root-good-2'), 'good', '  others are answered';
    unlink $hang;
    healed($server, 'it goes on');

    note 'it hangs while the server starts';
    $server->stop;
    hang('login');
    $server->start;
    is $server->says('/file/', 'root-good-2'), 'good', '  others are answered';
    ($said, $took) = ask_at_once($server, 24);
    is $said, 'tryLater', '  an answer, though all workers are asked for one';
    takes_less $took, 2.5, '  in time';
    $began = time;
    is $server->says('/file/', 'root-good-1'), 'good', '  others are answered';
    takes_less time - $began, 1, '  at once';
    if (my $stuck = keep_from_dying(holders($server))) {
        $began = time;
        ok $server->graceful, 'a restart, though the driver is stuck for ever';
        takes_less time - $began, 5, '  waits not for its end';
        waitpid $stuck, 0;
    }
    unlink $hang;
    healed($server, 'it goes on');

    # Only the engine tells why a login has failed.
    if ($way eq 'engine') {
        note 'its login fails while the server starts';
        $server->stop;
        hang('fails');
        $server->start;
        like((ask_at_once($server, 4))[0], $unsigned, '  nobody can sign');
        unlink $hang;
        healed($server, 'it does not any more');

        note 'it fails for no good reason when its PIN is known to be right';
        hang('vague');
        ok $server->graceful, 'a graceful restart';
        sleep 2;
        is((ask_at_once($server, 4))[0], 'good',
            '  the process of before signs');
        kill KILL => split ' ', holders($server);
        like((ask_at_once($server, 4))[0], $unsigned, '  nobody can sign');
        unlink $hang;
        healed($server, 'it is tried again');
    }

    note 'it has no sessions while the server starts';
    $server->stop;
    hang('sessions');
    $server->start;
    is $server->says('/file/', 'root-good-2'), 'good', '  others are answered';
    sleep 5;    # for as long as any attempt waits for one
    unlink $hang;
    healed($server, 'it has some');

    note 'its driver is stuck, and many ask';
    hang('for ever');
    is ask_in_turn($server, 24), 'tryLater', '  an answer';
    unlink $hang;
    healed($server, 'those who ask do not keep it');

    note 'it has no more sessions';
    hang('sessions');
    kill KILL => holders($server);
    like((ask_at_once($server, 4))[0], $unsigned, '  nobody can sign');
    is $server->says('/file/', 'root-good-2'), 'good', '  others are answered';
    sleep 4;    # libp11 waits for one for ever, unless its process is ended
    unlink $hang;
    healed($server, 'it has some again');
    unlike $server->error_log, qr/could not load the shared library/,
        '  and what the token is without is not blamed';

    note 'it is away for half a second';
    rename $hsm, "$hsm.away" or die $!;
    my $away = time;
    wait_for { $server->says('/token/', 'root-good-1') ne 'good' } 3;
    is $server->says('/file/', 'root-good-2'), 'good', '  others are answered';
    my $rest = 0.5 - (time - $away);
    sleep $rest if $rest > 0;
    rename "$hsm.away", $hsm or die $!;
    healed($server, 'it is back');

    note 'it is replaced by one with another key';
    my $next = make_pair($work, 'root');
    fill_token($next, '1234');
    copy($next->{pem}, "$work/cert.pem");
    wait_for { signed_by($server->post('/token/', request_for('root-good-1')))
        eq $next->{serial} } 10;
    healed($server, 'the new one');
    $pair = $next;

    note 'it is away, and its PIN is another one';
    rename $hsm, "$hsm.$mpm.before" or die $!;
    mkdir $hsm;
    wait_for { $server->says('/token/', 'root-good-1') ne 'good' } 5;
    sleep 4;    # it is missed, which tells nothing of what comes then
    spew($logins, '');
    chmod 0666, $logins;
    fill_token($pair, '5678');
    for (1 .. 10) {
        ask_at_once($server, 8);
        sleep 0.2;
    }
    ok $server->graceful, 'and a graceful restart';
    is((ask_at_once($server, 4))[0], 'internalError', '  nobody can sign');
    my $explained = qr/pass phrase or the token changes/;
    # The log tells of a fault once a minute, and may have had another cause.
    wait_for { ask_at_once($server, 1); $server->error_log =~ $explained } 65;
    like $server->error_log, $explained, '  which is explained';
    cmp_ok login_count(), '<=', 1, '  and it is tried once';
    is $server->says('/file/', 'root-good-2'), 'good', '  others are answered';
    spew("$work/pin", "5678\n");
    ok $server->graceful, 'with the right PIN';
    healed($server, 'and a restart');

    note 'it refuses that, and one that does not takes its place';
    fill_token($pair, '1234');
    ok $server->graceful, '  by a graceful restart';
    wait_for { $server->says('/token/', 'root-good-1') ne 'good' } 5;
    sleep 3;
    like((ask_at_once($server, 4))[0], $unsigned, '  nobody can sign');
    rename $hsm, "$hsm.$mpm" or die $!;    # somebody may be writing there
    mkdir $hsm;
    sleep 5;    # it is missed when it has not been found twice
    fill_token($pair, '5678');
    healed($server, 'with no restart');

    my @before = $server->children;
    $server->stop;
    wait_for { !grep { kill 0, $_ } @before } 5;
    is join(' ', grep { kill 0, $_ } @before), '', 'no process is left';
    fill_token($pair, '1234');
    spew("$work/pin", "1234\n");
}

note 'more clients at once than may ask it, of a device that takes its time';
my $busy = server('event', $ways[-1], threads => 64)->allow_log('OCSP0206')
    ->start;
hang('slow');
ok wait_for(sub { (ask_at_once($busy, 64))[0] eq 'good' }, 20),
    'those who wait while others are served are served, too';
unlink $hang;
$busy->stop;

if (my ($engine) = grep { $_ eq 'engine' } @ways) {
    note 'httpd -t, where a login fails for no good reason';
    hang('vague');
    my ($code, $text) = server('event', $engine)->configtest;
    is $code, 0, 'it is no error';
    like $text, qr/OCSPResponderKey: no private key is found/, '  but said';
    unlink $hang;
}

spew("$work/pin", "9999\n");
for my $way (@ways) {
    note "httpd -t, through the $way";
    spew($logins, '');
    chmod 0666, $logins;
    my ($code, $text) = server('event', $way)->configtest;
    isnt $code, 0, 'a wrong PIN is an error';
    like $text,
        qr/Error on line \d+ .*OCSPResponderKey: no private key is found/,
        '  which is said';
    is login_count(), 1, '  after one attempt';
}

finish;
