# SPDX-License-Identifier: Apache-2.0
# Writes and reads DER, as much as OCSP needs.
package T::DER;

use strict;
use warnings;
use Carp qw(croak);
use Exporter 'import';
use Time::Local qw(timegm);

our @EXPORT = qw(
    tlv seq integer integer_raw octet_string bits null boolean enumerated oid
    gentime explicit implicit der der_all oid_text gentime_epoch);

sub der_length {
    my ($n) = @_;
    return chr $n if $n < 128;
    my $bytes = pack 'N', $n;
    $bytes =~ s/^\0+//;
    return chr(0x80 | length $bytes) . $bytes;
}

# An element of any tag, from the parts of its content.
sub tlv {
    my ($tag, @parts) = @_;
    my $content = join '', @parts;
    return chr($tag) . der_length(length $content) . $content;
}

# One value of each type, from its content.
sub seq         { return tlv(0x30, @_) }
sub octet_string { return tlv(0x04, @_) }
sub bits        { return tlv(0x03, "\0", @_) }
sub null        { return tlv(0x05) }
sub boolean     { return tlv(0x01, $_[0] ? "\xff" : "\0") }
sub enumerated  { return tlv(0x0a, chr $_[0]) }
sub gentime     { return tlv(0x18, $_[0]) }
sub integer_raw { return tlv(0x02, $_[0]) }            # the bytes as they are
sub explicit    { my $n = shift; return tlv(0xa0 | $n, @_) }
sub implicit    { my $n = shift; return tlv(0x80 | $n, @_) }

# A non-negative INTEGER, from hex digits.
sub integer {
    my ($hex) = @_;
    $hex =~ s/^0+(?=.)//;
    $hex = "0$hex" if length($hex) % 2;
    my $bytes = pack 'H*', $hex;
    $bytes = "\0$bytes" if ord($bytes) & 0x80;
    return integer_raw($bytes);
}

# An OBJECT IDENTIFIER from its text, 1.2.3.
sub oid {
    my ($first, $second, @arcs) = split /\./, $_[0];
    my $content = '';
    for my $arc ($first * 40 + $second, @arcs) {
        my @base128 = ($arc & 0x7f);
        unshift @base128, 0x80 | ($arc & 0x7f) while $arc >>= 7;
        $content .= pack 'C*', @base128;
    }
    return tlv(0x06, $content);
}

# The text of an OBJECT IDENTIFIER.
sub oid_text {
    my ($node) = @_;
    my @bytes = unpack 'C*', $node->{content};
    my @arcs   = (0);
    for my $byte (@bytes) {
        $arcs[-1] = $arcs[-1] << 7 | $byte & 0x7f;
        push @arcs, 0 unless $byte & 0x80;
    }
    pop @arcs;
    my $first = shift @arcs;
    my $root = $first < 80 ? int($first / 40) : 2;
    return join '.', $root, $first - 40 * $root, @arcs;
}

# A GeneralizedTime as RFC 5280 has it; dies on fractions and on zones.
sub gentime_epoch {
    my ($node) = @_;
    croak sprintf 'tag %02x is no GeneralizedTime', $node->{tag}
        unless $node->{tag} == 0x18;
    my @t = $node->{content} =~ /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z\z/
        or croak "time '$node->{content}' is not YYYYMMDDHHMMSSZ";
    return timegm($t[5], $t[4], $t[3], $t[2], $t[1] - 1, $t[0]);
}

# Every TLV that follows another in $bytes, strictly DER, nothing left over.
sub der_all {
    my ($bytes) = @_;
    my ($at, @nodes) = (0);
    while ($at < length $bytes) {
        my $start = $at;
        croak 'truncated header' if $at + 2 > length $bytes;
        my ($tag, $len) = unpack 'CC', substr $bytes, $at, 2;
        $at += 2;
        croak 'indefinite length' if $len == 0x80;
        if ($len > 0x80) {
            my $n   = $len & 0x7f;
            my $hex = unpack 'H*', substr $bytes, $at, $n;
            $at += $n;
            $len = hex $hex;
            croak 'length is not minimal' if $len < 128 || $hex =~ /^00/;
        }
        croak 'truncated content' if $at + $len > length $bytes;
        push @nodes, bless {
            tag     => $tag,
            content => substr($bytes, $at, $len),
            der     => substr($bytes, $start, $at + $len - $start),
        }, __PACKAGE__;
        $at += $len;
    }
    return @nodes;
}

# The one TLV that $bytes is.
sub der {
    my ($bytes) = @_;
    my @nodes = der_all($bytes);
    croak scalar(@nodes) . ' elements where one is due' if @nodes != 1;
    return $nodes[0];
}

# The elements inside; of an explicit tag or a SEQUENCE.
sub inside { return der_all($_[0]{content}) }

# The bytes of a BIT STRING of whole ones.
sub bit_bytes { return substr $_[0]{content}, 1 }

1;
