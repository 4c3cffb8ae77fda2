# SPDX-License-Identifier: Apache-2.0
# What a private httpd (T::Server) has written, and which of its lines a test
# expects: any other at warn or above fails it.
package T::Server::Log;

use strict;
use warnings;
use Test::More;

use T::Process;
use T::Server::LateAnswer;

# A file's content; '' when there is none.
sub text_of { return -e $_[0] ? slurp($_[0]) : '' }

# What it has written: to its log, before that, and of requests.
sub error_log  { return text_of("$_[0]{root}/logs/error_log") }
sub stderr     { return text_of("$_[0]{root}/logs/stderr") }
sub access_log { return text_of("$_[0]{root}/logs/access_log") }

# The message id (OCSP0012, AH00632) is expected at warn or above from now on.
# It must come, and no other may.
sub expect_log {
    my ($self, @ids) = @_;
    $self->{expected}{$_} = 'must' for @ids;
    return $self;
}

# It may come or not, by timing.
sub allow_log {
    my ($self, @ids) = @_;
    $self->{expected}{$_} //= 'may' for @ids;
    return $self;
}

# What the MPMs say when more clients come at once than these few workers can
# take, or a child ends long after a restart, as they do on a busy machine.
my %of_load = map { $_ => 1 } qw(AH00161 AH00286 AH00287 AH00288 AH00484 AH00485
    AH00486 AH00488 AH03490);

# Two CAs of the fixture have responder certificates that have expired.
my $expired = qr/OCSP0104: .* expired on Sat, 04 Jan 2020 /;

# The lines that need to be expected: warn and above, a child that died, and
# whatever httpd did not write itself.
sub alarms {
    my ($self) = @_;
    my @lines = grep { !/^\[[^]]*\] \[\S+\s*:(?:notice|info|debug|trace\d)\]/
                       || /exit signal/ }
        split /\n/, $self->error_log;
    push @lines, grep { !/^AH(?:00558|00112):/ } split /\n/, $self->stderr;
    return grep { !/AH01882:|$expired/ && /\S/ } @lines;
}

# Fails for each line that nobody expects, and for each id that has not come.
sub check_logs {
    my ($self) = @_;
    my @unexpected;
    my %seen;
    for my $line ($self->alarms) {
        my ($id) = $line =~ /\b((?:OCSP\d{4}|AH\d{5})):/;
        if ($line =~ /\(null\)/) { push @unexpected, $line }
        elsif ($id && $self->{expected}{$id}) { $seen{$id}++ }
        elsif (!$id || !$of_load{$id}
            && !T::Server::LateAnswer::is_late_end($id)
            && !$self->is_line_of_late_answer($line)) {
            push @unexpected, $line;
        }
    }
    my $more = @unexpected > 20 ? @unexpected - 20 : 0;
    splice @unexpected, 20, $more, "and $more more" if $more;
    is join("\n", @unexpected), '', 'no unexpected line in the error log';
    for my $id (sort keys %{ $self->{expected} }) {
        ok $seen{$id}, "$id was logged" if $self->{expected}{$id} eq 'must';
    }
    my @reports = glob "$self->{root}/san/report*";
    is join("\n", map { slurp($_) } @reports), '', 'no sanitizer report'
        if $ENV{SAN_PRELOAD};
    return;
}

1;
