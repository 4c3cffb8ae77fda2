# SPDX-License-Identifier: Apache-2.0
# Changes what a client sends, so that it stays nearly HTTP with nearly DER in
# it.
package Mutation;

use strict;
use warnings;
use Exporter 'import';
use MIME::Base64 qw(decode_base64);

use T::OCSP;

our @EXPORT = qw(mutate);

my @words = ("\r\n", "\n", "\r\n\r\n", ' ', '/', '//', '%2F', '%', '%00', '+',
    '=', '==', '?', '0', '-1', '1', '99999999999999999999', 'x' x 300,
    'GET ', 'POST ', 'HEAD ', 'PUT ', 'OPTIONS ', ' HTTP/1.0', ' HTTP/1.1',
    "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n", "Connection: close\r\n", "If-None-Match: *\r\n",
    "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT\r\n",
    "Content-Encoding: gzip\r\n", "Range: bytes=0-1\r\n", "Host: x\r\n",
    "Content-Type: application/ocsp-request\r\n", '/ocsp/', '/strict/',
    '/direct/', '/status/', "0\r\n\r\n", "5;x=y\r\n", "\x30\x80", "\x30\x84",
    "\xff", "\x00", "\x02\x01\x00", "\x05\x00", "\xa0\x00", "\xa2\x00");

sub place { my ($text) = @_; return int rand 1 + length $text }

# Each changes $_[0].
my @ways = (
    sub { substr $_[0], int rand length $_[0], 1, chr int rand 256 },
    sub {
        my $at = int rand length $_[0];
        substr $_[0], $at, 1,
            chr(ord(substr $_[0], $at, 1) ^ 1 << int rand 8);
    },
    sub { substr $_[0], place($_[0]), 0, $words[rand @words] },
    sub { substr $_[0], place($_[0]), int rand 12, '' },
    sub { $_[0] = substr $_[0], 0, place($_[0]) },
    sub {
        my $at = int rand length $_[0];
        substr $_[0], $at, 0, substr $_[0], $at, int rand 40;
    },
    sub { $_[0] =~ s/(Content-Length: )\d+/$1 . int rand 600/e },
    sub { $_[0] =~ s{(GET /\w+/)([^ ]+)}{$1 . of_base64($2)}e },
    sub { $_[0] =~ s{ /(?:ocsp|strict|direct)/}{ /@{[pick()]}/} },
    sub { $_[0] =~ s/\r\n\r\n/"\r\n" . $words[rand @words] . "\r\n\r\n"/e },
);

sub pick { return (qw(ocsp strict direct))[rand 3] }

# A payload whose DER is changed, not its base64.
sub of_base64 {
    my ($text) = @_;
    my $bytes = decode_base64($text =~ s/%([0-9a-fA-F]{2})/chr hex $1/ger);
    return $text unless length $bytes;
    $ways[rand 6]->($bytes);
    return percent(base64($bytes));
}

# A stream changed in one place or a few, or followed by one of the others.
sub mutate {
    my ($bytes, @others) = @_;
    for (0 .. int rand 4) {
        last unless length $bytes;
        $ways[rand @ways]->($bytes);
    }
    $bytes .= $others[rand @others] if rand() < 0.15;
    $bytes = substr $bytes, 0, 20_000;
    return length $bytes ? $bytes : "\r\n";
}

1;
