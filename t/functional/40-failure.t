# SPDX-License-Identifier: Apache-2.0
# When the database or the files fail, and when they come back.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy qw(copy);
use IPC::Open2;
use T::PKI;
use T::Load;
use T::Server;
use Time::HiRes qw(sleep time);

ask_once;

my $conf = <<'CONF';
<Location "/ocsp/">
    @responder root@
</Location>
CONF
my $server = T::Server->new(conf => $conf)->start;
my $der = request_for('root-good-1');

sub says { return ($_[0] // $server)->get('/ocsp/', $der)->{says} }

# The database is usable again, if not at once then soon, with no restart.
sub heals {
    my ($name, $on) = @_;
    my $since = time;
    wait_for { says($on) eq 'good' } 5;
    is says($on), 'good', $name;
    takes_less time - $since, 3, '  within seconds';
    return;
}

# What /proc knows of the children: open descriptors, and kilobytes in memory.
sub resources {
    my ($on) = @_;
    my ($descriptors, $kilobytes) = (0, 0);
    for my $pid ($on->children) {
        my @open = glob "/proc/$pid/fd/*";
        $descriptors += @open;
        my ($rss) = slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m;
        $kilobytes += $rss // 0;
    }
    return ($descriptors, $kilobytes);
}

# Asks so many times on one connection; the different answers and their number.
sub many {
    my ($on, $times, $request) = @_;
    my $client = $on->client;
    my %says;
    for (1 .. $times) {
        my $answer = $client->request('POST', '/ocsp/', body => $request);
        $says{ read_answer($answer)->{says} }++;
    }
    return \%says;
}

is says(), 'good', 'all is well';

note 'case 44: the database is locked';
my $pid = open2(my $from, my $to, 'sqlite3', '-bail', '-cmd', '.timeout 30000',
    $server->{db});
print $to "BEGIN EXCLUSIVE;\n.print locked\n";
$to->flush;
like scalar <$from>, qr/locked/, 'a writer has an exclusive lock';
for my $which ('the first', 'the second') {
    my $since  = time;
    my $answer = $server->get('/ocsp/', $der);
    is $answer->{says}, 'tryLater', "$which request";
    takes_less time - $since, 2, '  is answered within two seconds';
    like $answer->{headers}{'retry-after'}, qr/^[1-9]\d*$/, '  Retry-After';
    is $answer->{headers}{'cache-control'}, 'no-store', '  not cached';
}
my $since = time;
my $bytes = T::HTTP::bytes('POST', '/ocsp/', body => $der,
    headers => ['Connection: close']);
my $later = sub { return ocsp_status($_[0]) eq 'tryLater' ? '' : 'other' };
my @wrong = load($server->{port}, 40,
    ({ bytes => $bytes, check => $later }) x 200);
is scalar @wrong, 0, 'two hundred more';
takes_less time - $since, 30, '  do not queue up';
print $to "COMMIT;\n.quit\n";
close $to;
waitpid $pid, 0;
heals('the lock is gone');
$server->expect_log('OCSP0203');

note 'case 44: DDL and VACUUM under load';
my $good = sub { $_[0]{says} eq 'good' ? '' : "answered $_[0]{says}" };
# A writer that a busy machine stops while it has the lock keeps it for longer
# than a request may wait: how long each one took at most is known.
my $longest = 0;
sub write_under_load {
    my $began = time;
    $server->sql($_[0]);
    $longest = time - $began if time - $began > $longest;
    return;
}
my $end_load = begin_load($server, $bytes, $good);
for my $n (1 .. 5) {
    my $alter = 'ALTER TABLE django_ca_certificate';
    write_under_load("$alter ADD extra_$n integer");
    write_under_load('VACUUM');
    write_under_load("CREATE TABLE extra_$n (id integer)");
    write_under_load("$alter DROP extra_$n");
    sleep 0.2;
}
my ($sent, @bad) = $end_load->();
cmp_ok $sent, '>', 10, "$sent requests meanwhile";
@bad = grep { $_ ne 'answered tryLater' } @bad if $longest > 1;
is "@bad", '', 'every one answered well';

note 'case 45: a table or a column is missing';
my %broken = (
    'a table' => ['ALTER TABLE django_ca_certificate RENAME TO gone',
                  'ALTER TABLE gone RENAME TO django_ca_certificate'],
    'the table of CAs' => [
        'ALTER TABLE django_ca_certificateauthority RENAME TO gone',
        'ALTER TABLE gone RENAME TO django_ca_certificateauthority'],
    'a column' => ['ALTER TABLE django_ca_certificate RENAME revoked TO gone',
                   'ALTER TABLE django_ca_certificate RENAME gone TO revoked'],
);
for my $what (sort keys %broken) {
    $server->sql($broken{$what}[0]);
    is says(), 'internalError', "$what is missing" for 1 .. 3;
    $server->sql($broken{$what}[1]);
    heals("$what is back");
}
$server->expect_log('OCSP0204');
is $server->most_in_a_minute(qr/OCSP0204:/), 1, 'said once, not each time';

note 'case 45: two rows for one serial';
my $table = 'django_ca_certificate';
my $create = $server->sql("SELECT sql FROM sqlite_master WHERE name='$table'");
(my $loose = $create) =~ s/"$table"/"loose"/;
$loose =~ s/("serial" varchar\(\d+\) NOT NULL) UNIQUE/$1/ or die $create;
my $serial = cert('root-good-2')->{serial_stored};
my $columns = join ', ', grep { $_ ne 'id' }
    split /\n/, $server->sql("SELECT name FROM pragma_table_info('$table')");
$server->sql("BEGIN; $loose; INSERT INTO loose ($columns) SELECT $columns FROM"
    . " $table; DROP TABLE $table; ALTER TABLE loose RENAME TO $table;"
    . " INSERT INTO $table ($columns) SELECT $columns FROM $table"
    . " WHERE serial='$serial'; COMMIT");
is $server->says('/ocsp/', 'root-good-2'), 'internalError', 'twice the same';
$server->sql("UPDATE $table SET revoked=1 WHERE id="
    . "(SELECT max(id) FROM $table)");
is $server->says('/ocsp/', 'root-good-2'), 'internalError', 'good and revoked';
is says(), 'good', 'other serials are answered';

note 'case 44: no file at the start';
my $late = T::Server->new(db => 0, conf => $conf);
chown 0, 0, "$late->{root}/db" unless $>;    # httpd's user must not make one
chmod 0555, "$late->{root}/db";
$late->allow_log(qw(AH00629 AH00632 AH00633 AH00636 AH00639 AH02655 OCSP0203))
    ->expect_log('OCSP0201')->start;
is says($late), 'tryLater', 'no database';
ok !-e $late->{db}, 'and none is made';
my ($descriptors) = resources($late);
is_deeply many($late, 3_000, $der), { tryLater => 3_000 },
    '3000 times the same';
cmp_ok +(resources($late))[0], '<=', $descriptors + 3, 'no descriptor is lost';
chmod 0755, "$late->{root}/db";
$late->make_database;
heals('the file appears', $late);
rename $late->{db}, "$late->{db}.away";
chmod 0555, "$late->{root}/db";
ok $late->graceful, 'a graceful restart without the file does not end httpd';
ok wait_for { says($late) eq 'tryLater' }, '  there is no database again';
chmod 0755, "$late->{root}/db";
rename "$late->{db}.away", $late->{db};
heals('the file is back', $late);

note 'case 44: 10 000 failing requests';
SKIP: {
    skip 'no /proc to look into', 3 unless -e '/proc/self/status';
    $server->sql($broken{'a column'}[0]);
    many($server, 2_000, $der);
    my ($open, $kilobytes) = resources($server);
    is_deeply many($server, 10_000, $der), { internalError => 10_000 },
        'each says internalError';
    my ($open_now, $kilobytes_now) = resources($server);
    cmp_ok $open_now, '<=', $open + 3, 'no descriptor is lost';
    # What is freed under a sanitizer stays in quarantine: it tells nothing.
    cmp_ok $kilobytes_now - $kilobytes, '<', 2_000, 'no memory is lost'
        unless $ENV{SAN_PRELOAD};
    $server->sql($broken{'a column'}[1]);
}
heals('and all is well again');

note 'case 46: key and certificate replaced, graceful restart under load';
my $files = T::Server->new(conf => <<'CONF');
<Location "/ocsp/">
    OCSPResponderCA @root.serial@
    OCSPResponderKey @ROOT@/conf/responder.key
    OCSPResponderCert @ROOT@/conf/responder.pem
</Location>
CONF
my @pair = map { "$files->{root}/conf/responder.$_" } 'key', 'pem';
copy(ca('root')->{key},  $pair[0]);
copy(ca('root')->{cert}, $pair[1]);
chmod 0600, $pair[0];
$files->start;
my $old = $files->get('/ocsp/', $der)->{response}{responder}{key};
my $key = make_key('p256');
my $cert = make_cert(key => $key, cn => 'new', extensions =>
    ['extendedKeyUsage=OCSPSigning'],
    issuer => { pem => ca('root')->{pem}, key => ca('root')->{ca_key} });
$end_load = begin_load($files, $bytes, $good);
sleep 0.3;
copy($key,  $pair[0]);
copy($cert, $pair[1]);
ok $files->graceful, 'graceful restart';
my $new = wait_for {
    my $id = $files->get('/ocsp/', $der)->{response}{responder}{key};
    $id ne $old && $id;
} 10;
ok $new, 'the new pair signs';
# On a busy machine children may look at the key, and not be let, for so long.
$files->allow_log('OCSP0503');
ok $files->graceful, 'and another one';
sleep 0.5;
($sent, @bad) = $end_load->();
cmp_ok $sent, '>', 10, "$sent requests meanwhile";
is "@bad", '', 'none failed';
is $files->get('/ocsp/', $der)->{response}{responder}{key}, $new, 'for good';

note 'case 46: files that a child process may read are picked up by it';
chmod 0644, $pair[0];
ok $files->graceful, 'one restart, to read them anew';
copy(ca('root')->{key}, $pair[0]);
sleep 1.5;
is says($files), 'good', 'a key without its certificate is left alone';
copy(ca('root')->{cert}, $pair[1]);
$new = wait_for {
    ($files->get('/ocsp/', $der)->{response}{responder}{key} // '') eq $old;
} 5;
ok $new, 'the pair is picked up without a restart';

note 'case 46: a graceful restart with a broken key';
spew($pair[0], 'not a key');
$files->expect_log('OCSP0101')->allow_log('OCSP0202');
ok $files->graceful, 'does not end httpd';
is says($files), 'internalError', 'the location says so';
copy(ca('root')->{key}, $pair[0]);
ok $files->graceful, 'restarted with the key';
wait_for { says($files) eq 'good' } 5;
is says($files), 'good', 'it answers again';

finish;
