# SPDX-License-Identifier: Apache-2.0
# httpd under valgrind over its whole life: a start, requests of all kinds, a
# graceful restart, more requests, a stop. Nothing that the module got is lost,
# and it reads and writes what is its own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IPC::Open2;
use T::Server;

ask_once;

plan(skip_all => 'a sanitizer is loaded, which valgrind does not bear')
    if $ENV{SAN_PRELOAD};
my ($absent, $why) = run('valgrind', '--quiet', 'true');
plan(skip_all => "valgrind does not run: $why") if $absent;

{

    package Watched;
    our @ISA = ('T::Server');

    sub command {
        my ($self, @arguments) = @_;
        return (@{ $self->{under} }, $self->SUPER::command(@arguments));
    }
}

# -- a server with responders of all kinds -----------------------------------

my $server = Watched->new(modules => ['socache_shmcb'], conf => <<'CONF');
OCSPResponderCache shmcb:@ROOT@/run/ocsp-cache(512000)
OCSPResponderExpires 1h
<Location "/ec/">
    @responder ec@
</Location>
<Location "/ec/off/">
    OCSPResponder off
</Location>
<Location "/direct/">
    OCSPResponderCA ec
    OCSPResponderKey @ec.ca_key@
    OCSPResponderCert @ec.pem@
    OCSPResponderUnknown revoked
    OCSPResponderArchiveCutoff on
</Location>
<Location "/strict/">
    @responder ec@
    OCSPResponderUnknown unauthorized
    OCSPResponderMaxRequest 256
    OCSPResponderMaxCertIDs 1
    OCSPResponderNonce off
    OCSPResponderExpires 60
</Location>
<Location "/ed25519/">
    @responder ed25519@
</Location>
<Location "/rsa/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @FIXTURE@/keys/root-responder.der
    OCSPResponderCert @root.responder_serial@
</Location>
<Location "/secret/">
    OCSPResponderCA @ec.serial@
    OCSPResponderKey @ROOT@/conf/secret.key
    OCSPResponderKeyPassPhrase file:@ROOT@/conf/secret
    OCSPResponderCert @ec.cert@
    OCSPResponderTimeZone Europe/Vienna
</Location>
<Location "/expired/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @FIXTURE@/keys/root-responder-expired.pem
    OCSPResponderCert @FIXTURE@/certs/root-responder-expired.pem
</Location>
CONF
spew("$server->{root}/conf/secret", "swordfish\n");
must('openssl', 'pkcs8', '-topk8', '-in', ca('ec')->{key}, '-passout',
    'pass:swordfish', '-out', "$server->{root}/conf/secret.key");
# Two rows that are not as they should be.
my %odd = ('ec-auto-1' => "revoked_reason='mystery'",
           'ec-auto-2' => "revoked_date='whenever'");
$server->sql("UPDATE django_ca_certificate SET revoked=1, $odd{$_}"
    . " WHERE serial='@{[cert($_)->{serial_stored}]}'") for sort keys %odd;

my $logs = "$server->{root}/valgrind";
mkdir $logs;
$server->{under} = ['valgrind', '--leak-check=full', '--show-leak-kinds=all',
    '--keep-debuginfo=yes', '--fullpath-after=', '--num-callers=60',
    '--vgdb=no', "--log-file=$logs/%p"];
$server->expect_log(qw(AH01630
    OCSP0203 OCSP0204 OCSP0205 OCSP0301))->allow_log('OCSP0104', 'OCSP0201');
$server->start;

# -- requests ----------------------------------------------------------------

my $good = certid_of('ec-good-1');
my $der  = ocsp_request([$good]);
my $long = request_for('ec-good-1', digest => 'sha512', nonce => "\xff" x 100);
my $name = ((der(pem_der(ca('ec')->{pem}))->inside)[0]->inside)[5]{der};
my $signed = openssl_request('-issuer', ca('ec')->{pem},
    '-cert', cert('ec-good-1')->{pem}, '-signer', ca('ec')->{pem},
    '-signkey', ca('ec')->{ca_key});

sub get  { return ('GET',  "$_[0]/" . percent(base64($_[1]))) }
sub post { return ('POST', "$_[0]/", body => @_[1 .. $#_]) }
sub raw  { return ('GET',  "/ec/$_[0]") }
sub with { return post('/ec', ocsp_request([$good], extensions => [@_])) }

sub with_single {
    return post('/ec',
        ocsp_request(undef, single => [single_request($good, @_)]));
}

my $critical = extension('1.2.3.4.5', octet_string('x'), 1);
my @kinds = (    # what is said, and to what
    ['good',    get('/ec', $der)],
    ['good',    raw(base64($long))],
    ['good',    raw('/' . base64($der) =~ tr{+/}{-_}r . '?query')],
    ['good',    post('/ec', $der)],
    ['good',    post('/ec', $der, chunked => [1, 2, 3])],
    ['good',    post('/ec', $signed)],
    ['good',    post('/ec', ocsp_request([$good],
        requestor => explicit(4, $name)))],
    ['good',    with(nonce('n' x 32))],
    ['good',    get('/strict', $der)],
    ['good',    post('/secret', request_for('ec-good-1', digest => 'sha384'))],
    ['good',    get('/direct', request_for('ec', digest => 'sha256'))],
    ['good',    post('/ed25519', request_for('ed25519-good-1', nonce => 'n'))],
    ['revoked', get('/ec', request_for('ec-revoked-1'))],
    ['revoked', post('/secret', request_for('ec-revoked-1', nonce => 'n' x 8))],
    ['revoked', post('/ec', request_for('ec-auto-1'))],
    ['revoked', get('/ec', request_for('ec-auto-2'))],
    ['revoked', get('/direct', ocsp_request([certid('ec', '5EED')]))],
    ['unknown', get('/ec', ocsp_request([certid('ec', '5EED')]))],
    ['unknown', post('/ec', ocsp_request([certid('ec', \("\x80" x 40))]))],
    ['good,revoked,unknown', post('/ec', ocsp_request([$good,
        certid_of('ec-revoked-1', digest => 'sha256'), certid('ec', '5EED')]))],
    [join(',', ('good') x 16), post('/ec', ocsp_request([($good) x 16]))],

    ['unauthorized', get('/ec', request_for('inter-good-1'))],
    ['unauthorized', get('/ec', request_for('ec-good-1', digest => 'md5'))],
    ['unauthorized', get('/ec', request_for('ec-good-1', key_hash => 'x'))],
    ['unauthorized', post('/ec', ocsp_request([$good,
        certid_of('inter-good-1')]))],
    ['unauthorized', get('/strict', ocsp_request([certid('ec', '5EED')]))],

    ['malformedRequest', post('/ec', '')],
    ['malformedRequest', post('/ec', 'foobar')],
    ['malformedRequest', post('/ec', substr $der, 0, -1)],
    ['malformedRequest', post('/ec', "$der\0")],
    ['malformedRequest', post('/ec', "\x30\x84\x7f\xff\xff\xff")],
    ['malformedRequest', raw('')],
    ['malformedRequest', raw('%21!')],
    ['malformedRequest', raw('AAAA' x 100)],
    ['malformedRequest', post('/ec', ocsp_request([]))],
    ['malformedRequest', post('/ec', ocsp_request([($good) x 17]))],
    ['malformedRequest', post('/strict', ocsp_request([$good, $good]),
        chunked => [50])],
    ['malformedRequest', post('/ec', ocsp_request([$good], version => '01'))],
    ['malformedRequest', with(nonce(''))],
    ['malformedRequest', with(nonce('n' x 129))],
    ['malformedRequest', with(nonce('a'), nonce('b'))],
    ['malformedRequest', with($critical)],
    ['malformedRequest', with_single($critical)],
    ['internalError',    get('/expired', request_for('root-good-1'))],

    ['HTTP 304', get('/ec', $der), headers => ['If-None-Match: *']],
    ['HTTP 405', 'PUT', '/ec/', body => $der],
    ['HTTP 413', post('/ec', 'x' x 9000)],
    ['HTTP 413', post('/strict', $long, chunked => [64])],
    ['HTTP 414', get('/strict', $long)],
    ['HTTP 403', raw('off/')],
    [undef,      'HEAD',    '/ec/' . base64($der)],
    [undef,      'OPTIONS', '/ec/'],
);
# RSA takes valgrind's time.
my @rare = (
    ['good',         get('/rsa', request_for('inter'))],
    ['good,revoked', post('/rsa', ocsp_request([certid_of('root-good-1'),
        certid_of('root-revoked-superseded', digest => 'sha512')],
        extensions => [nonce('n')]))],
);

my ($asked, $client, %wrong) = (0);

# A query may take longer under valgrind than it is given, the first above all.
sub warm {
    wait_for { $server->get('/ec', $der)->{says} eq 'good' } 20;
    return;
}

sub ask {
    my ($says, @request) = @{ $_[0] };
    $says //= 200;
    my $is = '';
    for my $attempt (1 .. 3) {
        $client //= $server->client(timeout => 30);
        my $answer = read_answer($client->request(@request));
        $asked++;
        $is = $says eq '200' ? $answer->{status} // 'nothing' : $answer->{says};
        undef $client
            if ($answer->{headers}{connection} // 'close') =~ /close/i;
        last if $is ne 'tryLater' || $says eq 'tryLater';
        warm();
    }
    $wrong{"@request[0, 1]: $is, not $says"}++ if $is ne $says;
    return;
}

# Each kind in turn, that many requests in all.
sub ask_all {
    my ($until) = @_;
    until ($asked >= $until) {
        $asked < $until and ask($_) for @kinds;
        ask(shift @rare) if @rare;
    }
    return;
}

# Clients that go away in the middle, a database that is locked, and one that is
# not django-ca's.
sub trouble {
    my $half = "POST /ec/ HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\nabc";
    for my $bytes ($half, T::HTTP::bytes(get('/ec', $der))) {
        my $gone = $server->client;
        $gone->send_bytes($bytes);
        $gone->abort;
    }
    my $pid = open2(my $from, my $to, 'sqlite3', '-bail', '-cmd',
        '.timeout 30000', $server->{db});
    print $to "BEGIN EXCLUSIVE;\n.print locked\n";
    $to->flush;
    my $locked = <$from>;
    ask(['tryLater', get('/ec', $der)]);
    print $to "COMMIT;\n.quit\n";
    close $to;
    waitpid $pid, 0;
    my $table = 'ALTER TABLE django_ca_certificate RENAME';
    $server->sql("$table revoked TO gone");
    ask(['internalError', get('/ec', $der)]);
    $server->sql("$table gone TO revoked");
    warm();
    return;
}

# Who answers, and the parent, by pid. The module's own processes, which look
# after tokens and certificates, may be killed while valgrind still sums up.
my %served = ($server->{pid} => 1);

sub workers {
    my @pids;
    wait_for { @pids = $server->children } 60;
    @served{@pids} = (1) x @pids;
    return @pids;
}

my ($child, @more) = workers();
is_deeply \@more, [], 'one child answers';
warm();
ask_all(450);
trouble();
push @rare, @rare;
ask_all(900);
undef $client;
ok $server->graceful, 'a graceful restart';
my $ended = wait_for { !kill 0, $child } 30;
ok $ended, '  in which its child process ends';
warm();
ask_all(1000);
cmp_ok $asked, '>=', 1000, "$asked requests";
is join("\n", %wrong), '', '  answered as they should be';
undef $client;
workers();
# httpd kills a child that takes ten seconds to end and to be summed up, as it
# may on a busy machine: for that second its process group goes before all.
setpriority 1, $server->{pid}, -20 if !$> && getpriority(0, 0) <= 0;
$server->stop;

# -- what valgrind says ------------------------------------------------------

my $ours = qr{/responder/(?:\w+/)*\w+\.[ch]:|mod_ocsp_responder\.(?:so|c)\b};
my (@ours, @of_others, @many);
my %report = map { m{/(\d+)$} => slurp($_) } glob "$logs/*";
is join(' ', grep { ($report{$_} // '') !~ /LEAK SUMMARY/ } keys %served), '',
    'each process came to its end';
cmp_ok scalar keys %report, '>=', 3, '  the parent and two child processes';
ok $report{$child}, '  one is the child that answered';

# A record is a line that says what and lines that say where.
# What the C library makes for each thread is there while the thread is, and
# some of ours live as long as their process.
my $of_thread = qr/^[\d,]+\ bytes\ in\ [\d,]+\ blocks\ are\ possibly\ lost.*
    \b_dl_allocate_tls\b.*\bpthread_create/sx;
my $in_ours = 0;
# A process that ends by _exit() keeps what libcrypto frees at an exit, and
# serves no request.
for (map { my $pid = $_; map { [$pid, $_] } split /^==\d+== ?\n/m,
    $report{$pid} } keys %report) {
    my ($pid, $record) = @$_;
    $record =~ s/^==\d+== ?(?:Thread \d+.*:\n)?//mg;
    next unless $record =~ /^   (?:at|by) 0x/m;
    # A process that looks into a database ends with its connection open.
    next if $record =~ /are possibly lost.*\bpreflight_child_run\b/s;
    my $is_ours = $record =~ $ours;
    if ($record =~ /^[\d,]+ bytes in ([\d,]+) blocks are still reachable/) {
        $in_ours++ if $is_ours;
        # OpenSSL 4 frees nothing of its own at an exit.
        push @many, $record if $is_ours && $served{$pid}
            && $1 =~ tr/,//dr >= 200 && $record =~ /\bap_(?:process|invoke)_/;
    }
    elsif ($is_ours && $record !~ $of_thread) { push @ours, $record }
    else             { push @of_others, $record }
}
cmp_ok $in_ours, '>', 0, 'our functions are recognised';
is join("\n", @ours), '', 'nothing lost, nothing invalid, in our functions';
is join("\n", @many), '', 'nothing that is kept for each request';
note "elsewhere:\n$_" for @of_others;

finish;
