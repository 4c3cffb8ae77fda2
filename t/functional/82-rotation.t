# SPDX-License-Identifier: Apache-2.0
# django-ca renews its responder keys while httpd runs.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Copy qw(copy);
use File::Path qw(make_path);
use T::Load;
use T::PKI::Responder;
use Time::HiRes qw(sleep time);

my $ROTATIONS = 100;
my $work    = folder();
my $storage = new_storage($work);
my $conf = <<'CONF';
<Location "/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage @STORAGE@
</Location>
CONF
$conf =~ s/\@STORAGE\@/"$storage"/;

sub signer {
    my ($server, $tag) = @_;
    return signed_by($server->get('/ocsp/', request_for("$tag-good-1")));
}

# The pair is in use within seconds.
sub comes {
    my ($server, $tag, $pair, $name) = @_;
    my $since = time;
    wait_for { signer($server, $tag) eq $pair->{serial} } 10;
    is signer($server, $tag), $pair->{serial}, $name;
    takes_less time - $since, 5, '  within seconds';
    return;
}

# As django-ca does it since 2.1: a new file, then the row.
sub rotate {
    my ($server, $tag, $pair) = @_;
    my $name = "ocsp/$pair->{serial}.key";
    copy($pair->{key}, "$storage/$name") or die $!;
    chmod 0644, "$storage/$name";
    $server->sql(options_sql($tag,
        pair_json(qq({"path": "$name"}), $pair->{pem})));
    return;
}

note 'one rotation';
# The process that looks at certificates finds the broken ones, if it is then.
my $server = T::Server->new(conf => $conf)
    ->allow_log(qw(OCSP0104 OCSP0105))->start;
my $first = make_pair($work, 'ec');
is signer($server, 'ec'), cert('ec-auto-2')->{serial}, 'the pair at the start';
rotate($server, 'ec', $first);
comes($server, 'ec', $first, 'the next');
is signer($server, 'root'), cert('root-auto-2')->{serial},
    'another CA keeps its own';

note 'a row that is changed for a moment';
my $listed = T::Server->new(conf => $conf)->allow_log('OCSP0104')->start;
my ($options) = $listed->sql('SELECT ocsp_key_backend_options FROM'
    . " django_ca_certificateauthority WHERE name = 'ec'");
signer($listed, 'root');    # all CAs are listed now
rotate($listed, 'ec', $first);
signer($listed, 'ec');
$listed->sql(options_sql('ec', $options));
comes($listed, 'ec', { serial => cert('ec-auto-2')->{serial} },
    'the pair that was listed');

note 'a new pair that cannot be used';
my $next = make_pair($work, 'ec');
my %broken = (
    'a row without its file' => pair_json('{"path": "ocsp/late.key"}',
        $next->{pem}),
    'a key that is not the certificate\'s' => pair_json($first, $next->{pem}),
    'a row that is no JSON' => '{"private_key":',
    'a pair that has ended' => do {
        my $old = make_pair($work, 'ec', start => -7200, end => -3600);
        pair_json($old, $old->{pem});
    },
    'a pair that is not valid yet' => do {
        my $new = make_pair($work, 'ec', start => 3600);
        pair_json($new, $new->{pem});
    },
);
for my $what (sort keys %broken) {
    $server->sql(options_sql('ec', $broken{$what}));
    sleep 3;
    is signer($server, 'ec'), $first->{serial}, $what;
}
wait_for { signer($server, 'ec'); $server->error_log =~ /OCSP0502/ } 10;
$server->expect_log('OCSP0502');
like $server->error_log, qr/OCSP0502: CA \w+: \w/, 'is said';
$server->sql(options_sql('ec', $broken{'a row without its file'}));
copy($next->{key}, "$storage/ocsp/late.key") or die $!;
chmod 0644, "$storage/ocsp/late.key";
comes($server, 'ec', $next, 'then the file comes');
$server->sql(options_sql('ec', '{"private_key": {}, "certificate": {}}'));
wait_for { $server->says('/ocsp/', 'ec-good-1') ne 'good' } 10;
is $server->says('/ocsp/', 'ec-good-1'), 'internalError',
    'where django-ca has no pair any more there is none';
$server->expect_log('OCSP0202');

note "$ROTATIONS rotations under load";
my @pairs = map { make_pair($work, 'inter') } 1 .. 4;
my $last  = make_pair($work, 'inter');
my %known = map { $_->{serial} => 1 } @pairs, $last,
    { serial => cert('inter-auto-2')->{serial} };
my $bytes = T::HTTP::bytes('POST', '/ocsp/',
    body => request_for('inter-good-1'), headers => ['Connection: close']);
my $end_load = begin_load($server, $bytes, sub {
    my ($answer) = @_;
    return "answered $answer->{says}" if $answer->{says} ne 'good';
    return $known{ signed_by($answer) } ? '' : 'signed by nobody known';
});
for my $n (1 .. $ROTATIONS) {
    rotate($server, 'inter', $pairs[$n % @pairs]);
    sleep 0.1;
}
# One that has not been seen before.
rotate($server, 'inter', $last);
my ($sent, @wrong) = $end_load->();
cmp_ok $sent, '>', $ROTATIONS, "$sent requests";
is "@wrong", '', 'none failed';
comes($server, 'inter', $last, 'the last pair');

note 'up to 2.0: the files are overwritten, one after the other';
my $old = "$work/old";
my $name = "$old/ocsp/" . ca('ec')->{serial};
make_path("$old/ocsp");
sub overwrite {
    my ($pair, $ending, $from) = @_;
    copy($from, "$name.$ending") or die $!;
    chmod 0644, "$name.$ending";
    return;
}
my @turns = map { make_pair($work, 'ec') } 1 .. 2;
overwrite($turns[0], 'key', $turns[0]{key});
overwrite($turns[0], 'pem', $turns[0]{pem});
open_up($old);
my $files = T::Server->new(conf => $conf =~ s/\Q$storage\E/$old/r, db =>
    'ALTER TABLE django_ca_certificateauthority DROP COLUMN'
    . ' ocsp_key_backend_options')->start;
is signer($files, 'ec'), $turns[0]{serial}, 'the pair at the start';
overwrite($turns[1], 'key', $turns[1]{key});
my $until = time + 3;
my %seen;
while (time < $until) {
    $seen{ signer($files, 'ec') }++;
    sleep 0.02;
}
is join(' ', keys %seen), $turns[0]{serial}, 'one file is new: the old pair';
overwrite($turns[1], 'pem', $turns[1]{pem});
comes($files, 'ec', $turns[1], 'both are');

note 'it nears its end';
# Told by the process that looks at certificates, and by it alone.
my $ending = make_pair($work, 'ec', start => -86_400 * 8, end => 86_400 * 2);
my $fresh  = make_pair($work, 'p384', start => -60, end => 86_400 * 3);
my $warned = T::Server->new(conf => "LogLevel ocsp_responder:debug\n$conf",
    db => options_sql('ec', pair_json($ending, $ending->{pem}))
        . options_sql('p384', pair_json($fresh, $fresh->{pem})))->start;
is $warned->says('/ocsp/', 'ec-good-1'), 'good', 'two days ahead';
$warned->expect_log('OCSP0504');
ok wait_for(sub { $warned->error_log =~ /OCSP0504/ }, 20),
    'it is told' or diag $warned->error_log;
$warned->says('/ocsp/', 'ec-good-1') for 1 .. 3;
my @lines = $warned->error_log =~ /^.*OCSP0504.*$/mg;
is scalar @lines, 1, 'one line' or diag @lines;
my $ec = ca('ec')->{serial};
like "@lines", qr/warn.*CA $ec: .*$ending->{serial} ends on/,
    '  names CA, certificate and day';

finish;
