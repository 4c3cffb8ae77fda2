# SPDX-License-Identifier: Apache-2.0
# The cache of answers: what makes another answer makes another key, and what
# comes out of it is not trusted.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../bench";
use T::Memcached;
use T::Server;
use Time::HiRes qw(sleep time);
use Token;

plan(skip_all => 'no mod_socache_memcache')
    unless has_module('socache_memcache');

hurry();
my $cache  = T::Memcached->start;
my $server = T::Server->new(modules => ['socache_memcache', 'socache_shmcb'],
    conf => <<"CONF")->start;
OCSPResponderCache memcache:127.0.0.1:$cache->{port}
<Location "/ocsp/">
    \@responder root\@
</Location>
<Location "/cutoff/">
    \@responder root\@
    OCSPResponderArchiveCutoff on
</Location>
<Location "/longer/">
    \@responder root\@
    OCSPResponderExpires 1200
</Location>
<Location "/short/">
    \@responder root\@
    OCSPResponderExpires 12
</Location>
<Location "/aged/">
    \@responder root\@
    OCSPResponderReuse 3
</Location>
<Location "/never/">
    \@responder root\@
    OCSPResponderReuse off
    OCSPResponderExpires 700
</Location>
CONF

sub get {
    my ($tag, %o) = @_;
    return $server->get($o{at} // '/ocsp/',
        request_for($tag, %{ $o{is} // {} }), headers => $o{headers} // []);
}

# The file of the one entry that a request makes.
sub entry_of {
    my ($tag) = @_;
    $cache->forget;
    get($tag);
    return ($cache->entries)[0];
}

note 'what is kept';
my $first = kept_answer(sub { get('root-good-1') });
is $first->{says}, 'good', 'an answer';
is scalar $cache->entries, 1, 'is kept';
my $again = get('root-good-1');
is $again->{body}, $first->{body}, 'and sent again, byte by byte';
is $again->{headers}{etag}, $first->{headers}{etag}, '  with its ETag';
is get('root-good-1', headers => ["If-None-Match: $first->{headers}{etag}"])
    ->{status}, 304, '  or 304';
is $server->post('/ocsp/', request_for('root-good-1'))->{body}, $first->{body},
    '  by POST, too';
is scalar $cache->entries, 1, 'one entry for all of them';

note 'what makes another key';
my %other = (
    'another certificate'      => sub { get('root-good-2') },
    'a validity'               => sub { get('root-good-1', at => '/longer/') },
    'an extension'             => sub { get('root-good-1', at => '/cutoff/') },
    'another digest'           =>
        sub { get('root-good-1', is => { digest => 'sha256' }) },
    'parameters of the digest' =>
        sub { get('root-good-1', is => { null => 0 }) },
);
for my $name (sort keys %other) {
    my $before = () = $cache->entries;
    my $answer = $other{$name}->();
    is $answer->{says}, 'good', $name;
    isnt $answer->{body}, $first->{body}, '  another answer';
    # On a busy machine the cache may not take the first at once.
    wait_for { $other{$name}->(); (() = $cache->entries) > $before } 20;
    is scalar(() = $cache->entries), $before + 1, '  is kept beside it';
}
my $before = () = $cache->entries;
get('root-good-1', is => { nonce => 'once' });
$server->post('/ocsp/', ocsp_request([map { certid_of($_) } 'root-good-1',
    'root-good-2']));
is scalar(() = $cache->entries), $before,
    'with a nonce, or for two certificates, nothing is kept';

note 'until half of its validity';
# Whether an answer is sent again after so many seconds. On a busy machine they
# may be more than it is kept for; then the next one is tried.
sub is_sent_again {
    my ($at, $seconds) = @_;
    my $answer;
    wait_for {
        $answer = get('root-good-3', at => $at);
        sleep $seconds;
        get('root-good-3', at => $at)->{body} eq $answer->{body};
    } 20 or undef $answer;
    return $answer;
}
my $short = is_sent_again('/short/', 1);
ok $short, 'as before';
sleep 6;
cmp_ok get('root-good-3', at => '/short/')->{single}{next_update}, '>',
    $short->{single}{next_update}, 'then anew';

note 'no older than OCSPResponderReuse says';
my $aged = is_sent_again('/aged/', 1.1);
ok $aged, 'a second: sent';
sleep 2;
my $anew = get('root-good-3', at => '/aged/');
isnt $anew->{body}, $aged->{body}, 'three: anew';
is $anew->{single}{next_update} - $aged->{single}{next_update} >= 3, 1,
    '  with the whole validity';
$cache->forget;
my @never = map { sleep 1.1 if $_; get('root-good-2', at => '/never/') } 0, 1;
isnt $never[1]{body}, $never[0]{body}, 'off: each answer is new';
is scalar(() = $cache->entries), 0, '  and none is kept';
ok $never[0]{headers}{etag}, '  HTTP caches may keep it all the same';

note 'revoked';
my $serial = cert('root-good-1')->{serial_stored};
$server->sql('UPDATE django_ca_certificate SET revoked = 1, revoked_date ='
    . " '2024-01-01 00:00:00' WHERE serial = '$serial'");
is get('root-good-1')->{says}, 'revoked', 'at once';
$server->sql('UPDATE django_ca_certificate SET revoked = 0'
    . " WHERE serial = '$serial'");
is get('root-good-1')->{says}, 'good', 'and back';

note 'entries that somebody else has written';
my $revoked = slurp(entry_of('root-revoked-keyCompromise'));
my $kept  = entry_of('root-good-1');
my $entry = slurp($kept);
my %poison = (
    'another answer'           => $revoked,
    'no answer'                => '',
    'noise'                    => join('', map { chr rand 256 } 1 .. 600),
    'too much'                 => 'x' x 40_000,
    'half of it'               => substr($entry, 0, length($entry) / 2),
    'a part of the head'       => substr($entry, 0, 20),
    'more behind it'           => "$entry\0",
    'the head without the DER' => substr($entry, 0, 80),
    map { my $at = $_; my $text = $entry;
        substr($text, $at, 1) ^= "\x01"; ("another byte $at" => $text) }
        0, 3, 8, 12, 17, 40, 49, 70, 81, 200, length($entry) - 1,
);
for my $name (sort keys %poison) {
    spew($kept, $poison{$name});
    my $answer = get('root-good-1');
    is $answer->{says}, 'good', "$name: the truth";
    cmp_ok $answer->{single}{next_update} // 0, '>', time + 500, '  of today';
    next if $name eq 'too much';
    # After it was slow, a cache is left alone for half a second.
    ok wait_for(sub { slurp($kept) ne $poison{$name} || !get('root-good-1') },
        5), '  which is put in its place';
}

note 'two servers that share it, with a key in a token';
SKIP: {
    my $ec    = ca('ec');
    my $token = token(p256 => $ec->{key})
        or skip 'no SoftHSM, or OpenSSL knows no PKCS#11', 2;
    my @servers = map { T::Server->new(modules => ['socache_memcache'],
        env => $token->{env}, conf =>
            "OCSPResponderCache memcache:127.0.0.1:$cache->{port}\n"
            . token_location($token))->allow_log('OCSP0201') } 0, 1;
    my @kept = map {
        my $each = $_->start;
        my $ask  = sub { $each->get('/ec/', request_for('ec-good-1')) };
        wait_for { $ask->()->{says} eq 'good' } 20;
        kept_answer($ask);
    } @servers;
    is $servers[$_]->get('/ec/', request_for('ec-good-1'))->{body},
        $kept[$_]{body}, "$_: what it has signed stays" for 0, 1;
}

note 'a cache that is gone';
# mod_socache_memcache's; what is not there is not told to keep anything.
$server->expect_log(qw(AH00791 AH00792))->allow_log('AH00790');
$cache->stop;
is get('root-good-1')->{says}, 'good', 'an answer nevertheless';

note 'OCSPResponderCache';
my @wrong = (
    ['OCSPResponderCache nosuch',      qr/nosuch.*mod_socache_nosuch/s],
    ['OCSPResponderCache shmcb:/x(1)', qr/OCSPResponderCache/],
    ['OCSPResponderCache',             qr/OCSPResponderCache takes one/],
    ["<Location \"/x/\">\nOCSPResponderCache none\n</Location>",
        qr/OCSPResponderCache.*not allowed/s],
);
for (@wrong) {
    my ($line, $message) = @$_;
    my $other = T::Server->new(modules => ['socache_shmcb'], conf => "$line\n");
    my ($code, $text) = $other->configtest;
    ok $code, "$line: refused";
    like $text, $message, '  with its reason';
}
my $none =
    T::Server->new(modules => ['socache_shmcb'], conf => <<'CONF')->start;
OCSPResponderCache none
<Location "/ocsp/">
    @responder root@
</Location>
CONF
my @bodies = map { sleep 1.1 if $_; $none->get('/ocsp/',
    request_for('root-good-1'))->{body} } 0, 1;
isnt $bodies[1], $bodies[0], 'none: each answer is new';

finish;
