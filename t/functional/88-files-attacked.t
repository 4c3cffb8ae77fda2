# SPDX-License-Identifier: Apache-2.0
# Files of statuses that become something else while httpd runs: what cannot be
# read is never taken for good, the log stays short, and all heals by itself.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX qw(mkfifo);
use T::ConfigTest;
use T::PKI;
use T::PKI::CRL;
use T::PKI::Responder;
use T::Server;

ask_once;

my $folder = folder();
my $root   = ca('root');
my $index  = "$folder/index.txt";
my $crl    = "$folder/crl.pem";
my @by     = (by => { pem => $root->{pem}, key => $root->{ca_key} });
my $rows   = join '', map { join("\t", @$_, 'unknown', '/CN=x') . "\n" }
    ['V', '391225202502Z', '', '0A'], ['R', '391225202502Z', '240102030405Z',
    '0B'];
my $list = crl_pem(@by, entries => [['0B']]);

# Puts something in a file's place.
sub put {
    my ($path, $make) = @_;
    $make->("$path.new");
    -d $path ? rmdir $path || die $! : -e $path && unlink $path;
    rename "$path.new", $path or die $!;
    return;
}

sub contents {
    my ($text, $mode) = @_;
    return sub { spew($_[0], $text); chmod $mode // 0644, $_[0] };
}

put($index, contents($rows));
put($crl, contents($list));
open_up($folder);
my $server = T::Server->new(db => 0, dbd => 0, conf => join '', map {
    my ($path, $source) = @$_; <<"CONF" } ['index', "index $index"],
<Location "/$path/">
    \@responder root: $source\@
</Location>
CONF
    ['crl', "crl absent=good $crl"])->start;
$server->allow_log(qw(OCSP0203 OCSP0204 OCSP0601));

sub says {
    my ($path) = @_;
    return join ' ', map { $server->get("/$path/",
        ocsp_request([certid('root', $_)]))->{says} } '0A', '0B';
}

sub becomes {
    my ($path, $says, $name) = @_;
    wait_for { says($path) eq $says } within(20);
    return is says($path), $says, $name;
}

my $LATER = 'tryLater tryLater';
my $ERROR = 'internalError internalError';
my @cases = (
    ['a folder', sub { mkdir $_[0] or die $! }, $LATER, $ERROR],
    ['a pipe', sub { mkfifo($_[0], 0644) or die $! }, $LATER, $ERROR],
    ['a link to nothing', sub { symlink 'nothing', $_[0] or die $! }, $LATER,
        $ERROR],
    ['a device', sub { symlink '/dev/zero', $_[0] or die $! }, $LATER, $ERROR],
    ['more than 2 GiB', sub { spew($_[0], ''); chmod 0644, $_[0];
        truncate $_[0], 2**31 or die $! }, $LATER, 'good revoked'],
    ['nothing', contents(''), 'unknown unknown', 'good revoked'],
    ['of text', contents('foobar'), $ERROR, 'good revoked'],
);
push @cases, ['unreadable', contents($rows, 0600), $LATER, $ERROR] if user();
for my $case (@cases) {
    my ($name, $make, $index_says, $crl_says) = @$case;
    note $name;
    put($_, $make) for $index, $crl;
    becomes('index', $index_says, 'index');
    becomes('crl', $crl_says, 'crl');
    put($index, contents($rows));
    put($crl, contents($list));
    becomes($_, 'good revoked', "$_: healed") for qw(index crl);
}

note 'a link that is switched';
for my $n (1, 2) {
    spew("$folder/index-$n", $n == 1 ? $rows
        : $rows =~ s/V(\t\S+\t)(\t0A)/R${1}240102030405Z$2/r);
    spew("$folder/crl-$n", crl_pem(@by, number => $n, start => -60 + $n,
        entries => [['0B'], $n == 2 ? ['0A'] : ()]));
}
open_up($folder);
for my $n (1, 2) {
    put($index, sub { symlink "index-$n", $_[0] or die $! });
    put($crl, sub { symlink "crl-$n", $_[0] or die $! });
    becomes($_, $n == 1 ? 'good revoked' : 'revoked revoked', "$_: to $n")
        for qw(index crl);
}

my %lines;
$lines{$_}++ for $server->error_log =~ /(OCSP\d{4}: \S+ \S+)/g;
my ($most) = sort { $b <=> $a } values %lines;
cmp_ok $most // 0, '<', 30, 'the log says it now and then';

note 'httpd -t';
check_on(T::Server->new(db => 0, dbd => 0));
put($index, sub { mkfifo($_[0], 0644) or die $! });
refused('a pipe', 'OCSPResponderSource', qr/not a regular file/,
    location(CA => $root->{pem}, Source => "index $index"));
put($index, sub { mkdir $_[0] or die $! });
refused('a folder', 'OCSPResponderSource', qr/not a regular file/,
    location(CA => $root->{pem}, Source => "index $index"));
rmdir $index;

finish;
