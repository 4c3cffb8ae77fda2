# SPDX-License-Identifier: Apache-2.0
# Odd forms of index.txt, and what `openssl ocsp -index` makes of each: where
# the two differ, the difference is named, and ours is never a guess.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI::Responder;
use T::Server;

my $folder = folder();
my $root   = ca('root');
my $end    = '391225202502Z';
my $tail   = "unknown\t/CN=x\n";
my $good   = "V\t$end\t\t01\t$tail";

# What a file has, what is said of the serial 01, and what openssl says: "" for
# an answer without a status, "none" for no answer at all.
my @cases = (
    ['a good row', $good, 'good', 'good'],
    ['an odd number of digits', "V\t$end\t\t1\t$tail", 'good', 'good'],
    ['lines that end with CR and LF', $good =~ s/\n/\r\n/r, 'good', 'good'],
    ['no line feed at the end, whose row openssl does not see',
        $good =~ s/\n//r, 'good', 'unknown'],
    ['the same subject twice', "V\t$end\t\t0A\t$tail$good", 'good', 'none'],
    ['a serial twice, which costs only itself',
        $good . "R\t$end\t261125202502Z\t01\t$tail", 'internalError', 'none',
        qr/row 2: .*that of another row/],
    ['in another spelling, too', $good . "R\t$end\t261125202502Z\t1\t$tail",
        'internalError', 'none', qr/row 2: .*that of another row/],
    ['a reason that nobody knows', "R\t$end\t261125202502Z,because\t01\t$tail",
        'revoked', 'revoked'],
    ['no time of compromise', "R\t$end\t261125202502Z,keyTime,then\t01\t$tail",
        'revoked', 'revoked'],
    ['revoked without a time', "R\t$end\t\t01\t$tail", 'internalError',
        'internalError', qr/row 1: field 3/],
    ['a time though it is not revoked', "V\t$end\t261125202502Z\t01\t$tail",
        'internalError', 'good', qr/row 1: field 3/],
    ['no expiry', "V\tnever\t\t01\t$tail", 'internalError', 'good',
        qr/row 1: field 2/],
    ['a lower-case status', "v\t$end\t\t01\t$tail", 'internalError', '',
        qr/row 1: field 1/],
    ['a byte order mark', "\xef\xbb\xbf$good", 'internalError', '',
        qr/row 1: field 1/],
    ['seven fields', "V\t$end\t\t01\tunknown\t/CN=x\ty\n", 'internalError',
        'none', qr/row 1: it does not have six fields/],
    ['a tab behind a backslash', "V\t$end\t\t01\tunknown\t/CN=x\\\ty\n",
        'internalError', 'good', qr/row 1: it does not have six fields/],
    ['a row that is cut', $good . "V\t2612", 'good', 'good'],
    ['a row whose serial is cut', "R\t$end\t261125202502Z\t0", 'internalError',
        'unknown', qr/row 1: it does not have six fields/],
    ['NUL bytes behind the last row', "V\t$end\t\t02\t$tail\0\0\0\0",
        'internalError', 'unknown', qr/row 2/],
    ['UTF-16', join('', map { "$_\0" } split //, $good), 'internalError',
        'unknown', qr/row 1/],
    ['no rows', "# none\n", 'unknown', 'unknown'],
);

my ($conf, $n) = ('', 0);
for my $case (@cases) {
    spew("$folder/$n.txt", $case->[1]);
    $conf .= <<"CONF";
<Location "/$n/">
    \@responder root: index $folder/$n.txt\@
</Location>
CONF
    $n++;
}
open_up($folder);
my $server = T::Server->new(conf => $conf, db => 0, dbd => 0)->start;
$server->expect_log(qw(OCSP0204 OCSP0603))->allow_log('OCSP0601');

# openssl writes beside the file: it has a copy.
sub openssl_says {
    my ($at) = @_;
    my $copy = scratch_file(slurp("$folder/$at.txt"));
    my (undef, $text) = run('timeout', '20', 'openssl', 'ocsp', '-index', $copy,
        '-CA', $root->{pem}, '-rsigner', $root->{cert}, '-rkey', $root->{key},
        '-issuer', $root->{pem}, '-serial', '0x01', '-noverify', '-resp_text');
    return 'none' if $text =~ /Problem with index file/;
    return 'internalError' if $text =~ /internalerror/;
    my ($status) = $text =~ /Cert Status: (\w+)/;
    return $status // '';
}

my (undef, $told_at_once) = $server->configtest;
for my $at (0 .. $#cases) {
    my ($name, undef, $ours, $openssls, $told) = @{ $cases[$at] };
    my $answer = $server->get("/$at/", ocsp_request([certid('root', '01')]));
    is $answer->{says}, $ours, $name;
    is openssl_says($at), $openssls, '  openssl: '
        . ($ours eq $openssls ? 'the same' : $openssls || 'no status');
    next if !$told;
    my ($line) = grep { m{/$at\.txt: } } split /\n/, $told_at_once;
    like $line // '', $told, '  httpd -t tells';
}

# As a container has it that is given the file alone.
SKIP: {
    my ($from, $to) = ("$folder/0.txt", "$folder/its own.txt");
    spew($to, '');
    skip 'nothing can be mounted here', 1
        if $> || system "mount --bind '$from' '$to' 2>/dev/null";
    my $alone = T::Server->new(db => 0, dbd => 0,
        conf => $conf =~ s{\Q$from}{"$to"}r);
    my (undef, $text) = $alone->configtest;
    system 'umount', $to;
    like $text, qr/Warning .*\Q$to\E: it is mounted without its folder/,
        'a file that is mounted by itself';
}
finish;
