# SPDX-License-Identifier: Apache-2.0
# LogLevel debug tells of each answer where it came from, and why no answer that
# there was would do.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Memcached;
use T::Server;

plan(skip_all => 'no mod_socache_memcache')
    unless has_module('socache_memcache');

my $cache  = T::Memcached->start;
my $server = T::Server->new(modules => ['socache_memcache'],
    loglevel => 'warn ocsp_responder:debug', conf => <<"CONF")->start;
OCSPResponderCache memcache:127.0.0.1:$cache->{port}
<Location "/ocsp/">
    \@responder root\@
</Location>
<Location "/off/">
    \@responder root\@
    OCSPResponderReuse off
</Location>
<Location "/aged/">
    \@responder root\@
    OCSPResponderReuse 2
</Location>
<Location "/presigned/">
    \@responder inter\@
    OCSPResponderPresigned on
</Location>
CONF

my $ca   = ca('root')->{serial};
my $good = request_for('root-good-1');
my $seen = 0;

# What was traced since the last call of one that asks, once it is there.
sub traced {
    my ($ask) = @_;
    $ask->();
    my $new;
    wait_for {
        $new = substr $server->error_log, $seen;
        $new =~ /looked up in/;
    } 20;
    $seen = length $server->error_log;
    return $new;
}

# The trace names CA, time, serial and how the answer was made.
sub is_made {
    my ($how, $what, $ask, $says) = @_;
    $says //= 'good';
    like traced($ask), qr/(?:GET|POST):\ \Q$says\E\ in\ \d+\ us:\ CA\ $ca,
        \ serial\ [\w,]+,\ $how;\ looked\ up\ in\ \d+\ us/x, $what;
    return;
}

sub get { my ($at, $der) = @_; return sub { $server->get($at, $der) } }

my $none = qr/signed\ as\ the\ cache\ has\ none\ for\ this\ CertID,\ status,
    \ signer\ and\ terms/x;
is_made($none, 'the first', get('/ocsp/', $good));
is_made(qr/reused\ at\ the\ age\ of\ \d+\ s/x, 'the second',
    get('/ocsp/', $good));
is_made(qr/signed\ as\ the\ request\ has\ a\ nonce/x, 'a nonce',
    get('/ocsp/', request_for('root-good-1', nonce => 'n' x 16)));
is_made(qr/signed\ as\ the\ request\ has\ several\ CertIDs/x, 'two', sub {
    $server->post('/ocsp/', ocsp_request([certid_of('root-good-1'),
        certid_of('root-good-2')]));
}, 'good,good');
is_made(qr/signed\ as\ the\ serial\ was\ never\ issued/x, 'never issued',
    get('/ocsp/', ocsp_request([certid('root', '5EED')])), 'unknown');
is_made(qr/signed\ as\ OCSPResponderReuse\ is\ off/x, 'OCSPResponderReuse off',
    get('/off/', $good));

note 'an entry that is not what was kept';
my ($entry) = $cache->entries;
spew($entry, 'x' x 500);
is_made(qr/signed\ as\ the\ one\ in\ the\ cache\ is\ not\ authentic\ or\ not
    \ valid\ now/x, 'rubbish', get('/ocsp/', $good));

note 'its age';
my $line;
wait_for {
    $line = traced(get('/aged/', $good));
    $line =~ /is (?:soon )?older than/;
} 20;
like $line, qr/signed as the one in the cache is (?:soon )?older than OCSPR/,
    'older than OCSPResponderReuse';

note 'another status';
my $serial = cert('root-good-1')->{serial_stored};
$server->sql("UPDATE django_ca_certificate SET revoked = 1, revoked_date ="
    . " '2024-01-02 03:04:05' WHERE serial = '$serial'");
is_made($none, 'revoked since', get('/ocsp/', $good), 'revoked');

note 'not presigned';
like traced(get('/presigned/', request_for('inter-good-1'))),
    qr/not presigned: .*\n.*good in \d+ us: .*signed as/, 'and why not';

note 'no cache';
$server->stop;
$seen = 0;
$server->write_conf($server->{conf} =~ s/memcache:\S+/none/r);
$server->start;
is_made(qr/signed\ as\ there\ is\ no\ cache/x, 'OCSPResponderCache none',
    get('/off/', $good) && get('/ocsp/', $good), 'revoked');
$cache->stop;

finish;
