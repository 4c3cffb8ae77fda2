# SPDX-License-Identifier: Apache-2.0
# All that an answer says is in the key that it is kept by, so that no answer is
# sent for another: a new field of a status, of what an answer's times follow
# from or of its terms is in the key, or stands here with the reason why it need
# not be.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top = top_dir();
my %needless = (
    status => {
        warning_id => 'for the log',
        warning    => 'for the log',
        other_ca   => 'of a serial never issued, which is never kept',
    },
    span  => { now => 'compared with the times of what is kept' },
    terms => {
        issuer          => "in the authority's identity",
        signer          => "in the authority's identity",
        delegated       => "in the authority's identity",
        times           => 'made of the time, what a status promises, the '
            . "span, which is in the key, and the authority's certificates",
        chain           => "in the authority's identity",
        nonce           => 'such an answer is never kept',
        extended_revoke => 'of a serial never issued, which is never kept',
    },
);

# The fields of a struct, by its name.
sub fields_of {
    my ($text, $type) = @_;
    $text =~ s{/\*.*?\*/}{ }gs;
    my ($struct) = $text =~ /typedef\s+struct\s*\{([^}]*)\}\s*\Q$type\E\s*;/;
    return ($struct // '') =~ /(\w+)\s*(?:\[[^\]]*\])?;/g;
}

my ($key) = slurp("$top/responder/serve/response_cache.c")
    =~ /^int response_cache_key\((.*?)^\}/ms;
isnt $key // '', '', 'the function that makes the key is there';
my %fields = (
    status => [fields_of(slurp("$top/mod_ocsp_responder.h"),
        'ocsp_responder_status_t')],
    span => [fields_of(slurp("$top/responder/ocsp/response_times.h"),
        'response_span_t')],
    terms => [fields_of(slurp("$top/responder/ocsp/response.h"),
        'response_terms_t')],
);
for my $struct (sort keys %fields) {
    cmp_ok scalar @{ $fields{$struct} }, '>', 2, "$struct has fields";
    for my $field (@{ $fields{$struct} }) {
        next if $needless{$struct}{$field};
        like $key, qr/\b$struct(?:->|\.)$field\b/,
            "$struct->$field is in the key";
    }
}

finish;
