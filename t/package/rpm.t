# SPDX-License-Identifier: Apache-2.0
# The RPM is built, and has what make install and the Debian package install; in
# a root of its own rpm installs, upgrades and removes it, and httpd loads it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use Package;
use T::Server;

plan(skip_all => 'rpmbuild is not installed')
    if (run('sh', '-c', 'command -v rpmbuild'))[0];
my $top = top_dir();

# The one package in a folder that it is built into.
sub built {
    my ($is_next, $version) = @_;
    my ($folder, $fault) = package_folder('rpm', $is_next);
    ok $folder, "$version is built" or die $fault;
    my ($rpm) = grep { !/debug/ } glob "$folder/RPMS/*/*.rpm";
    like $rpm, qr{/mod_ocsp_responder-\Q$version\E-},
        '  its name has the version';
    return $rpm;
}

my $rpm = built(0, module_version());
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

# -- in a root of its own ------------------------------------------------------

SKIP: { skip 'not root', 1 if $> }
if ($>) {
    finish;
    exit;
}
my $next  = built(1, next_version());
my $place = File::Temp->newdir('rpm-XXXXXX', TMPDIR => 1);
my $root  = "$place/root";
mkdir $root;
chmod 0755, "$place", $root;

# Nothing that it depends on is in there; Debian's rpm asks whether it is meant,
# up to version 4.
my @rpm = ('rpm', '--root', $root, '--nodeps',
    (run('rpm', '--force-debian', '--version'))[0] ? () : '--force-debian');

sub version { return must('rpm', '--root', $root,
    qw(-q --qf %{VERSION} mod_ocsp_responder)) }

# The files and links below the root but rpm's own, each with its mode.
sub there {
    return { map { reverse split ' ', $_, 2 } grep { !m{ /[^ ]*rpm} }
        split /\n/, must('find', $root, qw(-type f -printf), "%m /%P\\n",
        qw(-o -type l -printf), "%m /%P\\n") };
}

# The module's file, and what it says its version is.
my ($so) = map { "$root$_" } grep { m{/mod_ocsp_responder\.so$} } @files;
sub loaded_version {
    my $server = T::Server->new(load => 0, conf => <<"CONF");
LoadModule ocsp_responder_module $so
<Location "/root/">
    \@responder root\@
</Location>
CONF
    my ($code, $text) = $server->configtest;
    is $code, 0, '  httpd -t takes it' or diag $text;
    $server->start;
    is $server->says('/root/', 'root-good-1'), 'good', '  and it answers';
    my ($version) = $server->error_log =~ m{mod_ocsp_responder/(\S+) runs};
    $server->stop;
    return $version;
}

must(@rpm, '-i', $rpm);
my $there = there();
is_deeply [grep { -f "$root$_" && !$there->{$_} } @files], [],
    'installed, all files are there';
my %modes = map { $there->{$_} => 1 } grep { !/\.so$|build-id/ } keys %$there;
is join(' ', keys %modes), '644', '  for everybody to read';
is $there->{ $so =~ s/^\Q$root\E//r }, '755', '  the module is 755';
is version(), module_version(), '  and rpm knows it';
my ($code, $text) = run(@rpm, qw(-V mod_ocsp_responder));
is "$code $text", '0 ', '  and finds nothing changed';
is loaded_version(), module_version(), '  its version';
unlike slurp("$root/etc/httpd/conf.modules.d/20-ocsp_responder.conf"),
    qr/^[^#]/m, '  and it is not enabled yet';

note 'upgraded';
my $enabled = "$root/etc/httpd/conf.modules.d/20-ocsp_responder.conf";
spew($enabled, slurp($enabled) =~ s/^#//r);
my $before = (stat $so)[1];
must(@rpm, '-U', $next);
is version(), next_version(), 'rpm knows the next version';
isnt +(stat $so)[1], $before, '  the module is a new file, not the old one';
is loaded_version(), next_version(), '  its version';
like slurp($enabled), qr/^LoadModule/m, '  what was enabled still is';

note 'removed';
must(@rpm, '-e', 'mod_ocsp_responder');
is_deeply [grep { !/20-ocsp_responder\.conf\.rpmsave$/ } sort keys %{ there() }],
    [], 'nothing is left but what the administrator has changed';
ok -e "$enabled.rpmsave", '  which is kept aside';

finish;
