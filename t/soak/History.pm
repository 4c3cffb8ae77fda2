# SPDX-License-Identifier: Apache-2.0
# What was committed to the rows of some certificates and what was answered
# about them, each with the instants between which it happened; and whether the
# answers can all be true. One writer commits to a row; any number of clients
# ask. An answer is true when its status was in the database at some instant
# between its request and its end; and no client that asks after another one
# was answered is told an older status.
package History;

use strict;
use warnings;

# first: the status that every row has at the beginning.
sub new {
    my ($class, $first) = @_;
    return bless { first => $first, writes => {}, reads => {} }, $class;
}

# A commit, in the order in which they were made.
sub wrote {
    my ($self, $row, $begin, $end, $status) = @_;
    push @{ $self->writes_of($row) }, [$begin, $end, $status];
    return;
}

# An answer, in any order.
sub read {
    my ($self, $row, $begin, $end, $status) = @_;
    push @{ $self->{reads}{$row} }, [$begin, $end, $status];
    return;
}

sub writes_of {
    my ($self, $row) = @_;
    return $self->{writes}{$row} //= [[0, 0, $self->{first}]];
}

# What is wrong, a line for each answer that cannot be true.
sub faults {
    my ($self) = @_;
    return map { $self->faults_of($_) } sort keys %{ $self->{reads} };
}

# The first of so many for which the code is true; their number if none is.
# What is true of one is true of all behind it.
sub first_of {
    my ($count, $holds) = @_;
    my ($from, $to) = (0, $count);
    while ($from < $to) {
        my $middle = int(($from + $to) / 2);
        if ($holds->($middle)) { $to = $middle }
        else                   { $from = $middle + 1 }
    }
    return $from;
}

# The writes, by number, whose status may have been in the row between two
# instants: none is over before its follower's end, nor there before its begin.
sub candidates {
    my ($writes, $begin, $end) = @_;
    my $oldest = first_of($#$writes, sub { $writes->[$_[0] + 1][1] >= $begin });
    my $after  = first_of(scalar @$writes, sub { $writes->[$_[0]][0] > $end });
    return $oldest .. $after - 1;
}

# Answers in the order of their requests; those that were over before decide
# what this one may not fall behind.
sub faults_of {
    my ($self, $row) = @_;
    my $writes = $self->writes_of($row);
    my @reads  = sort { $a->[0] <=> $b->[0] } @{ $self->{reads}{$row} };
    my @ended  = sort { $a->[1] <=> $b->[1] } @reads;
    my ($known, @faults) = (0);
    for my $read (@reads) {
        my ($begin, $end, $status) = @$read;
        while (@ended && $ended[0][1] < $begin) {
            my $is = shift(@ended)->[3] // 0;
            $known = $is if $is > $known;
        }
        my @true = grep { $writes->[$_][2] eq $status }
            candidates($writes, $begin, $end);
        my ($is) = grep { $_ >= $known } @true;
        $read->[3] = $is;
        next if defined $is;
        push @faults, sprintf '%s: "%s" from %.6f to %.6f %s', $row, $status,
            $begin, $end, @true ? 'is older than what was said before'
                                : 'was not true at any instant';
    }
    return @faults;
}

1;
