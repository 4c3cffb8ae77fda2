# SPDX-License-Identifier: Apache-2.0
# OCSPResponderSource crl: deltas, indirect CRLs, CRLs about a part of the
# certificates, and those that may not be used: never good for what no CRL is
# about.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::DER;
use T::PKI;
use T::PKI::CRL;
use T::PKI::Responder;
use T::Server;

ask_once;

my $folder = folder();
my $root   = ca('root');
my $ec     = ca('ec');
my @root   = (by => { pem => $root->{pem}, key => $root->{ca_key} });
my @ec     = (by => { pem => $ec->{pem}, key => $ec->{ca_key} }, kind => 'ec');

# One that a CA lets sign CRLs, the root if nothing else is said.
my $key    = make_key('p256');
sub signer {
    return make_cert(key => $key, cn => 'CRL signer',
        issuer => { pem => $root->{pem}, key => $root->{ca_key} }, extensions =>
            ['basicConstraints=CA:FALSE', 'keyUsage=critical,cRLSign'], @_);
}
my %of_ec = (issuer => { pem => $ec->{pem}, key => $ec->{ca_key} });
my $signer = signer();
my @signer = (by => { pem => $signer, key => $key }, kind => 'ec');
my $indirect = implicit(4, "\xff");
my $users    = implicit(1, "\xff");
my $cas      = implicit(2, "\xff");
my $point    = explicit(0, explicit(0, implicit(6, 'http://crl.example/1')));

sub reasons { return implicit(3, pack 'CB*', 7, $_[0]) }

my @revoked = (entries => [['0A', { reason => 1 }], ['0B', { reason => 6 }]]);
my $full    = crl_pem(@root, number => 5, @revoked);
my $of_two  = crl_pem(@signer, number => 1, scope => $indirect, entries => [
    ['0C'], ['0A', { issuer => $root->{pem}, reason => 4 }], ['0B'],
    ['0A', { issuer => $ec->{pem} }], ['0D', { reason => 3 }]]);
my $pem = slurp($signer);
my $at  = stamp(-60);
my $long = '7F' . 'AB' x 39;

# What the files of a location say of serials of the root's, where absence is
# meant to be good.
my %says = (A => 'revoked 1', B => 'revoked 6', C => 'good');
my @cases = (
    ['a full CRL', [$full], %says],
    ['a delta that adds', [$full, crl_pem(@root, number => 6, base => 5,
        entries => [['0C', { reason => 4 }]])], %says, C => 'revoked 4'],
    ['one that removes', [$full, crl_pem(@root, number => 6, base => 5,
        entries => [['0B', { reason => 8 }]])], %says, B => 'good'],
    ['one that is older than the full CRL', [$full, crl_pem(@root, number => 4,
        base => 3, start => -90, entries => [['0B', { reason => 8 }]])], %says],
    ['one that continues what is missing', [$full, crl_pem(@root, number => 8,
        base => 7, entries => [['0B', { reason => 8 }], ['0C', { reason => 4 }]]
        )], %says, C => 'revoked 4'],
    ['one that another has signed', [$full, crl_pem(@root, number => 6,
        by => { pem => $root->{pem}, key => $ec->{ca_key} }, kind => 'ec',
        base => 5, entries => [['0B', { reason => 8 }]])],
        map { ($_ => 'internalError') } qw(A B C)],
    ['one without a full CRL', [crl_pem(@root, number => 6, base => 5,
        @revoked)], map { ($_ => 'internalError') } qw(A B C)],
    ['one that has ended', [$full, crl_pem(@root, number => 6, base => 5,
        start => -30, end => -5)], map { ($_ => 'tryLater') } qw(A B C)],
    ['an indirect CRL of two CAs', [$of_two, $pem], A => 'revoked 4',
        B => 'revoked', C => 'good'],
    ['without its signer\'s certificate', [$of_two],
        map { ($_ => 'internalError') } qw(A B C)],
    ['one that is not about the CA', [crl_pem(@signer, scope => $indirect,
        entries => [['0A', { issuer => $ec->{pem} }]]), $pem],
        map { ($_ => 'unknown') } qw(A B C)],
    ['one that does not say that it is indirect', [crl_pem(@root, entries =>
        [['0A', { issuer => $ec->{pem} }]])],
        map { ($_ => 'internalError') } qw(A B C)],
    ['users\' certificates only', [crl_pem(@root, scope => $users, @revoked)],
        %says, C => 'unknown'],
    ['CAs\' certificates only', [crl_pem(@root, scope => $cas, @revoked)],
        %says, C => 'unknown'],
    ['both', [crl_pem(@root, scope => $users, @revoked),
        crl_pem(@root, scope => $cas)], %says],
    ['some reasons only', [crl_pem(@root, scope => reasons('010000000'),
        @revoked)], %says, C => 'unknown'],
    ['the others, too', [crl_pem(@root, scope => reasons('010000000'),
        @revoked), crl_pem(@root, scope => reasons('001111111'))], %says],
    ['attribute certificates only', [crl_pem(@root,
        scope => implicit(5, "\xff"), @revoked)],
        map { ($_ => 'internalError') } qw(A B C)],
    ['a distribution point\'s', [crl_pem(@root, scope => $point, @revoked)],
        %says, C => 'unknown'],
    ['an unknown critical extension', [crl_pem(@root, odd => 1, @revoked)],
        map { ($_ => 'internalError') } qw(A B C)],
    ['one in an entry', [crl_pem(@root, entries => [['0A'],
        ['0D', { odd => 1 }]])], map { ($_ => 'internalError') } qw(A B C)],
    ['beside an older without', [$full, crl_pem(@root, number => 6, odd => 1,
        start => -30)],
        map { ($_ => 'internalError') } qw(A B C)],
    ['no nextUpdate', [crl_pem(@root, end => 0, @revoked)],
        map { ($_ => 'internalError') } qw(A B C)],
    ['one that has ended', [crl_pem(@root, start => -90, end => -30, @revoked)],
        map { ($_ => 'tryLater') } qw(A B C)],
    ['one that begins tomorrow', [crl_pem(@root, start => 86_400,
        end => 172_800, @revoked)], map { ($_ => 'tryLater') } qw(A B C)],
    ['two with numbers', [crl_pem(@root, number => 4, start => -90), $full],
        %says],
    ['numbers that begin anew', [$full, crl_pem(@root, number => 1,
        start => -30, entries => [['0C']])], A => 'good', B => 'good',
        C => 'revoked'],
    ['another CA\'s', [crl_pem(@ec, @revoked)],
        map { ($_ => 'internalError') } qw(A B C)],
    ['version 1', [crl_pem(@root, version => '', @revoked)], %says],
    ['version 3', [crl_pem(@root, version => integer('2'), @revoked)],
        map { ($_ => 'internalError') } qw(A B C)],
    ['an extension that nobody needs', [crl_pem(@root, also =>
        [extension('1.2.3.4', null())], @revoked)], %says],
    ['two numbers', [crl_pem(@root, number => 5, also =>
        [extension('2.5.29.20', crl_number(6))], @revoked)],
        map { ($_ => 'internalError') } qw(A B C)],
    ['two algorithms', [crl_pem(@root, inner =>
        seq(oid('1.2.840.113549.1.1.12'), null()), @revoked)],
        map { ($_ => 'internalError') } qw(A B C)],
    ['the same number, later', [$full, crl_pem(@root, number => 5,
        start => -30, entries => [@{ $revoked[1] }, ['0C']])], %says,
        C => 'revoked'],
    ['of one second, with one number', [crl_pem(@root, number => 5,
        this => $at, @revoked), crl_pem(@root, number => 5, this => $at,
        entries => [['0C']])], %says, C => 'revoked'],
    ['an older one with a higher number', [crl_pem(@root, number => 9,
        start => -90, entries => [['0C']]), $full], %says],
    ['revoked in the future', [crl_pem(@root, entries => [['0A', { since =>
        '20990102030405Z', reason => 1 }]])], A => 'revoked 1', B => 'good',
        C => 'good'],
    ['twice, for two reasons', [crl_pem(@root, entries => [['0A',
        { reason => 8 }], ['0A', { reason => 1 }], ['0A', { reason => 8 }]])],
        A => 'revoked 1', B => 'good', C => 'good'],
    ['a serial of 40 bytes, and a negative one', [crl_pem(@root, entries =>
        [[$long], ['0A', { reason => 1 }]],
        more => seq(integer_raw("\x8A"), gentime('20240102030405Z')))],
        A => 'revoked 1', B => 'good', C => 'good'],
    ['the only distribution point\'s', [crl_pem(@root, scope => $point,
        @revoked)], %says, 'parts'],
    ['two distribution points\'', [crl_pem(@root, scope => $point, @revoked),
        crl_pem(@root, scope => $point =~ s/1$/2/r)], %says, 'parts'],
    ['an older delta that another has signed', [$full, crl_pem(@root,
        number => 4, start => -90,
        by => { pem => $root->{pem}, key => $ec->{ca_key} }, kind => 'ec',
        base => 3, entries => [['0B', { reason => 8 }]])], %says],
    ['a signer whose certificate has ended', [$of_two, slurp(signer(
        start => -7200, end => -60))], map { ($_ => 'tryLater') } qw(A B C)],
    ['a signer that the CA has revoked', [$of_two, $pem, crl_pem(@root,
        scope => $cas, entries => [[serial_of($signer)]])],
        map { ($_ => 'internalError') } qw(A B C)],
    ['a signer that another CA has named', [$of_two, slurp(signer(%of_ec))],
        map { ($_ => 'internalError') } qw(A B C)],
);

sub place {
    my ($path, $source, $tag, $parts) = @_;
    my $pair = ca($tag // 'root');
    $source = "parts=$parts $source" if $parts;
    return <<"CONF";
<Location "/$path/">
    OCSPResponderCA $pair->{pem}
    OCSPResponderKey $pair->{key}
    OCSPResponderCert $pair->{cert}
    OCSPResponderSource crl absent=good $source
</Location>
CONF
}

my ($conf, $n, @sources) = ('', 0);
for my $case (@cases) {
    my @files = @{ $case->[1] };
    my $m = 0;
    my @paths = map { spew("$folder/$n-" . $m++ . '.pem', $_) } @files;
    push @sources, join ' ', @paths;
    $conf .= place($n++, "@paths", undef, $case->[-1] eq 'parts' ? $m : 0);
}
my $of_ec = spew("$folder/of-ec.pem", slurp(signer(%of_ec)));
$conf .= place('ec', "$sources[8] $of_ec", 'ec');
open_up($folder);
my $server = T::Server->new(conf => $conf, db => 0, dbd => 0)->start;
$server->expect_log(qw(OCSP0203 OCSP0204 OCSP0304))->allow_log('OCSP0601');

sub says {
    my ($path, $serial, $tag) = @_;
    my $answer = $server->get("/$path/", ocsp_request([certid($tag // 'root',
        $serial)]));
    return join ' ', grep { defined } $answer->{says},
        $answer->{single} ? $answer->{single}{reason} : undef;
}

for my $at (0 .. $#cases) {
    my ($name, undef, %wanted) = grep { $_ ne 'parts' } @{ $cases[$at] };
    is join(', ', map { says($at, "0$_") } qw(A B C)),
        join(', ', @wanted{qw(A B C)}), $name;
}
my ($with_long) = grep { $cases[$_][0] =~ /40 bytes/ } 0 .. $#cases;
is says($with_long, $long), 'revoked', 'the serial of 40 bytes';
is says($with_long, substr $long, 2), 'good', '  of which a part is another';
is says($with_long, '8A'), 'good', '  and -118 is not 138';
is says('ec', '0A', 'ec'), 'revoked', 'the indirect CRL\'s other CA';
is says('ec', '0D', 'ec'), 'revoked 3', '  the next entry is about it, too';
is says('ec', '0B', 'ec'), 'good', '  and the first about the CA before';

note 'openssl reads and verifies the CRLs of this test';
for my $file ("$folder/0-0.pem", "$folder/1-1.pem", "$folder/12-0.pem") {
    my (undef, $text) = run('openssl', 'crl', '-in', $file, '-noout', '-CAfile',
        $root->{pem});
    like $text, qr/verify OK/, $file =~ s{.*/}{}r;
}

note 'httpd -t';
check_on(T::Server->new(db => 0, dbd => 0));
sub location_of { return location(CA => $root->{pem}, Source => "crl $_[0]") }
accepted('a full CRL', location_of("absent=good $sources[0]"));
accepted('a part of the certificates', location_of("absent=good $sources[12]"),
    qr/not about all of its certificates and reasons.*absent=good is not/);
accepted('which is no matter without it', location_of($sources[12]));
accepted('a distribution point\'s', location_of("absent=good $sources[18]"),
    qr/1 of its CRLs are those of distribution .* write absent=good parts=1$/m);
accepted('the only one', location_of("absent=good parts=1 $sources[18]"));
accepted('one of two', location_of("absent=good parts=2 $sources[18]"),
    qr/1 of its CRLs are those of distribution points/);
refused($_, 'OCSPResponderSource', qr/"\Q$_\E" is neither/,
    location_of("absent=good $_ $sources[18]"))
    for qw(parts=0 parts=-1 parts= parts=x parts=1x parts=100001
        parts=99999999999999999999);
refused('parts of what is unknown', 'OCSPResponderSource',
    qr/"parts=1" is neither/, location_of("absent=unknown parts=1 $_"))
    for $sources[18];
accepted('a delta that continues what is missing', location_of($sources[4]),
    qr/newer delta CRL than the full CRL that it continues/);

finish;
