# SPDX-License-Identifier: Apache-2.0
# What the server says of itself: its version, and that it has no cache.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my ($version) = slurp(top_dir() . '/mod_ocsp_responder.h')
    =~ /^#define OCSP_RESPONDER_VERSION "([^"]+)"/m;
my $location = "<Location \"/root/\">\n    \@responder root\@\n</Location>\n";

# A server's first log, and its banner.
sub started {
    my (%o) = @_;
    my $server = T::Server->new(conf => $location, %o)->start;
    my $banner = $server->request('GET', '/')->{headers}{server};
    $server->allow_log('AH01630');
    return ($server->error_log, $banner, $server);
}

my ($log, $banner, $server) = started();
like $banner, qr{ mod_ocsp_responder/\Q$version\E(?: |\z)}, 'the banner';
like $log, qr{:notice\].*mod_ocsp_responder/\Q$version\E runs with OpenSSL \d},
    'the log';
unlike $log, qr/short intervals/, '  of no build for tests';
is scalar(() = $log =~ m{mod_ocsp_responder/\Q$version\E runs}g), 1, '  once';
like $log, qr/:notice\].*OCSP0403: .*a2enmod socache_shmcb/, 'no cache';
ok $server->graceful, 'a graceful restart';
is scalar(() = $server->error_log =~ m{\Q$version\E runs}g), 2, '  once more';

($log) = started(modules => ['socache_shmcb']);
unlike $log, qr/OCSP0403/, 'nothing of the kind with mod_socache_shmcb';
($log) = started(conf => "OCSPResponderCache none\n$location");
unlike $log, qr/OCSP0403/, '  nor when there is to be none';

note 'an upgrade: after a graceful restart the module lies elsewhere in memory';
my $upgraded = T::Server->new(conf => $location)->start;
my $conf = "$upgraded->{root}/conf/httpd.conf";
my $other = 'LoadModule env_module ' . apxs('LIBEXECDIR') . "/mod_env.so\n";
spew($conf, slurp($conf) =~ s{^(?=LoadModule ocsp_)}{$other}mr);
ok $upgraded->graceful, 'httpd goes on';
is $upgraded->says('/root/', 'root-good-1'), 'good', '  and answers';

finish;
