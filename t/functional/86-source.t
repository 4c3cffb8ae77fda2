# SPDX-License-Identifier: Apache-2.0
# Sources of statuses that other modules register: built with nothing but the
# installed header, chosen by name, whatever the order of LoadModule.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Copy qw(copy);
use T::ConfigTest;
use T::PKI::Responder;

ask_once;

my $work = folder();
my $top  = top_dir();
must('make', '-s', '-C', $top, 'install', "DESTDIR=$work/root",
    'B=' . ($ENV{B} // 'build'));
my $header = $work . '/root' . apxs('INCLUDEDIR') . '/mod_ocsp_responder.h';
ok -e $header, 'make install installs the header';
(my $folder = $header) =~ s{/[^/]+$}{};

# A module out of a copy of a file, in a folder of its own, and how to load it.
sub build {
    my ($self, $source, @options) = @_;
    my $file = "$work/mod_$self.so";
    copy("$top/$source", "$work/mod_$self.c");
    must($ENV{CC} // 'cc', '-shared', '-fPIC', '-std=gnu99', '-o', $file,
        '-I', $folder, map({ ('-isystem', $_) } apxs('INCLUDEDIR'),
            apxs('APR_INCLUDEDIR'), apxs('APU_INCLUDEDIR') || '/usr/include'),
        split(' ', apxs('EXTRA_CPPFLAGS')), @options, "$work/mod_$self.c");
    return "LoadModule ${self}_module $file\n";
}

# One of that name.
sub module {
    my ($self, $name, $version) = @_;
    return build($self, 't/fixtures/source/mod_fake_source.c',
        qq(-DNAME="$name"), qq(-DVERSION="$version"),
        "-DSELF=${self}_module");
}

my $root = ca('root');
my $ours = 'LoadModule ocsp_responder_module ' . module_file() . "\n";
my $fake = module('fake', 'fake', '1');

sub place {
    my ($path, $source, $ca) = @_;
    $ca //= "$root->{pem}";
    return <<"CONF";
<Location "/$path/">
    OCSPResponderCA $ca
    OCSPResponderKey $root->{key}
    OCSPResponderCert $root->{cert}
    OCSPResponderSource $source
</Location>
CONF
}

note 'chosen by name';
my $places = join '', map { place($_, "fake $_") }
    qw(good revoked unknown fail wait);
my %says = (good => 'good', revoked => 'revoked', unknown => 'unknown',
            fail => 'internalError', wait => 'tryLater');
for my $order ("$fake$ours", "$ours$fake") {
    my $server = T::Server->new(conf => $order . $places, load => 0, dbd => 0,
        db => 0)->start;
    is $server->says("/$_/", 'root-good-1'), $says{$_}, "it says $_"
        for sort keys %says;
    my $answer = $server->get('/good/', request_for('root-good-1'));
    cmp_ok $answer->{single}{next_update}, '<=', time + 91,
        '  and for no longer than the source promises';
    is $server->says('/good/', 'inter-good-1'), 'unauthorized',
        '  and of no other CA';
    $server->expect_log(qw(OCSP0203 OCSP0204));
    # What says revoked of everything says it of the responder's own.
    $server->allow_log('OCSP0506');
}

note "the manual's example";
my $example = build('ocsp_list', 'conf/examples/mod_ocsp_list.c',
    qw(-Wall -Wextra -Werror));
cmp_ok scalar(() = slurp(top_dir() . '/conf/examples/mod_ocsp_list.c')
    =~ /^.*\S/mg), '<=', 60, 'is of sixty lines';
my $statuses = "$work/statuses";
my @lines = map { my ($tag, $says) = @$_; my $hex = lc cert($tag)->{serial};
    (length($hex) % 2 ? '0' : '') . "$hex$says" }
    ['root-good-1', " good\n"], ['root-good-2', " 1500000000\n"],
    ['root-good-3', " perhaps\n"], ['root-good-4', " goodness\n"],
    ['root-serial-5', " good\n"], ['root-good-5', ' good'];
spew($statuses, '', @lines);
chmod 0755, $work;
chmod 0644, $statuses;
my $list = T::Server->new(conf => "$ours$example"
    . place('list', "list $statuses"), load => 0, dbd => 0, db => 0);
$list->expect_log(qw(OCSP0203 OCSP0204))->start;
my $asked = sub { $list->says('/list/', shift) };
is $asked->($_), 'good', "$_: a line that says good"
    for 'root-good-1', 'root-serial-5';
my $dated = $list->get('/list/', request_for('root-good-2'));
is $dated->{says}, 'revoked', 'a time';
is $dated->{single}{revoked_text}, '20170714024000Z', '  which is told';
is $asked->("root-good-$_"), 'internalError', 'what is not understood' for 3, 4;
is $asked->('root-good-5'), 'internalError', 'a line that does not end';
spew($statuses, @lines[0 .. 3]);
is $asked->('root-good-5'), 'unknown', 'no line';
spew($statuses, 'x' x 200, "\n", @lines);
is $asked->('root-good-1'), 'internalError', 'behind a line that is too long';
unlink $statuses;
is $asked->('root-good-1'), 'tryLater', 'no file';
mkdir $statuses;
is $asked->('root-good-1'), 'tryLater', 'a folder in its place';
rmdir $statuses;
spew($statuses, @lines);
chmod 0644, $statuses;
is $asked->('root-good-1'), 'good', '  until it is back';

note 'case 56: one look-up a serial and request, after producedAt';
my $turns = T::Server->new(conf => "$ours$fake" . place('turn', 'fake turn')
    . place('nap', 'fake nap'), load => 0, dbd => 0, db => 0)->start;
$turns->allow_log('OCSP0506');
my $serial = cert('root-good-1')->{serial};
my @copies = map { certid('root', $serial, digest => $_) }
    (qw(sha1 sha256 sha384 sha512)) x 4;
my %seen;
for (1 .. 4) {
    my $singles =
        $turns->post('/turn/', ocsp_request(\@copies))->{response}{singles};
    my %said = map { $_->{status} => 1 } @$singles;
    is scalar @{ $singles // [] }, 16, 'sixteen CertIDs';
    is scalar keys %said, 1, "  say one thing: @{[keys %said]}";
    $seen{$_} = 1 for keys %said;
}
is join(' ', sort keys %seen), 'good revoked', 'and the next request another';
my $before = time;
my $napped = $turns->get('/nap/', request_for('root-good-1'));
is $napped->{says}, 'good', 'a source that takes two seconds';
cmp_ok $napped->{response}{produced_at}, '<=',
    $before + 1, '  and producedAt lies before';

note 'what httpd -t says';
my $server = check_on(T::Server->new(conf => '', load => 0, dbd => 0,
    db => 0));
accepted('nothing, where all is well', "$ours$fake" . place('a', 'fake good'));
accepted('what the source warns of', "$ours$fake" . place('a', 'fake wait'),
    qr/on line 7 of .*this one only waits/);
refused('what the source refuses', 'OCSPResponderSource fake',
    qr/wants to be told what to say/, "$ours$fake" . place('a', 'fake'));
refused('a name that nobody has', 'OCSPResponderSource nobody',
    qr/OCSPResponderSource: there is no source nobody.*django-ca.*fake/,
    "$ours$fake" . place('a', 'nobody'));
refused('a source without CAs needs the certificate of one',
    'OCSPResponderCA', qr/holds no certificates of CAs/,
    "$ours$fake" . place('a', 'fake good', $root->{serial}));

sub not_started {
    my ($name, $like, $conf) = @_;
    $server->write_conf($conf);
    my ($code, $text) = $server->configtest;
    isnt $code, 0, $name;
    like $text, $like, '  and why';
    return;
}

my $twin = module('twin', 'fake', '1');
for my $order ("$fake$twin$ours", "$twin$ours$fake") {
    not_started('a name registered twice',
        qr/OCSP0112.*(?:fake.*twin|twin.*fake).*both add.*load only one/s,
        $order . place('a', 'fake good'));
}
not_started('the name of one that comes with the module',
    qr/OCSP0112.*both add a source with the name django-ca/,
    $ours . module('shadow', 'django-ca', '1') . place('a', 'django-ca'));
not_started('another version of the header',
    qr/OCSP0112.*written for version 0 of.*build .*anew/,
    $ours . module('old', 'old', '0') . place('a', 'old good'));

finish;
