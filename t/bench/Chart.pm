# SPDX-License-Identifier: Apache-2.0
# A bar chart in SVG, with a logarithmic scale.
package Chart;

use strict;
use warnings;
use Exporter 'import';
use List::Util qw(max);

our @EXPORT = qw(chart);

my %colour = (
    static => '#888888', cached => '#2a7f3f', nonce => '#2f5fa8',
    openssl => '#b8860b', django => '#a83232', raw => '#b9b9b9',
);

sub escape {
    my ($text) = @_;
    $text =~ s/&/&amp;/g;
    $text =~ s/</&lt;/g;
    return $text;
}

# Bars are {name, kind, value}; the SVG's text.
sub chart {
    my ($title, @bars) = @_;
    my ($left, $width, $step) = (260, 520, 24);
    my $decades = log((max map { $_->{value} } @bars) + 1) / log 10;
    my $height = 60 + $step * @bars;
    my $svg = '<svg xmlns="http://www.w3.org/2000/svg"'
        . ' font-family="sans-serif" font-size="13" width="900"'
        . qq( height="$height">\n)
        . qq(<rect width="900" height="$height" fill="white"/>\n)
        . qq(<text x="20" y="28" font-size="17">@{[escape($title)]}</text>\n);
    my $y = 46;
    for my $bar (@bars) {
        my $long = $width * log($bar->{value} + 1) / log(10) / $decades;
        $svg .= sprintf qq(<text x="%d" y="%d" text-anchor="end">%s</text>\n)
            . qq(<rect x="%d" y="%d" width="%.1f" height="16" fill="%s"/>\n)
            . qq(<text x="%.1f" y="%d">%.0f</text>\n),
            $left - 8, $y + 13, escape($bar->{name}), $left, $y, $long,
            $colour{ $bar->{kind} } // 'black', $left + $long + 6, $y + 13,
            $bar->{value};
        $y += $step;
    }
    return "$svg</svg>\n";
}

1;
