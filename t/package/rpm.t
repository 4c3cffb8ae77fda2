# SPDX-License-Identifier: Apache-2.0
# The RPM is built, and has what make install and the Debian package install.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

plan(skip_all => 'rpmbuild is not installed')
    if (run('sh', '-c', 'command -v rpmbuild'))[0];
my $scratch = File::Temp->newdir('package-XXXXXX', TMPDIR => 1);
my $top     = top_dir();
# deb.t compiles everything in a package's build; this one takes what is there.
my $objects = build_dir();
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B)};
my ($code, $text) = run({ OBJECTS => $objects }, "$top/conf/package", 'rpm',
    "$scratch");
is $code, 0, 'the package is built' or die $text;
my ($rpm) = grep { !/debug/ } glob "$scratch/rpm/RPMS/*/*.rpm";
my ($version) = slurp("$top/mod_ocsp_responder.h")
    =~ /^#define OCSP_RESPONDER_VERSION "([^"]+)"/m;
like $rpm, qr{/mod_ocsp_responder-\Q$version\E-}, 'its name has the version';

my @files = split /\n/, must('rpm', '-qpl', $rpm);
my @tables = map { m{([^/]+)$} } glob "$top/conf/tables/*.conf";
for my $file ('/httpd/modules/mod_ocsp_responder.so',
    '/include/httpd/mod_ocsp_responder.h', '/man8/mod_ocsp_responder.8',
    '/httpd/conf.modules.d/20-ocsp_responder.conf', '/operation.txt',
    '/messages.txt', '/sources.txt', '/mod_ocsp_list.c',
    map { "/mod_ocsp_responder/tables/$_" } @tables) {
    ok scalar(grep { /\Q$file\E(?:\.gz)?$/ } @files), "it has $file";
}
like must('rpm', '-qp', '--configfiles', $rpm), qr/20-ocsp_responder\.conf/,
    'what administrators change is theirs';

finish;
