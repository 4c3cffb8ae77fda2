# SPDX-License-Identifier: Apache-2.0
# httpd -t on a configuration with many locations: what they share is looked at
# once, and what hangs hides nothing else.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use IO::Socket::INET;
use T::PKI;
use T::PKI::Responder;

my $work  = folder();
my @pairs = map { make_pair($work, 'root') } 1 .. 5;
my $root  = ca('root')->{serial};

# So many locations; the first with another serial.
sub locations {
    my ($count, $first) = @_;
    return join '', map {
        my $pair = $pairs[$_ % @pairs];
        my $ca = $_ == 1 && $first ? $first : $root;
        <<"CONF" } 1 .. $count;
<Location "/ocsp/$_/">
    OCSPResponderCA $ca
    OCSPResponderKey $pair->{key}
    OCSPResponderCert $pair->{pem}
</Location>
CONF
}

# What httpd -t says of it, and what processor time that takes in seconds.
sub check {
    my ($conf, %o) = @_;
    my $server = T::Server->new(conf => $conf, %o);
    my @before = times;
    my (undef, $text) = $server->configtest;
    my @after = times;
    return ($text, $after[2] + $after[3] - $before[2] - $before[3]);
}

note 'many locations with few keys';
my ($few_text,  $few)  = check(locations(250));
my ($many_text, $many) = check(locations(4000));
is $_, "Syntax OK\n", 'nothing to say' for $few_text, $many_text;
# Quadratic work, or a key that is loaded for each, would show.
cmp_ok $many, '<', ($ENV{SAN_PRELOAD} ? 20 : 4), 'four thousand take little'
    or diag "250: $few s, 4000: $many s";
my $closed = qq(<Location "/">\nRequire all denied\n</Location>\n);
my ($open_text, $open) = check($closed . locations(4000)
    =~ s/(?=<.L)/Require all granted\nSetHandler none\nLimitRequestBody 0\n/gr);
is $open_text, "Syntax OK\n", 'nor where each undoes what stands around it';
cmp_ok $open, '<', $many + ($ENV{SAN_PRELOAD} ? 5 : 0.3), '  which is seen soon'
    or diag "$many s and $open s";
my ($long_text, $long) = check("Timeout 60\n" x 40_000 . locations(4000));
is $long_text, "Syntax OK\n", 'nor where much else is said around them';
cmp_ok $long, '<', 2 * $many + ($ENV{SAN_PRELOAD} ? 5 : 0.5),
    '  which is not looked through for each' or diag "$many s and $long s";
my ($closed_text) = check($closed . locations(4000));
like $closed_text, qr/^OCSP0152: .* on line 4 of \S+ \(and for 3999 more\), /m,
    'a line that keeps all out';
is scalar(() = $closed_text =~ /^OCSP0152/mg), 1, '  is told once';
my ($text) = check(locations(1000, '5EED'));
like $text, qr/Error on line 2 .*5EED/, 'a wrong serial in the first is found';

# A line is written for each location that is looked at, and for each finding.
SKIP: {
    skip 'LeakSanitizer is not to be looked at by strace', 2
        if $ENV{SAN_PRELOAD};
    my $trace = scratch_file('');
    my $server = T::Server->new(conf => locations(200));
    my ($code, $said) = run($server->environment, 'strace', '-f', '-qq', '-e',
        'trace=write', '-o', $trace, $server->command('-t'));
    skip 'strace is not installed, or may not look at processes here', 2
        if $code && $said !~ /Syntax/;
    my %begun = map { $_ => 1 } slurp($trace) =~ /write\(\d+, "(\d+) 0 /g;
    cmp_ok keys %begun, '>', 0, 'some locations are looked at';
    cmp_ok keys %begun, '<=', @pairs, '  those that differ';
}

note 'a database that hangs';
ask_once;
SKIP: {
    skip 'no driver for PostgreSQL', 1
        unless glob '/usr/lib*/apr-util-1/apr_dbd_pgsql.so'
        . ' /usr/lib/*/apr-util-1/apr_dbd_pgsql.so';
    my $silent = IO::Socket::INET->new(
        Listen => 5, LocalAddr => '127.0.0.1') or die $!;
    my $port = $silent->sockport;
    my $host = join '', map { <<"CONF" } 1 .. 3;
<VirtualHost 127.0.0.$_>
    DBDriver pgsql
    DBDParams "host=127.0.0.1 port=$port user=ocsp connect_timeout=30"
    @{[locations(2)]}
</VirtualHost>
CONF
    my ($said) = check($host . locations(1, '5EED'));
    like $said, qr/Warning .*(?:does not answer|takes too long)/, 'is told';
    like $said, qr/Error on line \d+ .*5EED/,
        'and does not hide what is wrong elsewhere';
}

note 'a slow database, and 800 virtual hosts that each have another CA';
must('cc', '-shared', '-fPIC', '-o', "$work/slow.so",
    top_dir() . '/t/lib/slow_sqlite.c', '-ldl');
# The one serial, each time spelled in another way.
sub spelled {
    my ($number) = @_;
    my $bit = 0;
    return $root =~ s{([A-Fa-f])}
        { $number >> $bit++ & 1 ? lc $1 : uc $1 }ger;
}
my $hosts = join '', map {
    my $ca = $_ == 1 ? '5EED01' : $_ == 800 ? '5EED02' : spelled($_);
    <<"CONF" } 1 .. 800;
<VirtualHost *:\@PORT\@>
    ServerName h$_
    <Location "/ocsp/">
        OCSPResponderCA $ca
        OCSPResponderKey $pairs[0]{key}
        OCSPResponderCert $pairs[0]{pem}
    </Location>
</VirtualHost>
CONF
my $began = time;
my ($said) = check($hosts, env => { LD_PRELOAD => "$work/slow.so" });
takes_less time - $began, 25, 'httpd -t ends';
my @named = map { split / / }
    $said =~ /CAs of \d+ locations are not checked,.*on lines ([\d ]+)/g;
my %unseen = map { $_ => 1 } @named;
is scalar @named, scalar keys %unseen, 'what was not looked at is named once';
cmp_ok scalar @named, '>', 300, '  which is most';
my @lines = map { 4 + 8 * $_ } 0 .. 799;
my @seen  = grep { !$unseen{$_} } @lines;
is scalar @named + @seen, 800, '  by the lines of its CAs';
for my $wrong ([4, '5EED01'], [$lines[-1], '5EED02']) {
    my ($line, $ca) = @$wrong;
    like $said, $unseen{$line} ? qr/\b$line\b/
        : qr/Error on line $line .*$ca/, "line $line is told, or named";
}
like $said, qr/Error on line \d+ .*5EED0[12]/, 'one of them was found';
cmp_ok scalar(() = $said =~ /\n/g), '<', 10, 'in few lines';

finish;
