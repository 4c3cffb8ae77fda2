# SPDX-License-Identifier: Apache-2.0
# A private nginx that caches what a balancer answers. Asked like a T::Server.
#
#   my $cache = Cache->new($folder, <<"CONF", $port)->start;
#   proxy_cache_path /var/cache/nginx/ocsp keys_zone=ocsp:10m;
#   server { listen 80; ... proxy_pass http://balancer; ... }
#   CONF
package Cache;

use strict;
use warnings;

use T::OCSP::Client;
use T::Platform;
use T::Process;

our @ISA = ('T::OCSP::Client');

my $owner = $$;
my @caches;

# The path of nginx; undef where it is not installed.
sub program {
    my ($path) = grep { -x } map { "$_/nginx" } split(/:/, $ENV{PATH}),
        qw(/usr/sbin /usr/local/sbin);
    return $path;
}

# One with its files in that new folder, by such lines; the balancer is at a
# port of this machine.
sub new {
    my ($class, $folder, $lines, $balancer) = @_;
    mkdir $folder;
    my $self = bless { folder => $folder, port => free_port() }, $class;
    $lines =~ s{/var/cache/nginx/ocsp}{$folder/kept};
    $lines =~ s/listen 80;/listen 127.0.0.1:$self->{port};/;
    $lines =~ s{http://balancer;}{http://127.0.0.1:$balancer;};
    my ($user) = user();
    chown((user())[2], -1, $folder) if $user;
    my $temporary = join '', map { "    ${_}_temp_path $folder/$_;\n" }
        qw(client_body proxy fastcgi uwsgi scgi);
    spew("$folder/conf", $user ? "user $user;\n" : '', <<"CONF");
daemon off;
worker_processes 1;
pid $folder/pid;
error_log $folder/log;
events { worker_connections 64; }
http {
    access_log off;
$temporary
$lines
}
CONF
    push @caches, $self;
    return $self;
}

# Starts it, and waits until it listens.
sub start {
    my ($self) = @_;
    $self->{pid} = background({}, "$self->{folder}/out", program(), '-c',
        "$self->{folder}/conf", '-e', "$self->{folder}/log");
    wait_for { eval { $self->client } } 20;
    return $self;
}

# Kills it with its workers.
sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill KILL => -$pid;
    return put_down($pid);
}

END {
    if ($$ == $owner) {
        local $?;
        $_->stop for @caches;
    }
}

1;
