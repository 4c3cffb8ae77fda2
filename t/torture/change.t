# SPDX-License-Identifier: Apache-2.0
# make torture: calls fail while a child process follows what changes: a new
# key, a key of django-ca's, a row of index.txt, a CRL. It lives on, says what
# was right or what is, tryLater or internalError, and what is right as soon as
# nothing fails any more.
#
#   TORTURE_COUNT=400    so many calls in all (80), spread evenly
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::PKI;
use T::PKI::Responder;
use T::Server;

ask_once;

use Torture;

my $COUNT = $ENV{TORTURE_COUNT} || 80;

my $why_not = Torture::why_not();
plan skip_all => $why_not if $why_not;

my $folder  = folder();
my $storage = new_storage($folder);
my $ec      = ca('ec');

# -- what changes --------------------------------------------------------------

# Replaces a file at once.
sub replace {
    my ($file, $text) = @_;
    spew("$file.new", $text);
    chmod 0644, "$file.new";
    rename "$file.new", $file or die $!;
    return;
}

sub index_row {
    my ($is_revoked) = @_;
    return join("\t", $is_revoked ? 'R' : 'V', '391225202502Z',
        $is_revoked ? '240102030405Z' : '', '5EED', 'unknown', '/CN=x') . "\n";
}

# A CRL of ec's that has the serial 5EED or not.
my $crl_number = 0;
sub crl_text {
    my ($is_revoked) = @_;
    my $work = folder();
    spew("$work/index",  $is_revoked ? index_row(1) : '');
    spew("$work/number", sprintf "%04X\n", ++$crl_number);
    spew("$work/cnf", "[ca]\ndefault_ca = d\n[d]\ndatabase = $work/index\n"
        . "crlnumber = $work/number\ndefault_md = sha256\n"
        . "default_crl_days = 9\n");
    return must('openssl', 'ca', '-gencrl', '-config', "$work/cnf", '-cert',
        $ec->{pem}, '-keyfile', $ec->{ca_key});
}

my @pairs = (map { [slurp($_->{key}), slurp($_->{pem}), $_->{serial}] }
    map { make_pair($folder, 'ec') } 1, 2);

sub set_pair {
    my ($i) = @_;
    replace("$folder/key", $pairs[$i][0]);
    replace("$folder/cert", $pairs[$i][1]);
    return;
}

my $server;

sub signer_at {
    my ($path) = @_;
    my $answer = $server->post($path, request_for('ec-good-1', nonce => 'n'));
    return $answer->{says} eq 'good' ? signed_by($answer) : $answer->{says};
}

sub says_at {
    my ($path) = @_;
    return $server->post($path, ocsp_request([certid('ec', '5EED')]))->{says};
}

# What each is called, how it is changed to the one or the other, and what is
# said then.
my @changes = (
    ['a new key', \&set_pair, sub { signer_at('/files/') },
        map { $_->[2] } @pairs],
    ['a row of index.txt', sub { replace("$folder/index", index_row($_[0])) },
        sub { says_at('/index/') }, 'good', 'revoked'],
    ['a CRL', sub { replace("$folder/crl", crl_text($_[0])) },
        sub { says_at('/crl/') }, 'unknown', 'revoked'],
    ['a key in the database', sub {
        my $pair = $_[0] ? $pairs[1] : $pairs[0];
        $server->sql(options_sql('ec', pair_json(
            { key => scratch_file($pair->[0]) }, scratch_file($pair->[1]))));
    }, sub { signer_at('/all/') }, map { $_->[2] } @pairs],
);

# -- the server ----------------------------------------------------------------

my $torture = Torture->new;
$server = T::Server->new(mpm => 'worker', threads => 2, env => $torture->env,
    conf => <<"CONF");
<Location "/files/">
    OCSPResponderCA \@ec.serial\@
    OCSPResponderKey $folder/key
    OCSPResponderCert $folder/cert
</Location>
<Location "/index/">
    OCSPResponderCA \@ec.pem\@
    OCSPResponderKey \@ec.key\@
    OCSPResponderCert \@ec.cert\@
    OCSPResponderSource index $folder/index
</Location>
<Location "/crl/">
    OCSPResponderCA \@ec.pem\@
    OCSPResponderKey \@ec.key\@
    OCSPResponderCert \@ec.cert\@
    OCSPResponderSource crl $folder/crl
</Location>
<Location "/all/">
    OCSPResponderCA *
    OCSPResponderStorage "$storage"
</Location>
CONF
set_pair(0);
replace("$folder/index", index_row(0));
replace("$folder/crl", crl_text(0));
open_up($folder);
$server->start;
$torture->watch($server);

# -- the calls -----------------------------------------------------------------

# Changes it to the one or the other and asks until that is said, or for so many
# seconds; what is wrong.
sub follow {
    my ($change, $i, $seconds, @may) = @_;
    my (undef, $set, $ask, @right) = @$change;
    my (@wrong, $says);
    $set->($i);
    wait_for {
        $says = $ask->();
        push @wrong, $says
            unless grep { $says eq $_ } @right, qw(tryLater internalError), @may;
        $says eq $right[$i];
    } $seconds;
    return ($says eq $right[$i], @wrong);
}

sub torture_change {
    my ($change) = @_;
    my ($name, undef, undef, @right) = @$change;
    my ($failed, @wrong) = (0);
    my ($well) = follow($change, $_, 15) for 0, 1;
    $torture->arm(Torture::COUNT);
    ($well) = follow($change, 0, 15);
    $torture->disarm;
    my $calls = ($torture->seen)[0];
    ok $well, "$name is followed, with $calls calls"
        or diag $server->error_log;
    my $times = int $COUNT / @changes;
    for my $i (1 .. $times) {
        my $n = 1 + int($calls * ($i - rand) / $times);
        my $mode = $i % 2 ? Torture::ONE : Torture::ALL;
        $torture->arm($mode, $n);
        my (undef, @odd) = follow($change, $i % 2, 1.5);
        $torture->disarm;
        my (undef, $fails, undef, $site) = $torture->seen;
        $failed++ if $fails;
        ($well) = follow($change, $i % 2, 20);
        push @odd, 'it is not followed ever after' unless $well;
        push @odd, 'the process died'
            if join(' ', $server->children) ne $torture->{pid};
        push @wrong, map { "call $n, mode $mode ($site): $_" } @odd;
        $torture->watch($server);
    }
    is join("\n", splice @wrong, 0, 20), '', "  $failed of them fail";
    diag "$name: $calls calls, $failed failed";
    return;
}

# -- a new child process -------------------------------------------------------

# What each location says that is not as it should be.
sub odd_answers {
    my ($may) = @_;
    my @odd;
    for my $change (@changes) {
        my (undef, undef, $ask, @right) = @$change;
        my $says = $ask->();
        push @odd, $says unless grep { $says eq $_ } $right[0], @$may;
    }
    return @odd;
}

# One is killed, and the next begins with calls that fail; what is wrong.
sub begin_child {
    my ($mode, $n) = @_;
    $torture->{pid} = 0;
    $torture->arm($mode, $n);
    my ($old) = $server->children;
    kill KILL => $old;
    wait_for { my @new = $server->children; @new == 1 && $new[0] != $old } 20;
    my @odd = odd_answers([qw(tryLater internalError)]);
    $torture->disarm;
    $torture->watch($server);
    my $pid  = $torture->{pid};
    my $well = wait_for { !odd_answers([]) } 30;
    push @odd, 'ever after: ' . join ', ', odd_answers([]) unless $well;
    push @odd, 'the process died' if "@{[$server->children]}" ne $pid;
    return @odd;
}

sub torture_child {
    follow($_, 0, 20) for @changes;
    my @wrong = begin_child(Torture::COUNT, 0);
    my $calls = ($torture->seen)[0];
    is "@wrong", '', "a child begins with $calls calls";
    my ($failed, $times) = (0, $COUNT / 2);
    for my $i (1 .. $times) {
        my $n    = 1 + int($calls * ($i - rand) / $times);
        my $mode = $i % 2 ? Torture::ONE : Torture::ALL;
        my @odd  = begin_child($mode, $n);
        my (undef, $fails, undef, $site) = $torture->seen;
        $failed++ if $fails;
        push @wrong, map { "call $n, mode $mode ($site): $_" } @odd;
    }
    is join("\n", splice @wrong, 0, 20), '', "  $failed of them fail";
    diag "a new child: $calls calls, $failed failed";
    return;
}

torture_change($_) for @changes;
torture_child();
$server->stop;
Test::More::done_testing();
