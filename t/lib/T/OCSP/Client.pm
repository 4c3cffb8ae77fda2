# SPDX-License-Identifier: Apache-2.0
# Asks an OCSP responder: what T::Server inherits. The object has a port.
package T::OCSP::Client;

use strict;
use warnings;
use Exporter 'import';
use Time::HiRes qw(sleep);

use T::HTTP;
use T::OCSP;
use T::Platform qw(wait_for);

our @EXPORT = qw(kept_answer read_answer);

# The URL of a path of its.
sub url { return "http://127.0.0.1:$_[0]{port}$_[1]" }

# A connection to it. Options as T::HTTP::new().
sub client {
    my ($self, %o) = @_;
    return T::HTTP->new($self->{port}, %o);
}

# What an answer says, in a word or a few: "good,revoked" for the certStatus of
# each CertID, the name of an OCSP error, or "HTTP 404".
sub read_answer {
    my ($answer) = @_;
    return { says => 'nothing' } unless $answer;
    my $type = $answer->{headers}{'content-type'} // 'no type';
    $answer->{says} =
          $answer->{status} != 200            ? "HTTP $answer->{status}"
        : $type ne 'application/ocsp-response' ? "HTTP 200 $type"
        :                                        ocsp_status($answer->{body});
    if ($answer->{says} eq 'successful') {
        my $response = eval { read_response($answer->{body}) };
        $answer->{response} = $response;
        $answer->{says} = $response
            ? join ',', map { $_->{status} } @{ $response->{singles} } : $@;
        $answer->{single} = $response->{singles}[0] if $response;
    }
    return $answer;
}

# An answer that the code gets twice, a second apart: it is kept. The last one
# where it is not. On a busy machine the cache may not take the first at once.
sub kept_answer {
    my ($get) = @_;
    my $answer;
    wait_for {
        $answer = $get->();
        sleep 1.1;
        $get->()->{body} eq $answer->{body};
    } 20;
    return $answer;
}

# One request on a connection of its own. Options as T::HTTP::bytes().
sub request {
    my ($self, $method, $target, %o) = @_;
    $o{headers} = ['Connection: close', @{ $o{headers} // [] }];
    my $timeout = delete $o{timeout};
    my $client = $self->client(defined $timeout ? (timeout => $timeout) : ());
    return read_answer($client->request($method, $target, %o));
}

# The request as RFC 6960 A.1 sends it by GET.
sub get {
    my ($self, $location, $der, %o) = @_;
    $location .= '/' unless $location =~ m{/$};
    return $self->request('GET', $location . percent(base64($der)), %o);
}

# The request by POST.
sub post {
    my ($self, $location, $der, %o) = @_;
    $o{headers} =
        ['Content-Type: application/ocsp-request', @{ $o{headers} // [] }];
    return $self->request('POST', $location, body => $der, %o);
}

# What the server says of a certificate of the fixture, by GET.
sub says {
    my ($self, $location, $tag, %o) = @_;
    return $self->get($location, request_for($tag, %o))->{says};
}

1;
