# SPDX-License-Identifier: Apache-2.0
# The table of ratios: on the terminal, and in the manual's chapter on sizing.
package Table;

use strict;
use warnings;
use Exporter 'import';

use T::Platform;
use T::Process;

our @EXPORT = qw(machine table write_manual);

sub version_of {
    my ($name, $pattern, @command) = @_;
    my ($code, $text) = run(@command);
    return $code == 0 && $text =~ $pattern ? "$name $1" : ();
}

# The machine and what runs on it, in one sentence. Call it before the load.
sub machine {
    my ($load) = -e '/proc/loadavg' ? slurp('/proc/loadavg') =~ /^(\S+)/ : ();
    my $info = -e '/proc/cpuinfo' ? slurp('/proc/cpuinfo') : '';
    my ($model) = $info =~ /^model name\s*:\s*(.+?)\s*$/m;
    my $cores = () = $info =~ /^processor\s*:/mg;
    my @versions = (
        version_of('httpd', qr{Apache/(\S+)}, httpd(), '-v'),
        version_of('OpenSSL', qr/^OpenSSL (\S+)/, 'openssl', 'version'),
        version_of('SQLite', qr/^(\S+)/, 'sqlite3', '--version'),
        version_of('PostgreSQL', qr/(\d+\.\d+)/, 'psql', '--version'),
        version_of('MariaDB', qr/([\d.]+)-MariaDB/, 'mariadb', '--version'),
    );
    my $busy = ($load // 0) > $cores ? ', so that only "by CPU" tells much' : '';
    return sprintf '%d cores of %s with a load average of %s before it%s; %s',
        $cores, $model // 'unknown make', $load // 'unknown', $busy,
        join ', ', @versions;
}

sub figure {
    my ($value) = @_;
    return sprintf $value < 100 ? '%.2f' : '%.0f', $value;
}

# Its lines. Rows are [what, at least, measured, the same by the processor's
# time]; undef is not measured.
sub table {
    my (@rows) = @_;
    return map { sprintf('    %-53s %8s %8s %7s', @$_) =~ s/\s+$//r }
        ['ratio', 'at least', 'measured', 'by CPU'],
        map { [$_->[0], $_->[1] // '',
            defined $_->[2] ? figure($_->[2]) : 'none',
            defined $_->[3] ? figure($_->[3]) : ''] } @rows;
}

# Writes the table behind the words that explain it, in place of the last one.
sub write_manual {
    my ($said, @lines) = @_;
    my $file = top_dir() . '/conf/manual/operation.txt';
    my $text = slurp($file);
    my $words = "Measured on $said:" =~ s/(.{60,86})(?: |$)/$1\n/gr;
    chomp $words;
    my $table = join "\n", $words, '', @lines, '', '';
    my $last = qr/Measured on .*?\n\n(?: {4}[^\n]*\n)+\n/s;
    $text =~ s/(other programs disturb less\.\n\n)(?:$last)?/$1$table/
        or warn "bench: the manual has no place for the table\n";
    spew($file, $text);
    return;
}

1;
