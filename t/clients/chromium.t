# SPDX-License-Identifier: Apache-2.0
# Chromium shows the status page, in light and in dark, wide and narrow, and has
# nothing to complain about; w3m shows it as text. What it shows is kept for
# people to look at: build/screenshots/light.png, dark.png and narrow.png.
use strict;
use warnings;
use Compress::Zlib qw(uncompress);
use File::Path qw(make_path);
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Server;
use Clients;

plan(skip_all => 'chromium is not installed') unless chromium();

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/root/">
    @responder root@
</Location>
@page status@
<Location "/narrow.html">
    ForceType text/html
    Require all granted
</Location>
CONF
is $server->says('/root/', 'root-good-1'), 'good', 'something to count';

my $ca    = ca('root')->{serial};
my $place = "$server->{root}/browser";
my $kept  = build_dir() . '/screenshots';
mkdir $place;
make_path($kept);

# What it prints of a page, with these arguments besides.
sub browse {
    my ($page, @arguments) = @_;
    return chromium_on($place, $server->url($page), @arguments);
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

my %colour = (light => [1, 'ffffff'], dark => [0, '15181c']);
for my $scheme (sort keys %colour) {
    my ($setting, $want) = @{ $colour{$scheme} };
    my $picture = "$kept/$scheme.png";
    unlink $picture;
    my $text = browse('/status',
        "--blink-settings=preferredColorScheme=$setting",
        '--dump-dom', "--screenshot=$picture", '--window-size=1000,800');
  SKIP: {
        skip "chromium does not run here: $text", 1 unless -s $picture;
        is corner(slurp($picture)), $want, "in $scheme";
        like $text, qr{<code>$ca</code>}, '  it names the CA';
        like $text, qr{<h2>Requests</h2>}, '  and has its sections';
        unlike $text, qr/CONSOLE/, '  nothing to complain about';
    }
}

note 'narrow';
my $script = <<'SCRIPT';
const inside = document.querySelector('iframe').contentDocument;
const wide = [inside.documentElement, ...inside.querySelectorAll('div')]
    .filter(e => e.scrollWidth > e.clientWidth).length;
const heads = inside.querySelector('thead').offsetHeight;
document.body.textContent = `too wide: ${wide}, heads: ${heads}`;
SCRIPT
spew("$server->{root}/htdocs/narrow.html",
    '<!DOCTYPE html><link rel="icon" href="data:,">'
    . '<body><iframe src="/status" style="width:400px;height:700px"></iframe>'
    . "<script>onload = () => { $script }</script>");
my %layout = (360 => qr/too wide: 0, heads: 0</,
    400 => qr/too wide: 0, heads: 0</, 1300 => qr/too wide: 0/, 1900 => qr/too wide: 0, heads: [1-9]/);
for my $width (sort { $a <=> $b } keys %layout) {
    my $file = "$server->{root}/htdocs/narrow.html";
    spew($file, slurp($file) =~ s/width:\d+px/width:${width}px/r);
    my $text = browse('/narrow.html', '--dump-dom');
  SKIP: {
        skip "chromium does not run here: $text", 1 unless $text =~ /<body/;
        like $text, $layout{$width}, "$width pixels: nothing is cut off";
    }
}

my $narrow = "$kept/narrow.png";
unlink $narrow;
spew("$server->{root}/htdocs/narrow.html", '<!DOCTYPE html>'
    . '<link rel="icon" href="data:,"><body style="margin:0">'
    . '<iframe src="/status" style="border:0;width:360px;height:2400px">');
my $said = browse('/narrow.html', "--screenshot=$narrow",
    '--window-size=360,2400', '--hide-scrollbars');
SKIP: {
    skip "chromium does not run here: $said", 1 unless -e $narrow;
    cmp_ok -s $narrow, '>', 10_000, 'a picture of 360 pixels is kept';
}

finish;
