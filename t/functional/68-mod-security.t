# SPDX-License-Identifier: Apache-2.0
# mod_security with the stock OWASP rules: GET works as it is, POST with the
# line that README has.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use T::Server;

my ($rules) = grep { -e "$_/REQUEST-901-INITIALIZATION.conf" }
    map { glob "/usr/share/$_/rules" } qw(modsecurity-crs mod_modsecurity_crs);
my ($setup) = grep { -e } map { glob } '/etc/modsecurity/crs/crs-setup.conf',
    '/usr/share/modsecurity-crs/crs-setup.conf';
if (!has_module('security2') || !$rules || !$setup) {
    plan skip_all => 'no mod_security with the OWASP rules';
}

# The line is README's own.
my ($line) = slurp(top_dir() . '/README') =~ /^ +(SecRuleRemoveById \d+)$/m;
ok $line, 'README has a line';

my $server = T::Server->new(modules => [qw(unique_id security2)],
    conf => <<"CONF")->start;
SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess On
SecResponseBodyMimeType text/plain text/html text/xml
SecDataDir \@ROOT\@/san
SecTmpDir \@ROOT\@/san
Include $setup
Include $rules/*.conf
<Location "/stock/">
    \@responder root\@
</Location>
<Location "/ocsp/">
    \@responder root\@
    $line
</Location>
CONF

# Nonces of all kinds, the same in each run, and some that read as what rules
# look for.
my @requests = (request_for('root-good-1'), map {
    request_for('root-good-1', nonce => $_)
} "' or 1=1 --", '<script>alert(1)</script>', '../../../etc/passwd',
    '${jndi:ldap://x}', map { sha256("nonce $_") } 1 .. 100);

sub answers {
    my ($method, $location) = @_;
    my %says;
    $says{ $server->$method($location, $_)->{says} }++ for @requests;
    return \%says;
}
note 'case 55';
is_deeply answers('get', '/stock/'), { good => scalar @requests },
    'GET, with the stock rules';
is $server->post('/stock/', $requests[0])->{says}, 'HTTP 403',
    'POST, with the stock rules: its type is not on their list';
is_deeply answers('post', '/ocsp/'), { good => scalar @requests },
    'POST, with the line';
is_deeply answers('get', '/ocsp/'), { good => scalar @requests },
    'GET, with the line';

# What the rules write into the log is theirs.
my @ours = grep { !/\[security2:/ } split /\n/, $server->error_log;
spew("$server->{root}/logs/error_log", map { "$_\n" } @ours);

finish;
