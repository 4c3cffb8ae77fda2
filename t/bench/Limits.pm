# SPDX-License-Identifier: Apache-2.0
# What is possible on this machine: a handler that sends what it has, look-ups
# by the databases' own libraries, signatures alone.
package Limits;

use strict;
use warnings;
use Exporter 'import';
use POSIX ();

use T::OCSP;
use T::Platform;
use T::Process;

our @EXPORT = qw(cpus build_stored build_lookups lookups signatures of_limit);

my $bench = top_dir() . '/t/bench';

# How many processors there are.
sub cpus { return POSIX::sysconf(84) || 1 }    # _SC_NPROCESSORS_ONLN

sub compile {
    my ($to, @arguments) = @_;
    my ($code, $text) = run($ENV{CC} // 'cc', '-O2', '-o', $to, @arguments);
    warn("bench: without $to: $text"), return if $code;
    return $to;
}

# The handler that sends a file from memory, as a module for LoadModule.
sub build_stored {
    my ($folder) = @_;
    return compile("$folder/mod_stored.so", '-shared', '-fPIC',
        (split ' ', apxs('EXTRA_CPPFLAGS')),
        (map { '-I' . apxs($_) } qw(INCLUDEDIR APR_INCLUDEDIR APU_INCLUDEDIR)),
        "$bench/mod_stored.c") // die "make bench: apxs and a compiler\n";
}

# The program that looks up with the library of an engine (sqlite, pgsql,
# mysql); undef where that cannot be compiled.
sub build_lookups {
    my ($folder, $engine) = @_;
    my %flags = (
        sqlite => '-lsqlite3', pgsql => '-I$(pg_config --includedir) -lpq',
        mysql  => '$(mariadb_config --include --libs)',
    );
    my ($code, $flags) = run('sh', '-c', "echo $flags{$engine}");
    return compile("$folder/lookups_$engine",
        "$bench/lookups_$engine.c", split ' ', $flags);
}

# Its look-ups a second on all processors, with serials out of what is asked.
sub lookups {
    my ($program, $database, $asked, $seconds) = @_;
    my $list = spew(scratch_file(), map { uc($_->{hex} =~ s/^0+//r) . "\n" }
        @$asked);
    # A client of a server waits half of its time.
    my $processes = cpus() * ($program =~ /sqlite/ ? 1 : 4);
    my ($rate) =
        must($program, $database, $list, $processes, $seconds) =~ /(\d+)/;
    return $rate;
}

# Signatures a second on all processors.
sub signatures {
    my ($kind, $seconds) = @_;
    my %name = (p256 => 'ecdsap256', ed25519 => 'ed25519');
    my $text = must('openssl', 'speed', '-seconds', $seconds, '-multi',
        cpus(), $name{$kind} // $kind);
    # The last two figures are signatures and verifications a second.
    my ($sign) = $text =~ /([\d.]+)\s+[\d.]+\s*\z/;
    return $sign;
}

# rate : limit, with 1/limit = 1/part + 1/part …
sub of_limit {
    my ($rate, @parts) = @_;
    my $sum = 0;
    $sum += 1 / $_ for @parts;
    return $rate * $sum;
}

1;
