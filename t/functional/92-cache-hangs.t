# SPDX-License-Identifier: Apache-2.0
# A memcached or redis that hangs, as a stopped process does: its kernel still
# takes what it is sent. apr's clients wait for it without an end; we must not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Temp ();
use T::Process::Cleanup;
use IO::Socket::INET;
use Time::HiRes qw(time);

my %daemon = (
    memcache => ['memcached', sub { (qw(-l 127.0.0.1 -U 0 -u nobody -p), @_) }],
    redis => ['redis-server',
        sub { ('--bind', '127.0.0.1', '--save', '', '--port', @_) }],
);

my (@daemons, $owner);
BEGIN { $owner = $$ }
END { local $?; kill KILL => @daemons if $$ == $owner }

# Starts one in a folder of its own: {port, pid}.
sub start_daemon {
    my ($name) = @_;
    my ($program, $arguments) = @{ $daemon{$name} };
    my $root = File::Temp->newdir('cache-XXXXXX', TMPDIR => 1);
    my $port = T::Platform::free_port();
    mkdir "$root/run";
    my $pid = background({}, "$root/log", $program, $arguments->($port));
    push @daemons, $pid;
    spew("$root/run/$program.pid", "$pid\n");
    T::Process::Cleanup::watch("$root");
    wait_for { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $port) } 20;
    return { root => $root, port => $port, pid => $pid };
}

# Asks so many times at once; how long the slowest took, in seconds, and what
# was said.
sub ask_at_once {
    my ($server, $count, $method, $target, %o) = @_;
    my $began = time;
    my @clients = map { $server->client(timeout => 20) } 1 .. $count;
    push @{ $o{headers} }, 'Connection: close';
    $_->send_bytes(T::HTTP::bytes($method, $target, %o)) for @clients;
    my %said;
    for my $client (@clients) {
        my $answer = T::OCSP::Client::read_answer($client->response($method));
        $said{ $answer->{says} }++;
    }
    return (time - $began, join ' ', sort keys %said);
}

sub post_at_once {
    my ($server, $count, $tag) = @_;
    return ask_at_once($server, $count, 'POST', '/ocsp/',
        body => request_for($tag),
        headers => ['Content-Type: application/ocsp-request']);
}

# Asserts that the answer which the code gets is kept. On a busy machine the
# cache may seem to hang for a moment, and another is made.
sub is_kept {
    my ($get, $name) = @_;
    my $answer;
    ok((wait_for {
        $answer = kept_answer($get);
        $get->()->{body} eq $answer->{body};
    } 60), $name);
    return $answer;
}

sub at_once_and_right {
    my ($server, $tag, $name) = @_;
    my ($took, $said) = post_at_once($server, 16, $tag);
    is $said, 'good', "$name: 16 at once are answered";
    return takes_less $took, 2.5, '  within 2.5 seconds';
}

hurry();
for my $name (sort keys %daemon) {
  SKIP: {
    my ($program) = @{ $daemon{$name} };
    skip "no mod_socache_$name", 1 unless has_module("socache_$name");
    skip "no $program", 1 if (run($program, '--version'))[0];
    for my $mpm (qw(event prefork)) {
        note "case 62: $name, $mpm";
        my $cache  = start_daemon($name);
        my $server = T::Server->new(mpm => $mpm,
            modules => ["socache_$name"], conf => <<"CONF")->start;
OCSPResponderCache $name:127.0.0.1:$cache->{port}
<Location "/ocsp/">
    \@responder root\@
</Location>
<Directory "\@ROOT\@/htdocs">
    Require all granted
</Directory>
CONF
        $server->allow_log('AH00161');    # as many as there may be
        spew("$server->{root}/htdocs/file", 'static');
        my $get = sub {
            return $server->get('/ocsp/', request_for("root-good-$_[0]"));
        };
        my $first = is_kept(sub { $get->(1) }, 'an answer is kept');
        is $first->{says}, 'good', '  which is right';
        # httpd makes its processes one after the other.
        wait_for { (post_at_once($server, 16, 'root-good-1'))[0] < 0.5 } 15;

        kill STOP => $cache->{pid};
        at_once_and_right($server, 'root-good-1', 'it hangs');
        my $ocsp = $server->client(timeout => 20);
        $ocsp->send_bytes(T::HTTP::bytes('POST', '/ocsp/',
            headers => ['Connection: close'],
            body    => request_for('root-good-2')));
        my ($took) = ask_at_once($server, 8, 'GET', '/file');
        takes_less $took, 1, '  static files are served meanwhile';
        is T::OCSP::Client::read_answer($ocsp->response('POST'))->{says},
            'good', '  as OCSP is';
        my @times = map { my $began = time;
            is $server->says('/ocsp/', "root-good-$_"), 'good', "  good $_";
            time - $began } 1 .. 3;
        takes_less $_, 0.8, '  soon' for @times;

        kill CONT => $cache->{pid};
        is_kept(sub { $get->(3) }, 'it is back, and used again');
        at_once_and_right($server, 'root-good-3', '  with nothing in the way');

        kill STOP => $cache->{pid};
        at_once_and_right($server, 'root-good-1', 'once more');
        ok $server->graceful, '  a graceful restart goes on';
        is $server->says('/ocsp/', 'root-good-1'), 'good', '  and is answered';
        $server->stop;
        put_down($cache->{pid});
    }
  }
}

finish;
