# SPDX-License-Identifier: Apache-2.0
# The Debian package: lintian has nothing to say, and in a fresh Debian it is
# installed, enabled, asked, upgraded under load, removed and purged.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use File::Copy qw(copy);
use Package;
use T::Server;

for my $need (qw(dpkg-buildpackage dh dh_apache2 lintian)) {
    plan(skip_all => "$need is not installed")
        if (run('sh', '-c', "command -v $need"))[0];
}

my $scratch = File::Temp->newdir('package-XXXXXX', TMPDIR => 1);
my $top     = top_dir();
my ($folder, $fault) = package_folder('deb');
ok $folder, 'the package is built' or die $fault;
my $version = module_version();

# The one package in the folder, which has a version in its name.
sub named {
    my ($folder, $version) = @_;
    my ($deb) = grep { !/dbgsym/ } glob "$folder/*.deb";
    like $deb, qr{/libapache2-mod-ocsp-responder_\Q$version\E_\w+\.deb$},
        'its name has the version';
    return $deb;
}
my $deb = named($folder, $version);

my ($code, $text) = run('lintian', '--allow-root', '--fail-on',
    'error,warning', glob "$folder/*.changes");
is $code, 0, 'lintian finds no error and no warning' or diag $text;

my @files = grep { !m{/$} } map { (split ' ', $_, 6)[5] }
    split /\n/, must('dpkg-deb', '-c', $deb);
my $doc = './usr/share/doc/libapache2-mod-ocsp-responder';
for my $file ('./usr/lib/apache2/modules/mod_ocsp_responder.so',
    map({ "./etc/apache2/mods-available/ocsp_responder.$_" } qw(load conf)),
    './usr/share/man/man8/mod_ocsp_responder.8.gz',
    './usr/include/apache2/mod_ocsp_responder.h',
    "$doc/operation.txt.gz", "$doc/messages.txt.gz", "$doc/sources.txt.gz",
    "$doc/examples/mod_ocsp_list.c",
    "$doc/examples/example-vhost.conf", "$doc/changelog.gz") {
    ok scalar(grep { $_ eq $file } @files), "it has $file";
}
is join(' ', grep { m{/mods-enabled/} } @files), '', 'and enables nothing';

# -- in a fresh Debian ---------------------------------------------------------

sub debian {
    return 'not root' if $>;
    my ($release) = -e '/etc/os-release'
        ? slurp('/etc/os-release') =~ /^VERSION_CODENAME=(\w+)/m : ();
    return 'not Debian' unless $release && -e '/etc/debian_version';
    for my $need (qw(mmdebstrap unshare)) {
        return "$need is not installed"
            if (run('sh', '-c', "command -v $need"))[0];
    }
    # On what the image has begun as, so that it is fetched and unpacked once.
    my ($image, $fault) = package_folder('image');
    return "there is no image: $fault" unless $image;
    my @settings = map { "--aptopt=$_" } glob '/etc/apt/apt.conf.d/99*';
    # mmdebstrap keeps services from starting; taken while it did, the tar has
    # that, too, and from 1.6 on as diversions of dpkg's.
    my $unpack = 'tar -xf ' . debian_tar() . ' -C "$1" && cd "$1/usr/sbin" &&'
        . ' rm -f policy-rc.d && for real in *.REAL; do test ! -e "$real" ||'
        . ' mv "$real" "${real%.REAL}"; done; for diverted in /usr/sbin /sbin;'
        . ' do dpkg-divert --root="$1" --local --no-rename --quiet --remove'
        . ' "$diverted/start-stop-daemon"; done';
    # Written to the disk when there is time, as it is not kept: what the story
    # installs is, as ever. What it mounts goes with it, whatever its end is.
    my ($failed, $said) = run('unshare', '--mount', 'mmdebstrap', '--quiet',
        '--mode=root',
        '--variant=custom', '--skip=update', '--dpkgopt=force-unsafe-io',
        "--setup-hook=$unpack", @settings,
        '--customize-hook=rm "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"',
        '--include=apache2,libaprutil1-dbd-sqlite3,sqlite3,openssl'
            . ',curl,iproute2,libjansson4', $release, "$scratch/root");
    return $failed ? "mmdebstrap fails: $said" : undef;
}

my $why_not = debian();
SKIP: {
    skip $why_not, 1 if $why_not;
    my $root = "$scratch/root";
    my $site = "$root/srv/ocsp";
    mkdir $site;
    must('sqlite3', '-bail', "$site/db.sqlite3", '.read ' . fixture_sql());
    my ($ca, $inter) = (ca('root'), ca('inter'));
    copy($ca->{key}, "$site/root.key");
    copy($inter->{key}, "$site/intermediate.key");
    copy($inter->{cert}, "$site/intermediate.pem");
    copy($ca->{pem}, "$site/ca.pem");
    copy(fixture_dir() . '/certs/root-good-1.pem', "$site/good.pem");
    copy($deb, "$root/srv/new.deb");
    my ($next, $failed) = package_folder('deb', 1);
    ok $next, 'the next version is built' or die $failed;
    copy(named($next, next_version()), "$root/srv/next.deb");
    spew("$root/srv/versions", "old=$version\nnew=@{[next_version()]}\n");
    spew("$site/values.conf", <<"CONF");
ServerName localhost
Define CA_DATABASE /srv/ocsp/db.sqlite3
Define CA_OCSP_KEYS /srv/ocsp
Define CA_LOG /var/log/apache2/ocsp.log
Define CA_ROOT $ca->{serial_stored}
Define CA_ROOT_RESPONDER $ca->{responder_serial}
Define CA_INTERMEDIATE "$inter->{name}"
CONF
    copy("$FindBin::Bin/deb.sh", "$root/srv/story");
    ($code, $text) = run('timeout', '300', 'unshare', '--mount', '--pid',
        '--net', '--fork', '--kill-child', 'sh', '-c',
        'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&'
            . ' exec chroot "$1" sh -eu /srv/story', 'sh', $root);
    is $code, 0, 'the story ends well' or diag $text;
    my @steps = $text =~ /^STEP (.*)$/mg;
    ok 1, $_ for @steps;
    is scalar @steps, 10, 'all of it was told';
}
run('rm', '-rf', '--one-file-system', "$scratch/root");

finish;
