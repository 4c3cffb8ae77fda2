# SPDX-License-Identifier: Apache-2.0
# The test library: each sub that tests or other modules use has a comment that
# says what it does; ports are given once. And t/README is complete.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top = top_dir();
my @modules = glob "$top/t/lib/T/{*,*/*}.pm";
my @users = (@modules, glob("$top/t/{*,*/*}.{t,pm}"), "$top/t/bench/run");
my %text = map { $_ => slurp($_) } @users;
cmp_ok scalar @modules, '>', 10, 'there are modules';

sub package_of { return $text{ $_[0] } =~ /^package ([\w:]+);/m ? $1 : '' }

my %file_of = map { package_of($_) => $_ } @modules;

# The subs of a module by name; whether a comment stands right above each. Those
# of one line that follow another share its comment.
sub subs_of {
    my ($file) = @_;
    my (%subs, $above, $told);
    for (split /\n/, $text{$file}) {
        if (my ($name) = /^sub ([a-z]\w*)/) {
            $told = 0 unless $above =~ /^sub .*\}(?:\s*#.*)?$/;
            $told ||= $above =~ /^#/;
            $subs{$name} = $told || /\}\s*# \S/;
        }
        $above = $_;
    }
    return %subs;
}

my %told = map { $_ => { subs_of($_) } } @modules;

# Whether a module that it inherits from has the comment, at the sub or in a
# list of what each subclass has.
sub inherited {
    my ($file, $name) = @_;
    my ($list) = $text{$file} =~ /^our \@ISA = \(([^)]*)\)/m or return 0;
    return scalar grep { $told{$_}{$name} || $text{$_} =~ /^#   $name\b/m }
        grep { defined } map { $file_of{$_} } $list =~ /'([\w:]+)'/g;
}

sub used_elsewhere {
    my ($file, $name) = @_;
    return scalar grep { $_ ne $file
        && $text{$_} =~ /(?:->|::|\b)\Q$name\E\b/ } @users;
}

for my $file (@modules) {
    my @silent = grep { !$told{$file}{$_} && used_elsewhere($file, $_)
        && !inherited($file, $_) } sort keys %{ $told{$file} };
    is "@silent", '', package_of($file) . ' says what its subs do';
}

# A test that fails must not keep the others from running.
my @stops = grep { slurp($_) =~ /\bBAIL_OUT\b/ && !/library\.t$/ }
    glob "$top/t/*/*.t $top/t/*/*.pm $top/t/*/*/*.pm $top/t/*/*/*/*.pm";
is "@stops", '', 'no test ends the whole run';

# A port that one process has is given to no other, not even before a server
# listens there.
srand 1;
my $port = T::Platform::free_port();
isnt must($^X, "-I$top/t/lib", '-MT::Platform', '-e',
    'srand 1; print free_port'), $port, 'each process has a port of its own';

# Who cleans up after a test that was killed kills what that has started, and no
# other that has come by its number.
sub outlives {
    my ($seconds) = @_;
    my $left = File::Temp->newdir('left-XXXXXX', TMPDIR => 1);
    mkdir "$left/run";
    my $pid  = background({}, '/dev/null', 'sleep', '60');
    my $file = spew("$left/run/sleep.pid", "$pid\n");
    utime time - $seconds, time - $seconds, $file;
    T::Process::Cleanup::clean("$left");
    my $gone = wait_for { waitpid $pid, POSIX::WNOHANG } $seconds ? 0.1 : 20;
    put_down($pid) unless $gone;
    return !$gone && !-e $left;
}
ok !outlives(0), 'what a test has left is killed';
ok outlives(3600), '  and not what began after its number was written';

# A test that loses the processor for longer than it would wait looks again.
my $looks = 0;
ok wait_for(sub { sleep 1 if !$looks++; $looks > 1 }, 0.2),
    'what is waited for is looked at when the time is over';
is_deeply [map { T::Platform::times_longer("some avg10=$_ avg60=0.00") }
    qw(20.00 50.00 99.00)], [1, 2, 4], 'how busy the machine was counts';

my $readme = slurp("$top/t/README");
my @folders = map { m{([^/]+)/$} } glob "$top/t/*/";
is join(' ', grep { $readme !~ /^    (?:\w+, )*$_\b/m } @folders), '',
    't/README names every folder';
cmp_ok $readme =~ tr/\n//, '<=', 40, 'in forty lines';

finish;
