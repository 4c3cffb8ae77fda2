# SPDX-License-Identifier: Apache-2.0
# Responder certificates that end, or have ended: httpd -t and the log say so in
# time, however the certificate is named, and whether anybody asks or not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use T::PKI;
use T::PKI::Responder;

my $work = folder();
my $DAY  = 86_400;

# The key and certificate of a CA with such a life, in seconds from now.
sub pair {
    my ($start, $end) = @_;
    my $made = make_pair($work, 'root', start => $start, end => $end);
    return { key => $made->{key}, cert => $made->{pem},
        serial => $made->{serial} };
}

sub location {
    my ($ca, $key, $cert) = @_;
    return <<"CONF";
<Location "/ocsp/">
    OCSPResponderCA $ca
    OCSPResponderKey $key
    OCSPResponderCert $cert
</Location>
CONF
}

sub revoke {
    my ($server, $pair) = @_;
    return $server->sql('UPDATE django_ca_certificate SET revoked = 1,'
        . " revoked_date = '2024-01-01 00:00:00', revoked_reason ="
        . " 'key_compromise' WHERE serial = '$pair->{serial}'");
}

sub one_line {
    my ($path) = @_;
    (my $text = slurp($path)) =~ s/\n/\\n/g;
    return qq("$text");
}

my %life = (
    'expired'       => [-9 * $DAY, -3600,    qr/expired on /,      'OCSP0104'],
    'not yet valid' => [3600,      9 * $DAY, qr/is not yet valid/, 'OCSP0105'],
    'three days before its end' =>
        [-300 * $DAY, 3 * $DAY, qr/ends on /, 'OCSP0504'],
    'a quarter before its end' =>
        [-300 * $DAY, 100 * $DAY, qr/ends on /, 'OCSP0504'],
);
for my $when (sort keys %life) {
    note "case 67: $when";
    my ($start, $end, $like, $id) = @{ $life{$when} };
    my $pair = pair($start, $end);
    my $root = ca('root')->{serial};
    my %form = (
        'a file'        => ["OCSPResponderCert $pair->{cert}"],
        'a serial'      => ["OCSPResponderCert $pair->{serial}"],
        'PEM'           => ['OCSPResponderCert ' . one_line($pair->{cert})],
        'auto'          => ['OCSPResponderCert auto', 1],
        '*'             => ['OCSPResponderCert auto', 1, '*'],
    );
    # Other sources than django-ca have no responder's key or certificate.
    delete @form{'auto', '*', 'a serial'} if $ENV{SOURCE};
    for my $form (sort keys %form) {
        my ($cert, $auto, $ca) = @{ $form{$form} };
        my $server = T::Server->new(conf => <<"CONF",
<Location "/ocsp/">
    OCSPResponderCA @{[$ca // 'root']}
    OCSPResponderKey @{[$auto ? 'auto' : $pair->{key}]}
    $cert
    OCSPResponderStorage \@FIXTURE\@/storage
</Location>
CONF
            $auto ? (db => options_sql('root',
                pair_json({ key => $pair->{key} }, $pair->{cert}))) : ());
        insert_cert($server, 'root', $pair->{cert}) if $form eq 'a serial';
        my ($code, $text) = $server->configtest;
        is $code, 0, "$form: no error" or diag $text;
        my ($line) = grep { /Warning on line \d+/ && /$pair->{serial}/ }
            split /\n/, $text;
        like $line // $text, $like, '  httpd -t tells it';
        like $line // '', qr/\Q$root\E/i, '    of which CA';
        like $line // '', qr/\w{3}, \d\d \w{3} 20\d\d /, '    and when';
        $server->expect_log($id)->start;
        my $said = wait_for { grep { /$pair->{serial}/ } $server->alarms } 10;
        ok $said, '  the log tells it, though nobody has asked'
            or diag $server->error_log;
    }
}

note 'that ends, where nothing renews it';
{
    my $pair = pair(-20 * $DAY, 13 * $DAY);
    my (undef, $text) = T::Server->new(conf => location('root', $pair->{key},
        $pair->{cert}))->configtest;
    like $text, qr/Warning on line \d+ .*$pair->{serial} ends on /,
        'less than two weeks before its end, though it has lived for less';
}

note 'that lasts';
for my $case (['by hand', 0, -30 * $DAY, 15 * $DAY],
              ['by itself', 1, -2 * 3600, 2 * $DAY],
              ['by itself, before a third', 1, -100 * $DAY, 45 * $DAY]) {
    my ($name, $auto, $start, $end) = @$case;
    next if $auto && $ENV{SOURCE};
    my $pair = pair($start, $end);
    my $server = T::Server->new(
        conf => $auto ? location('root', 'auto', 'auto')
            : location('root', $pair->{key}, $pair->{cert}),
        $auto ? (db => options_sql('root',
            pair_json({ key => $pair->{key} }, $pair->{cert}))) : ());
    my ($code, $text) = $server->configtest;
    is $text, "Syntax OK\n", "renewed $name: nothing to say";
}

# Other sources take a CA by its certificate, not by its name.
if (!$ENV{SOURCE}) {
    my $key = make_key('p256');
    my $ca = make_cert(key => $key, cn => 'Itself', start => -3000 * $DAY,
        end => 600 * $DAY, extensions => ['basicConstraints=critical,CA:TRUE',
        'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
        'subjectKeyIdentifier=hash']);
    my $server = T::Server->new(conf => location('itself', $key, $ca));
    insert_ca($server, $ca, name => 'itself');
    my (undef, $text) = $server->configtest;
    is $text, "Syntax OK\n", 'a CA that signs itself: nothing to say';
}

note 'its own database has it as revoked';
my $pair = pair(-3600, 300 * $DAY);
my $server = T::Server->new(
    conf => location('root', $pair->{key}, $pair->{cert}));
insert_cert($server, 'root', $pair->{cert});
my (undef, $text) = $server->configtest;
is $text, "Syntax OK\n", 'good';
revoke($server, $pair);
my $code;
($code, $text) = $server->configtest;
is $code, 0, 'revoked: no error';
like $text, qr/Warning on line \d+ .*$pair->{serial} is revoked/,
    '  httpd -t tells it';
$server->expect_log('OCSP0506')->start;
ok wait_for(sub { $server->error_log =~ /OCSP0506: .*$pair->{serial}/ }, 10),
    '  and the log';

note 'while it runs, and nobody asks';
my $running = T::Server->new(conf => location('root', $pair->{key},
    $pair->{cert}));
insert_cert($running, 'root', $pair->{cert});
my $ending = pair(-3600, 10);
my $other  = T::Server->new(conf => location('root', $ending->{key},
    $ending->{cert}))->allow_log(qw(OCSP0104 OCSP0504));
my $files = pair(-3600, 300 * $DAY);
my $third = T::Server->new(conf => location('root', $files->{key},
    $files->{cert}));
$_->start for $running, $other, $third;
SKIP: {
    skip 'it looks every hour, and not every ten seconds', 5
        unless $running->error_log =~ /with short intervals/;
    unlike $running->error_log, qr/$pair->{serial}/, 'a certificate is good';
    $running->expect_log('OCSP0506');
    revoke($running, $pair);
    ok wait_for(sub {
        $running->error_log =~ /OCSP0506: .*$pair->{serial} is revoked/ }, 60),
        '  then revoked: the log tells it';
    $other->expect_log('OCSP0104');
    ok wait_for(sub {
        $other->error_log =~ /OCSP0104: .*$ending->{serial} expired on / },
        60), 'a certificate ends: the log tells it'
        or diag $other->error_log;
    $third->expect_log('OCSP0504');
    my $next = pair(-3600, 3 * $DAY);
    spew($files->{$_}, slurp($next->{$_})) for qw(key cert);
    ok wait_for(sub {
        $third->error_log =~ /OCSP0504: .*$next->{serial} ends on / }, 60),
        'files are replaced: the log tells when the new certificate ends'
        or diag $third->error_log;
    is join('', map { $_->access_log } $running, $other, $third), '',
        '  and nobody has asked';
}

note 'what is told again, at the looks that follow';
{
    my %pair = (days => pair(-300 * $DAY, 3 * $DAY),
        today => pair(-300 * $DAY, 3600));
    # What is told for too little time again goes to those who debug.
    my $server = T::Server->new(conf => join '',
        "LogLevel ocsp_responder:debug\n",
        map { location('root', @{ $pair{$_} }{qw(key cert)})
            =~ s{/ocsp/}{/$_/}r } sort keys %pair);
    $server->expect_log('OCSP0504')->start;
    my $told = sub { scalar(() =
        $server->error_log =~ /OCSP0504: .*$pair{ $_[0] }{serial} ends/g) };
    ok wait_for(sub { $told->('days') }, 10), 'three days before its end';
    SKIP: {
        skip 'it looks every hour, and not every ten seconds', 2
            unless $server->error_log =~ /with short intervals/;
        ok wait_for(sub { $told->('today') > 2 }, 60), 'today: at each look';
        is $told->('days'), 1, '  else once a day';
    }
}

note 'four hundred days later, by the clock that httpd sees';
my $faketime = T::Platform::faketime();
SKIP: {
    skip 'no libfaketime', 8 unless $faketime;
    skip 'libfaketime and the sanitizers cannot both come first', 8
        if $ENV{SAN_PRELOAD};
    skip "django-ca's own keys", 8 if $ENV{SOURCE};
    my $pair = pair(-300 * $DAY, 365 * $DAY);
    for my $ca (ca('root')->{serial}, '*') {
        my $server = T::Server->new(conf => <<"CONF",
<Location "/ocsp/">
    OCSPResponderCA $ca
    OCSPResponderKey auto
    OCSPResponderCert auto
    OCSPResponderStorage \@FIXTURE\@/storage
</Location>
CONF
            db => options_sql('root',
                pair_json({ key => $pair->{key} }, $pair->{cert})));
        my ($code, $text) = $server->configtest;
        unlike $text, qr/$pair->{serial}.*expired/, "$ca: not today";
        local $server->{env} = { %{ $server->{env} },
            LD_PRELOAD => $faketime, FAKETIME => '+400d' };
        ($code, $text) = $server->configtest;
        is $code, 0, '  then: no error';
        like $text, qr/Warning on line 4 .*$pair->{serial} expired on /,
            '  but a warning of that certificate';
    }
}

note 'the process that looks is killed';
# A server's children that have one thread. Others would be told of by httpd
# when they end where it is the first process of all, as in a container.
sub lookers {
    my ($alone) = @_;
    my (undef, $list) = run('ps', '-o', 'nlwp=,pid=', '--ppid', $alone->{pid});
    return $list =~ /^\s*1\s+(\d+)$/mg;
}
my $alone = T::Server->new(conf => <<'CONF')->start;
<Location "/ocsp/">
    @responder root@
</Location>
CONF
my @first;
wait_for { @first = lookers($alone); @first == 1 } 60;
is scalar @first, 1, 'it is there';
kill KILL => @first;
my @next;
wait_for { @next = lookers($alone); @next == 1 && $next[0] != $first[0] } 60;
is scalar @next, 1, 'another takes its place';
isnt $next[0], $first[0], '  which is new';
$alone->graceful;
my @last;
wait_for { @last = lookers($alone); @last == 1 && $last[0] != $next[0] } 60;
is scalar @last, 1, 'after a graceful restart there is one';
isnt $last[0], $next[0], '  which is new';

finish;
