# SPDX-License-Identifier: Apache-2.0
# The files that are installed and shown, loaded as they are.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy qw(copy);
use JSON::PP qw(decode_json);
use T::Server;

my $conf = top_dir() . '/conf';

# Values of one's own come before the example, as its first lines say.
my $server = T::Server->new(dbd => "# The example has the lines.\n",
    conf => <<"CONF");
Define CA_PORT \@PORT\@
Define CA_DATABASE \@DB\@
Define CA_OCSP_KEYS \@ROOT\@/keys
Define CA_LOG \@ROOT\@/logs/ocsp.log
Define CA_ROOT \@root.serial_stored\@
Define CA_ROOT_RESPONDER \@root.responder_serial\@
Define CA_INTERMEDIATE \@inter.name\@
Include $conf/ocsp_responder.conf
Include $conf/example-vhost.conf
GlobalLog \@ROOT\@/logs/ocsp.json ocsp_json env=OCSP_STATUS
CONF
mkdir "$server->{root}/keys", 0700;
my %copy = ('root.key' => ca('root')->{key},
    map { ("intermediate.$_->[0]" => ca('inter')->{ $_->[1] }) }
        ['key', 'key'], ['pem', 'cert']);
copy($copy{$_}, "$server->{root}/keys/$_") or die "$_: $!" for keys %copy;
is_deeply [$server->configtest], [0, "Syntax OK\n"], 'httpd -t: Syntax OK';
$server->start;

my $ocsp = '/django_ca/ocsp';
my $root = ca('root')->{serial_stored};
my @asked = (
    ["$ocsp/root/",         'root-good-1',             'good'],
    ["$ocsp/root/",         'root-revoked-superseded', 'revoked'],
    ["$ocsp/intermediate/", 'inter-good-1',            'good'],
    ["$ocsp/$root/cert/",   'root-good-1',             'good'],
    ["$ocsp/$root/ca/",     'inter',                   'good'],
);
for (@asked) {
    my ($location, $tag, $says) = @$_;
    is $server->$_($location, request_for($tag))->{says}, $says,
        "$location: $tag by $_" for 'get', 'post';
}
my $answer =
    $server->get("$ocsp/intermediate/", request_for('inter-good-2'));
is $answer->{single}{next_update} - $answer->{response}{produced_at}, 300,
    'with the Expires of its location';

note 'its log';
$server->stop;
my @lines = split /\n/, slurp("$server->{root}/logs/ocsp.log");
is scalar @lines, 2 * @asked + 1, 'a line for each answer';
my $serial = cert('root-revoked-superseded')->{serial};
is scalar(grep { m{ 200 revoked superseded $root/$serial signed by \w+$} }
    @lines), 2, 'which says what was answered';

my @json = map { decode_json($_) }
    split /\n/, slurp("$server->{root}/logs/ocsp.json");
is scalar @json, scalar @lines, 'as many in JSON';
my ($line) =
    grep { $_->{serial} eq $serial && $_->{method} eq 'GET' } @json;
is join(' ', map { $line->{$_} } qw(code status reason made)),
    '200 revoked superseded signed', 'which say more';
like $line->{sign_us}, qr/^\d+$/, '  and how long it took';

note 'every line that ocsp_responder.conf offers can be taken';
my @offered = slurp("$conf/ocsp_responder.conf") =~ /^#(OCSPResponder.*)/mg;
cmp_ok scalar @offered, '>', 10, scalar(@offered) . ' directives';
my $test = T::Server->new(
    modules => [grep { has_module($_) } 'socache_shmcb']);
for my $line (@offered) {
    my ($name, $value) = split / /, $line, 2;

    # Places and serials there are of nobody's; a cache needs its own.
    next if $name =~ /^OCSPResponder(?:CA|Key|Cert|KeyPassPhrase|Storage
        |Chain)$/x;
    next if $name eq 'OCSPResponderCache' && !has_module('socache_shmcb');
    $value =~ s{shmcb:[^(]*}{shmcb:$test->{root}/run/cache};
    $test->write_conf(<<"CONF");
$name $value
<Location "/ocsp/">
    \@responder root\@
</Location>
CONF
    is_deeply [$test->configtest], [0, "Syntax OK\n"], "$name $value";
}

finish;
