# SPDX-License-Identifier: Apache-2.0
# HAProxy asks the health check of two servers, takes one out that is in
# maintenance or cannot answer, and lets it in again; no request is lost.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use Balancer;
use T::Server;

plan(skip_all => 'haproxy is not installed') unless Balancer::program();

my @servers = map { T::Server->new(conf => <<'CONF')->start } 1, 2;
<Location "/root/">
    @responder root@
</Location>
@page health@
CONF

my $front = Balancer->new("$servers[0]{root}/run", <<"CONF")->start;
backend responders
    option httpchk GET /health
    http-check expect status 200
    default-server inter 200ms fall 1 rise 1 check
    server one 127.0.0.1:$servers[0]{port}
    server two 127.0.0.1:$servers[1]{port}
CONF

# What HAProxy thinks of its servers: "UP DOWN".
sub states { return join ' ', map { $_ // '' } @{ $front->states }{qw(one two)} }

my ($asked, $good) = (0, 0);

# Waits for such states, while requests go on.
sub becomes {
    my ($want, $what) = @_;
    wait_for {
        $asked++;
        $good++ if ($front->says('/root/', 'root-good-1') // '') eq 'good';
        states() eq $want;
    } 20;
    is states(), $want, $what;
    return;
}

ok((wait_for { states() eq 'UP UP' } 20), 'both are asked');
my $file = "$servers[0]{root}/run/ocsp-responder-maintenance";
spew($file, '');
becomes('DOWN UP', 'one is in maintenance');
unlink $file;
becomes('UP UP', 'and comes back');
$servers[1]->sql('ALTER TABLE django_ca_certificate RENAME TO gone');
ok((wait_for { states() eq 'UP DOWN' } 20), 'two has lost a table');
is $front->says('/root/', 'root-good-1'), 'good', 'one answers for it'
    for 1 .. 10;
$servers[1]->sql('ALTER TABLE gone RENAME TO django_ca_certificate');
becomes('UP UP', 'and two comes back');
is $good, $asked, "all of $asked requests on the way were answered";

$front->stop;
finish;
