# SPDX-License-Identifier: Apache-2.0
# Clients that send requests without end and read no answers.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use Socket qw(SOL_SOCKET SO_RCVBUF SO_SNDBUF);
use T::Server;
use Time::HiRes qw(time);

use constant CLIENTS => 15;

my $server = T::Server->new(modules => ['status'], conf => <<'CONF')->start;
SendBufferSize 8192
Timeout 60
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/busy">
    SetHandler server-status
    Require all granted
</Location>
<Directory "@ROOT@/htdocs">
    Require all granted
</Directory>
CONF
spew("$server->{root}/htdocs/file", 'x' x 2000);

my $good = request_for('root-good-1');
my %kind = (
    file => T::HTTP::bytes('GET', '/file'),
    GET  => T::HTTP::bytes('GET', '/ocsp/' . percent(base64($good))),
    POST => T::HTTP::bytes('POST', '/ocsp/', body => $good),
);

# Writes into each client's socket until none takes more for a while.
sub fill {
    my ($bytes, @sockets) = @_;
    my $burst = $bytes x 40;
    my %rest = map { ($_ => '') } @sockets;
    my $select = IO::Select->new(@sockets);
    my $deadline = time + 20;
    while (time < $deadline and my @ready = $select->can_write(0.4)) {
        for my $socket (@ready) {
            $rest{$socket} = $burst unless length $rest{$socket};
            my $n = syswrite $socket, $rest{$socket};
            if (defined $n) { substr $rest{$socket}, 0, $n, '' }
            elsif (!$!{EAGAIN}) { $select->remove($socket) }
        }
    }
    return;
}

# How many workers are busy, but for the one that tells.
sub busy {
    my $answer = $server->request('GET', '/busy?auto', timeout => 5)
        or return 16;
    return ($answer->{body} =~ /^BusyWorkers: (\d+)/m)[0] - 1;
}

my %busy;
for my $kind (sort keys %kind) {
    my @clients = map { $server->client->{socket} } 1 .. CLIENTS;
    for my $socket (@clients) {
        setsockopt $socket, SOL_SOCKET, SO_RCVBUF, pack 'i', 4096;
        setsockopt $socket, SOL_SOCKET, SO_SNDBUF, pack 'i', 8192;
        $socket->blocking(0);
    }
    fill($kind{$kind}, @clients);
    # Those that only work come to an end of it; those that wait do not.
    $busy{$kind} = 16;
    wait_for {
        my $now = busy();
        $busy{$kind} = $now if $now < $busy{$kind};
        $busy{$kind} == 0;
    } 10;
    note "$kind: $busy{$kind} busy";
    close $_ for @clients;
    wait_for { busy() == 0 } 20;
}
note 'case 54: no more workers than with a static file';
cmp_ok $busy{$_}, '<=', $busy{file} + 1, $_ for sort keys %kind;
is $server->get('/ocsp/', $good)->{says}, 'good', 'another is answered';

finish;
