# SPDX-License-Identifier: Apache-2.0
# On a busy machine what an answer needs may take longer than a request may wait
# for it, so that it is tryLater. A test that is not about this asks again, as
# clients do; on a machine that is not busy such an answer stays a fault. So it
# is with httpd -t, which may have too little time to look.
package T::Server::LateAnswer;

use strict;
use warnings;
use Carp qw(croak);
use Exporter 'import';
use Time::HiRes qw(sleep);

use T::OCSP::Client;
use T::Platform;
use T::Process;

our @EXPORT = ('ask_once');
our @ISA = ('T::OCSP::Client');

# The line of an answer that came too late: what it had to wait for took longer
# than a request may wait, or its CA was another when the wait was over.
my $late = qr/OCSP020[13]: .* answered tryLater: (?x: .*\bin\ time | connecting
    .*\ takes\ too\ long | .*\ database\ is\ locked | all\ connections\ .*
    \ in\ use | it\ is\ being\ replaced )\b/;

my $once;

# For a test that is about such answers: each request is sent once, as soon as
# the server has answered one. For the first it has everything to read.
sub ask_once { return $once = 1 }

# Whether what was started last has answered.
sub has_answered {
    my ($self) = @_;
    return ($self->{answered} // '') eq ($self->{pid} // '');
}

# Whether a busy machine may be why an answer is tryLater: the log says that it
# came too late, and the test is not about such answers.
sub is_late_answer {
    my ($self, $answer) = @_;
    return $answer->{says} eq 'tryLater'
        && !($once && $self->has_answered) && is_busy()
        && !grep({ $self->{expected}{$_} } qw(OCSP0201 OCSP0203))
        && $self->error_log =~ $late;
}

# Whether a busy machine may be why httpd -t says that it has not looked.
sub is_late_test {
    my ($text) = @_;
    return !$once && $text =~ /^OCSP010[78]: .*(?:not checked|in time)\b/m
        && is_busy();
}

# A child that takes three seconds to end, on a busy machine. One that never
# ends is killed, which is AH00046.
sub is_late_end { return $_[0] eq 'AH00045' && is_busy() }

# The answer that the code gets, which is called again where a busy machine made
# it late, as a client asks again that is told to try later.
sub in_time {
    my ($self, $ask) = @_;
    my $answer;
    for (1 .. 10) {
        $answer = $ask->();
        my $is_late = $self->is_late_answer($answer);
        $self->{answered} = $self->{pid} if $answer->{response};
        return $answer unless $is_late;
        open my $out, '>>', "$self->{root}/logs/late" or croak $!;
        print $out "$answer->{says}\n";
        sleep 0.5;
    }
    return $answer;
}

# One request, as T::OCSP::Client sends it.
sub request {
    my ($self, @request) = @_;
    return $self->in_time(sub { $self->SUPER::request(@request) });
}

# One on a connection that is kept.
sub request_on {
    my ($self, $client, @request) = @_;
    return $self->in_time(sub { read_answer($client->request(@request)) });
}

# Whether any was sent again, by this process or one that it has started.
sub had_late_answers { return -s "$_[0]{root}/logs/late" }

# Whether a line of the log tells of such an answer.
sub is_line_of_late_answer {
    my ($self, $line) = @_;
    return $line =~ $late && $self->had_late_answers;
}

# The most of its alarms like this that came within a minute: it tells again of
# what lasts longer, as a test may on a busy machine.
sub most_in_a_minute {
    my ($self, $like) = @_;
    my ($most, @times) = (0);
    for (grep { /$like/ } $self->alarms) {
        my ($hours, $minutes, $seconds) = / (\d\d):(\d\d):([\d.]+) /;
        push @times, $hours * 3600 + $minutes * 60 + $seconds;
        # It counts in whole seconds; midnight may lie between.
        shift @times while ($times[-1] - $times[0]) % 86_400 > 58;
        $most = @times if @times > $most;
    }
    return $most;
}

1;
