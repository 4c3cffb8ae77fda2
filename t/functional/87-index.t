# SPDX-License-Identifier: Apache-2.0
# OCSPResponderSource index: the database of `openssl ca`, as each form of row
# says, and as it changes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Copy qw(copy);
use Time::HiRes qw(CLOCK_MONOTONIC clock_gettime sleep time);
use T::ConfigTest;
use T::PKI::Responder;

ask_once;

my $folder = folder();
my $index  = "$folder/index.txt";
my $root   = ca('root');
copy(top_dir() . '/t/fixtures/openssl-index/index.txt', $index) or die $!;
open_up($folder);
my $conf = <<"CONF";
<Location "/ocsp/">
    \@responder root: index $index\@
</Location>
CONF
my $server = T::Server->new(conf => $conf, db => 0, dbd => 0)->start;

# What is said of a serial: "good", "revoked 20261125202502Z 1 since …".
sub says {
    my ($serial, $path) = @_;
    my $answer = $server->get($path // '/ocsp/',
        ocsp_request([certid('root', $serial)]));
    my $single = $answer->{single};
    return $answer->{says} if $answer->{says} ne 'revoked';
    my ($since) = values %{ $single->{extensions} };
    return join ' ', grep { defined } 'revoked', $single->{revoked_text},
        $single->{reason}, $since ? 'since ' . substr $since->{value}, 2
                                  : undef;
}

sub row {
    my ($serial, $flag, $revoked) = @_;
    return join("\t", $flag // 'V', '391225202502Z', $revoked // '',
        $serial, 'unknown', '/CN=x') . "\n";
}

# Replaces the file as `openssl ca` does.
sub replace {
    my ($text, $to) = @_;
    $to //= $index;
    spew("$to.new", $text);
    chmod 0644, "$to.new";
    rename "$to.new", $to or die $!;
    return;
}

# In how many seconds a serial is said to be so; false after ten.
sub becomes {
    my ($serial, $says, $name) = @_;
    my $since = time;
    wait_for { says($serial) eq $says } 10;
    is says($serial), $says, $name;
    return time - $since;
}

note 'each form of row';
my $at = '20261125202502Z';
my @rows = (
    ['00' => 'good'], ['01' => "revoked $at"], ['02' => "revoked $at 1"],
    ['03' => "revoked $at 6"],
    ['04' => "revoked $at 1 since 20240102030405Z"],
    ['05' => "revoked $at 2 since 20240102030405Z"],
    ['06' => 'good'], ['07' => 'good'], ['08' => 'good'],
    ['0ABC' => "revoked $at 8"], ['0ABD' => 'good'],
    ['DEADBEEF' x 5 => 'good'],
    ['09' => 'unknown'], ['ABCD' => 'unknown'], ['0ABC00' => 'unknown'],
);
is says($_->[0]), $_->[1], "serial $_->[0]" for @rows;
is $server->get('/ocsp/', request_for('ec-good-1'))->{says}, 'unauthorized',
    'another CA';

note 'what openssl ocsp makes of the same file';
# What it says of a serial: the line of its text, "" where there is none.
sub openssl_says {
    my ($serial) = @_;
    my (undef, $text) = run('openssl', 'ocsp', '-index', $index, '-CA',
        $root->{pem}, '-rsigner', $root->{cert}, '-rkey', $root->{key},
        '-issuer', $root->{pem}, '-serial', "0x$serial", '-noverify',
        '-resp_text');
    my ($status) = $text =~ /Cert Status: (\w+)/;
    my ($reason) = $text =~ /Revocation Reason: .*\(0x(\w+)\)/;
    my ($since)  = $text =~ /Invalidity Date:\s*(.*)/;
    return join ' ', grep { defined } $status,
        defined $reason ? hex $reason : undef, $since ? 'since' : undef;
}

# An expired row is no SingleResponse of openssl's, in a successful response;
# here it is good, as it was never revoked.
my %differs = ('0ABD' => '');
SKIP: {
    skip 'openssl ocsp answers nothing here', scalar @rows
        unless openssl_says('06') eq 'good';
    for my $row (@rows) {
        my ($serial, $ours) = @$row;
        $ours =~ s/ \d{14}Z//g;
        is openssl_says($serial), $differs{$serial} // $ours,
            "$serial: " . (exists $differs{$serial} ? 'differs' : 'the same');
    }
}

note 'a file that changes';
my $whole = slurp($index);
my @took;
my @limits = within(1);
replace($whole . row('77'));
push @took, becomes('77', 'good', 'a row more, by rename');
open my $file, '>>', $index or die $!;
print {$file} row('78', 'R', '261125202502Z,superseded');
close $file;
push @took, becomes('78', "revoked $at 4", 'a row more, appended');
my $text = slurp($index);
$text =~ s/^V(\t\S+\t)(\t77)/R${1}261125202502Z$2/m;
spew($index, $text);
push @took, becomes('77', "revoked $at", 'revoked in place');
$text =~ s/^R(\t\S+\t)\S+(\t77)/V$1$2/m;
spew($index, $text);
push @took, becomes('77', 'good', 'and back: a line gets shorter');
push @limits, within(1);
my ($limit) = sort { $b <=> $a } @limits;
cmp_ok $_, '<', $limit, 'seen within a second' for @took;

note 'half of a file is never believed';
my $halves = substr $text, 0, index($text, "DEADBEEF") + 4;
# After three seconds it is: nobody seems to write it any more.
my ($until, %heard) = time + 2.5;
spew($index, $halves);
while (1) {
    my $says = says('77') . ', ' . says('DEADBEEF' x 5);
    last if time > $until;
    $heard{$says}++;
    sleep 0.05;
}
is join('; ', keys %heard), 'good, good', 'the old content counts';
spew($index, $text . row('79'));
becomes('79', 'good', 'until it is whole again');

note 'a storm of renames and of writes in place';
my $writer = fork // die $!;
if (!$writer) {
    my $n = 0;
    while (1) {
        my $new = $text . join '', map { row(sprintf '%06X', 0x100000 + $_) }
            0 .. 200 + $n++;
        if ($n % 3) { replace($new) }
        else {
            open my $out, '>', $index or die $!;
            $out->autoflush(1);
            for (my $i = 0; $i < length $new; $i += 3_000) {
                print {$out} substr $new, $i, 3_000;
                sleep 0.01;
            }
            close $out;
        }
        sleep 0.02;
    }
}
%heard = ();
$until = time + 6;
while (time < $until) {
    $heard{ join ' ', map { says($_) } '00', '77', '100040', 'DEADBEEF' x 5,
        '0ABC' }++;
}
kill KILL => $writer;
waitpid $writer, 0;
my @wrong = grep { !/^good good (?:unknown|good) good revoked $at 8$/ }
    keys %heard;
is "@wrong", '', 'no answer is wrong';
ok $heard{"good good good good revoked $at 8"}, 'and new rows are seen';
replace($text);
sleep 0.01 while !-e $index;

note 'a row that cannot be read costs its own certificate';
my $odd = $text . row('A1') . "V\t391225202502Z\t\tA2\tunknown\t/CN=a\tb\n"
    . row('A3', 'R') . row('A4') . row('A4') . row('A5', 'R',
        '261125202502Z,because');
replace($odd);
becomes('A1', 'good', 'a good row before it');
is says('A2'), 'internalError', 'seven fields';
is says('A3'), 'internalError', 'revoked without a time';
is says('A4'), 'internalError', 'a serial that is there twice';
is says('A5'), "revoked $at", 'a reason that nobody knows is left out';
is says('00'), 'good', 'others are answered';
is says('B1'), 'unknown', 'also those never issued';
is says('A2'), 'internalError', 'once more' for 1 .. 3;
is $server->most_in_a_minute(qr/OCSP0204/), 1, 'told once a minute';
my @lines = grep { /OCSP0204/ } split /\n/, $server->error_log;
like "@lines", qr{\Q$index\E: row \d+: it does not have six fields},
    'with file, row and field';
like $server->error_log, qr/OCSP0603: .*row \d+: field 3 \(revocation\) has a/,
    'so is an odd reason';
replace($odd . "V\t391225202502Z\n");
becomes('B1', 'internalError',
    'a row without a serial may be anybody\'s that is not there');
is says('A1'), 'good', 'but nobody else\'s';
$server->expect_log(qw(OCSP0204 OCSP0603))->allow_log('OCSP0601');

note 'all processes take a new file together: ten times a second';
{
    hurry;
    spew("$index.2", row('5A'));
    my @late;
    for my $round (1 .. 3) {
        my $other = T::Server->new(conf => $conf =~ s/\Q$index/$index.2/r,
            db => 0, dbd => 0)->start;
        for my $new ('revoked', 'good', 'revoked', 'good', 'revoked') {
            replace(row('5A', $new eq 'good' ? () : ('R', '240101000000Z')),
                "$index.2");
            my $until = time + 10;
            my $asked = ocsp_request([certid('root', '5A')]);
            1 while $other->post('/ocsp/', $asked)->{says} ne $new
                && time < $until;
            my $now = clock_gettime(CLOCK_MONOTONIC);
            push @late, $now - int($now * 10) / 10;
        }
        $other->stop;
    }
    my ($usual) = (sort { $a <=> $b } @late)[7];
    takes_less($usual, 0.025, 'none takes back what another has answered')
        or diag "@late";
}

note 'no file';
unlink $index;
is says('00'), 'good', 'what was there counts for a moment';
becomes('00', 'tryLater', 'then no more');
$server->expect_log('OCSP0203');
replace($text);
becomes('00', 'good', 'until it is there again');

note 'openssl ca itself';
my $ca = "$folder/ca";
mkdir $ca or die $!;
spew("$ca/cnf", slurp(top_dir() . '/t/fixtures/openssl-index/ca.cnf'));
$text = slurp("$ca/cnf");
$text =~ s{\./}{$ca/}g;
$text =~ s/^certificate=.*/certificate=$root->{pem}/m;
$text =~ s/^private_key=.*/private_key=$root->{ca_key}/m;
$text =~ s/^dir=.*/dir=$ca/m;
$text =~ s/^new_certs_dir=.*/new_certs_dir=$ca/m;
spew("$ca/cnf", $text);
spew("$ca/serial", "0A01\n");
spew("$ca/index.txt", '');
open_up($folder);
$conf .= <<"CONF";
<Location "/ca/">
    \@responder root: index "$ca/index.txt"\@
</Location>
CONF
$server->write_conf($conf);
ok $server->graceful, 'a second index';
my @ca = ('openssl', 'ca', '-batch', '-config', "$ca/cnf");
must('openssl', 'req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout',
    "$ca/key", '-out', "$ca/csr", '-subj', '/CN=one', '-config', "$ca/cnf");
is says('0A01', '/ca/'), 'unknown', 'an empty index';
must(@ca, '-in', "$ca/csr", '-out', "$ca/one.pem", '-notext');
wait_for { says('0A01', '/ca/') eq 'good' } 10;
is says('0A01', '/ca/'), 'good', 'issued';
must(@ca, '-revoke', "$ca/one.pem", '-crl_compromise', '20240102030405Z');
wait_for { says('0A01', '/ca/') ne 'good' } 10;
like says('0A01', '/ca/'), qr/^revoked \S+ 1 since 20240102030405Z$/, 'revoked';

note 'EasyRSA, with the rights that the manual gives httpd\'s user';
my ($easyrsa) = grep { -x } '/usr/share/easy-rsa/easyrsa',
    map { "$_/easyrsa" } split /:/, $ENV{PATH};
SKIP: {
    my ($user) = user();
    skip 'no EasyRSA, no setfacl or no other user', 3
        if !$easyrsa || !$user || (run('setfacl', '--version'))[0];
    my $there = "$folder/easyrsa";
    my @easyrsa = ('sh', '-c', 'cd "$0" && exec "$@"', $there, './easyrsa',
        '--batch');
    must('cp', '-R', $easyrsa =~ s{/easyrsa$}{}r, $there);
    must(@easyrsa, 'init-pki');
    must(@easyrsa, '--req-cn=easy', 'build-ca', 'nopass');
    spew("$there/x509-types/ocsp", "basicConstraints = CA:FALSE\n",
        "keyUsage = critical,digitalSignature\n",
        "extendedKeyUsage = OCSPSigning\n", "noCheck = ignored\n");
    must(@easyrsa, 'gen-req', 'ocsp', 'nopass');
    must(@easyrsa, 'sign-req', 'ocsp', 'ocsp');
    must(@easyrsa, 'build-client-full', 'one', 'nopass');
    my @rights = map { s/www-data/$user/gr }
        grep { /^    setfacl/ }
        split /^/, slurp(top_dir() . '/conf/manual/sources.txt');
    must('sh', '-ec', "cd '$there'\n" . join '', @rights);
    chmod 0755, $there;
    $server->write_conf($conf . <<"CONF");
<Location "/easy/">
    OCSPResponderCA $there/pki/ca.crt
    OCSPResponderKey $there/pki/private/ocsp.key
    OCSPResponderCert $there/pki/issued/ocsp.crt
    OCSPResponderSource index $there/pki/index.txt
</Location>
CONF
    ok $server->graceful, 'its index';
    my @ask = ("$there/pki/ca.crt", "$there/pki/issued/one.crt",
        "$there/pki/ca.crt");
    copy($ask[1], "$folder/one.pem") or die $!;
    $ask[1] = "$folder/one.pem";
    my $said = sub { openssl_verify($server->url('/easy/'), @ask) };
    like $said->(), qr/^Response verify OK.*: good/s, 'good';
    must(@easyrsa, 'revoke', 'one', 'keyCompromise');
    wait_for { $said->() =~ /: revoked/ } 10;
    like $said->(), qr/: revoked.*Reason: keyCompromise/s, 'revoked';
}

note 'httpd -t';
my $test = check_on(T::Server->new(db => 0, dbd => 0));
my %o = (CA => $root->{pem}, Source => "index $index");
accepted('as above', location(%o));
refused('no file', 'OCSPResponderSource', qr/takes the path of one index.txt/,
    location(%o, Source => 'index'));
refused('two', 'OCSPResponderSource', qr/takes the path of one index.txt/,
    location(%o, Source => 'index a b'));
refused('no certificate', 'OCSPResponderSource',
    qr/must be the absolute path of the CA's certificate/,
    location(%o, CA => $root->{serial}));
refused('a file that is not there', 'OCSPResponderSource',
    qr{/nowhere/index.txt.*cannot be opened: No such file},
    location(%o, Source => 'index /nowhere/index.txt'));
my $closed = "$folder/closed.txt";
spew($closed, row('01'));
chmod 0600, $closed;
SKIP: {
    skip 'there is no other user', 1 unless user();
    refused('one that httpd\'s user may not read', 'OCSPResponderSource',
        qr{closed.txt.*as the user that httpd runs as.*Permission denied},
        location(%o, Source => "index $closed"));
}
refused('auto, which a file cannot give', 'OCSPResponderKey OCSP\d{4}',
    qr/Error .*keeps no keys for auto/, location(%o, Key => 'auto',
    Cert => 'auto'));
refused('a certificate that is no CA\'s', 'OCSPResponderCA',
    qr/it is not a CA's certificate/, location(%o, CA => $root->{cert}));
spew("$folder/none.pem", '');
refused('an empty file', 'OCSPResponderCA',
    qr{OCSPResponderCA: \Q$folder\E/none.pem holds no certificate},
    location(%o, CA => "$folder/none.pem"));
spew("$folder/odd.txt", $odd);
open_up($folder);
spew("$folder/ca.txt", slurp($root->{cert}));
open_up($folder);
refused('a file of another kind', 'OCSPResponderSource',
    qr{index \Q$folder\E/ca.txt: it is no index.txt}, location(%o, Source =>
    "index $folder/ca.txt"));
accepted('rows that cannot be read', location(%o, Source =>
    "index $folder/odd.txt"),
    qr{odd.txt: row \d+: it does not have six fields});

finish;
