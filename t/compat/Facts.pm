# SPDX-License-Identifier: Apache-2.0
# Answers to compare.
package Facts;

use strict;
use warnings;
use Exporter 'import';
use Time::HiRes qw(time);

use T::OCSP;

our @EXPORT = qw(facts);

# What an answer says, as far as it does not depend on when it was made. is_ours:
# it is not django-ca's own, which says when it was made a moment after it took
# the time that it begins.
sub facts {
    my ($answer, $is_ours) = @_;
    my $response = $answer->{response} or return { says => $answer->{says} };
    my %single = %{ $answer->{single} };
    my ($extensions, $now) = ($single{extensions}, time);
    # OCSPResponderBackdate lets ours begin a minute before it was made, or when
    # the responder's certificate does, which may be younger.
    my ($begins, $made) = ($single{this_update}, $response->{produced_at});
    $begins = $made if $is_ours && $begins >= $made - 60 && $begins < $made - 1;
    # What was kept, here or there, may be as old as the test.
    my $oldest = $^T - 300;
    my $nonce  = delete $response->{extensions}{ $OID{nonce} };
    return {
        says       => $answer->{says},
        (map { $_ => $single{$_} } 'reason', 'revoked_text'),
        certid     => unpack('H*', $single{certid}),
        validity   => $single{next_update} - $begins,
        in_time    => $begins <= $now && $begins > $oldest
            && (!$is_ours || $begins >= $made - 1),
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
