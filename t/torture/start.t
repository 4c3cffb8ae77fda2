# SPDX-License-Identifier: Apache-2.0
# make torture: calls fail while the configuration is read, tested and taken
# into use. httpd -t ends by itself and says why; httpd starts or says why not,
# and what has started answers what is right, tryLater or internalError. Which
# calls: see each_place() in Torture.pm.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::PKI::Responder;
use T::Server;

ask_once;

use Torture;

my $why_not = Torture::why_not();
plan skip_all => $why_not if $why_not;

Torture::in_parts(4) if $ENV{TORTURE_ALL};

my $storage = new_storage(folder());
my $index   = folder() . '/index.txt';
spew($index, join("\t", 'R', '391225202502Z', '240102030405Z', '5EED',
    'unknown', '/CN=x') . "\n");
open_up(folder());

my $torture = Torture->new;
my $server = T::Server->new(mpm => 'worker', threads => 2, env => $torture->env,
    conf => <<"CONF");
<Location "/ec/">
    \@responder ec\@
    OCSPResponderChain \@ec.pem\@
</Location>
<Location "/root/">
    \@responder root\@
</Location>
<Location "/all/">
    OCSPResponderCA *
    OCSPResponderStorage "$storage"
</Location>
<Location "/index/">
    OCSPResponderCA \@ec.pem\@
    OCSPResponderKey \@ec.key\@
    OCSPResponderCert \@ec.cert\@
    OCSPResponderSource index $index
</Location>
CONF

# What each location is asked, and what is right.
my @asks = (
    ['/ec/',    'good',    request_for('ec-good-1', nonce => 'n')],
    ['/ec/',    'revoked', request_for('ec-revoked-1', nonce => 'n')],
    ['/root/',  'revoked', request_for('root-revoked-keyCompromise')],
    ['/all/',   'good',    request_for('inter-good-1')],
    ['/all/',   'unknown', ocsp_request([certid('ec', '5EED')])],
    ['/index/', 'revoked', ocsp_request([certid('ec', '5EED')])],
);

# What is wrong with what is answered now.
sub wrong_answers {
    my @wrong;
    for my $ask (@asks) {
        my ($path, $right, $der) = @$ask;
        my $says = eval {
            Torture::said($server, sub { $server->post($path, $der)->{says} });
        } // $@;
        push @wrong, "$path: $says, not $right"
            unless $says =~ /^(?:$right|tryLater|internalError)$/;
    }
    return @wrong;
}

# What is wrong with a test of the configuration.
sub wrong_test {
    my ($code, $text) = $server->configtest;
    return "httpd -t: exit $code\n$text" unless $code == 0 || $code == 1;
    return 'httpd -t says nothing' unless $text =~ /\w/;
    return;
}

# What is wrong with a start.
sub wrong_start {
    if (!$server->try_start) {
        return "signal $server->{signal} ended it" if $server->{signal};
        my $says = $server->stderr . $server->error_log;
        return $says =~ /\w/ ? () : 'no start, and no word';
    }
    # tryLater is right from the first request on: none is sent again.
    $server->{answered} = $server->{pid};
    my @wrong = wrong_answers();
    push @wrong, 'a process died' if $server->error_log =~ /exit signal/;
    $server->kill_all;
    return @wrong;
}

for my $round (['httpd -t', \&wrong_test], ['start', \&wrong_start]) {
    my ($name, $code) = @$round;
    is join(', ', $code->()), '', "$name: nothing is wrong at first";
    my $failed = $torture->each_place($name, $code);
    is $torture->told, '', "  $failed calls fail";
}
Test::More::done_testing();
