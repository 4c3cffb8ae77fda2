# SPDX-License-Identifier: Apache-2.0
# A revocation that is changed afterwards: whatever the row says now is in the
# next answer, though signed answers are kept and sent again.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use T::PKI;
use T::Server;

my @cache = has_module('socache_shmcb')
    ? (modules => ['socache_shmcb'],
       head => "OCSPResponderCache shmcb:\@ROOT\@/run/ocsp-cache(512000)\n")
    : ();
my $head = $cache[3] // '';
my $server = T::Server->new(@cache[0, 1], conf => <<"CONF");
$head<Location "/ocsp/">
    \@responder root\@
    OCSPResponderMaxCertIDs 200
    OCSPResponderMaxRequest 65536
</Location>
CONF
$server->start;

my $tag = 'root-good-2';

sub row {
    my ($set) = @_;
    $server->sql("UPDATE django_ca_certificate SET $set"
        . " WHERE serial='@{[cert($tag)->{serial_stored}]}'");
    return;
}

# What is said now, by GET and by POST, each of them twice: anew and reused.
sub says {
    my ($name, $status, $since, $reason) = @_;
    my $request = request_for($tag);
    for my $how (qw(get post get post)) {
        my $answer = $server->$how('/ocsp/', $request);
        my $single = $answer->{single} // {};
        is join(' ', map { $_ // '-' } $answer->{says}, $single->{revoked_text},
            $single->{reason}), "$status $since $reason", "$name, by $how";
    }
    return;
}

note 'case 58: what is changed later';
says('before', 'good', '-', '-');
row("revoked=1, revoked_date='2024-05-06 07:08:09', revoked_reason=''");
says('revoked', 'revoked', '20240506070809Z', '-');
row("revoked_date='2024-01-02 03:04:05'");
says('the date is moved back', 'revoked', '20240102030405Z', '-');
row("revoked_reason='key_compromise'");
says('the reason is changed', 'revoked', '20240102030405Z', '1');
row("revoked_reason='certificate_hold'");
says('to a hold', 'revoked', '20240102030405Z', '6');
row("revoked=0, revoked_date=NULL, revoked_reason=''");
says('the hold is lifted', 'good', '-', '-');
row("revoked=1, revoked_date='2024-01-02 03:04:05',"
    . " revoked_reason='certificate_hold'");
says('the same hold again', 'revoked', '20240102030405Z', '6');

note 'case 52: a hold that is set and lifted, with the date of what was kept';
sub says_since {
    my ($date) = @_;
    return $server->get('/ocsp/', request_for($tag),
        headers => ["If-Modified-Since: $date"]);
}
row("revoked=0, revoked_date=NULL, revoked_reason=''");
my $kept = $server->get('/ocsp/', request_for($tag));
is $kept->{says}, 'good', 'good';
for my $says (qw(revoked good)) {
    row($says eq 'good' ? "revoked=0, revoked_date=NULL, revoked_reason=''"
        : "revoked=1, revoked_date='2024-01-02 03:04:05',"
            . " revoked_reason='certificate_hold'");
    $kept = says_since($kept->{headers}{'last-modified'});
    is $kept->{says}, $says, "then $says";
}

note 'case 56: a row that changes all the time, in two hundred CertIDs of one';
my $flipping = fork // die $!;
if (!$flipping) {
    my ($n, $parent) = (0, getppid);
    # It ends between two changes: one whose process it left alone would be made
    # behind the next of the test's.
    my $ends;
    local $SIG{TERM} = sub { $ends = 1 };
    eval { row($n++ % 2 ? "revoked=0, revoked_date=NULL, revoked_reason=''"
        : "revoked=1, revoked_date='2024-01-02 03:04:05',"
            . " revoked_reason='superseded'")
        while !$ends && getppid == $parent; 1 };
    POSIX::_exit(0);
}
my (%seen, @mixed);
my $many = ocsp_request([map { certid_of($tag) } 1 .. 200]);
wait_for {
    my $answer = $server->post('/ocsp/', $many);
    my %said   = map { $_ => 1 } split /,/, $answer->{says};
    push @mixed, join ' ', sort keys %said if keys %said > 1;
    $seen{$_}++ for keys %said;
    ($seen{good} // 0) > 20 && ($seen{revoked} // 0) > 20;
} 120;
kill TERM => $flipping;
waitpid $flipping, 0;
cmp_ok $seen{$_} // 0, '>', 20, "it is $_ at times" for qw(good revoked);
is "@mixed", '', 'no answer says both';
row("revoked=0, revoked_date=NULL, revoked_reason=''");

note 'case 57: what lies ahead is cut once, not anew each second';
row("revoked=1, revoked_date='2049-12-31 23:59:59', revoked_reason=''");
my $first = $server->get('/ocsp/', request_for($tag));
my $produced = $first->{response}{produced_at};
is $first->{single}{revoked_at}, $produced, 'revoked as it is produced';
SKIP: {
    skip 'no mod_socache_shmcb', 1 unless @cache;
    wait_for { time > $produced + 1 } 5;
    my $next = $server->get('/ocsp/', request_for($tag));
    is $next->{single}{revoked_at}, $produced, 'and still, when sent again';
}
row("revoked=0, revoked_date=NULL, revoked_reason=''");
$server->allow_log('OCSP0304');
says('no longer', 'good', '-', '-');

finish;
