# SPDX-License-Identifier: Apache-2.0
# Processes that ask about some certificates, as fast as they are answered, by
# requests of every kind, and write down what is told from when to when:
#
#   my $answers = Answers->begin($server, \@tags, $folder, 8);
#   …
#   $answers->end;
#   my $counts = $answers->counts;
#
# A line of a log: tag, begin, end, status: "good", "unknown" or "revoked TIME
# REASON". An answer that says nothing of a status has "-" for its tag, and a
# word instead.
package Answers;

use strict;
use warnings;
use POSIX ();
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);

use T::HTTP;
use T::OCSP;

sub begin {
    my ($class, $server, $tags, $folder, $count) = @_;
    my $self = bless { server => $server, tags => $tags, parent => $$,
        stop => "$folder/stop", folder => $folder, pids => [] }, $class;
    $self->{kinds} = [map { kinds($_, $tags) } @$tags];
    for my $number (1 .. $count) {
        my $pid = fork // die "fork: $!";
        push @{ $self->{pids} }, $pid if $pid;
        $self->client($number) unless $pid;
    }
    return $self;
}

# The requests about a certificate: the tags and CertIDs in each, and its bytes,
# where NONCE-0000000000 is to be replaced.
sub kinds {
    my ($tag, $tags) = @_;
    my ($sha1, $sha256) = map { certid_of($tag, digest => $_) } qw(sha1 sha256);
    my $other = $tags->[rand @$tags];
    my $more  = certid_of($other, digest => 'sha384');
    my $get = sub {
        T::HTTP::bytes('GET', '/ocsp/' . percent(base64($_[0])));
    };
    my $post = sub { T::HTTP::bytes('POST', '/ocsp/', body => $_[0]) };
    return (
        [[[$tag, $sha1]],   $get->(ocsp_request([$sha1]))],
        [[[$tag, $sha1]],   $post->(ocsp_request([$sha1]))],
        [[[$tag, $sha256]], $get->(ocsp_request([$sha256]))],
        [[[$tag, $sha1]],   $post->(ocsp_request([$sha1],
            extensions => [nonce('NONCE-0000000000')]))],
        [[[$tag, $sha256], [$other, $more]],
            $post->(ocsp_request([$sha256, $more]))],
    );
}

sub client {
    my ($self, $number) = @_;
    srand $number;
    open $self->{out}, '>', "$self->{folder}/answers-$number"
        or POSIX::_exit(1);
    until (-e $self->{stop} || getppid != $self->{parent}) {
        $self->ask for 1 .. 50;
    }
    close $self->{out};
    POSIX::_exit(0);
}

# One request, on the connection that there is.
sub ask {
    my ($self) = @_;
    my ($asked, $bytes) = @{ $self->{kinds}[rand @{ $self->{kinds} }] };
    my $nonce = sprintf 'NONCE-%010d', rand 1e10;
    my $has_nonce = $bytes =~ s/NONCE-0000000000/$nonce/;
    my $begin = clock_gettime(CLOCK_MONOTONIC);
    my $client = $self->{connection} //=
        eval { $self->{server}->client(timeout => 20) };
    my $answer;
    $answer = $client->response
        if $client && $client->send_bytes($bytes);
    my $end = clock_gettime(CLOCK_MONOTONIC);
    delete $self->{connection}
        if !$answer || ($answer->{headers}{connection} // '') =~ /close/i;
    my $body = $answer ? $answer->{body} : '';
    my $word = !$client                        ? 'not connected'
        : !$answer                             ? 'no answer'
        : $answer->{status} != 200             ? "HTTP $answer->{status}"
        : $has_nonce && index($body, $nonce) < 0 ? other($body, 'no nonce')
        :                                        '';
    return $self->note('-', $begin, $end, $word) if $word;
    $self->note($_->[0], $begin, $end, status_in($body, $_->[1])) for @$asked;
    return;
}

# What a body says that lacks what it should have.
sub other {
    my ($body, $lack) = @_;
    my $says = eval { ocsp_status($body) } // 'not an OCSP response';
    return $says eq 'successful' ? $lack : $says;
}

sub note {
    my ($self, $tag, $begin, $end, $status) = @_;
    $tag = '-' if $status =~ s/^-//;
    printf { $self->{out} } "%s\t%.6f\t%.6f\t%s\n", $tag, $begin, $end, $status;
    # Who is refused at once does not ask for it at once.
    sleep 0.01 if $tag eq '-';
    return;
}

# The CertStatus behind a CertID; behind a "-" what else the body says.
sub status_in {
    my ($body, $certid) = @_;
    my $at = index $body, $certid;
    return '-' . other($body, 'another CertID') if $at < 0;
    my $rest = substr $body, $at + length $certid, 24;
    return 'good'    if $rest =~ /^\x80\x00/;
    return 'unknown' if $rest =~ /^\x82\x00/;
    return "revoked $1 " . (defined $2 ? ord $2 : '')
        if $rest =~ /^\xa1.\x18\x0f(\d{14}Z)(?:\xa0\x03\x0a\x01(.))?/s;
    return '-another CertStatus';
}

# Ends them, each when it is answered.
sub end {
    my ($self) = @_;
    open my $stop, '>', $self->{stop} or die "$self->{stop}: $!";
    waitpid $_, 0 for @{ $self->{pids} };
    return;
}

# Gives each answer about a status to the code; returns how many words there
# were instead, by word.
sub each_answer {
    my ($self, $code) = @_;
    my %words;
    for my $file (glob "$self->{folder}/answers-*") {
        open my $in, '<', $file or die "$file: $!";
        while (<$in>) {
            chomp;
            my ($tag, $begin, $end, $status) = split /\t/, $_, 4;
            if ($tag eq '-') { $words{$status}++ }
            else             { $code->($tag, $begin, $end, $status) }
        }
    }
    return \%words;
}

1;
