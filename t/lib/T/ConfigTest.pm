# SPDX-License-Identifier: Apache-2.0
# Asserts what httpd -t says of a configuration.
package T::ConfigTest;

use strict;
use warnings;
use Exporter 'import';
use Test::More;

use T::Process;
use T::Fixture;

our @EXPORT = qw(check_on refused accepted location at_directive);

my $server;

# The server whose configuration is written and tested; it need not run.
sub check_on { $server = $_[0]; return $server }

# A location with the pair of the fixture's root, except for what is given
# (names without OCSPResponder; undef leaves one out).
sub location {
    my (%o) = @_;
    my $root = ca('root');
    my %line = (
        CA => $root->{serial}, Key => $root->{key}, Cert => $root->{cert}, %o);
    my @first = ('CA', 'Key', 'Cert');
    my @names = (@first, grep { !/^(?:CA|Key|Cert)$/ } sort keys %line);
    return join '', qq(<Location "/ocsp/">\n),
        (map { "    OCSPResponder$_ $line{$_}\n" }
            grep { defined $line{$_} } @names),
        "</Location>\n";
}

# httpd -t fails. It names the file, the line where a directive last stands,
# that directive (or another word, given after a space), and what is wrong.
sub refused {
    my ($name, $directive, $like, $conf) = @_;
    my ($at, $word) = split / /, $directive;
    $server->write_conf($conf);
    my ($code, $text) = $server->configtest;
    my $file  = $server->conf_file;
    my @lines = split /\n/, slurp($file);
    my ($line) = grep { $lines[$_ - 1] =~ /^\s*\Q$at\E\b/ } reverse 1 .. @lines;
    $word ||= $at;
    my @missing = (
        $code                                  ? () : 'a failure',
        $text =~ /on line $line of \Q$file\E:/ ? () : "line $line",
        $text =~ /$word\b/                     ? () : $word,
        $text =~ $like                         ? () : "what is wrong ($like)",
        $text =~ /crash|signal/                ? 'a probe that lives' : (),
    );
    my $found = @missing ? join("\n", 'missing:', @missing, 'in:', $text) : '';
    return is $found, '', $name;
}

# The beginning of a finding of httpd -t that names the own line of one of
# mod_dbd's directives. severity is Error or Warning.
sub at_directive {
    my ($name, $severity, $on) = @_;
    my $file  = ($on // $server)->{root} . '/conf/httpd.conf';
    my @lines = split /\n/, slurp($file);
    my ($line) = grep { $lines[$_ - 1] =~ /^$name / } 1 .. @lines;
    my $at = sprintf '%s on line %d of %s: ', $severity, $line // 0, $file;
    return qr/^OCSP\d{4}: \Q$at\E.*\b$name\b/m;
}

# httpd -t has nothing to say, or only warns like that.
sub accepted {
    my ($name, $conf, $warning) = @_;
    $server->write_conf($conf);
    my ($code, $text) = $server->configtest;
    # Below ChrootDir gcov finds no file to count in.
    $text =~ s/^profiling:.*\n//mg;
    return is $text, "Syntax OK\n", $name unless $warning;
    like $text, $warning, $name;
    return is $code, 0, '  but no more';
}

1;
