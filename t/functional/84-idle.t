# SPDX-License-Identifier: Apache-2.0
# A child process that nobody has asked for a while, as over a weekend, answers
# first with the responder certificate of today: the one before may have
# expired since.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI::Responder;
use T::Server;
use File::Copy qw(copy);

my $faketime = T::Platform::faketime();
plan(skip_all => 'no libfaketime') unless $faketime;
plan(skip_all => 'libfaketime and the sanitizers cannot both come first')
    if $ENV{SAN_PRELOAD};

my $work = folder();
open_up($work);
my $clock = "$work/clock";
my @old = map { make_pair($work, 'root', end => 86_400) } 1, 2;
my @new = map { make_pair($work, 'root') } 1, 2;

sub put {
    my ($from, $to) = @_;
    copy($from, "$to.new") && chmod(0644, "$to.new") && rename "$to.new", $to
        or die "$to: $!";
    return;
}

sub put_pair {
    my ($pair) = @_;
    put($pair->{key}, "$work/now.key");
    put($pair->{pem}, "$work/now.pem");
    return;
}

sub move {
    my ($seconds) = @_;
    spew("$clock.new", sprintf "%+d\n", $seconds);
    chmod 0644, "$clock.new";
    rename "$clock.new", $clock or die $!;
    return;
}

sub json {
    my ($pair) = @_;
    return options_sql('root', pair_json($pair, $pair->{pem}));
}

put_pair($old[0]);
move(0);
my $server = T::Server->new(db => json($old[1]),
    env => { LD_PRELOAD => $faketime, FAKETIME_TIMESTAMP_FILE => $clock,
        FAKETIME_NO_CACHE => 1, FAKETIME_DONT_FAKE_MONOTONIC => 1 },
    conf => <<"CONF")->start;
<Location "/file/">
    OCSPResponderCA root
    OCSPResponderKey "$work/now.key"
    OCSPResponderCert "$work/now.pem"
</Location>
<Location "/auto/">
    OCSPResponderCA root
    OCSPResponderKey auto
    OCSPResponderCert auto
</Location>
CONF

sub says {
    my ($path) = @_;
    my $answer = $server->get($path, request_for('root-good-1'));
    return "$answer->{says} " . signed_by($answer);
}

note 'before its first request';
put_pair($new[0]);
is says('/file/'), "good $new[0]{serial}",
    'the pair that has come since the start';
put_pair($old[0]);
wait_for { says('/file/') eq "good $old[0]{serial}" } within(5);
is says('/auto/'), "good $old[1]{serial}", "django-ca's pair";

note 'after three days';
put_pair($new[0]);
$server->sql(json($new[1]));
move(3 * 86_400);
is says('/file/'), "good $new[0]{serial}", 'the pair of today, out of files';
is says('/auto/'), "good $new[1]{serial}", 'and out of the database';
$server->allow_log(qw(OCSP0504 OCSP0104));

finish;
