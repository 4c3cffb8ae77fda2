# SPDX-License-Identifier: Apache-2.0
# A storage folder that hangs, as NFS does: emulated by functions that wait in
# the place of stat(), open() and access().
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI::Responder;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

my $work    = folder();
my $storage = new_storage($work);
must($ENV{CC} // 'cc', '-shared', '-fPIC', '-o', "$work/hang.so",
    top_dir() . '/t/fixtures/hang/hang.c', '-ldl');
open_up($work);
my $flag   = "$work/hangs";
my $server = T::Server->new(conf => <<"CONF", env => {
<Location "/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage "$storage"
</Location>
<Location "/page.txt">
    Require all granted
</Location>
CONF
    LD_PRELOAD => "$work/hang.so", HANG_BELOW => $storage,
    HANG_WHILE => $flag })->start;
spew("$server->{root}/htdocs/page.txt", 'a page');

sub timed {
    my ($tag) = @_;
    my $since = time;
    my $says  = $server->says('/ocsp/', $tag);
    return ($says, time - $since);
}

sub page {
    my $since = time;
    my $answer = $server->client->request('GET', '/page.txt');
    return $answer && $answer->{body} eq 'a page' ? time - $since : 99;
}

is $server->says('/ocsp/', 'root-good-1'), 'good', 'a CA is asked for';

note 'case 62: the folder hangs';
spew($flag, '');
my $until = time + 14;
my (%says, $slowest);
$slowest = 0;
while (time < $until) {
    my ($says, $took) = timed('root-good-1');
    $says{$says}++;
    $slowest = $took if $took > $slowest;
    sleep 0.1;
}
is join(' ', keys %says), 'good', 'what is known answers on';
takes_less $slowest, 2.5, '  and keeps nobody waiting';
my ($says, $took) = timed('ec-good-1');
is $says, 'tryLater', 'a CA that nobody has asked for is tryLater';
takes_less $took, 2.5, '  within the time';
($says, $took) = timed('ec-good-1');
is $says, 'tryLater', 'and the next one';
takes_less $took, 1, '  waits no more';
my @pids = map {
    my $pid = fork // die $!;
    if (!$pid) { $server->says('/ocsp/', 'p384-good-1'); POSIX::_exit(0) }
    $pid;
} 1 .. 40;
sleep 0.2;
my ($page) = sort { $b <=> $a } map { page() } 1 .. 5;
waitpid $_, 0 for @pids;
takes_less $page, 2, 'other pages are served, whoever waits';

note 'it is back';
unlink $flag;
wait_for { $server->says('/ocsp/', 'ec-good-1') eq 'good' } 10;
is $server->says('/ocsp/', $_), 'good', "$_: good"
    for qw(ec-good-1 root-good-1);

note 'a process ends while it hangs';
spew($flag, '');
$server->says('/ocsp/', 'p521-good-1');
my $since = time;
ok $server->graceful, 'a graceful restart is done';
takes_less time - $since, 10, '  in time';
unlink $flag;
wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 10;
is $server->says('/ocsp/', 'root-good-1'), 'good', 'and answers';
$server->expect_log('OCSP0201');
finish;
