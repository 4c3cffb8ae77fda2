# SPDX-License-Identifier: Apache-2.0
# mod_cache in front of the responder, in each way that it can stand there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

plan skip_all => 'no mod_cache_socache'
    unless has_module('cache_socache') && has_module('socache_shmcb');

# Whatever keeps an answer has it as it was sent, and sends it so.
my %how = (
    'before all others' => "CacheQuickHandler on\n",
    'as a handler'      => "CacheQuickHandler off\n",
    'with compression'  => "CacheQuickHandler on\nSetOutputFilter DEFLATE\n",
    'as a handler, with compression' =>
        "CacheQuickHandler off\nSetOutputFilter DEFLATE\n",
    'as a handler, with mod_expires' => "CacheQuickHandler off\n"
        . "ExpiresActive on\nExpiresDefault \"access plus 1 month\"\n",
    'with mod_expires' =>
        "ExpiresActive on\nExpiresDefault \"access plus 1 month\"\n",
    'with one for all types' => "CacheQuickHandler off\n"
        . "AddOutputFilterByType DEFLATE application/ocsp-response\n",
);
my @names = sort keys %how;

sub host {
    my ($n) = @_;
    return "<VirtualHost *:\@PORT\@>\nServerName host$n.example\n"
        . "CacheEnable socache /\n$how{ $names[$n] }" . <<'CONF';
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/short/">
    @responder root@
    OCSPResponderExpires 4
    OCSPResponderBackdate 0
</Location>
</VirtualHost>
CONF
}
my $server = T::Server->new(
    modules => [qw(cache cache_socache socache_shmcb filter deflate expires)],
    conf => join '', <<'CONF', map { host($_) } 0 .. $#names)->start;
CacheSocache shmcb:@ROOT@/run/http-cache(2097152)
CacheHeader on
CONF

my @accept = ('Accept-Encoding: gzip, deflate');
my $good   = request_for('root-good-1');

sub from_cache {
    return ($_[0]{headers}{'x-cache'} // '') =~ /HIT/ ? 1 : 0;
}

note 'case 43';
for my $n (0 .. $#names) {
    my $name = $names[$n];
    my %o = (host => "host$n.example", headers => \@accept);
    my @got = map { $server->get('/ocsp/', $good, %o) } 1 .. 3;
    is join(' ', map { from_cache($_) } @got), '0 1 1', "$name: the second";
    is join(' ', map { $_->{says} } @got), 'good good good', '  says the same';
    is $got[2]{body}, $got[0]{body}, '  byte for byte';
    is $got[2]{headers}{'content-encoding'}, undef, '  as it is';
    is $got[2]{headers}{$_}, $got[0]{headers}{$_}, "  with its $_"
        for qw(etag expires cache-control last-modified);
    for my $case (['a nonce', 'get', request_for('root-good-1', nonce => 'n')],
                  ['unknown', 'get', ocsp_request([certid('root', '5EED')])],
                  ['an error', 'get', 'x'], ['POST', 'post', $good]) {
        my ($what, $method, $der) = @$case;
        my @fresh = map { $server->$method('/ocsp/', $der, %o) } 1 .. 2;
        is join(' ', map { from_cache($_) } @fresh), '0 0',
            "$name: $what is asked for each time";
    }
}

note 'what has ended is asked for again';
my ($kept, $late, $first) = (0, 0);
wait_for {
    my $asked = time;
    my $answer = $server->get('/short/', $good, host => 'host0.example');
    $first //= $answer;
    $kept += from_cache($answer);
    $late += from_cache($answer) && $asked > $answer->{single}{next_update};
    $answer->{single}{next_update} != $first->{single}{next_update};
} 15;
cmp_ok $kept, '>=', 1, 'a short answer is kept';
is $late, 0, 'and not beyond its end';

finish;
