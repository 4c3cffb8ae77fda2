# SPDX-License-Identifier: Apache-2.0
# Thousands of broken requests: each gets an OCSP answer, and nothing dies.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF

# The same numbers in every run.
my $state = 20_240_506;
sub random {
    my ($below) = @_;
    $state = ($state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return ($state >> 8) % $below;
}

# One change to a request, as a tool that breaks things makes it.
my @changes = (
    sub { substr $_[0], random(length $_[0]), 1, chr random(256) },
    sub { substr $_[0], random(length $_[0]), 1, '' },
    sub { substr $_[0], random(length $_[0]), 0, chr random(256) },
    sub { $_[0] = substr $_[0], 0, random(length $_[0]) },
    sub {
        my $at = random(length $_[0]);
        substr $_[0], $at, 1, chr(ord(substr $_[0], $at, 1) ^ 1 << random(8));
    },
    sub {
        my ($from, $to) = map { random(length $_[0]) } 1, 2;
        substr $_[0], $to, 0, substr $_[0], $from, random(24);
    },
);

my @whole = (
    request_for('root-good-1'),
    request_for('root-good-1', nonce => 'n' x 32, digest => 'sha256'),
    ocsp_request([certid_of('root-good-1'), certid_of('inter')],
        version => '00', requestor => implicit(2, 'client.example'),
        extensions => [nonce('n'), extension('1.2.3', octet_string('x'))]),
    ocsp_request(undef, single => [single_request(certid_of('root-good-1'),
        extension('service_locator', seq(seq())))]),
);

note 'case 11: mutated requests';
my @children = $server->children;
my $client   = $server->client;
my (%says, @bad);
for my $n (1 .. 4_000) {
    my $der = $whole[$n % @whole];
    for (1 .. 1 + random(3)) {
        $changes[random(scalar @changes)]->($der) if length $der;
    }
    my @request = $n % 4
        ? ('POST', '/ocsp/', body => $der)
        : ('GET', '/ocsp/' . percent(base64($der)));
    my $says = $server->request_on($client, @request)->{says};
    $says{$says}++;
    push @bad, "request $n: $says " . unpack('H*', $der)
        unless $says =~ /^(?:(?:good|unknown)\b|malformedRequest|unauthorized)/;
    $client = $server->client if $says eq 'nothing';
}
is join("\n", @bad), '', 'each has an answer that fits';
cmp_ok $says{malformedRequest}, '>', 1_000, 'many are malformed';
cmp_ok scalar keys %says, '>', 2, 'and some are not';
is "@{[$server->children]}", "@children", 'the processes live on';
is $server->says('/ocsp/', 'root-good-1'), 'good', 'and answer';

note 'case 28: as many CertIDs as can be allowed';
my $most = $ENV{SAN_PRELOAD} ? 200 : 1_000;    # look-ups have two seconds
my $large = T::Server->new(conf => <<'CONF' =~ s/MOST/$most/r)->start;
<Location "/ocsp/">
    @responder root@
    OCSPResponderMaxCertIDs MOST
    OCSPResponderMaxRequest 1048576
</Location>
CONF
my @tags = grep { cert($_)->{issuer} eq 'root' } cert_tags();
my @asked = map { $tags[$_ % @tags] } 1 .. $most;
my $answer = $large->post('/ocsp/',
    ocsp_request([map { certid_of($_) } @asked]));
is $answer->{says}, join(',', map { cert($_)->{status} } @asked),
    "$most are answered";
is $large->post('/ocsp/', ocsp_request([map { certid_of($_) } @asked, 'root']))
    ->{says}, 'malformedRequest', 'one more is not';
is $large->post('/ocsp/', "\0" x 1_048_577)->{says}, 'HTTP 413',
    'nor a larger body';

finish;
