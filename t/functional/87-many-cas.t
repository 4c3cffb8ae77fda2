# SPDX-License-Identifier: Apache-2.0
# Ten thousand CAs in one database.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::PKI::Responder;
use T::Server;
use Time::HiRes qw(time);

ask_once;

my $CAS    = 'django_ca_certificateauthority';
my $COUNT  = 10_000;
my $work   = folder();
my $conf   = "    OCSPResponderCA *\n    OCSPResponderStorage "
    . new_storage($work) . "\n";
open_up($work);

sub places {
    return join '', map { qq(<Location "/$_/">\n$conf</Location>\n) } @_;
}

# Made out of inter's certificate: its serial and subject are other ones, and
# nobody looks at the signature of a CA's own certificate.
sub fill {
    my ($server) = @_;
    my ($pub, $cn) = split /\|/, $server->sql(
        "SELECT hex(pub), hex(cn) FROM $CAS WHERE name = 'inter'");
    my $serial = uc ca('inter')->{serial};
    my $sql = "BEGIN; CREATE TEMP TABLE t AS SELECT * FROM $CAS"
        . " WHERE name = 'inter';\n";
    for my $i (1 .. $COUNT) {
        my $new  = sprintf '%s%0*X', '5A', length($serial) - 2, $i;
        my $made = $pub;
        substr $made, index($made, $serial), length $serial, $new;
        substr $made, rindex($made, $cn), 8,
            uc unpack 'H8', sprintf '%04X', $i;
        $sql .= "UPDATE t SET id = 1000 + $i, serial = '$new', name = 'n$i',"
            . " pub = x'$made'; INSERT INTO $CAS SELECT * FROM t;\n";
    }
    my $file = scratch_file("${sql}COMMIT;\n");
    return $server->sql(".read $file");
}

# Kilobytes, at most and now, and seconds of the processor's.
sub memory { return slurp("/proc/$_[0]/status") =~ /VmHWM:\s+(\d+)/ ? $1 : 0 }
sub now { return slurp("/proc/$_[0]/status") =~ /VmRSS:\s+(\d+)/ ? $1 : 0 }

sub seconds {
    my @fields = split ' ', slurp("/proc/$_[0]/stat") =~ s/.*\) //r;
    return ($fields[11] + $fields[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

sub started {
    my (@places) = @_;
    my $server = T::Server->new(conf => places(@places));
    fill($server);
    return $server->allow_log('OCSP0201')->start;
}

note 'case 64: one location';
my $server = started('ocsp');
is $server->sql("SELECT count(*) > $COUNT FROM $CAS"), 1, 'they are there';
my ($pid)  = $server->children;
my $before = seconds($pid);
# On a machine that is busy with other things it takes longer.
wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 20;
is $server->says('/ocsp/', 'root-good-1'), 'good', 'one of them answers';
cmp_ok seconds($pid) - $before, '<', 2,
    'for less than two seconds of the processor';
is $server->says('/ocsp/', 'inter-good-1'), 'good', 'and another';
my $digest = request_for('ec-good-1', digest => 'sha512');
wait_for { $server->get('/ocsp/', $digest)->{says} eq 'good' } 20;
is $server->get('/ocsp/', $digest)->{says}, 'good', 'by another hash';
my $alone = memory($pid);
cmp_ok $alone, '<', $ENV{SAN_PRELOAD} ? 400_000 : 80_000,
    'in 80 MB at most, without a sanitizer';
if (!$ENV{SAN_PRELOAD}) {
    wait_for { now($pid) < 40_000 } 5;
    cmp_ok now($pid), '<', 40_000, '  and 40 once they are listed';
}

note '  and after a graceful restart';
ok $server->graceful, 'it restarts';
my $anew;
ok((wait_for { ($anew) = grep { $_ != $pid } $server->children } 20),
    'with a new child');
$before = seconds($anew);
my $since = time;
wait_for { $server->says('/ocsp/', 'root-good-1') eq 'good' } 20;
takes_less time - $since, 2, '  answers within two seconds';
cmp_ok seconds($anew) - $before, '<', 2,
    '  for less than two seconds of the processor, too';
is $server->says('/ocsp/', 'inter-good-1'), 'good', '  for another CA, too';

note 'twenty locations share the one set';
my @names = map { "place$_" } 1 .. 20;
my $many  = started(@names);
my ($shared) = $many->children;
wait_for { $many->says('/place1/', 'root-good-1') eq 'good' } 20;
my $one = memory($shared);
is $many->says("/$_/", 'root-good-1'), 'good', $_ for @names;
cmp_ok memory($shared) - $one, '<', 10_000, 'which takes no more memory';

finish;
