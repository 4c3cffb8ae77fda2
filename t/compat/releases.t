# SPDX-License-Identifier: Apache-2.0
# The newest release of django-ca on PyPI is one that live tests are run with; a
# test that is skipped says that it is not, yet.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::Server;
use Site;

for my $release (@Site::RELEASES) {
    ok -e "$FindBin::Bin/django_ca-$release.t", "django-ca $release is tested";
    ok -e "$FindBin::Bin/../fixtures/django-ca-$release/db.sql",
        '  and has a fixture';
}
my ($code, $text) = run(qw(timeout 60 python3 -m pip index versions
    --disable-pip-version-check --timeout=15 --retries=1 django-ca));
SKIP: {
    my ($newest) = $text =~ /^django-ca \(([\d.]+)\)/m;
    skip 'pip cannot ask PyPI', 1 unless $newest;
    # No fault of the commit that is tested.
    skip "django-ca $newest is not covered: add it to \@RELEASES in"
        . " t/compat/Site.pm, t/compat/django_ca-$newest.t, and a fixture"
        . " (RELEASE=$newest t/fixtures/django-ca-3.1.0/make)", 1
        unless grep { $_ eq $newest } @Site::RELEASES;
    pass "the newest on PyPI, $newest, is among them";
}
finish;
