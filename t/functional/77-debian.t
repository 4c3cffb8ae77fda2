# SPDX-License-Identifier: Apache-2.0
# Debian's own layout, in a copy: make install, a2enmod, a2ensite, apache2ctl,
# logs rotated, and all of it taken back.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy qw(copy);
use File::Path qw(make_path);
use POSIX qw(WNOHANG);
use T::Server;

my $etc = '/etc/apache2';
for my $need ("$etc/apache2.conf", "$etc/envvars", "$etc/mods-available") {
    plan(skip_all => "no Debian layout: there is no $need") unless -e $need;
}
for my $program (qw(a2enmod a2dismod a2ensite a2enconf apache2ctl)) {
    plan(skip_all => "$program is not installed (Debian's apache2)")
        unless -x "/usr/sbin/$program";
}

# Files and places. Its own values are in front of the example, as that says.
my $server = T::Server->new(dbd => 0);
my ($root, $port) = @{$server}{qw(root port)};
my $confdir = "$root$etc";
make_path($confdir, "$root/state", "$root/keys",
    map { "$confdir/$_-enabled" } qw(mods conf sites));
mkdir "$confdir/sites-available";
must('cp', '-R', map({ "$etc/$_" } grep { -e "$etc/$_" }
    qw(apache2.conf envvars magic mods-available conf-available)), $confdir);
unlink glob "$confdir/mods-available/ocsp_responder.*";
spew("$confdir/ports.conf", "Listen 127.0.0.1:$port\n");
my %copy = ('root.key' => ca('root')->{key},
    map { ("intermediate.$_->[0]" => ca('inter')->{ $_->[1] }) }
        ['key', 'key'], ['pem', 'cert']);
copy($copy{$_}, "$root/keys/$_") or die "$_: $!" for keys %copy;

my ($user, $group) = user();
$user  //= getpwuid $>;
$group //= getgrgid $);
my %place = (
    RUN_USER => $user, RUN_GROUP => $group, RUN_DIR => "$root/run",
    LOCK_DIR => "$root/lock", LOG_DIR => "$root/logs",
    PID_FILE => "$root/run/apache2.pid",
);
my $envvars = slurp("$confdir/envvars");
for my $name (sort keys %place) {
    $envvars =~ s/^(export APACHE_$name=).*/$1$place{$name}/m
        or die "envvars has no APACHE_$name";
}
spew("$confdir/envvars", $envvars);

# What a test is started by must not become a part of what it starts.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES)};
delete @ENV{ grep { /^APACHE_/ } keys %ENV };
my %environment = (APACHE_CONFDIR => $confdir,
    APACHE_STATE_DIRECTORY => "$root/state", APACHE_STARTED_BY_SYSTEMD => 1);

sub tool {
    my ($name, @arguments) = @_;
    return run({%environment}, "/usr/sbin/$name", @arguments);
}

sub done { is((tool(@_))[0], 0, "@_"); return }

sub ctl {
    my ($verb) = @_;
    my $sanitizer = $server->environment;
    return run({%environment, %$sanitizer}, '/usr/sbin/apache2ctl', $verb);
}

sub enabled { return -l "$confdir/mods-enabled/$_[0].load" ? 1 : 0 }

sub make {
    my ($target) = @_;
    my $module = module_file();
    return run('make', '-s', '-C', top_dir(), '-o', $module, $target,
        "MODULE=$module", "DESTDIR=$root", 'APXS=' . ($ENV{APXS} || 'apxs'));
}

sub asked {
    my ($how) = @_;
    my %is = ('root-good-1' => 'good', 'root-revoked-superseded' => 'revoked',
        'inter-good-1' => 'good');
    for my $tag (sort keys %is) {
        my $at = $tag =~ /^root/ ? 'root' : 'intermediate';
        is $server->get("/django_ca/ocsp/$at/", request_for($tag))->{says},
            $is{$tag}, "$how: $tag";
    }
    return;
}

sub configtest {
    my ($what) = @_;
    my ($code, $text) = ctl('configtest');
    is "$code $text", "0 Syntax OK\n", "apache2ctl configtest: $what";
    return;
}

# What Debian enables in a new installation, and nothing of this machine's own.
my @mods = grep { -e "$confdir/mods-available/$_.load" } qw(mpm_event
    authz_core authz_host authn_core auth_basic access_compat authn_file
    authz_user alias dir autoindex env mime negotiation setenvif filter deflate
    status reqtimeout);
must({%environment}, '/usr/sbin/a2enmod', '-q', @mods);
my @confs = grep { -e "$confdir/conf-available/$_.conf" } qw(charset security
    localized-error-pages other-vhosts-access-log serve-cgi-bin);
must({%environment}, '/usr/sbin/a2enconf', '-q', @confs) if @confs;
spew("$confdir/conf-available/local.conf", $server->expand(<<'CONF'));
ServerName localhost
Mutex file:@ROOT@/run
Define CA_PORT @PORT@
Define CA_DATABASE @DB@
Define CA_OCSP_KEYS @ROOT@/keys
Define CA_LOG @ROOT@/logs/ocsp.log
Define CA_ROOT @root.serial_stored@
Define CA_ROOT_RESPONDER @root.responder_serial@
Define CA_INTERMEDIATE @inter.name@
CONF
done('a2enconf', 'local');
configtest('before');

note 'make install, a2enmod';
my ($code, $text) = make('install');
is $code, 0, 'make install DESTDIR=...' or diag $text;
my $load = "$confdir/mods-available/ocsp_responder.load";
my $so = apxs('LIBEXECDIR') . '/mod_ocsp_responder.so';
ok -e "$root$so", 'the module is where httpd has its own';
like slurp($load), qr/^LoadModule ocsp_responder_module \Q$so\E$/m,
    'where the .load says';
ok -e "$confdir/mods-available/ocsp_responder.conf", 'the .conf is there';
my @read = map { "$root/usr/share/$_" } 'man/man8/mod_ocsp_responder.8',
    map { "mod_ocsp_responder/$_" } 'tables/cfssl.conf',
    map { "manual/$_" } 'README', 'messages.txt', 'operation.txt';
is join(' ', grep { !-s } @read), '', 'what there is to read is there';
spew($load, slurp($load) =~ s/\Q$so\E/$root$so/r);
is enabled('dbd'), 0, 'mod_dbd was not enabled';
done('a2enmod', 'ocsp_responder');
is enabled('dbd'), 1, 'a2enmod enables mod_dbd, too';
is enabled('socache_shmcb'), 1, '  and what the cache needs';
is enabled('ocsp_responder'), 1, 'and the module';
ok -l "$confdir/mods-enabled/ocsp_responder.conf", 'with its .conf';
isnt((tool('a2dismod', 'dbd'))[0], 0, 'mod_dbd cannot be disabled below it');
isnt((make('uninstall'))[0], 0, 'make uninstall refuses while it is enabled');
ok -e "$root$so", 'and removes nothing';

note 'the example as a site';
configtest('the module without a responder');
my $site = "$confdir/sites-available/ocsp.conf";
copy(top_dir() . '/conf/example-vhost.conf', $site) or die $!;
done('a2ensite', 'ocsp');
configtest('with the site');

sub pid {
    my $file = "$root/run/apache2.pid";
    return -s $file ? slurp($file) =~ s/\s//gr : 0;
}

sub resumed {
    my $log = "$root/logs/error.log";
    return -e $log && slurp($log) =~ /resuming normal operations/;
}

T::Process::Cleanup::watch($root);
# Some releases' apache2ctl becomes the server itself, and does not return.
my $started = background({%environment, %{ $server->environment }},
    "$root/logs/start", '/usr/sbin/apache2ctl', 'start');
ok((wait_for { resumed() && pid() } 60), 'apache2ctl start: it is up')
    or diag slurp("$root/logs/start");
my $pid = pid();

sub settle {
    local $server->{pid} = $pid;
    return $server->let_settle;
}
asked('started');

note 'as logrotate does it';
settle();
my @logs = qw(error.log ocsp.log);
for my $log (@logs) {
    rename "$root/logs/$log", "$root/logs/$log.1" or die "$log: $!";
    spew("$root/logs/$log", '');
    chmod 0640, "$root/logs/$log";
}
($code, $text) = ctl('graceful');
is "$code $text", '0 ', 'apache2ctl graceful';
my ($asked, $good) = (0, 0);
my $ask = sub {
    my $says = $server->get('/django_ca/ocsp/root/',
        request_for('root-good-1'))->{says};
    $asked++;
    $good++ if $says eq 'good';
    return resumed() && $asked >= 50;
};
wait_for { $ask->() } 30;
is $good, $asked, "all of $asked requests meanwhile are answered";
ok resumed(), 'error.log is the new one';
is pid(), $pid, 'the process is the old one';
asked('after');
my $revoked = qr/ 200 revoked superseded /;
wait_for { slurp("$root/logs/ocsp.log") =~ $revoked } 5;
like slurp("$root/logs/ocsp.log"), $revoked, 'its own log is the new one';

note 'a mistake does not stop it';
my $example = slurp($site);
spew($site, $example =~ s/root\.key/missing.key/r);
($code, $text) = ctl('configtest');
isnt $code, 0, 'configtest refuses a key that is not there';
like $text, qr/missing\.key/, 'and names it';
isnt((ctl('graceful'))[0], 0, 'graceful refuses it');
asked('still');
spew($site, $example);

note 'and back';
done('a2dissite', 'ocsp');
done('a2dismod', 'ocsp_responder');
is enabled('ocsp_responder'), 0, 'the module is disabled';
ok !-e "$confdir/mods-enabled/ocsp_responder.conf", 'its .conf, too';
configtest('without it');
settle();
is((ctl('graceful'))[0], 0, 'apache2ctl graceful');
my $gone = sub {
    return $server->get('/django_ca/ocsp/root/',
        request_for('root-good-1'))->{says} =~ /^HTTP 404/;
};
ok((wait_for { $gone->() } 15), 'nothing answers there');
settle();
is((ctl('stop'))[0], 0, 'apache2ctl stop');
ok((wait_for { waitpid($started, WNOHANG); !kill(0, $pid) } 30),
    'it is gone');
($code, $text) = make('uninstall');
is $code, 0, 'make uninstall' or diag $text;
is join(' ', grep { -e } "$root$so", $load, @read), '', 'leaves nothing';

# The usual check of the log, in the file where that looks for it.
spew("$root/logs/error_log", map { slurp("$root/logs/error.log$_") } '.1', '');
finish;
