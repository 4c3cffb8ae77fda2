# SPDX-License-Identifier: Apache-2.0
# Chromium shows the status page, in light and in dark, and has nothing to
# complain about. A big package, so only where it is installed already.
use strict;
use warnings;
use Compress::Zlib qw(uncompress);
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my ($chromium) = grep { -x } map { my $folder = $_;
    map { "$folder/$_" } qw(chromium chromium-browser google-chrome) }
    split(/:/, $ENV{PATH}), '/usr/lib64/chromium-browser';
plan(skip_all => 'chromium is not installed') unless $chromium;

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/root/">
    @responder root@
</Location>
<Location "/status">
    SetHandler ocsp-responder-status
    Require all granted
</Location>
CONF
is $server->says('/root/', 'root-good-1'), 'good', 'something to count';

my $place = "$server->{root}/browser";
mkdir $place;

# What it prints, with these arguments besides.
sub browse {
    my (@arguments) = @_;
    my (undef, $text) = run({ HOME => $place }, qw(timeout -k 5 300), $chromium,
        qw(--headless --no-sandbox --disable-gpu --disable-dev-shm-usage
        --no-first-run --disable-background-networking --enable-logging=stderr),
        "--user-data-dir=$place/profile", @arguments, $server->url('/status'));
    return $text;
}

# The colour of a picture's first pixel: no filter of PNG changes that one.
sub corner {
    my ($png) = @_;
    my ($data, $at) = ('', 8);
    while ($at < length $png) {
        my ($length, $type) = unpack 'N a4', substr $png, $at;
        $data .= substr $png, $at + 8, $length if $type eq 'IDAT';
        $at += 12 + $length;
    }
    return unpack 'x H6', uncompress($data);
}

my $ca = ca('root')->{serial};
my %colour = (light => [1, 'ffffff'], dark => [0, '15181c']);
for my $scheme (sort keys %colour) {
    my ($setting, $want) = @{ $colour{$scheme} };
    my $picture = "$place/$scheme.png";
    my $text = browse("--blink-settings=preferredColorScheme=$setting",
        '--dump-dom', "--screenshot=$picture", '--window-size=1000,800');
  SKIP: {
        skip "chromium does not run here: $text", 1 unless -s $picture;
        is corner(slurp($picture)), $want, "in $scheme";
        like $text, qr{<code>$ca</code>}, '  it names the CA';
        like $text, qr{<h2>Requests</h2>}, '  and has its sections';
        unlike $text, qr/CONSOLE/, '  nothing to complain about';
    }
}

finish;
