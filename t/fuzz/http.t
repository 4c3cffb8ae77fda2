# SPDX-License-Identifier: Apache-2.0
# Whole HTTP streams against httpd with the module: GET and POST, headers,
# chunks, pipelines. Each file of the corpus is what one client sends before it
# stops sending. Whatever it is, the process lives on, what comes back is HTTP,
# and good is said of good certificates alone.
#
#   FUZZ_SECONDS=600 FUZZ_CORPUS=folder …    searches for so long: streams that
#                                            are answered in a new way are kept
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use Digest::SHA qw(sha1_hex);
use List::Util qw(shuffle);
use T::Server;
use Time::HiRes qw(time);

use Mutation;

my $SECONDS = $ENV{FUZZ_SECONDS} // 0;
my $KEPT    = $ENV{FUZZ_CORPUS};
my $seeds   = top_dir() . '/t/fuzz/corpus/http';

my $server = T::Server->new(mpm => 'worker', threads => 2,
    modules  => ['socache_shmcb', 'authz_host'],
    loglevel => 'warn ocsp_responder:debug', conf => <<'CONF')->start;
Timeout 2
<Location "/ocsp/">
    @responder ec@
</Location>
<Location "/strict/">
    @responder ec@
    OCSPResponderUnknown unauthorized
    OCSPResponderMaxRequest 256
    OCSPResponderMaxCertIDs 1
    OCSPResponderNonce off
</Location>
<Location "/direct/">
    OCSPResponderCA ec
    OCSPResponderKey @ec.ca_key@
    OCSPResponderCert @ec.pem@
    OCSPResponderUnknown revoked
    OCSPResponderCertHash on
    OCSPResponderDualCertID on
</Location>
<Location "/status/">
    SetHandler ocsp-responder-status
    Require local
</Location>
CONF
my $log;
my @children = $server->children;

# -- what may be said ----------------------------------------------------------

# Every CertID of a good certificate begins with an algorithm of the client's
# choice, but ends in its hashes and serial.
my %is_good = map {
    my $tag = $_;
    map { certid_end(certid_of($tag, digest => $_)) => 1 }
        qw(sha1 sha256 sha384 sha512 sha3-224 sha3-256 sha3-384 sha3-512);
} grep { cert($_)->{issuer} eq 'ec' && cert($_)->{status} eq 'good' }
    cert_tags();

sub certid_end {
    my (undef, @rest) = der($_[0])->inside;
    return join '', map { $_->{der} } @rest;
}

# What is wrong with an OCSP response; '' when nothing is.
sub fault_of {
    my ($body) = @_;
    my $says = eval { ocsp_status($body) } // return 'no OCSP response';
    return '' if $says ne 'successful';
    my $response = eval { read_response($body) } // return "not DER: $@";
    for my $single (@{ $response->{singles} }) {
        return 'good of what is not' if $single->{status} eq 'good'
            && !$is_good{ certid_end($single->{certid}) };
    }
    return '';
}

# -- one stream ----------------------------------------------------------------

# Sends it; what is answered, each way once, and what is wrong.
sub answers_to {
    my ($bytes) = @_;
    my $client = $server->client(timeout => 8);
    $client->send_bytes($bytes);
    $client->finish_sending;
    my (@says, $fault);
    # Behind the answer to a HEAD, which looks as if it had a body, it is no
    # longer known where one begins.
    my $has_head = $bytes =~ /HEAD/;
    while (my $answer = $client->response) {
        my $type = $answer->{headers}{'content-type'} // '';
        push @says, read_answer($answer)->{says};
        $fault //= "no status: $answer->{reason}"
            unless $answer->{status} || $has_head;
        $fault ||= fault_of($answer->{body})
            if $type eq 'application/ocsp-response'
            && $answer->{body} =~ /^\x30/;
        last if $fault || !$answer->{status};
    }
    my %says = map { $_ => 1 } @says;
    return (join(' ', sort keys %says), $fault // '');
}

# Why requests were refused since, as the log says, and what else it tells of
# them; without what differs each time.
sub reasons {
    my %told;
    open $log, '<', "$server->{root}/logs/error_log" or die $! unless $log;
    seek $log, 0, 1;
    while (<$log>) {
        /((?:malformedRequest|unauthorized): .*|OCSP\d{4}|AH\d{5})/ or next;
        $told{ $1 =~ s/[0-9A-F]{8,}|\d+ /#/gr } = 1;
    }
    return join ' ', sort keys %told;
}

# Whether no child process has died.
sub is_the_same_process {
    my @now = $server->children;
    return "@now" eq "@children";
}

# What came of a stream: how it is answered, and what is wrong with that.
sub try_stream {
    my ($bytes) = @_;
    reasons();
    my ($says, $fault) = answers_to($bytes);
    $fault ||= 'the process died' unless is_the_same_process();
    return ("$says: " . reasons(), $fault);
}

# -- all of them ---------------------------------------------------------------

my (%corpus, %known);
for my $file (map { glob "$_/*" } grep { defined } $seeds, $KEPT) {
    my $bytes = slurp($file);
    my ($way, $fault) = try_stream($bytes);
    is $fault, '', 'corpus/http/' . $file =~ s{.*/}{}r;
    $known{$way} = 1;
    $corpus{ sha1_hex($bytes) } = $bytes;
}
cmp_ok scalar keys %corpus, '>', 20, 'there is a corpus';
cmp_ok scalar keys %known,  '>', 20, '  answered in many ways';

sub search {
    my ($until, $tried, $new) = (time + $SECONDS, 0, 0);
    while (time < $until) {
        my @all = shuffle values %corpus;
        for my $bytes (@all[0 .. ($#all < 40 ? $#all : 40)]) {
            my $next = mutate($bytes, @all);
            my ($way, $fault) = try_stream($next);
            $tried++;
            if ($fault) {
                my $kept = spew("$KEPT/../failure-http-" . sha1_hex($next),
                    $next);
                return fail("$fault: $kept");
            }
            next if $known{$way}++;
            $corpus{ sha1_hex($next) } = $next;
            spew("$KEPT/" . sha1_hex($next), $next);
            $new++;
        }
    }
    return diag "    tried: $tried, $new kept, " . keys(%corpus) . ' in all';
}

search() if $SECONDS && $KEPT;
# What httpd says of bad HTTP is its own; not that a process died.
$server->allow_log(grep { !/AH0005[12]/ } $server->error_log =~ /(AH\d{5}):/g);
finish;
