# SPDX-License-Identifier: Apache-2.0
# A process that commits revocations, releases and removals of some rows, one
# after the other, and writes down from when to when each was under way:
#
#   my $commits = Commits->begin($db, \@tags, $log);
#   … answers are asked for …
#   $commits->end;
#
# A line of the log: tag, begin, end, and the status as Answers tells it. Each
# revocation has a time of its own, so that no two are told alike.
package Commits;

use strict;
use warnings;
use IPC::Open2;
use IO::Handle ();
use POSIX ();
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);

use T::Fixture;

# django-ca's word and RFC 5280's number.
my @reasons = (['', ''], [key_compromise => 1], [superseded => 4],
    [certificate_hold => 6]);

# The program for administrators that takes SQL line by line, and how it is made
# to say a word.
my %program = (
    sqlite3 => sub { (qw(sqlite3 -bail -cmd), '.timeout 20000', $_[0]->file) },
    pgsql   => sub { without_timeout($_[0]->psql('ocsp')) },
    mysql   => sub { without_timeout($_[0]->client('ocsp', '--unbuffered')) },
);
my %say = (
    sqlite3 => sub { ".print $_[0]\n" },
    pgsql   => sub { "\\echo $_[0]\n" },
    mysql   => sub { "SELECT '$_[0]';\n" },
);

sub without_timeout {
    my (undef, undef, undef, undef, @command) = @_;
    return @command;
}

sub begin {
    my ($class, $db, $tags, $log) = @_;
    my $self = bless { db => $db, tags => $tags, log => $log, number => 0,
        parent => $$, stop => "$log.stop" }, $class;
    $self->{pid} = fork // die "fork: $!";
    return $self if $self->{pid};
    $SIG{PIPE} = 'IGNORE';
    open STDERR, '>>', "$log.stderr";    # of programs that lose their server
    open $self->{out}, '>', $log or POSIX::_exit(1);
    $self->commit_one until $self->is_over;
    close $self->{out};
    kill KILL => $self->{program} if $self->{program};
    POSIX::_exit(0);
}

sub is_over {
    my ($self) = @_;
    return -e $self->{stop} || getppid != $self->{parent};
}

# Ends it, when what it has begun is committed.
sub end {
    my ($self) = @_;
    open my $stop, '>', $self->{stop} or die "$self->{stop}: $!";
    waitpid $self->{pid}, 0;
    return;
}

# The row's next status: what to set, and how it is told.
sub next_status {
    my ($self) = @_;
    my $n = ++$self->{number};
    return ('revoked=0, ', 'good', '') if $n % 3 == 0;
    return ('', 'unknown', '5EED') if $n % 17 == 1;
    my ($word, $reason) = @{ $reasons[$n % @reasons] };
    my @time = gmtime 1_704_067_200 + $n;
    return (POSIX::strftime("revoked=1, revoked_date='%Y-%m-%d %H:%M:%S', "
                . "revoked_reason='$word', ", @time),
            POSIX::strftime("revoked %Y%m%d%H%M%SZ $reason", @time), '');
}

# A row that is not there has another serial.
sub commit_one {
    my ($self) = @_;
    my ($set, $status, $before) = $self->next_status;
    my $tag    = $self->{tags}[rand @{ $self->{tags} }];
    my $serial = cert($tag)->{serial_stored};
    my $away   = '5EED' . substr $serial, 4;
    my $now    = $before ? $away : $serial;
    my $begin  = clock_gettime(CLOCK_MONOTONIC);
    my $sql = $self->{db}->translate("UPDATE django_ca_certificate SET $set"
        . "serial='$now' WHERE serial IN ('$serial', '$away')");
    # Said again until it is known to have come to its end: it sets the same.
    until ($self->run_sql($sql)) {
        return if getppid != $self->{parent};
        sleep 0.1;
    }
    printf { $self->{out} } "%s\t%.6f\t%.6f\t%s\n", $tag, $begin,
        clock_gettime(CLOCK_MONOTONIC), $status;
    $self->{out}->flush;
    sleep rand 0.01;
    return;
}

# Whether the program says that it has done this.
sub run_sql {
    my ($self, $sql) = @_;
    my $engine = $self->{db}->engine;
    my $word   = "done-$self->{number}-" . int rand 1e9;
    if (!$self->{program}) {
        @$self{qw(from to)} = ();
        $self->{program} = open2($self->{from}, $self->{to},
            $program{$engine}->($self->{db}));
    }
    print { $self->{to} } "$sql;\n", $say{$engine}->($word);
    $self->{to}->flush;
    my $answer = readline $self->{from};
    return 1 if ($answer // '') eq "$word\n";
    kill KILL => $self->{program};
    waitpid delete $self->{program}, 0;
    return 0;
}

1;
