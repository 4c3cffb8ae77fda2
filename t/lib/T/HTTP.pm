# SPDX-License-Identifier: Apache-2.0
# An HTTP client that sends exactly the bytes it is given.
package T::HTTP;

use strict;
use warnings;
use Carp qw(croak);
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

$SIG{PIPE} = 'IGNORE';

# Connects to a port of this host. Options: timeout (seconds, 30, as an answer
# may be long in coming on a busy machine).
sub new {
    my ($class, $port, %o) = @_;
    my $socket = IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp',
        Timeout  => 20,
    ) or croak "connect to port $port: $!";
    binmode $socket;
    return bless { socket => $socket, buffer => '',
        timeout => $o{timeout} // 30 },
        $class;
}

# Sends them all; false when the server has closed.
sub send_bytes {
    my ($self, @bytes) = @_;
    my $bytes = join '', @bytes;
    while (length $bytes) {
        my $n = syswrite $self->{socket}, $bytes or return 0;
        substr $bytes, 0, $n, '';
    }
    return 1;
}

# No more will be sent; the server can still answer.
sub finish_sending { return shutdown $_[0]{socket}, 1 }

# Closes with a reset, as a client that is killed does.
sub abort {
    my ($self) = @_;
    setsockopt $self->{socket}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    return close $self->{socket};
}

# Reads what comes until the deadline; how many, 0 at the end.
sub fill {
    my ($self, $deadline) = @_;
    my $wait = $deadline - time;
    return 0 if $wait <= 0;
    return 0 unless IO::Select->new($self->{socket})->can_read($wait);
    return sysread $self->{socket}, $self->{buffer}, 65536,
        length $self->{buffer};
}

# The next response: status, reason, headers (names in lower case; repeated ones
# joined by ", "), body, interim (statuses of 1xx before it). undef when the
# server closes or is silent.
sub response {
    my ($self, $method) = @_;
    my $deadline = time + $self->{timeout};
    my @interim;
    while (1) {
        until ($self->{buffer} =~ /\r\n\r\n/) {
            $self->fill($deadline) or return;
        }
        my ($head, $rest) = split /\r\n\r\n/, $self->{buffer}, 2;
        $self->{buffer} = $rest;
        my ($line, @lines) = split /\r\n/, $head;
        my ($status, $reason) = $line =~ m{^HTTP/1\.[01] (\d{3}) ?(.*)}
            or return { status => 0, reason => $line, headers => {} };
        if ($status < 200) { push @interim, $status; next }
        my %headers;
        for (@lines) {
            my ($name, $value) = /^([^:]+):\s*(.*?)\s*$/ or next;
            $name = lc $name;
            $headers{$name} =
                exists $headers{$name} ? "$headers{$name}, $value" : $value;
        }
        my $answer = {
            status  => $status, reason => $reason, headers => \%headers,
            interim => \@interim, head => $head,
        };
        $answer->{body} =
              ($method // '') eq 'HEAD' || $status == 304 || $status == 204
            ? '' : $self->body(\%headers, $deadline);
        return $answer;
    }
}

# The body that belongs to these headers.
sub body {
    my ($self, $headers, $deadline) = @_;
    if (($headers->{'transfer-encoding'} // '') =~ /chunked/i) {
        my $body = '';
        while (1) {
            until ($self->{buffer} =~ /\r\n/) {
                $self->fill($deadline) or return $body;
            }
            $self->{buffer} =~ s/^([0-9a-fA-F]+)[^\r\n]*\r\n// or return $body;
            my $size = hex $1;
            $self->need($size + 2, $deadline) or return $body;
            $body .= substr $self->{buffer}, 0, $size, '';
            substr $self->{buffer}, 0, 2, '';
            return $body unless $size;
        }
    }
    if (defined(my $length = $headers->{'content-length'})) {
        $self->need($length, $deadline);
        return substr $self->{buffer}, 0, $length, '';
    }
    1 while $self->fill($deadline);
    my $body = $self->{buffer};
    $self->{buffer} = '';
    return $body;
}

# Reads until so many are there; false when they do not come.
sub need {
    my ($self, $bytes, $deadline) = @_;
    while (length $self->{buffer} < $bytes) { $self->fill($deadline)
        or return 0 }
    return 1;
}

# The bytes of a request. Options: headers (list of lines), body, chunked
# (sizes of the chunks to cut the body into), host, version.
sub bytes {
    my ($method, $target, %o) = @_;
    my @lines = ("$method $target HTTP/" . ($o{version} // '1.1'),
        'Host: ' . ($o{host} // 'localhost'), @{ $o{headers} // [] });
    my $body = $o{body} // '';
    if ($o{chunked}) {
        push @lines, 'Transfer-Encoding: chunked';
        my ($rest, $cut) = ($body, '');
        for my $size (@{ $o{chunked} }) {
            my $chunk = substr $rest, 0, $size, '';
            $cut .= sprintf "%x\r\n%s\r\n", length $chunk, $chunk;
        }
        $cut .= sprintf "%x\r\n%s\r\n", length $rest, $rest if length $rest;
        $body = "${cut}0\r\n\r\n";
    }
    elsif (defined $o{body}) { push @lines, 'Content-Length: ' . length $body }
    return join("\r\n", @lines) . "\r\n\r\n$body";
}

# Sends one request on this connection and reads its answer.
sub request {
    my ($self, $method, $target, %o) = @_;
    $self->send_bytes(bytes($method, $target, %o));
    return $self->response($method);
}

1;
