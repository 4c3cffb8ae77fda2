# SPDX-License-Identifier: Apache-2.0
# A clock that is set back, or forward, while the server runs and its cache is
# full: every answer is valid by the new clock, says what is true, and comes in
# time.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use T::PKI::Responder;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

my $faketime = T::Platform::faketime();
plan(skip_all => 'no libfaketime') unless $faketime;
plan(skip_all => 'libfaketime and the sanitizers cannot both come first')
    if $ENV{SAN_PRELOAD};
plan(skip_all => 'no mod_socache_shmcb') unless has_module('socache_shmcb');

my $work  = folder();
my $index = "$work/index.txt";
spew($index, map { join("\t", @$_, 'unknown', '/CN=x') . "\n" }
    ['V', '391225202502Z', '', '5EED'],
    ['R', '391225202502Z', '240102030405Z', 'BAD0']);
my $clock = "$work/clock";
my $hangs = "$work/hangs";
my %shim = (set_clock => 'lib/set_clock.c', hang => 'fixtures/hang/hang.c');
must('cc', '-shared', '-fPIC', '-o', "$work/$_.so",
    top_dir() . "/t/$shim{$_}", '-ldl') for sort keys %shim;
open_up($work);
my $shift = 0;

# Moves the server's clock so many seconds from the tests'.
sub move {
    ($shift) = @_;
    spew("$clock.new", sprintf "%+d\n", $shift);
    chmod 0644, "$clock.new";
    rename "$clock.new", $clock or die $!;
    return;
}
move(0);

my $server = T::Server->new(modules => ['socache_shmcb'],
    env => { HANG_BELOW => $index, HANG_WHILE => $hangs, LD_PRELOAD =>
            join(' ', map({ "$work/$_.so" } sort keys %shim), $faketime),
        FAKETIME_TIMESTAMP_FILE => $clock, FAKETIME_NO_CACHE => 1,
        FAKETIME_DONT_FAKE_MONOTONIC => 1 },
    conf => <<"CONF")->start;
OCSPResponderCache shmcb:\@ROOT\@/run/ocsp-cache(512000)
<Location "/ocsp/">
    \@responder root\@
    OCSPResponderExpires 2d
</Location>
<Location "/index/">
    \@responder root: index $index\@
    OCSPResponderExpires 2d
</Location>
CONF

my @asks = (
    ['/ocsp/',  'good',    request_for('root-good-1')],
    ['/ocsp/',  'revoked', request_for('root-revoked-keyCompromise')],
    ['/index/', 'good',    ocsp_request([certid('root', '5EED')])],
    ['/index/', 'revoked', ocsp_request([certid('root', 'BAD0')])],
);

# What is wrong with the answers, by the server's clock.
sub wrong {
    my @wrong;
    for my $ask (@asks) {
        my ($path, $right, $der) = @$ask;
        my $began  = time;
        my $answer = $server->get($path, $der);
        my $took   = time - $began;
        my $now    = time + $shift;
        push @wrong, "$path: $answer->{says}, not $right"
            if $answer->{says} ne $right;
        push @wrong, sprintf '%s: after %.1f s', $path, $took
            if $took > within(2);
        my $response = $answer->{response} or next;
        my $single = $answer->{single};
        push @wrong, "$path: produced in the future"
            if $response->{produced_at} > $now + 1;
        push @wrong, "$path: not valid yet" if $single->{this_update} > $now;
        push @wrong, "$path: not valid any more"
            if $single->{next_update} <= $now;
    }
    return join '; ', @wrong;
}

# Right from the beginning, or within so many seconds.
sub becomes_right {
    my ($seconds, $name) = @_;
    my $wrong = '';
    wait_for { ($wrong = wrong()) eq '' } $seconds;
    return is $wrong, '', $name;
}

becomes_right(5, 'before');
is wrong(), '', 'out of the cache';
for my $step ([-3600, 'an hour back'], [0, 'forth again'], [-86400 * 3,
    'three days back'], [86400, 'a day ahead'], [0, 'back again'],
    [86400 * 3, 'three days ahead'], [-5, 'and back']) {
    my ($to, $name) = @$step;
    move($to);
    becomes_right(3, $name);
    is wrong(), '', '  and once more';
}

note 'what changes is seen as fast as before';
move(-7200);
spew("$index.new", map { join("\t", @$_, 'unknown', '/CN=x') . "\n" }
    ['R', '391225202502Z', '240102030405Z', '5EED'],
    ['R', '391225202502Z', '240102030405Z', 'BAD0']);
chmod 0644, "$index.new";
rename "$index.new", $index or die $!;
$asks[2][1] = 'revoked';
becomes_right(within(5), 'a revocation in the index');
$server->sql('UPDATE django_ca_certificate SET revoked=1, revoked_reason=\'\','
    . ' revoked_date=\'2024-01-01 00:00:00\' WHERE serial=\''
    . cert('root-good-1')->{serial_stored} . '\'');
$asks[0][1] = 'revoked';
# A busy machine may be late with it, but nothing else is said.
my $wrong = '';
wait_for { ($wrong = wrong()) !~ /tryLater/ } 5;
is $wrong, '', 'and in the database';

note 'a database that is away when the clock is set back';

# How long the slowest of some clients waits for it when that happens meanwhile.
sub slowest {
    my ($happens) = @_;
    my @clients = map {
        my $pid = open my $from, '-|';
        die "fork: $!" unless defined $pid;
        if (!$pid) {
            my $began = time;
            $server->get('/ocsp/', request_for('root-good-2'));
            print time - $began;
            POSIX::_exit(0) if close STDOUT;
        }
        $from;
    } 1 .. 16;
    sleep 0.4;
    $happens->();
    my ($slowest) = sort { $b <=> $a } map { scalar <$_> } @clients;
    return $slowest;
}
my $unlock = $server->lock_database;
my $usual  = slowest(sub { });
$unlock->();
becomes_right(within(5), 'and back');
$unlock = $server->lock_database;
my $took = slowest(sub { move(-14_400) });
cmp_ok $took, '<', 2 * $usual + 2, 'nobody waits until that hour comes again';
is $server->get('/ocsp/', request_for('root-good-2'))->{says}, 'tryLater',
    'still away';
$unlock->();
becomes_right(within(5), 'and back, hours before');

note 'a file system that hangs when the clock is set back';
is $server->get('/index/', $asks[2][2])->{says}, 'revoked', 'before';
spew($hangs, '');
move(-21_600);
ok wait_for(sub {
    $server->get('/index/', $asks[2][2])->{says} eq 'tryLater' }, within(20)),
    'what its index says is not taken for current for hours';
unlink $hangs;
becomes_right(within(5), 'and back');
$server->allow_log(qw(OCSP0201 OCSP0203 OCSP0304));

finish;
