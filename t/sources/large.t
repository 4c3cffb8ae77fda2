# SPDX-License-Identifier: Apache-2.0
# Files of a million entries: they load within the CPU time promised, and no
# child process has a copy of its own, also after they were replaced.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::DER;
use T::OCSP;
use T::PKI::CRL;
use T::PKI::Responder;
use T::Server;

use constant { ENTRIES => 1_000_000, CHILDREN => 3, IN_A_ROW => 15 };

plan(skip_all => 'a sanitizer needs more') if $ENV{SAN_PRELOAD};
plan(skip_all => 'no /proc/PID/smaps_rollup')
    unless -e '/proc/self/smaps_rollup';
plan(skip_all => 'no mod_mpm_prefork') unless has_module('mpm_prefork');

my $folder = folder();
my $root   = ca('root');
my @by     = (by => { pem => $root->{pem}, key => $root->{ca_key} });

# Serials of 16 bytes, all of one seed.
srand 1;
my @serials = map { pack 'CN3nC', 1 + int rand 126,
    map({ int rand 2**32 } 1 .. 3), rand 2**16, rand 2**8 } 1 .. ENTRIES;
sub hex_of { return uc unpack 'H*', $serials[$_[0]] }

my $index = "$folder/index.txt";
my $crl   = "$folder/crl.pem";
my $rest  = '';
{
    my $time  = tlv(0x17, '240102030405Z');
    my $cause = seq(seq(oid('2.5.29.21'), tlv(0x04, enumerated(1))));
    my $head  = substr seq(tlv(0x02, 'x' x 16), $time, $cause), 0, 4;
    my $tail  = "$time$cause";
    $rest .= "$head$_$tail" for @serials;
}

# Writes the file anew, with one entry more, and puts it in place.
sub replace_crl {
    my ($serial) = @_;
    spew("$crl.new", crl_pem(@by, entries => [[$serial]], more => $rest));
    chmod 0644, "$crl.new";
    rename "$crl.new", $crl or die $!;
    return;
}

sub replace_index {
    my ($serial) = @_;
    open my $out, '>', "$index.new" or die $!;
    print {$out} "R\t391225202502Z\t240102030405Z\t", uc unpack('H*', $_),
        "\tunknown\t/CN=host.example.com\n" for pack('H*', $serial), @serials;
    close $out or die $!;
    chmod 0644, "$index.new";
    rename "$index.new", $index or die $!;
    return;
}

replace_crl('0A');
replace_index('0A');
open_up($folder);

sub place {
    my ($path, $source) = @_;
    return <<"CONF";
<Location "/$path/">
    \@responder root: $source\@
</Location>
CONF
}

note 'how much CPU time it takes to load them';
# Seconds of CPU that processes take which are begun.
sub cost {
    my ($begin) = @_;
    my @before = (times)[2, 3];
    $begin->();
    my @after = (times)[2, 3];
    return $after[0] + $after[1] - $before[0] - $before[1];
}
sub check {
    my ($conf) = @_;
    my ($code, $text) =
        T::Server->new(db => 0, dbd => 0, conf => $conf)->configtest;
    is $code, 0, 'httpd -t' or diag $text;
    return;
}
# A machine that shares its processors may count what others take, and then does
# so for who only hashes the file, too.
my $none = cost(sub { check('') });
for (['crl', "crl $crl", $crl, 5], ['index', "index $index", $index, 2]) {
    my ($path, $source, $file, $limit) = @$_;
    my ($seconds, $hashed, $quick);
    for (1 .. 3) {
        $seconds = cost(sub { check(place($path, $source)) }) - $none;
        $hashed  = cost(sub { must('openssl', 'dgst', '-sha512', $file) });
        $quick   = $seconds < $limit || $seconds < 8 * $hashed;
        last if $quick;
    }
    ok $quick, sprintf '%s: %.2f seconds, %.2f to hash it', $path, $seconds,
        $hashed;
}

# Memory of a child process that no other has, in MB, by the kernel's count.
sub private {
    my ($pid) = @_;
    my $text = slurp("/proc/$pid/smaps_rollup");
    my $kilobytes = 0;
    $kilobytes += $1 while $text =~ /^Private_\w+:\s+(\d+)/mg;
    return $kilobytes / 1024;
}

sub measure {
    my ($server, $name, $limit) = @_;
    my (@mb, $most);
    # Whoever has made a copy for all gives its own memory back after that.
    wait_for {
        @mb = map { private($_) } $server->children;
        ($most) = sort { $b <=> $a } @mb;
        $most < $limit;
    } 5;
    cmp_ok scalar @mb, '>=', CHILDREN, "$name: every child is there";
    cmp_ok $most, '<', $limit, sprintf '  of its own it has %s MB',
        join ', ', map { sprintf '%.1f', $_ } @mb;
    return $most;
}

for (['crl', "crl $crl", \&replace_crl], ['index', "index $index",
        \&replace_index]) {
    my ($path, $source, $replace) = @$_;
    note $path;
    my $server = T::Server->new(mpm => 'prefork', db => 0, dbd => 0,
        conf => place($path, $source) . <<"CONF")->start;
StartServers @{[CHILDREN]}
MinSpareServers @{[CHILDREN]}
MaxSpareServers 20
CONF
    $server->allow_log('OCSP0203'); # a child that begins on a busy machine
    my $says = sub { return $server->get("/$path/",
        ocsp_request([certid('root', $_[0])]))->{says} };
    is $says->(hex_of($_)), 'revoked', "entry $_" for 0, 1, ENTRIES / 2,
        ENTRIES - 1;
    is $says->('0A'), 'revoked', 'one more';
    is $says->('0B'), 'unknown', 'one that is not there';
    $says->(hex_of($_)) for 1 .. IN_A_ROW;
    my $before = measure($server, 'at the start', 40);
    $replace->('0B');
    my $in_a_row = 0;
    wait_for {
        $in_a_row = $says->('0B') eq 'revoked' ? $in_a_row + 1 : 0;
        $in_a_row > IN_A_ROW;
    } within(120);
    cmp_ok $in_a_row, '>', IN_A_ROW, 'a new file counts in every child';
    is $says->('0A'), 'unknown', '  alone';
    measure($server, 'replaced', $before + 24);
}

finish;
