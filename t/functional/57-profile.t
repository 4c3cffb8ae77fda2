# SPDX-License-Identifier: Apache-2.0
# OCSPResponderProfile: httpd -t names each rule that a location breaks, and the
# section of the text; and has nothing to say of one that keeps them all.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use T::DER;
use T::PKI;
use T::PKI::CRL;
use T::PKI::Responder;

my $DAY  = 86_400;
my $root = ca('root');
my %key  = map { $_ => make_key($_) } qw(p256 p384 ed25519 pss_40);
chmod 0644, values %key;

# A responder certificate. Options: key (its kind), life (days), serial, and
# extensions in place of the usual ones, by name; undef leaves one out.
my %usual = (
    extendedKeyUsage       => 'OCSPSigning',
    noCheck                => 'ignored',
    keyUsage               => 'critical, digitalSignature',
    authorityKeyIdentifier => 'keyid',
);
sub certificate {
    my (%o) = @_;
    my $key  = $key{ delete $o{key} // 'p256' };
    my $life = delete $o{life} // 1000;
    my @serial = (serial => delete $o{serial});
    my %has  = (%usual, %o);
    return (key => $key, cert => make_cert(key => $key, start => -3600,
        end    => $life * $DAY, @serial,
        issuer => { pem => $root->{pem}, key => $root->{ca_key} },
        extensions =>
            [map { defined $has{$_} ? "$_ = $has{$_}" : () } sort keys %has]));
}

my %made;
# The fixture has a certificate on hold.
my $NO_HOLD = 'DELETE FROM django_ca_certificate WHERE revoked_reason LIKE '
    . "'%hold%'";

# What httpd -t says of a location with that profile, directives (names without
# OCSPResponder) and certificate.
sub check {
    my ($profile, $lines, $certificate) = @_;
    my $id = join ' ', map { $_ // '' } %{ $certificate // {} };
    $made{$id} //= { certificate(%{ $certificate // {} }) };
    my $conf = join "\n", map { "    OCSPResponder$_" } "CA root",
        "Key $made{$id}{key}", "Cert $made{$id}{cert}", "Profile $profile",
        @$lines;
    my $server = T::Server->new(db => $NO_HOLD,
        conf => qq(<Location "/ocsp/">\n$conf\n</Location>\n));
    return $server->configtest;
}

# What each profile's text accepts.
my @day    = ('Expires 4d');
my %passes = (
    br          => [\@day],
    smime       => [\@day],
    codesigning => [[@day, 'ArchiveCutoff 10y']],
    etsi        => [['ArchiveCutoff on']],
    gematik     => [['CertHash on', 'Reuse 30', 'MaxAge 7']],
    fpki        => [\@day, { life => 40 }],
    eudi        => [['Reuse off', 'MaxAge 0']],
);
for my $profile (sort keys %passes) {
    is +(check($profile, @{ $passes{$profile} }))[1], "Syntax OK\n",
        "$profile: a location that keeps its rules";
}

# The rules of each profile, and where its text has them.
my %section = (
    br => { map({ $_ => 'TLS Baseline Requirements 4.9.9' } qw(interval-min
        interval-max renewal never-issued)), map({ $_ => '4.9.13' } qw(held
        no-hold)), 'extended-key-usage' => '7.1.2.8.5', nocheck => '7.1.2.8.6',
        'key-usage' => '7.1.2.8.7', digest => '7.1.3.2', 'ca-reason' => '7.3',
        map({ $_ => '7.1.2.8.2' } qw(authority-key-identifier
        subject-alt-name)) },
    smime => { map({ $_ => 'S/MIME Baseline Requirements 4.9.10' }
        qw(interval-min interval-max renewal never-issued)),
        map({ $_ => '4.9.9' } qw(extended-key-usage nocheck)),
        map({ $_ => '7.1.2.4' } qw(key-usage authority-key-identifier
        subject-alt-name)), digest => '7.1.3.2', 'ca-reason' => '7.3' },
    codesigning => { 'interval-min' => 'TLS Baseline Requirements 4.9.9',
        map({ $_ => 'Code Signing Baseline Requirements 4.9.10' }
        qw(interval-max renewal never-issued retention)), nocheck => '4.9.9',
        map({ $_ => '7.1.2.4' } qw(extended-key-usage key-usage
        authority-key-identifier subject-alt-name)), digest => '7.1.3.2',
        map({ $_ => '4.9.13' } qw(held no-hold)), 'ca-reason' => '7.3' },
    etsi => { 'archive-cutoff' => 'CSS-6.3.10-08', 'last-answers' => '6.3.10' },
    gematik => { 'cert-hash' => 'GS-A_4693', 'answer-age' => 'GS-A_5215',
        'certificate-sent' => 'GS-A_4657', nocheck => 'GS-A_4741' },
    fpki => { map({ $_ => '4.9.10' } qw(interval-max never-issued)),
        nocheck => 'Delegated OCSP Responder Certificate Profile',
        'certificate-life' => '6.3.2', strength => '6.1.5' },
    eudi => { map { $_ => 'Response Format' } qw(nonce live) },
);
my %broken;    # by profile and rule: those that one_rule() has seen
# One that breaks a rule: its profile, the rule, and what is other than above.
my @kept = ('ArchiveCutoff 10y');
my @breaks = (
    (map { [$_, 'interval-max', ['Expires 864000', 'Reuse 3d', @kept]] }
        qw(br smime codesigning)),
    (map { ['br', 'renewal', $_] } ['Expires 9d', 'Reuse 4d'],
        ['Expires 10h', 'Reuse 5h'], ['Expires 20h', 'Reuse 13h'],
        ['Expires 6d', 'Reuse 3d', 'Backdate 3d']),
    (map { [$_, 'renewal', ['Expires 20h', 'Reuse 43201', @kept]] }
        qw(smime codesigning)),
    ['codesigning', 'interval-min', ['Expires 7h', 'Backdate 0', @kept]],
    (map { my $profile = $_;
        ([$profile, 'extended-key-usage', undef,
            { extendedKeyUsage => 'OCSPSigning, clientAuth' }],
        [$profile, 'nocheck', undef, { noCheck => undef }],
        [$profile, 'key-usage', undef, { keyUsage => undef }],
        [$profile, 'authority-key-identifier', undef,
            { authorityKeyIdentifier => 'none' }],
        [$profile, 'subject-alt-name', undef,
            { subjectAltName => 'DNS:ocsp.example' }],
        [$profile, 'digest', undef, { key => 'pss_40' }],
        [$profile, 'digest', [@day, @kept, 'Digest sha224']])
    } qw(br smime codesigning)),
    (map { [$_, 'interval-min', ['Expires 600', 'Backdate 0']] } qw(br smime)),
    (map { [$_, 'no-hold', [@day, 'Unknown revoked', @kept]] }
        qw(br codesigning)),
    (map { ['codesigning', 'retention', [@day, @$_]] } [],
        ['ArchiveCutoff off'], ['ArchiveCutoff 7y']),
    (map { ['etsi', 'archive-cutoff', $_] } [], ['ArchiveCutoff 7y']),
    ['gematik', 'cert-hash', ['Reuse 30', 'MaxAge 7']],
    (map { ['gematik', 'answer-age', ['CertHash on', @$_]] } ['MaxAge 7'],
        ['Reuse 30'], ['Reuse 30', 'MaxAge 8'], ['Reuse off', 'MaxAge 38'],
        ['Reuse 30', 'MaxAge 7', 'Presigned on']),
    ['gematik', 'nocheck', undef, { noCheck => undef }],
    ['fpki', 'interval-max', ['Expires 8d'], { life => 40 }],
    ['fpki', 'nocheck', undef, { life => 40, noCheck => undef }],
    ['fpki', 'certificate-life', undef, { life => 60 }],
    ['eudi', 'nonce', ['Reuse off', 'MaxAge 0', 'Nonce off']],
    (map { ['eudi', 'live', $_] } ['MaxAge 0'], ['Reuse off'],
        ['Reuse off', 'MaxAge 0', 'Presigned on']),
);

# That httpd -t names this rule and its section, and no other.
sub one_rule {
    my ($profile, $rule, $name, $code, $text) = @_;
    my $section = $section{$profile}{$rule} // die "$profile, $rule";
    $broken{"$profile $rule"}++;
    my @said = grep { /OCSPResponderProfile/ } split /\n/, $text;
    is scalar @said, 1, "$profile: $name: one line" or diag $text;
    my $says = "OCSPResponderProfile $profile, rule $rule:";
    like "@said", qr/Warning on line \d+ of .* $says /, '  names the rule';
    like "@said", qr/\([^()]*\Q$section\E[^()]*\)$/, '  and the section';
    is $code, 0, '  and stops nothing';
    return;
}

for (@breaks) {
    my ($profile, $rule, $lines, $certificate) = @$_;
    my ($passing, $other) = @{ $passes{$profile} };
    my $name = join ', ', $rule, @{ $lines // [] },
        map { "$_ " . ($certificate->{$_} // 'not there') }
        sort keys %{ $certificate // {} };
    one_rule($profile, $rule, $name,
        check($profile, $lines // $passing, $certificate // $other));
}

# What httpd -t says of any pair, CA and source, on the fixture changed by SQL.
sub check_with {
    my ($profile, $sql, %o) = @_;
    my %line = (CA => 'root', Profile => $profile, Expires => '4d',
        ArchiveCutoff => '10y', %o);
    my $server = T::Server->new(db => $sql, conf => join '',
        qq(<Location "/ocsp/">\n), map({ "OCSPResponder$_ $line{$_}\n" }
            sort keys %line), "</Location>\n");
    return $server->configtest;
}
my %pair;
(@pair{qw(key cert)}) = @{ { certificate() } }{qw(key cert)};
my @pair = (Key => $pair{key}, Cert => $pair{cert});

# Renewed half of the validity, eight hours before its end, at four days.
for (['Expires 10h', 'Reuse 5h', 'Backdate 0'], ['Expires 20h', 'Reuse 12h'],
    ['Expires 16h', 'Reuse half'], ['Expires 9d', 'Reuse 4d', 'Backdate 0'],
    ['Expires 10h', 'Reuse 17970'], ['Expires 10h', 'Backdate 10min']) {
    is +(check('br', $_))[1], "Syntax OK\n", "br: @$_";
}

# To the second: the Forum's texts count the first and the last one.
my ($most, $week) = (10 * $DAY, 7 * $DAY);
for (['br', 'interval-max', $most, $most - 1, []],
    ['smime', 'interval-max', $most, $most - 1, []],
    ['codesigning', 'interval-max', $most, $most - 1, ['ArchiveCutoff 10y']],
    ['br', 'interval-min', 28_798, 28_799, []],
    ['fpki', 'interval-max', $week, $week - 1, []]) {
    my ($profile, $rule, $fails, $passes, $more) = @$_;
    my $certificate = $profile eq 'fpki' ? { life => 40 } : undef;
    my @lines = (@$more, $rule eq 'interval-min' ? () : 'Reuse 3d');
    one_rule($profile, $rule, "$fails seconds", check($profile,
        [@lines, 'Backdate 0', "Expires $fails"], $certificate));
    is +(check($profile, [@lines, 'Backdate 0', "Expires $passes"],
        $certificate))[1], "Syntax OK\n", "$profile: $passes seconds";
    one_rule($profile, $rule, 'backdated by a second',
        check($profile, [@lines, 'Backdate 1', "Expires $passes"],
            $certificate)) if $rule eq 'interval-max';
}

is +(check('gematik', ['CertHash on', 'Expires 37']))[1], "Syntax OK\n",
    'gematik: no answer is older than it is valid';
one_rule('gematik', 'answer-age', 'nor younger, though caches have it',
    check('gematik', ['CertHash on', 'Expires 38']));

note 'what the database holds';
my $held = cert('root-revoked-certificateHold')->{serial};
for my $profile (qw(br codesigning)) {
    my @found = check_with($profile, 'SELECT 1', @pair);
    one_rule($profile, 'held', 'a certificate on hold', @found);
    like $found[1], qr/on hold, as \Q$held\E is/, '  and the certificate';
}
is +(check_with('smime', 'SELECT 1', @pair))[1], "Syntax OK\n",
    'smime: holds are allowed';
my $of_cas = 'UPDATE django_ca_certificateauthority SET revoked_reason=';
one_rule('br', 'held', 'a CA on hold', check_with('br', "$NO_HOLD;"
    . " ${of_cas}'certificate_hold' WHERE name='revokedca'", @pair));
for my $reason (qw(unspecified), '') {
    for my $profile (qw(br smime codesigning)) {
        my @found = check_with($profile, "$NO_HOLD; ${of_cas}'$reason' WHERE"
            . " name='revokedca'", @pair);
        one_rule($profile, 'ca-reason', "a CA revoked for '$reason'",
            @found);
        like $found[1], qr/; @{[ca('revokedca')->{serial}]} is for none/,
            '  and which';
    }
}
is +(check_with('br', "$NO_HOLD; ${of_cas}'' WHERE NOT revoked; UPDATE"
    . " django_ca_certificate SET ca_id=(SELECT id FROM"
    . " django_ca_certificateauthority WHERE name='ec') WHERE ca_id=(SELECT id"
    . " FROM django_ca_certificateauthority WHERE name='inter')", @pair))[1],
    "Syntax OK\n", 'br: what is not revoked has no reason';
is +(check_with('br', "UPDATE django_ca_certificate SET ca_id=(SELECT id FROM"
    . " django_ca_certificateauthority WHERE name='ec') WHERE revoked_reason"
    . " LIKE '%hold%'", @pair))[1], "Syntax OK\n",
    'br: on hold by another CA';
my $folder = folder();
my $index = "$folder/index";
my $row = "391225202502Z\t%s\t%s\tunknown\t/CN=x\n";
my @index = (@pair, CA => $root->{pem}, Source => "index $index");
spew($index, sprintf "R\t$row", '240102030405Z,superseded', '01');
open_up($folder);
is +(check_with('br', undef, @index))[1], "Syntax OK\n", 'br: an index.txt';
spew($index, slurp($index), sprintf "R\t$row",
    '240102030405Z,holdInstruction,holdInstructionReject', '02');
open_up($folder);
one_rule('br', 'held', 'a row on hold',
    check_with('br', undef, @index));

# What httpd -t says of a table that is described so, and by a line more.
sub table {
    my ($profile, $line, %o) = @_;
    my $rows = delete $o{rows} // '';
    my %line = (CA => $root->{pem}, Profile => $profile, Expires => '4d',
        ArchiveCutoff => '10y', Source => 'sql mine', %o);
    my $server = T::Server->new(db => 'CREATE TABLE certs (serial TEXT PRIMARY'
            . ' KEY, state TEXT, revoked_at TEXT, pem TEXT, reason TEXT);'
            . $rows,
        conf => join "\n", '<OCSPResponderTable mine>', 'From certs',
        'Serial serial HEX even', 'CA any', 'Status state V=good R=revoked',
        'RevokedAt revoked_at datetime', $line, '</OCSPResponderTable>',
        '<Location "/ocsp/">', map({ "OCSPResponder$_ $line{$_}" }
            sort keys %line), "</Location>\n");
    return $server->configtest;
}

note 'certificates that nobody issued';
my $crl = "$folder/crl";
spew("$crl.index", '');
spew("$crl.cnf", slurp(top_dir() . '/t/fixtures/openssl-index/ca.cnf')
    =~ s{\./index.txt}{$crl.index}r);
must('openssl', 'ca', '-gencrl', '-config', "$crl.cnf", '-cert', $root->{pem},
    '-keyfile', $root->{ca_key}, '-out', $crl, '-crldays', 30);
open_up($folder);
for my $profile (qw(br smime codesigning fpki)) {
    my %short = certificate(life => 40);
    my @crl = (CA => $root->{pem}, Key => $short{key}, Cert => $short{cert});
    one_rule($profile, 'never-issued', 'absent=good', check_with(
        $profile, undef, @crl, Source => "crl absent=good $crl"));
    is +(check_with($profile, undef, @crl, Source => "crl $crl"))[1],
        "Syntax OK\n", "$profile: without";
    for my $absent (qw(good never-issued)) {
        my @found = table($profile, "Absent $absent",
            Key => $short{key}, Cert => $short{cert});
        $absent eq 'good'
            ? one_rule($profile, 'never-issued', 'Absent good', @found)
            : is $found[1], "Syntax OK\n", "$profile: Absent $absent";
    }
}

note 'what CRLs have revoked';
my $list = "$folder/list";
sub check_list {
    spew($list, crl_pem(@_, end => 86_400 * 30,
        by => { pem => $root->{pem}, key => $root->{ca_key} }));
    chmod 0644, $list;
    return check_with('br', undef, @pair, CA => $root->{pem},
        Source => "crl $list");
}
my $of_cas_only = implicit(2, "\xff");
is +(check_list(entries => [['01', { reason => 4 }]]))[1], "Syntax OK\n",
    'br: a CRL';
one_rule('br', 'held', 'a CRL with a hold',
    check_list(entries => [['01', { reason => 6 }]]));
one_rule('br', 'ca-reason', 'a CRL of CAs without a reason',
    check_list(entries => [['01']], scope => $of_cas_only));
is +(check_list(entries => [['01', { reason => 4 }]],
    scope => $of_cas_only))[1], "Syntax OK\n", 'br: with one';
my $unclear = qr/: not judged: nothing tells which .* are CAs'; see to it/;
my @unclear = check_list(entries => [['01']]);
one_rule('br', 'ca-reason', 'a CRL that does not tell which are CAs\'',
    @unclear);
like $unclear[1], $unclear, '  which is not judged';
spew($index, sprintf "R\t$row", '240102030405Z', '01');
open_up($folder);
@unclear = check_with('br', undef, @index);
one_rule('br', 'ca-reason', 'nor does an index.txt', @unclear);
like $unclear[1], $unclear, '  which is not judged';

note 'what a table has revoked';

# Its rows: a certificate, and its reason.
sub revoked_in {
    my ($pem, $reason) = @_;
    my $serial = serial_of($pem);
    return (@pair, rows => sprintf "INSERT INTO certs VALUES ('%s', 'R',"
        . " '2024-01-02 03:04:05', '%s', '%s')",
        length($serial) % 2 ? "0$serial" : $serial, slurp($pem), $reason);
}
my ($leaf, $below) = ($root->{cert}, ca('inter')->{pem});
my ($reasons, $pems) = ("Reason reason none=\n", "Certificate pem pem\n");
one_rule('br', 'held', 'a table, on hold',
    table('br', $reasons, revoked_in($leaf, 'certificateHold')));
one_rule('br', 'ca-reason', 'a table, a CA',
    table('br', $pems, revoked_in($below, '')));
@unclear = table('br', $reasons, revoked_in($leaf, ''));
one_rule('br', 'ca-reason', 'a table without certificates', @unclear);
like $unclear[1], $unclear, '  which is not judged';
for (["$reasons$pems", $leaf, ''], ["$reasons$pems", $below, 'superseded'],
    [$reasons, $leaf, 'superseded']) {
    my ($lines, $pem, $reason) = @$_;
    is +(table('br', $lines, revoked_in($pem, $reason)))[1], "Syntax OK\n",
        'br: a table';
}

note 'what is judged alike whatever the source is';
for (['br', 'no-hold', { Unknown => 'revoked' }],
    ['gematik', 'answer-age', { CertHash => 'on', Reuse => 31, MaxAge => 7 }],
    ['eudi', 'nonce', { Reuse => 'off', MaxAge => 0, Nonce => 'off' }]) {
    my ($profile, $rule, $lines) = @$_;
    one_rule($profile, $rule, 'a table', table($profile, $pems, @pair,
        %$lines));
    my %kept = (%$lines, $rule eq 'no-hold' ? (Unknown => 'unknown')
        : $rule eq 'nonce' ? (Nonce => 'on') : (Reuse => 30));
    is +(table($profile, $pems, @pair, %kept))[1], "Syntax OK\n",
        "$profile: a table";
}

note 'the hash of a certificate that the source has not';
my @hash = (Profile => 'gematik', CertHash => 'on', Reuse => 30, MaxAge => 7);
for my $source ("index $index", "crl $crl", "crl absent=good $crl") {
    one_rule('gematik', 'cert-hash', $source =~ s/ \S+$//r,
        check_with('gematik', undef, @pair, @hash, CA => $root->{pem},
            Source => $source));
}
one_rule('gematik', 'cert-hash', 'a table without',
    table('gematik', '', @pair, @hash));
is +(table('gematik', 'Certificate pem pem', @pair, @hash))[1], "Syntax OK\n",
    'gematik: a table with certificates';
my $has = sprintf "INSERT INTO certs VALUES ('%s','V',NULL,'%s','');",
    map { length($_->{serial}) % 2 ? "0$_->{serial}" : $_->{serial},
        slurp($_->{pem}) } cert('root-good-1');
is +(table('gematik', 'Certificate pem pem', @pair, @hash,
    rows => $has))[1], "Syntax OK\n", 'gematik: a row with one';
for my $pem ('NULL', "'?'", "'Z2FyYmFnZQ=='") {
    my @all = ('Certificate pem pem', @pair,
        rows => "$has INSERT INTO certs VALUES ('0A', 'V', NULL, $pem, '');");
    my @said = table('gematik', @all, @hash);
    one_rule('gematik', 'cert-hash', "a row with $pem", @said);
    like $said[1], qr/no certificate that can be read for A \(/, '  and it';
    unlike $said[1], qr/OCSPResponderCertHash on/, '  once';
    my @other = ('eudi', @all, Reuse => 'off', MaxAge => 0);
    like +(table(@other, CertHash => 'on'))[1], qr/CertHash on: .* for A, and/,
        'CertHash on: it is named';
    is +(table(@other))[1], "Syntax OK\n", '  and off: it is not';
}

note 'several pairs';

# What httpd -t says of a location of br with these certificates, in order.
sub pairs {
    my $conf = join '', map { "OCSPResponder$_\n" } 'CA root', 'Profile br',
        'Expires 4d', map { ("Key $_->{key}", "Cert $_->{cert}") } @_;
    my $server = T::Server->new(db => $NO_HOLD,
        conf => qq(<Location "/ocsp/">\n$conf</Location>\n));
    return $server->configtest;
}
my $whole = { certificate() };
my @poor  = map { { certificate(noCheck => undef, key => $_) } } qw(p256 p384);
my ($one, $two) = map { serial_of($_->{cert}) } @poor;
is +(pairs($whole, { certificate(key => 'p384') }))[1], "Syntax OK\n",
    'both keep the rules';
for ([1, $whole, $poor[0]], [0, $poor[0], $whole]) {
    my ($at, @both) = @$_;
    my @found = pairs(@both);
    one_rule('br', 'nocheck', "number $at lacks nocheck", @found);
    like $found[1], qr/OCSPResponderCert, certificate $one: /, '  which it is';
}
is_deeply [(pairs(@poor))[1] =~ /rule nocheck: .*, certificate (\w+): /g],
    [$one, $two], 'both lack it: a line for each';
my $revoked = cert('root-revoked-superseded')->{serial};
like +(pairs($whole, { certificate(serial => $revoked) }))[1],
    qr/OCSP0506: .*certificate $revoked is revoked/, 'the second is revoked';
like +(pairs($whole, { certificate(nsComment => 'x' x 4000) }))[1],
    qr/OCSP0107: .*: an answer with this key and certificate has/,
    'answers with the second are large';

note 'the CA signs itself';
my $inter = ca('inter');
my @own = map { (CA => $_->{name}, Key => $_->{ca_key}, Cert => $_->{pem}) }
    $inter;
one_rule('gematik', 'certificate-sent', 'an intermediate CA, which is not',
    check_with('gematik', undef, @own, CertHash => 'on', Reuse => 30,
        MaxAge => 7));
unlike +(check_with('gematik', undef, CA => 'root', Key => $root->{ca_key},
    Cert => $root->{pem}, CertHash => 'on', Reuse => 30))[1],
    qr/certificate-sent/, 'gematik: a root, whose is';
like +(check_with('br', undef, CA => 'root', Key => $root->{ca_key},
    Cert => $root->{pem}))[1], qr/br, rule key-usage: .*\(CA.Browser/,
    'br: a CA that may not sign answers';

# What httpd -t says of a new CA with these key usages that signs itself.
sub self_signed {
    my ($profile, $usages, $lines, %o) = @_;
    my $pem = make_cert(key => $key{p256}, cn => 'self', %o, extensions =>
        ['basicConstraints = critical, CA:true', 'subjectKeyIdentifier = hash',
            "keyUsage = critical, keyCertSign, cRLSign$usages"]);
    my $server = T::Server->new(conf => join "\n", '<Location "/ocsp/">',
        map({ "OCSPResponder$_" } 'CA self', "Key $key{p256}", "Cert $pem",
            "Profile $profile", @$lines), "</Location>\n");
    insert_ca($server, $pem, name => 'self');
    return $server->configtest;
}
one_rule('br', 'key-usage', 'without digitalSignature',
    self_signed('br', '', \@day));
is +(self_signed('br', ', digitalSignature', \@day))[1], "Syntax OK\n",
    'br: a CA that may sign answers';

note 'answers that never expire';
my @never = ('fpki', ', digitalSignature', ['Expires never']);
unlike +(self_signed(@never))[1], qr/Profile/, 'fpki: not of a CA that lives';
my @ended = (start => -9 * $DAY, end => -$DAY);
one_rule('fpki', 'interval-max', 'of a CA that has ended',
    self_signed(@never, @ended));
my @etsi = ('etsi', ', digitalSignature');
one_rule('etsi', 'last-answers', 'a CA that has ended, and its answers end',
    self_signed(@etsi, ['ArchiveCutoff on'], @ended));
unlike +(self_signed(@etsi, ['ArchiveCutoff on', 'Expires never'], @ended))[1],
    qr/Profile/, 'etsi: and they do not';
is +(self_signed(@etsi, ['ArchiveCutoff on']))[1], "Syntax OK\n",
    'etsi: a CA that lives';

note 'a signer that is weaker than its CA';
my $strong = make_key('p384');
my $ca = make_cert(key => $strong, cn => 'strong', end => $DAY * 3000,
    extensions => ['basicConstraints = critical, CA:true',
        'keyUsage = critical, keyCertSign, cRLSign',
        'subjectKeyIdentifier = hash']);
for my $kind (qw(p256 p384)) {
    my $cert = make_cert(key => $key{$kind}, start => -60, end => 40 * $DAY,
        issuer     => { pem => $ca, key => $strong },
        extensions => [map { "$_ = $usual{$_}" } sort keys %usual]);
    my $server = T::Server->new(conf => <<"CONF");
<Location "/ocsp/">
    OCSPResponderCA strong
    OCSPResponderKey $key{$kind}
    OCSPResponderCert $cert
    OCSPResponderProfile fpki
</Location>
CONF
    insert_ca($server, $ca, name => 'strong');
    my (undef, $text) = $server->configtest;
    $kind eq 'p384' ? is $text, "Syntax OK\n", "$kind: as strong"
        : one_rule('fpki', 'strength', "$kind: weaker", 0, $text);
}

note 'every rule of every profile';
is join("\n", sort keys %broken), join("\n", sort map { my $profile = $_;
    map { "$profile $_" } keys %{ $section{$profile} } } keys %section),
    'has been broken, once at least';

finish;
