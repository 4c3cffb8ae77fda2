# SPDX-License-Identifier: Apache-2.0
# Makes the n-th call of an httpd's child process fail (fail.c), for every n
# that a request comes to, and looks at what is answered.
#
#   my $torture = Torture->new;
#   my $server = T::Server->new(env => $torture->env, …)->start;
#   $torture->watch($server);
#   $torture->each_call('signed', sub { … what the answer says … });
package Torture;

use strict;
use warnings;
use Carp qw(croak);
use Test::More;
use Time::HiRes qw(time);

use T::OCSP;
use T::Platform;
use T::Process;

use constant { OFF => 0, COUNT => 1, ONE => 2, ALL => 3, MEASURE => 4,
    LIST => 5 };

# No answer takes longer, whatever fails; seconds.
my $LIMIT = 4;

# Of the n-th calls, every so many alone; and no more than so many of a kind.
my $STEP = $ENV{TORTURE_STEP} || ($ENV{TORTURE_ALL} ? 1 : 7);
my $MOST = 20_000;

# mode target pid calls failed memory generation, a place (at through), a site,
# and places
my $header = 'Q7 QQ Z200';
my $places = 72 + 200;
my $PLACES = 16_384;

# Why it cannot be done here; '' when it can.
sub why_not {
    return 'a sanitizer has its own malloc()' if $ENV{SAN_PRELOAD};
    my ($code, $text) = run('cc', '--version');
    return $code ? "no cc: $text" : '';
}

# The part of the work that this process has to do, and how many parts.
my ($part, $parts) = split ' ', $ENV{TORTURE_PART} // '0 1';

# What of these is this process's.
sub part_of {
    my (@all) = @_;
    return @all[grep { $_ % $parts == $part } 0 .. $#all];
}

# Has as many processes do the rest of the test, each with a server of its own
# and a part of the places or of what part_of() is asked for: most of the time
# is spent waiting.
sub in_parts {
    my ($count) = @_;
    return if $ENV{TORTURE_PART};
    my @logs = map { scratch_file('') } 1 .. $count;
    my @pids = map { background({ TORTURE_PART => "$_ $count" }, $logs[$_],
        $^X, (map { "-I$_" } @INC), $0) } 0 .. $count - 1;
    for my $i (0 .. $count - 1) {
        waitpid $pids[$i], 0;
        my $log = slurp($logs[$i]);
        is $?, 0, "part $i of $count" or diag $log;
        diag $1 while $log =~ /^# (.* calls failed)$/mg;
    }
    Test::More::done_testing();
    exit;
}

sub new {
    my ($class) = @_;
    my $library = scratch_file();
    must('cc', '-shared', '-fPIC', '-O1', '-fno-builtin', '-o', $library,
        top_dir() . '/t/torture/fail.c', '-ldl');
    my $file = scratch_file("\0" x ($places + 16 * $PLACES));
    chmod 0666, $file;
    # The child processes look for them by these names.
    chmod 0755, $file =~ s{/[^/]+$}{}r, $library;
    open my $state, '+<:raw', $file or croak "$file: $!";
    $state->autoflush;
    return bless { library => $library, file => $file, state => $state,
        generation => 0, pid => 0, failed => 0, wrong => [] }, $class;
}

# What httpd is to be run with.
sub env {
    my ($self) = @_;
    return { LD_PRELOAD => $self->{library}, TORTURE => $self->{file} };
}

# Its one child process is the one that fails.
sub watch {
    my ($self, $server) = @_;
    my @children;
    wait_for { @children = $server->children } 10;
    croak "@children are not one child" unless @children == 1;
    $self->{pid}    = $children[0];
    $self->{server} = $server;
    return $self;
}

sub store {
    my ($self, $bytes, $at) = @_;
    seek $self->{state}, $at, 0 or croak $!;
    print { $self->{state} } $bytes;
    return;
}

# What fails is a call's number, or [place].
sub arm {
    my ($self, $mode, $target) = @_;
    my @place = ref $target ? @$target : (0, 0);
    $self->store(pack('Q', OFF), 0);
    $self->store(pack('Q8 x200', ref $target ? 0 : $target // 0, $self->{pid},
        0, 0, 0, ++$self->{generation}, @place), 8);
    $self->store("\0" x (16 * $PLACES), $places) if $mode == LIST;
    $self->store(pack('Q', $mode), 0);
    return;
}

sub disarm { $_[0]->store(pack('Q', OFF), 0); return }

sub fetch {
    my ($self, $at, $size) = @_;
    seek $self->{state}, $at, 0 or croak $!;
    read $self->{state}, my $bytes, $size or croak $!;
    return $bytes;
}

# (calls, failed, memory, site)
sub seen {
    my ($self) = @_;
    my (undef, undef, undef, @seen) = unpack $header, $self->fetch(0, $places);
    return @seen[0 .. 2, 6];
}

# Where calls are made while the code runs, all [place]s.
sub places {
    my ($self, $code) = @_;
    $self->arm(LIST);
    $code->();
    $self->disarm;
    my %at = reverse unpack 'Q*', $self->fetch($places, 16 * $PLACES);
    delete $at{0};
    croak 'too many places' if keys %at == $PLACES;
    return map { [$at{$_}, $_] } sort { $a <=> $b } keys %at;
}

# Bytes that the process has from malloc(), between two requests.
sub memory {
    my ($self, $ask) = @_;
    $self->arm(MEASURE);
    $ask->();
    $self->disarm;
    return ($self->seen)[2];
}

# Whether a process has crashed since it was last asked.
sub has_crashed {
    my ($self) = @_;
    my $crashes = () = $self->{server}->error_log =~ /exit signal (?!Killed)/g;
    my $more = $crashes > ($self->{crashes} // 0);
    $self->{crashes} = $crashes;
    return $more;
}

sub wrong {
    my ($self, $text) = @_;
    push @{ $self->{wrong} }, $text;
    return;
}

# Seconds for which threads of a server's have waited for a processor.
sub without_processor {
    my ($server) = @_;
    my $waited = 0;
    for my $pid ($server->{pid}, T::Process::children_of($server->{pid})) {
        my @of_threads = map { eval { slurp($_) } // () }
            glob "/proc/$pid/task/*/schedstat";
        $waited += (split)[1] / 1e9 for @of_threads;
    }
    return $waited;
}

# What is said, and in how many seconds, of those for which the server had a
# processor: on a busy machine all takes long.
sub timed {
    my ($server, $ask) = @_;
    my ($began, $waited) = (time, without_processor($server));
    my $says = $ask->();
    my $took = time - $began;
    $waited = without_processor($server) - $waited;
    return ($says, $took - ($waited > 0 ? $waited : 0));
}

# What is said; asked again where nothing was, and that for want of a processor
# most of the time.
sub said {
    my ($server, $ask) = @_;
    for (1 .. 5) {
        my $began = time;
        my ($says, $took) = timed($server, $ask);
        return $says if $says ne 'nothing' || $took > (time - $began) / 2;
    }
    return 'nothing';
}

# What is answered while a call fails may be this.
my $bearable = qr/^(?:tryLater|internalError)$/;

# One call, or all from there on, fail. Whether so many calls were made.
sub fail_one {
    my ($self, $name, $mode, $target, $ask, $right) = @_;
    $self->arm($mode, $target);
    my ($says, $took) = timed($self->{server}, $ask);
    $self->disarm;
    my (undef, $failed, undef, $site) = $self->seen;
    return 0 unless $failed;
    $self->{failed}++;
    my $where = "$name, call $target ($site" . ($mode == ALL ? ' …)' : ')');
    $self->wrong("$where: $says, not $right")
        if $says ne $right && $says !~ $bearable;
    $self->wrong(sprintf '%s: it took %.1f seconds', $where, $took)
        if $took > $LIMIT;
    # What nobody can sign for is left as it is for ten seconds.
    my $healed = wait_for { ($says = $ask->()) eq $right } 20;
    $self->wrong("$where: $says ever after, not $right") unless $healed;
    my @children = $self->{server}->children;
    if ("@children" ne $self->{pid}) {
        $self->wrong("$where: the process died");
        $self->watch($self->{server});
    }
    return 1;
}

# Has every call fail in turn that a request comes to: that one alone, and that
# one and all behind it. The code asks, and returns what is said. How many.
sub each_call {
    my ($self, $name, $ask, $step) = @_;
    $step //= $STEP;
    my $before = $self->{failed};
    my $right;
    wait_for { ($right = $ask->()) !~ $bearable } 10;
    for my $mode (ONE, ALL) {
        my $n = 1;
        $n += $step while $n < $MOST
            && $self->fail_one($name, $mode, $n, $ask, $right);
    }
    return $self->{failed} - $before;
}

# A start makes hundreds of thousands of calls, most of them by a few loops of
# libcrypto's. So every place is looked at in place of every call: where a call
# is made, and through which functions of our module; of one that libcrypto or a
# database's client makes, only the function of ours that is in it (fail.c). The
# first call of each fails alone; where our module makes it, then with all
# behind it, too. TORTURE_PLACES=20 looks at so many of them, spread evenly;
# TORTURE_SITE=1e9ea7 at those of a call that was told of so (+0x001e9ea7).
#
# The code returns what is wrong. How many failed.
sub each_place {
    my ($self, $name, $code) = @_;
    my $before = $self->{failed};
    # Not all are come to each time.
    my %places = map { $_->[1] => $_ } map { $self->places($code) } 1 .. 3;
    my @places = map { $places{$_} } grep { $_ % $parts == $part }
        sort { $a <=> $b } keys %places;
    @places = grep { ($_->[0] & 2**48 - 1) == hex $ENV{TORTURE_SITE} } @places
        if $ENV{TORTURE_SITE};
    my $every  = $ENV{TORTURE_PLACES} ? @places / $ENV{TORTURE_PLACES} : 1;
    for (my $i = 0; $i < @places; $i += $every > 1 ? $every : 1) {
        for my $mode ($places[$i][0] >> 48 ? ONE : (ONE, ALL)) {
            $self->arm($mode, $places[$i]);
            my @wrong = $code->();
            $self->disarm;
            my (undef, $failed, undef, $site) = $self->seen;
            $self->{failed}++ if $failed;
            $site .= ' …' if $mode == ALL;
            $self->wrong("$name ($site): $_") for @wrong;
        }
    }
    diag sprintf '%-24s %5d places, %5d calls failed', $name, scalar @places,
        $self->{failed} - $before;
    return $self->{failed} - $before;
}

# The calls of which something is lost when they fail: each fails many times,
# six times over, and memory in use has grown from each to the next. MariaDB's
# library itself forgets a block of a result that it does not read to its end
# (unpack_fields() does not free what it unpacks, for one).
sub each_leak {
    my ($self, $name, $ask, $step) = @_;
    my ($times, $n) = (40, 1);
    my $many = sub {
        my ($mode) = @_;
        for (1 .. $times) {
            $self->arm($mode, $n);
            $ask->();
            $self->disarm;
            return 0 unless ($self->seen)[1];
            $ask->();
        }
        return 1;
    };
    while ($n < $MOST) {
        my ($before, @grown);
        for (1 .. 6) {
            $many->(ONE) or return;
            my $site = ($self->seen)[3];
            wait_for { $ask->() !~ $bearable } 10;
            my $memory = $self->memory($ask);
            my $most = $site =~ /in libmariadb|^mysql_/ ? 8_400 : 8;
            push @grown, $memory - $before if defined $before;
            $before = $memory;
            last if @grown && $grown[-1] < $most * $times;
            $self->wrong("$name, call $n ($site): @grown bytes are lost")
                if @grown == 5;
        }
        $n += $step // $STEP;
    }
    return;
}

# What was wrong since it was last told, a line each.
sub told {
    my ($self) = @_;
    my @wrong = splice @{ $self->{wrong} };
    my $more = @wrong > 30 ? @wrong - 30 : 0;
    splice @wrong, 30, $more, "and $more more" if $more;
    return join "\n", @wrong;
}

1;
