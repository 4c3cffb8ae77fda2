# SPDX-License-Identifier: Apache-2.0
# make torture: calls fail while a child process follows what changes: a new
# key, a key of django-ca's, a row of index.txt, a CRL. It lives on, says what
# was right or what is, tryLater or internalError, and what is right as soon as
# nothing fails any more.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use T::DER;
use T::PKI;
use T::PKI::CRL;
use T::PKI::Responder;
use T::Server;

ask_once;

use Torture;

my $why_not = Torture::why_not();
plan skip_all => $why_not if $why_not;

Torture::in_parts(6);

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

# The same by one that ec lets sign CRLs, which is among the files.
my $signer_key = make_key('p256');
my $signer = make_cert(key => $signer_key, cn => 'CRL signer',
    issuer => { pem => $ec->{pem}, key => $ec->{ca_key} }, extensions =>
        ['basicConstraints=CA:FALSE', 'keyUsage=critical,cRLSign']);
sub indirect_crl_text {
    my ($is_revoked) = @_;
    my %of_ec = (issuer => $ec->{pem});
    return crl_pem(by => { pem => $signer, key => $signer_key }, kind => 'ec',
        number => ++$crl_number, end => 86_400, scope => implicit(4, "\xff"),
        entries => [['5EEE', \%of_ec], $is_revoked ? ['5EED', \%of_ec] : ()])
        . slurp($signer);
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
    return Torture::said($server, sub {
        my $answer =
            $server->post($path, request_for('ec-good-1', nonce => 'n'));
        return $answer->{says} eq 'good' ? signed_by($answer) : $answer->{says};
    });
}

sub says_at {
    my ($path) = @_;
    my $der = ocsp_request([certid('ec', '5EED')]);
    return Torture::said($server, sub { $server->post($path, $der)->{says} });
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
    ['an indirect CRL',
        sub { replace("$folder/indirect", indirect_crl_text($_[0])) },
        sub { says_at('/indirect/') }, 'unknown', 'revoked'],
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
<Location "/indirect/">
    OCSPResponderCA *
    OCSPResponderKey \@ec.key\@
    OCSPResponderCert \@ec.cert\@
    OCSPResponderSource crl $folder/indirect \@ec.pem\@
</Location>
<Location "/all/">
    OCSPResponderCA *
    OCSPResponderStorage "$storage"
</Location>
CONF
set_pair(0);
replace("$folder/index", index_row(0));
replace("$folder/crl", crl_text(0));
replace("$folder/indirect", indirect_crl_text(0));
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
    my $name = $change->[0];
    my $i    = 0;
    ok +(follow($change, $_, 15))[0], "$name is followed"
        or diag $server->error_log
        for 1, 0;
    my $failed = $torture->each_place($name, sub {
        $i = 1 - $i;
        my (undef, @odd) = follow($change, $i, 1.5);
        $torture->disarm;
        my ($well) = follow($change, $i, 20);
        push @odd, 'it is not followed ever after' unless $well;
        push @odd, 'a process crashed' if $torture->has_crashed;
        push @odd, 'the process died'
            if join(' ', $server->children) ne $torture->{pid};
        $torture->watch($server);
        return @odd;
    });
    is $torture->told, '', "  $failed calls fail";
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

# One is killed, and the next begins, maybe with calls that fail; what is wrong.
sub begin_child {
    my ($old) = $server->children;
    kill KILL => $old;
    my @new;
    wait_for { @new = $server->children; @new == 1 && $new[0] != $old } 20;
    my @odd = odd_answers([qw(tryLater internalError)]);
    $torture->disarm;
    wait_for { @new = $server->children; @new == 1 } 10;
    my $well = wait_for { !odd_answers([]) } 30;
    push @odd, 'ever after: ' . join ', ', odd_answers([]) unless $well;
    push @odd, 'a process crashed' if $torture->has_crashed;
    push @odd, 'the process died' if "@{[$server->children]}" ne "@new";
    return @odd;
}

sub torture_child {
    follow($_, 0, 20) for @changes;
    $torture->{pid} = 0;
    my $failed = $torture->each_place('a new child', \&begin_child);
    is $torture->told, '', "a new child: $failed calls fail";
    return;
}

torture_change($_) for @changes;
torture_child();
$server->stop;
Test::More::done_testing();
