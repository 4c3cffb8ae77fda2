# SPDX-License-Identifier: Apache-2.0
# httpd -t: the value of each directive, and where it may stand.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::ConfigTest;
use T::Server;

my $server = check_on(T::Server->new);
my $root   = ca('root');

note 'values that no directive takes';
my %bad_value = (
    OCSPResponderCA => [
        '""', '34:G2', '34::02', ':34', '34:D6:', '1:234:5', '" 12:34"',
    ],
    OCSPResponderKey           => ['""'],
    OCSPResponderKeyPassPhrase => [
        '""', qw(secret exec:program exec: file: file:relative env:/x),
    ],
    OCSPResponderCert => ['""', qw(relative.pem XYZ 12:G4 -1 0x12)],
    OCSPResponderExpires => [
        '""', '" 5"', qw(0 0s -1 +5 1.5 0x10 abc 600x 10years 10ms 315360001),
        qw(88000h 99999999999999999999 nevermore off for-ever),
    ],
    OCSPResponderMaxAge => [
        '""', '" 5"', qw(-1 +5 1.5 0x10 abc 600x 10years 10ms 315360001),
        '11y',
    ],
    OCSPResponderReuse => [
        '""', qw(halve on none 0 0s -1 quarter 315360001 11y),
    ],
    OCSPResponderBackdate    => ['""', qw(-1 1.5 60x on 604801 8d 2w)],
    OCSPResponderChain       => ['""'],
    OCSPResponderCertHash    => ['""', qw(maybe 1)],
    OCSPResponderDualCertID  => ['""', qw(maybe 1)],
    OCSPResponderProfile     => ['""', qw(tls brs)],
    OCSPResponderUnknown => ['""', qw(good maybe revoke)],
    OCSPResponderNonce   => ['""', qw(maybe 1)],
    OCSPResponderDigest  => ['""', qw(md5 sha1 nonsense)],
    OCSPResponderMaxCertIDs => ['""', qw(0 -1 1001 x 1.0 99999999999)],
    OCSPResponderMaxRequest => ['""', qw(0 127 1048577 8k -128)],
    OCSPResponderArchiveCutoff => ['""', qw(maybe 0 -7y 7years 61y)],
    OCSPResponderStorage   => ['""', 'relative/folder'],
    OCSPResponderPresigned => ['""', 'maybe'],
    OCSPResponderTimeZone => [
        '""', qw(Mars/Olympus Europe /etc/passwd ../../etc/passwd),
    ],
    OCSPResponderCache => ['""', 'nonsense', 'shmcb'],
    OCSPResponder      => ['""', 'maybe'],
);
my $is_flag =
    qr/^OCSPResponder(?:Nonce|CertHash|DualCertID|Presigned)?$/;
for my $directive (sort keys %bad_value) {
    for my $value (@{ $bad_value{$directive} }) {
        my ($bare) = $value =~ /^"?\s*(.*?)"?$/;
        refused("$directive $value", $directive,
            $directive =~ $is_flag ? qr/must be On or Off/ : qr/\Q$bare\E/,
            "# a line\n$directive $value\n");
    }
    my $one = qr/takes one argument|must be On or Off/;
    refused("$directive without a value", $directive, $one, "$directive\n");
    refused("$directive with two", $directive, $one, "$directive a b\n");
}

refused('OCSPResponderSource without a name', 'OCSPResponderSource',
    qr/takes the name of a source/, "OCSPResponderSource\n");
refused('OCSPResponderSource with an empty one', 'OCSPResponderSource',
    qr/takes the name of a source/, qq(OCSPResponderSource ""\n));
refused('<OCSPResponderTable> without a name', '<OCSPResponderTable',
    qr/must have the form <OCSPResponderTable NAME>/,
    "<OCSPResponderTable>\n</OCSPResponderTable>\n");
refused('<OCSPResponderTable> twice', '<OCSPResponderTable',
    qr/<OCSPResponderTable x> is there twice/,
    "<OCSPResponderTable x>\n</OCSPResponderTable>\n" x 2);

note 'values that they take';
accepted("OCSPResponder$_", location(split / /))
    for 'CA root', 'Expires 1', 'Expires 315360000', 'Expires 10min',
    'Expires 1h', 'Expires 90s', 'Expires 10Y', 'Expires 2d', 'Expires 1w',
    'MaxAge 0', 'MaxAge 10min', 'MaxAge 10y', 'Reuse half', 'Reuse OFF',
    'Reuse 5min', 'Reuse 1', 'Backdate 0', 'Backdate 60', 'Backdate 5min',
    'Backdate 7d', 'Chain none', 'CertHash on', 'DualCertID on',
    'Source django-ca', 'ArchiveCutoff off', 'ArchiveCutoff 7y',
    'ArchiveCutoff 60y', 'Profile none', 'Unknown UNKNOWN',
    'Unknown unauthorized',
    'Unknown revoked', 'Nonce off', 'Nonce On', 'Digest auto', 'Digest AUTO',
    'Digest SHA256', 'Digest sha512', 'MaxCertIDs 1', 'MaxCertIDs 1000',
    'MaxRequest 128', 'MaxRequest 1048576', 'Presigned on', 'ArchiveCutoff on',
    'TimeZone UTC', 'TimeZone Europe/Vienna';
accepted('OCSPResponder off',       "OCSPResponder off\n");
accepted('OCSPResponderCache none', "OCSPResponderCache none\n");
my $even = '0' x (length($root->{serial}) % 2) . $root->{serial};
my %spelling = (
    'lower case' => lc $root->{serial},
    'zeros'      => "000$root->{serial}",
    'colons'     => join(':', $even =~ /../g),
);
accepted("a serial with $_", location(CA => $spelling{$_}))
    for sort keys %spelling;

note 'where they may stand';
for my $section ('LocationMatch "^/ocsp/"', 'Location ~ "^/ocsp/"',
                 'Location "~" "/ocsp/"',   "Location '~' /ocsp/",
                 'DirectoryMatch "^/srv"') {
    my ($end) = split / /, $section;
    refused("<$section>", 'OCSPResponderCA', qr/regular expression/,
        "<$section>\nOCSPResponderCA root\n</$end>\n");
    refused("<IfModule> in <$section>", 'OCSPResponderExpires',
        qr/regular expression/, "<$section>\n<IfModule mod_so.c>\n"
        . "OCSPResponderExpires 60\n</IfModule>\n</$end>\n");
}
for my $case (['Directory "/"', 'Files "x"'],  ['Directory "/"', 'If "true"'],
              ['Location "/"',  'Limit GET'],  ['Location "/"',  'If "true"']) {
    my ($outer, $inner) = map { (split / /)[0] } @$case;
    refused("<$inner> in <$outer>", 'OCSPResponderNonce',
        qr/cannot occur within <$inner/, "<$case->[0]>\n<$case->[1]>\n"
        . "OCSPResponderNonce off\n</$inner>\n</$outer>\n");
}
refused('the cache in a location', 'OCSPResponderCache', qr/not allowed/,
    location(Cache => 'none'));

note 'what belongs together';
refused('a CA without a key', 'OCSPResponderCA', qr/OCSPResponderKey/,
    location(Key => undef));
refused('a CA without a certificate', 'OCSPResponderCA', qr/OCSPResponderCert/,
    location(Cert => undef));
refused('a CA with neither', 'OCSPResponderCA', qr/OCSPResponder(?:Key|Cert)/,
    location(Key => undef, Cert => undef));
accepted('key and certificate without a CA',
    "OCSPResponderKey $root->{key}\nOCSPResponderCert $root->{cert}\n");
accepted('a location that is off', <<'CONF');
<Location "/ocsp/">
    OCSPResponderCA root
    OCSPResponder off
</Location>
CONF
refused('an inner location that lacks its certificate', 'OCSPResponderCert',
    qr/key does not match the certificate/, location() . <<'CONF');
<Location "/ocsp/inner/">
    OCSPResponderKey @inter.key@
</Location>
CONF
accepted('an inner location with all of its own', location() . <<'CONF');
<Location "/ocsp/inner/">
    @responder inter@
</Location>
CONF

note 'all faults at once';
$server->write_conf(location(Key => '/nonexistent')
    . location(CA => 'nobody') =~ s/ocsp/other/r);
my (undef, $both) = $server->configtest;
like $both, qr/nonexistent.*nobody/s, 'two locations, two messages';
is scalar(() = $both =~ /^OCSP\d{4}: Error on line \d+ of /gm), 2,
    'one line each';

finish;
