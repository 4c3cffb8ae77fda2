# SPDX-License-Identifier: Apache-2.0
# Answers to compare.
package Facts;

use strict;
use warnings;
use Exporter 'import';
use Time::HiRes qw(time);

use T::OCSP;

our @EXPORT = qw(facts);

# What an answer says, as far as it does not depend on when it was made.
sub facts {
    my ($answer) = @_;
    my $response = $answer->{response} or return { says => $answer->{says} };
    my %single = %{ $answer->{single} };
    my ($extensions, $now) = ($single{extensions}, time);
    my $nonce = delete $response->{extensions}{ $OID{nonce} };
    return {
        says       => $answer->{says},
        (map { $_ => $single{$_} } 'reason', 'revoked_text'),
        certid     => unpack('H*', $single{certid}),
        validity   => $single{next_update} - $single{this_update},
        in_time    => $single{this_update} <= $now
            && $single{this_update} > $now - 300
            && $single{this_update} >= $response->{produced_at} - 1,
        extensions => { map { $_ => unpack 'H*', $extensions->{$_}{value} }
            keys %$extensions },
        nonce => !$nonce ? '' : ($nonce->{critical} ? 'critical ' : '')
            . unpack('H*', $nonce->{value}),
        more_extensions => [sort keys %{ $response->{extensions} }],
        responder => unpack('H*', $response->{responder}{key} // ''),
        algorithm => $response->{algorithm},
        certs     => [map { unpack 'H*', $_ } @{ $response->{certs} // [] }],
        type      => $response->{type},
        content   => $answer->{headers}{'content-type'},
    };
}

1;
