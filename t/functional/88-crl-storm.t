# SPDX-License-Identifier: Apache-2.0
# Files with CRLs that are renamed and written in place again and again, under
# load, on a file system whose reads are interrupted and give less than was
# asked for: no status is wrong, and the last word counts soon.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Time::HiRes qw(sleep time);
use T::PKI;
use T::PKI::CRL;
use T::PKI::Responder;
use T::Server;

ask_once;

my $folder = folder();
my $root   = ca('root');
my @root   = (by => { pem => $root->{pem}, key => $root->{ca_key} });
my $shim   = "$folder/short_reads.so";
plan(skip_all => 'no compiler') if (run($ENV{CC} // 'cc', '-shared', '-fPIC',
    '-o', $shim, top_dir() . '/t/lib/short_reads.c', '-ldl'))[0];

# 0A is revoked in each, 0C in none; 0D in every other, by when it was made.
my @lists = map { my $n = $_; crl_pem(@root, number => $n, start => -600 + $n,
    entries => [['0A', { reason => 1 }], map({ [sprintf '%06X', 0x100000 + $_] }
        1 .. 2_000 + 300 * $n), $n % 2 ? ['0D'] : ()]) } 1 .. 6;
# What of them are parts of one file or several: PEM, PEM behind other things,
# and a delta beside a full CRL.
my %path  = map { ($_ => "$folder/$_.pem") } qw(one behind full delta);
my $delta = crl_pem(@root, number => 99, base => 1, start => -10,
    entries => [['0E', { reason => 4 }]]);
sub replace {
    my ($name, $text) = @_;
    spew("$path{$name}.new", $text);
    chmod 0644, "$path{$name}.new";
    rename "$path{$name}.new", $path{$name} or die $!;
    return;
}
replace('one', $lists[0]);
replace('behind', slurp($root->{pem}) . $lists[0]);
replace('full', $lists[0]);
replace('delta', $delta);
open_up($folder);

my $server = T::Server->new(db => 0, dbd => 0,
    env  => { LD_PRELOAD => $shim, SHORT_READS => $folder },
    conf => join '', map { <<"CONF" }
<Location "/$_->[0]/">
    \@responder root: crl absent=good $_->[1]\@
</Location>
CONF
    ['one', $path{one}], ['behind', $path{behind}],
    ['two', "$path{full} $path{delta}"])->start;
# Whoever puts an older one back is told so.
$server->allow_log(qw(OCSP0203 OCSP0204 OCSP0601 OCSP0605));

sub says {
    my ($path, @serials) = @_;
    return join ' ', map {
        my $answer = $server->get("/$path/",
            ocsp_request([certid('root', $_)]));
        join '', $answer->{says}, grep { defined } $answer->{single}{reason};
    } @serials;
}
is says('one', '0A', '0C'), 'revoked1 good', 'before';
is says('two', '0A', '0C', '0E'), 'revoked1 good revoked4', 'with a delta';

# Writes in place, as who copies over a file does.
sub write_slowly {
    my ($name, $text) = @_;
    open my $out, '>', $path{$name} or die $!;
    $out->autoflush(1);
    for (my $i = 0; $i < length $text; $i += 20_000) {
        print {$out} substr $text, $i, 20_000;
        sleep 0.01;
    }
    close $out;
    return;
}

my $writer = fork // die $!;
if (!$writer) {
    for (my $n = 0; ; $n++) {
        my $list = $lists[$n % @lists];
        my $put  = $n % 3 ? \&replace : \&write_slowly;
        $put->('one', $list);
        $put->('behind', slurp($root->{pem}) . $list);
        $put->('full', $list);
        $put->('delta', $delta);
        sleep 0.02 + ($n % 5 ? 0 : 0.5);
    }
}
my (%heard, %seen);
my $until = time + 6;
while (time < $until) {
    $heard{"one: " . says('one', '0A', '0C')}++;
    $heard{"behind: " . says('behind', '0A', '0C')}++;
    $heard{"two: " . says('two', '0A', '0C', '0E')}++;
    $seen{ says('one', '0D') }++;
}
kill KILL => $writer;
waitpid $writer, 0;
is join('; ', sort keys %heard), 'behind: revoked1 good; one: revoked1 good; '
    . 'two: revoked1 good revoked4', 'no answer is wrong, and none is missing';
is join(' ', sort keys %seen), 'good revoked', 'and new ones are seen';

note 'the last word';
my $last = crl_pem(@root, number => 200, start => -1,
    entries => [['0A', { reason => 1 }], ['0F', { reason => 5 }]]);
replace('one', $last);
replace('behind', slurp($root->{pem}) . $last);
replace('full', $last);
my $since = time;
for my $path (qw(one behind two)) {
    wait_for { says($path, '0F') eq 'revoked5' } 20;
    is says($path, '0A', '0C', '0F'), 'revoked1 good revoked5', $path;
}
note sprintf 'after %.2f seconds', time - $since;

finish;
