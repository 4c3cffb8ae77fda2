# SPDX-License-Identifier: Apache-2.0
# OCSPResponderSource crl: certificate revocation lists in files, as they are
# and as they change.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Copy qw(copy);
use Time::HiRes qw(sleep time);
use T::ConfigTest;
use T::PKI;
use T::PKI::CRL;
use T::PKI::Responder;

ask_once;

my $folder = folder();
my $root   = ca('root');
my $ec     = ca('ec');

# A new certificate with the name of a CA's, for a key, in a file.
sub renewed {
    my ($file, $cert, $key) = @_;
    my ($subject) = must('openssl', 'x509', '-in', $cert, '-noout',
        '-subject', '-nameopt', 'compat') =~ /^subject=\s*(.*)/;
    must('openssl', 'req', '-x509', '-new', '-key', $key, '-subj', $subject,
        '-out', $file, '-config',
        top_dir() . '/t/fixtures/openssl-index/ca.cnf');
    return $file;
}

# A CRL of a CA of the fixture, in a file. Options: revoked ({serial =>
# reason}), start and end (seconds from now), form (PEM or DER), signer (another
# CA, whose key signs it).
my $number = 0;
sub crl {
    my ($file, $tag, %o) = @_;
    my $by = ca($o{signer} // $tag);
    my $work = scratch_file();
    unlink $work;
    mkdir $work or die $!;
    spew("$work/index", join '', map {
        join("\t", 'R', '391225202502Z', "240102030405Z,$o{revoked}{$_}", $_,
            'unknown', '/CN=x') . "\n" } sort keys %{ $o{revoked} // {} });
    spew("$work/number", sprintf "%04X\n", ++$number);
    spew("$work/cnf", <<"CNF");
[ca]
default_ca = d
[d]
database = $work/index
crlnumber = $work/number
default_md = sha256
CNF
    my $cert = ca($tag)->{pem};
    $cert = renewed("$work/ca.pem", $cert, $by->{ca_key}) if $o{signer};
    must('openssl', 'ca', '-gencrl', '-config', "$work/cnf", '-cert', $cert,
        '-keyfile', $by->{ca_key}, '-out', "$work/crl",
        '-crl_lastupdate', stamp($o{start} // -60),
        '-crl_nextupdate', stamp($o{end} // 3600));
    must('openssl', 'crl', '-in', "$work/crl", '-out', "$work/out",
        '-outform', $o{form} // 'PEM');
    copy("$work/out", "$file.new") or die $!;
    chmod 0644, "$file.new";
    rename "$file.new", $file or die $!;
    return $file;
}

my $one = crl("$folder/root.pem", 'root',
    revoked => { '0A' => 'keyCompromise', '0B' => 'superseded' });
my $two = crl("$folder/ec.der", 'ec', form => 'DER',
    revoked => { '0B' => 'unspecified' });
my $all = "$folder/all.pem";
must('openssl', 'crl', '-inform', 'DER', '-in', $two, '-out', "$two.pem");
spew($all, slurp($root->{pem}), slurp($one), slurp($ec->{pem}),
    slurp("$two.pem"));
my $both = "$folder/both.pem";
spew($both, slurp($root->{pem}), slurp($one),
    slurp(renewed("$folder/renewed.pem", $root->{pem}, $root->{ca_key})));

# Puts a CRL of the root's there that revokes these, with a delta's base or not.
my ($whole, $delta) = map { "$folder/$_.pem" } qw(whole delta);
sub put {
    my ($file, $start, $base, @serials) = @_;
    spew("$file.new", crl_pem(by => { pem => $root->{pem},
        key => $root->{ca_key} }, number => 1000 + $start, base => $base,
        start => $start, entries => [map { [$_, { reason => 1 }] } @serials]));
    chmod 0644, "$file.new";
    rename "$file.new", $file or die $!;
    return;
}
put($whole, -90, undef, '0A');
put($delta, -60, 910, '0B');
open_up($folder);

sub place {
    my ($path, $source, $tag, $ca) = @_;
    my $pair = ca($tag);
    $ca //= $pair->{pem};
    return <<"CONF";
<Location "/$path/">
    OCSPResponderCA $ca
    OCSPResponderKey $pair->{key}
    OCSPResponderCert $pair->{cert}
    OCSPResponderSource crl $source
    OCSPResponderExpires 2h
</Location>
CONF
}
my $conf = place('root', "$one $two", 'root')
    . place('ec', "$one $two", 'ec') . place('full', "absent=good $one", 'root')
    . place('pair', "absent=good $whole $delta", 'root')
    . place('listed', $all, 'ec', $ec->{serial})
    . place('renewed', "absent=good $both", 'root', '*');
my $server = T::Server->new(conf => $conf, db => 0, dbd => 0)->start;

sub ask {
    my ($path, $serial, $tag) = @_;
    return $server->get("/$path/", ocsp_request([certid($tag // 'root',
        $serial)]));
}

sub says {
    my $single = ask(@_);
    return join ' ', grep { defined } $single->{says},
        $single->{single}{reason};
}

sub becomes {
    my ($path, $serial, $says, $name) = @_;
    wait_for { says($path, $serial) eq $says } 15;
    return is says($path, $serial), $says, $name;
}

note 'what is revoked';
is says('root', '0A'), 'revoked 1', 'in PEM';
is says('root', '0B'), 'revoked 4', 'and another';
is says('ec', '0B', 'ec'), 'revoked', 'in DER, of another CA';
is says('ec', '0A', 'ec'), 'unknown', 'which has not revoked the first\'s';
is says('root', '0C'), 'unknown', 'not revoked says nothing';
is says('full', '0C'), 'good', 'but is good where that is asked for';
is says('full', '0A'), 'revoked 1', 'and revoked what is';
is says('listed', '0B', 'ec'), 'revoked', 'a CA out of the file itself';
is says('renewed', '0A'), 'revoked 1', 'a CA with two certificates of one key';
is says('renewed', '0C'), 'good', '  which say the same';
is says('root', '0B', 'ec'), 'unauthorized', 'another location\'s CA';
is ask('root', '0A')->{single}{revoked_text}, '20240102030405Z', 'the time';

note 'no answer promises more than the CRL';
my $single = ask('full', '0C')->{single};
my $list = must('openssl', 'crl', '-in', $one, '-noout', '-nextupdate',
    '-lastupdate', '-dateopt', 'iso_8601');
my ($next) = $list =~ /nextUpdate=(\S+ \S+?)Z/;
my ($last) = $list =~ /lastUpdate=(\S+ \S+?)Z/;
sub text_of { my @t = gmtime $_[0];
    return sprintf '%04d-%02d-%02d %02d:%02d:%02d', $t[5] + 1900, $t[4] + 1,
        @t[3, 2, 1, 0] }
is text_of($single->{next_update}), $next, 'nextUpdate is the CRL\'s';
cmp_ok text_of($single->{this_update}), 'le', $last, 'thisUpdate is not later';

note 'replaced while it runs';
crl($one, 'root', revoked => { '0C' => 'certificateHold' });
becomes('full', '0C', 'revoked 6', 'a newer one');
is says('full', '0A'), 'good', 'counts alone';
crl($one, 'root', revoked => {});
becomes('full', '0C', 'good', 'a hold that is lifted');

note 'one from before';
my $before = slurp($one);
crl($one, 'root', start => -30, revoked => { '0D' => 'keyCompromise' });
becomes('full', '0D', 'revoked 1', 'a newer one');
spew("$one.new", $before);
chmod 0644, "$one.new";
rename "$one.new", $one or die $!;
becomes('full', '0D', 'good', 'the older one that is put back counts');
my $replayed = qr/OCSP0605: crl \Q$one\E: its CRL is older than the one before/;
ok wait_for(sub { $server->error_log =~ $replayed }), '  but it is told';
$server->expect_log('OCSP0605');

note 'a delta from before';
put($delta, -30, 910, '0B', '0C');
becomes('pair', '0C', 'revoked 1', 'a newer one');
put($delta, -60, 910, '0B');
becomes('pair', '0C', 'good', 'the older one that is put back counts');
ok wait_for(sub { $server->error_log =~ /OCSP0605: crl \Q$delta\E: its CRL / }),
    '  but it is told';
put($whole, -20, undef, '0A', '0B', '0C');
becomes('pair', '0C', 'revoked 1', 'a full one in the place of both');
is scalar(() = $server->error_log =~ /OCSP0605/g), 2, '  of which all is right';

note 'half of one, or one that another has signed';
my $entire = slurp($one);
# After three seconds it is: nobody seems to write it any more.
my ($until, %heard) = time + 2.5;
spew($one, substr $entire, 0, length($entire) / 2);
while (1) {
    my $says = says('full', '0C');
    last if time > $until;
    $heard{$says}++;
    sleep 0.05;
}
is join(' ', keys %heard), 'good', 'half a file is not believed';
spew($one, $entire);
crl($one, 'root', signer => 'ec', revoked => { '0D' => 'keyCompromise' });
becomes('full', '0C', 'internalError', 'another\'s signature is not');
like $server->error_log, qr/root\.pem: it is not signed by the CA/, 'is told';
is says('ec', '0B', 'ec'), 'revoked', 'other CAs are answered';

note 'one that has ended';
# On a busy machine one may have ended before it was read: then another has more
# time.
my ($said, $lasts);
for my $seconds (3, 9, 27) {
    $lasts = $seconds;
    crl($one, 'root', end => $seconds, revoked => { '0A' => 'superseded' });
    wait_for {
        ($said = says('full', '0A')) =~ /^(?:revoked 4|tryLater)$/;
    } 15;
    last if $said ne 'tryLater';
}
is $said, 'revoked 4', 'it counts until its end';
wait_for { says('full', '0A') ne 'revoked 4' } $lasts;
becomes('full', '0A', 'tryLater', 'and then no more');
is says('full', '0C'), 'tryLater', 'it says nothing of others either';
like $server->error_log, qr/root\.pem: its CRL has ended at/, 'which is told';
crl($one, 'root');
becomes('full', '0C', 'good', 'a newer one mends it');
$server->expect_log(qw(OCSP0203 OCSP0204))->allow_log('OCSP0601');

note 'httpd -t';
check_on(T::Server->new(db => 0, dbd => 0));
my %o = (CA => $root->{pem}, Source => "crl $one");
accepted('as above', location(%o));
accepted('absent', location(%o, Source => "crl absent=unknown $one"));
refused('every certificate revoked', 'OCSPResponderSource',
    qr/OCSP0114: .*Unknown revoked has every certificate/,
    location(%o, Unknown => 'revoked'));
accepted('none revoked', location(%o, Unknown => 'revoked',
    Source => "crl absent=good $one"));
refused('no file', 'OCSPResponderSource', qr/takes the paths of files/,
    location(%o, Source => 'crl'));
refused('another word', 'OCSPResponderSource', qr/"absent=revoked" is neither/,
    location(%o, Source => "crl absent=revoked $one"));
refused('a file that is not there', 'OCSPResponderSource',
    qr{/nowhere\.crl.*No such file}, location(%o, Source =>
    'crl /nowhere.crl'));
spew("$folder/text", 'foobar');
chmod 0644, "$folder/text";
refused('no CRL', 'OCSPResponderSource', qr{neither a CRL nor a certificate},
    location(%o, Source => "crl $folder/text"));
accepted('another CA\'s', location(%o, Source => "crl $two"),
    qr{CA \S*root\S*: the files have no full CRL of the CA});
my $old = crl("$folder/old.pem", 'root', start => -7200, end => -3600);
accepted('one that has ended', location(%o, Source => "crl $old"),
    qr{its CRL has ended at .* tryLater});
my $forged = crl("$folder/forged.pem", 'root', signer => 'ec');
accepted('another\'s signature', location(%o, Source => "crl $forged"),
    qr{forged\.pem: it is not signed by the CA});

finish;
