# SPDX-License-Identifier: Apache-2.0
# Keys behind a URI, in a token, and encrypted ones.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;
use File::Copy qw(copy move);
use T::PKI;
use T::PKI::Responder;
use T::Token;
use Time::HiRes qw(sleep);

my $work = folder();
my $pair = make_pair($work, 'root');

sub conf {
    my ($key, @lines) = @_;
    return join "\n", '<Location "/ocsp/">', 'OCSPResponderCA root',
        qq(OCSPResponderKey "$key"), qq(OCSPResponderCert "$pair->{pem}"),
        @lines, "</Location>\n";
}

sub signer {
    return signed_by($_[0]->get('/ocsp/', request_for('root-good-1')));
}

note 'encrypted keys';
my $locked = "$work/locked.pem";
must('openssl', 'pkcs8', '-topk8', '-in', $pair->{key}, '-out', $locked,
    '-passout', 'pass:open sesame');
chmod 0600, $locked;
spew("$work/pass", "open sesame\nnot this\n");
spew("$work/say", "#!/bin/sh\necho open sesame\n");
chmod 0755, "$work/say";
spew("$work/wrong", "open barley\n");
for my $source ("file:$work/pass", "exec:$work/say") {
    my $server = T::Server->new(conf => conf($locked,
        qq(OCSPResponderKeyPassPhrase "$source")))->start;
    is signer($server), $pair->{serial}, $source =~ s/:.*//r;
}
my %refused = (
    'no pass phrase'    => ['', qr/is encrypted, .*OCSPResponderKeyPassPhrase/],
    'a wrong one'       => ["file:$work/wrong", qr/not decrypted/],
    'no file'           => ["file:$work/none", qr/\Q$work\E\/none/],
    'a program that fails' => ['exec:/bin/false', qr/ended with status 1/],
);
for my $what (sort keys %refused) {
    my ($source, $like) = @{ $refused{$what} };
    my ($code, $text) = T::Server->new(conf => conf($locked,
        $source ? qq(OCSPResponderKeyPassPhrase "$source") : ()))->configtest;
    isnt $code, 0, $what;
    like $text, $like, '  which is said';
}

note 'an encrypted key is replaced';
my $next = make_pair($work, 'root');
my ($key, $cert) = ("$work/key.pem", "$work/cert.pem");
sub lock_up {
    my ($from) = @_;
    must('openssl', 'pkcs8', '-topk8', '-in', $from->{key}, '-out', "$key.new",
        '-passout', 'pass:open sesame');
    chmod 0644, "$key.new";
    move("$key.new", $key);
    copy($from->{pem}, $cert);
    return;
}
lock_up($pair);
my $changing = T::Server->new(conf => <<"CONF")->start;
<Location "/ocsp/">
    OCSPResponderCA root
    OCSPResponderKey "$key"
    OCSPResponderKeyPassPhrase "file:$work/pass"
    OCSPResponderCert "$cert"
</Location>
CONF
is signer($changing), $pair->{serial}, 'at the start';
lock_up($next);
wait_for { signer($changing) eq $next->{serial} } 8;
is signer($changing), $next->{serial}, 'the next, with the same pass phrase';

note 'URIs';
my $file = T::Server->new(conf => conf("file:$pair->{key}"))->start;
is signer($file), $pair->{serial}, 'file:';
for my $uri ("file://$pair->{key}", "FILE://localhost$pair->{key}",
             "file:" . $pair->{key} =~ s/key$/%6bey/r) {
    my ($code, $text) = T::Server->new(conf => conf($uri))->configtest;
    is $code, 0, $uri =~ s/\Q$work\E.*/…/r or diag $text;
}
my ($code, $text) = T::Server->new(conf => conf("file:$work/none"))->configtest;
isnt $code, 0, 'a file: that is not there';
($code, $text) = T::Server->new(conf => conf('nosuch:thing'))->configtest;
like $text, qr/Warning.*no private key is found behind the URI nosuch:/,
    'a scheme that nobody knows';

note 'a token';
my $module = softhsm();
my $hsm = "$work/hsm";
my %in_token;

# Makes one with two keys in it.
sub fill_token {
    mkdir $hsm;
    spew("$work/softhsm.conf",
        "directories.tokendir = $hsm\nobjectstore.backend = file\n");
    my $util = sub {
        must({ SOFTHSM2_CONF => "$work/softhsm.conf" }, 'softhsm2-util', @_) };
    $util->(qw(--init-token --free --label responder --so-pin 4321 --pin 1234));
    for my $kind (qw(p256 rsa)) {
        $in_token{$kind} = make_pair($work, 'root', kind => $kind);
        $util->('--import', $in_token{$kind}{key}, '--token', 'responder',
            '--label', $kind, '--id', $kind eq 'rsa' ? 'A2' : 'A1', '--pin',
            '1234');
    }
    my (undef, undef, $uid, $gid) = user();
    must('chown', '-R', "$uid:$gid", $hsm) if $uid;
    spew("$work/pin", "1234\n");
    spew("$work/bad-pin", "mellon99\n");
    return;
}

sub token_conf {
    my ($kind, $pin, $more) = @_;
    my $uri = "pkcs11:token=responder;object=$kind;type=private"
        . ($more // '');
    return <<"CONF";
<Location "/ocsp/">
    OCSPResponderCA root
    OCSPResponderKey "$uri"
    @{[$pin ? qq(OCSPResponderKeyPassPhrase "file:$work/$pin") : '']}
    OCSPResponderCert "$in_token{$kind}{pem}"
</Location>
CONF
}

# What there is to see of it through the engine, or the provider.
sub try_token {
    my ($way) = @_;
    note "through the $way";
    my %set = (SOFTHSM2_CONF => "$work/softhsm.conf");
    my %env = %{ +{ token_ways($work, $module, %set) }->{$way} };
    for my $kind (qw(p256 rsa)) {
        my $server = T::Server->new(env => \%env,
            conf => token_conf($kind, 'pin'));
        ($code, $text) = $server->configtest;
        is $code, 0, "$kind: httpd -t" or diag $text;
        unlike $text, qr/Warning/, '  finds nothing';
        $server->start;
        is signer($server), $in_token{$kind}{serial}, '  signs' for 1 .. 3;
        ok $server->graceful, '  a graceful restart';
        is signer($server), $in_token{$kind}{serial}, '  signs again';
        is $server->says('/ocsp/', 'root-good-1'), 'good', '  out of the cache'
            for 1 .. 2;
    }
    my $inline = T::Server->new(env => \%env,
        conf => token_conf('p256', undef, '?pin-value=1234'))->start;
    is signer($inline), $in_token{p256}{serial}, 'the PIN in the URI';

    note 'what is wrong';
    my $mismatch = token_conf('p256', 'pin')
        =~ s/\Q$in_token{p256}{pem}\E/$in_token{rsa}{pem}/r;
    ($code, $text) =
        T::Server->new(env => \%env, conf => $mismatch)->configtest;
    isnt $code, 0, "a certificate of another key";
    like $text, qr/does not match the certificate/, '  which is said';
    my %wrong = ('a wrong PIN' => token_conf('p256', 'bad-pin'),
        'a wrong PIN in the URI' =>
            token_conf('p256', undef, '?pin-value=mellon99'));
    my $here = folder();
    my ($logins, $signatures) = ("$here/logins", "$here/signatures");
    must('cc', '-shared', '-fPIC', '-o', "$here/shim.so",
        top_dir() . '/t/lib/pkcs11_shim.c', '-ldl');
    my %counted = %{ +{ token_ways($here, "$here/shim.so", %set,
        SHIM_MODULE => $module, SHIM_LOGINS => $logins,
        SHIM_SIGNATURES => $signatures, SHIM_HANG => "$work/never") }->{$way} };
    for my $what (sort keys %wrong) {
        my $server = T::Server->new(env => \%env, conf => $wrong{$what});
        ($code, $text) = $server->configtest;
        isnt $code, 0, "$what: httpd -t";
        unlike $text, qr/mellon99/, '  does not tell it';
        $server->{env} = \%counted;
        spew($_, '') for $logins, $signatures;
        chmod 0666, $logins, $signatures;
        $server->expect_log('OCSP0202')->start;
        for (1 .. 20) {
            $server->says('/ocsp/', 'root-good-1');
            sleep 0.2;
        }
        is $server->says('/ocsp/', 'root-good-1'), 'internalError', '  twenty';
        unlike $server->error_log, qr/mellon99/, '  is not told';
        is length slurp($logins), 1, '  one login: a token would not be locked';
        $server->stop;
    }

    note 'a wrong PIN for more than one key';
    my $three = T::Server->new(mpm => 'prefork', env => \%counted,
        conf => join '', token_conf('p256', 'bad-pin'),
        token_conf('rsa', 'bad-pin') =~ s{/ocsp/}{/rsa/}r,
        token_conf('p256', 'bad-pin') =~ s{/ocsp/}{/id/}r
            =~ s/object=p256/id=%A1/r);
    spew($logins, '');
    isnt(($three->configtest)[0], 0, 'httpd -t');
    is length slurp($logins), 1, '  one login for three keys';
    spew($logins, '');
    $three->expect_log('OCSP0202')->start;
    for (1 .. 10) {
        $three->says($_, 'root-good-1') for qw(/ocsp/ /rsa/ /id/);
        sleep 0.2;
    }
    ok $three->graceful, '  a start, and a graceful restart';
    for my $location (qw(/ocsp/ /rsa/ /id/)) {
        is $three->says($location, 'root-good-1'), 'internalError', '  no key';
    }
    is length slurp($logins), 1, '  one login between them';
    $three->stop;

    try_pin_in_settings(\%counted, $logins) if $way eq 'provider';

    note 'a key that is not there';
    my $beside = T::Server->new(env => \%env, conf => join '',
        token_conf('rsa', 'pin') =~ s{/ocsp/}{/absent/}r
            =~ s/object=rsa/object=x/r,
        token_conf('p256', 'pin'));
    $beside->expect_log('OCSP0202')->allow_log('OCSP0552')->start;
    wait_for { $beside->says('/ocsp/', 'root-good-1') eq 'good' } 10;
    is $beside->says('/absent/', 'root-good-1'), 'internalError', 'its CA';
    is $beside->says('/ocsp/', 'root-good-1'), 'good', '  costs no other';
    ok $beside->graceful, '  a graceful restart';
    ok((wait_for { $beside->says('/ocsp/', 'root-good-1') eq 'good' } 10),
        '  and the other signs');

    note 'a token that comes and goes';
    come_back(\%env, 'pin');
    come_back(\%env, undef, '?pin-value=1234');
    return;
}

sub both_sign {
    my ($server, $name) = @_;
    for my $location (qw(/ocsp/ /p256/)) {
        wait_for { $server->says($location, 'root-good-1') eq 'good' } 10;
        is $server->says($location, 'root-good-1'), 'good', $name;
    }
    return;
}

# It is away when the server starts, which has two keys in it.
sub come_back {
    my ($env, @pin) = @_;
    rename $hsm, "$hsm.away" or die $!;
    mkdir $hsm;
    my $late = T::Server->new(env => $env, conf => join '',
        token_conf('rsa', @pin),
        token_conf('p256', @pin) =~ s{/ocsp/}{/p256/}r);
    ($code, $text) = $late->configtest;
    is $code, 0, 'httpd -t without it';
    like $text, qr/Warning on line 3 .*no private key is found/, '  warns';
    $late->expect_log('OCSP0202')->allow_log(
        qw(OCSP0201 OCSP0203 OCSP0552 AH00051 AH00052))->start;
    is $late->says('/ocsp/', 'root-good-1'), 'internalError', 'it is away';
    # Long enough for each kind of attempt.
    sleep 3;
    unlike $late->error_log, qr/not tried again/, '  and no PIN is blamed';
    rmdir $hsm or die $!;
    rename "$hsm.away", $hsm or die $!;
    both_sign($late, 'it is there, with no restart');
    is signer($late), $in_token{rsa}{serial}, '  with its key';
    kill KILL => children_of($late->{pid});
    both_sign($late, 'all processes crashed');
    $late->stop;
    return;
}

# The provider may be told the PIN in OpenSSL's settings, and asks nobody then.
sub try_pin_in_settings {
    my ($env, $logins) = @_;
    my $with = sub {
        my ($pin) = @_;
        my $settings = slurp($env->{OPENSSL_CONF}) =~
            s/^(pkcs11-module-path)/pkcs11-module-token-pin = $pin\n$1/mr;
        return { %$env,
            OPENSSL_CONF => spew("$work/openssl-$pin.cnf", $settings) };
    };
    note "a wrong PIN in OpenSSL's settings";
    my $wrong = T::Server->new(mpm => 'prefork', env => $with->('mellon99'),
        conf => join '', token_conf('p256'),
        token_conf('rsa') =~ s{/ocsp/}{/rsa/}r);
    spew($logins, '');
    my ($code, $text) = $wrong->configtest;
    isnt $code, 0, 'httpd -t';
    like $text, qr/the token has refused the PIN/, '  says why';
    is length slurp($logins), 1, '  one login for two keys';
    spew($logins, '');
    $wrong->expect_log('OCSP0202')->allow_log('OCSP0201')->start;
    for my $when ('a start', 'a graceful restart') {
        for (1 .. 20) {
            $wrong->says($_, 'root-good-1') for qw(/ocsp/ /rsa/);
            sleep 0.2;
        }
        is $wrong->says('/ocsp/', 'root-good-1'), 'internalError', $when;
        is length slurp($logins), 1, '  one login between them';
        ok $wrong->graceful, '  goes on' if $when eq 'a start';
    }
    $wrong->stop;

    note 'the right one';
    come_back($with->('1234'));
    return;
}

SKIP: {
    my %ways = $module ? token_ways($work, $module) : ();
    skip 'no SoftHSM, or OpenSSL knows no PKCS#11', 1 unless %ways;
    fill_token();
    try_token($_) for sort keys %ways;
}

finish;
