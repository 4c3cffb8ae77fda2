# SPDX-License-Identifier: Apache-2.0
# An answer from an index.txt costs no system call of the source's: the thread
# that answers does what httpd does with a connection, and nothing else, also
# while the file changes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy qw(copy);
use T::PKI::Responder;
use T::Server;

use constant ANSWERS => 40;

plan(skip_all => 'a sanitizer has calls of its own') if $ENV{SAN_PRELOAD};
plan(skip_all => 'no mod_mpm_prefork') unless has_module('mpm_prefork');
plan(skip_all => 'strace is not installed') if (run('strace', '-V'))[0];

my $folder = folder();
my $index  = "$folder/index.txt";
copy(top_dir() . '/t/fixtures/openssl-index/index.txt', $index) or die $!;
open_up($folder);
# One process, whose first thread answers.
my $server = T::Server->new(mpm => 'prefork', db => 0, dbd => 0,
    conf => <<"CONF")->start;
StartServers 1
MinSpareServers 1
MaxSpareServers 1
<Location "/ocsp/">
    \@responder root: index $index\@
</Location>
CONF
my $client = $server->client;

sub says {
    my ($serial) = @_;
    my $answer = $client->request('POST', '/ocsp/',
        body => ocsp_request([certid('root', $serial)]));
    return T::OCSP::Client::read_answer($answer)->{says};
}

is says('00'), 'good', 'an answer';
my ($pid) = $server->children;
my $trace = "$server->{root}/trace";
my $tracer = background({}, "$server->{root}/strace.log", 'strace', '-f', '-y',
    '-o', $trace, '-p', $pid);
my $log = sub { return -e $trace ? slurp($trace) : '' };
my $attached = wait_for {
    says('00');
    $log->() =~ /^$pid\s+writev\(/m || waitpid $tracer, POSIX::WNOHANG;
} 20;
plan(skip_all => 'strace may not look at processes here')
    unless $attached && $log->() =~ /^$pid\s+writev\(/m;

is_deeply [map { says('00') } 1 .. ANSWERS], [('good') x ANSWERS], 'many';
my $rows = slurp($index);
spew("$index.new", $rows, join("\t", 'V', '391225202502Z', '', 'C0FFEE',
    'unknown', '/CN=x'), "\n");
chmod 0644, "$index.new";
rename "$index.new", $index or die $!;
ok wait_for(sub { says('C0FFEE') eq 'good' }, 20), 'a row more';
kill INT => $tracer;
waitpid $tracer, 0;

my @calls = $log->() =~ /^$pid\s+(\w+\(.*)/mg;
my $answers = grep { /^writev\(\d+<socket:/ } @calls;
cmp_ok $answers, '>', ANSWERS, "$answers answers";
# What names no file is httpd's connection, OpenSSL's when it signs, or memory
# and locks, which all threads share: that one waits for them is rare. So is
# that it starts a thread, for what is due once in a while.
my $of_httpd = qr/^(?:\w+\(\[?(?:\{fd=)?\d+<(?:socket|TCP|pipe|anon_inode)
    |write\(\d+<[^>]*access_log>|restart_syscall\(|getpid\(\)|getrandom\(
    |times\(|clock_gettime\(|brk\(|mmap\(NULL,.*MAP_ANONYMOUS|munmap\(
    |madvise\(|mprotect\(|futex\(|clone3?\(|rt_sigprocmask\()/x;
is join("\n", grep { !/$of_httpd/ || /index\.txt/ } @calls), '',
    '  no call but for the connection and the access log';
my @shared = grep { /^(?:brk|m\w+|futex|clone3?)\(/ } @calls;
cmp_ok scalar @shared, '<', $answers / 4,
    '  memory, locks, threads: hardly ever'
    or diag explain \@shared;
my @of_source = $log->() =~ /^(?!$pid\b)\d+\s+\w+\(.*index\.txt/mg;
cmp_ok scalar @of_source, '>', 0, '  and another thread looks at the file';

finish;
