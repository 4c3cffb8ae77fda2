# SPDX-License-Identifier: Apache-2.0
# What the bench asks for: serials in the order of their popularity, and
# requests for them.
package Popular;

use strict;
use warnings;
use Exporter 'import';
use List::Util qw(shuffle);

use T::Process;
use T::Fixture;
use T::Platform;
use T::OCSP;

our @EXPORT = qw(popular request_of requests);

# {hex, revoked} of 10 000 serials in the order of their popularity, and 20 000
# of them as they are asked for: Zipf's distribution.
sub popular {
    my ($list) = @_;
    my @serials = shuffle map { my ($hex, $revoked) = split;
        { hex => $hex, revoked => $revoked } } split /\n/, slurp($list);
    my ($total, @upto) = (0);
    push @upto, $total += 1 / $_ for 1 .. @serials;
    my @asked = map {
        my ($low, $high, $at) = (0, $#upto, rand $total);
        while ($low < $high) {
            my $middle = int(($low + $high) / 2);
            if ($upto[$middle] < $at) { $low = $middle + 1 }
            else                      { $high = $middle }
        }
        $serials[$low];
    } 1 .. 20_000;
    return \@asked;
}

my ($name_hash, $key_hash) = issuer_hashes('root', 'sha1');

sub request_of {
    my ($serial, $nonce) = @_;
    my $certid = certid('root', $serial->{hex}, name_hash => $name_hash,
        key_hash => $key_hash);
    return ocsp_request([$certid], $nonce ? (extensions =>
        [nonce(pack 'N4', map { int rand 2**32 } 1 .. 4)]) : ());
}

# A file for load.lua; with nonces in all requests, or in a share of them.
sub requests {
    my ($method, $location, $asked, $nonce, $share) = @_;
    return spew(scratch_file(), map {
        my $der = request_of($_, $nonce || rand() < ($share // 0));
        $method eq 'POST' ? "POST $location " . unpack('H*', $der) . "\n"
            : "GET $location" . percent(base64($der)) . "\n";
    } @$asked);
}

1;
