# SPDX-License-Identifier: Apache-2.0
# What the module is compared with: django-ca's own view in the same httpd, and
# openssl ocsp.
package Peers;

use strict;
use warnings;
use Exporter 'import';
use File::Copy qw(copy);
use File::Path qw(make_path);
use JSON::PP ();
use POSIX ();

use Bench;
use T::Fixture;
use T::OCSP;
use T::Platform;
use T::Process;

our @EXPORT = qw(add_django openssl_pids start_openssl stop_openssl);

# Adds django-ca's view under /site to a server's configuration, on the module's
# database and with a pair of {key, pem}; false when there is no django-ca.
sub add_django {
    my ($server, $pair) = @_;
    require Site;
    my ($python, $why) = Site::python();
    warn("bench: without django-ca: $why\n"), return unless $python;
    my $site = "$server->{root}/site";
    make_path("$site/files");
    symlink $server->{db}, "$site/db.sqlite3";
    copy($pair->{key}, "$site/files/bench.key");
    chmod 0644, "$site/files/bench.key";
    spew("$site/ocsp_urls.json", JSON::PP::encode_json({ bench => {
        ca => ca('root')->{serial}, responder_key => 'bench.key',
        responder_cert => slurp($pair->{pem}), expires => 600 } }));
    my ($lib) = must($python, '-c', 'import sysconfig;'
        . 'print(sysconfig.get_paths()["purelib"])') =~ /(\S+)/;
    my $project = top_dir() . '/t/compat/site';
    spew("$site/bench.wsgi", <<"PYTHON");
import os
os.environ["SITE"] = "$site"
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
PYTHON
    $server->write_conf($server->{conf} . <<"CONF");
AllowEncodedSlashes On
MergeSlashes Off
WSGISocketPrefix \@ROOT\@/run/wsgi
WSGIDaemonProcess site processes=2 threads=4 python-path=$project:$lib
WSGIScriptAlias /site $site/bench.wsgi process-group=site \\
    application-group=%{GLOBAL}
<Directory "$site">
    Require all granted
</Directory>
CONF
    return 1;
}

my $openssl;    # the pid of openssl ocsp

# What openssl ocsp reads.
sub index_of {
    my ($asked) = @_;
    my %seen;
    my $index = spew(scratch_file(), map {
        sprintf "%s\t351231235959Z\t%s\t%s\tunknown\t/CN=x\n",
            $_->{revoked} ? 'R' : 'V', $_->{revoked} ? '260102030405Z' : '',
            uc $_->{hex};
    } grep { !$seen{ $_->{hex} }++ } @$asked);
    spew("$index.attr", "unique_subject = no\n");
    return $index;
}

# Ends openssl ocsp.
sub stop_openssl {
    kill KILL => $openssl, children_of($openssl) if $openssl;
    waitpid $openssl, 0 if $openssl;
    undef $openssl;
    return;
}

# A new one each time, as its processes spin for ever once a client has gone
# away in the middle of a request. Its port.
sub start_openssl {
    my ($asked, $pair) = @_;
    my ($port, $index) = (free_port(), index_of($asked));
    spew("$index.log", '');
    $openssl = fork // die $!;
    if (!$openssl) {
        open STDOUT, '>', "$index.log";
        open STDERR, '>&', \*STDOUT;
        exec 'openssl', 'ocsp', '-index', $index, '-port', $port, '-multi', 2,
            '-rsigner', $pair->{pem}, '-rkey', $pair->{key}, '-CA',
            ca('root')->{pem}, '-nmin', 10 or POSIX::_exit(127);
    }
    wait_for {
        slurp("$index.log") =~ /ACCEPT/ && 2 == children_of($openssl);
    } 10;
    return $port;
}

# The processes of openssl ocsp.
sub openssl_pids { return ($openssl, children_of($openssl)) }

END { local $?; stop_openssl() }

1;
