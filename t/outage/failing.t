# SPDX-License-Identifier: Apache-2.0
# Ten thousand requests that cannot be answered cost nothing that lasts.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Load;
use T::Fault qw(:DEFAULT :servers);
use T::Server;
use Time::HiRes qw(time);

ask_once;

my $bytes = T::HTTP::bytes('POST', '/ocsp/',
    body => request_for('root-good-1'),
    headers => ['Content-Type: application/ocsp-request', 'Connection: close']);

# The answers of so many requests that are not tryLater, a few of them.
sub not_later {
    my ($server, $count) = @_;
    my $job = { bytes => $bytes, check => sub {
        my $says = eval { ocsp_status($_[0]) } // 'nothing';
        return $says eq 'tryLater' ? '' : $says } };
    my @wrong = load($server->{port}, 16, ($job) x $count);
    return join ' ', splice @wrong, 0, 10;
}

for my $engine (grep { $_ ne 'sqlite3' } T::Database::engines()) {
  SKIP: {
    my $why_not = T::Database::why_not($engine);
    skip "$engine: $why_not", 1 if $why_not;
    my $db = T::Database->start($engine);
    my $server = T::Server->new(db => 0, dbd => $db->lines,
        conf => outage_conf())->allow_log(OUTAGE_LOG)->start;
    warm($server);
    $db->down;
    is not_later($server, 1_000), '', "$engine: the database is stopped";
    my @children = $server->children;
    my $before   = resources($server);
    my $since    = time;
    is not_later($server, 10_000), '', 'ten thousand times tryLater';
    note sprintf '%.1f seconds', time - $since;
    is_deeply [$server->children], \@children, '  by the same processes';
    my %more = (descriptors => 4, threads => 2, kilobytes => 2_000);
    # Connections of clients that have left linger for a while.
    my $after;
    wait_for {
        $after = resources($server);
        !grep { $after->{$_} > $before->{$_} + $more{$_} } keys %more;
    } 10;
    cmp_ok $after->{$_}, '<=', $before->{$_} + $more{$_},
        "  $_: $before->{$_} before" for sort keys %more;
    $db->up;
    ok wait_for(sub { $server->says('/ocsp/', 'root-good-1') eq 'good' }, 5),
        '  and good when it is back';
    cmp_ok length $server->error_log, '<', 20_000, '  said in few words'
        or diag substr $server->error_log, 0, 2_000;
    $server->stop;
    $db->down;
  }
}
finish;
