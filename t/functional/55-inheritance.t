# SPDX-License-Identifier: Apache-2.0
# Where directives stand: server, virtual hosts, locations inside locations.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy qw(copy);
use T::Server;

# A serial as another administrator would write it.
my $colons = lc join ':', ca('root')->{serial} =~ /^(.)?((?:..)*)$/
    ? (defined $1 ? $1 : (), $2 =~ /../g) : ();

my $server = T::Server->new(conf => <<'CONF' =~ s/COLONS/$colons/r)->start;
OCSPResponderKey @root.key@
OCSPResponderCert @root.cert@
OCSPResponderExpires 900
OCSPResponderMaxCertIDs 3
<Directory "@ROOT@/htdocs">
    Require all granted
</Directory>

<Location "/everywhere/">
    @responder root@
</Location>

<VirtualHost *:@PORT@>
ServerName localhost
<Location "/root/">
    OCSPResponderCA @root.serial@
</Location>
<Location "/root/hour/">
    OCSPResponderExpires 3600
</Location>
<Location "/root/hour/nononce/">
    OCSPResponderNonce off
    OCSPResponderMaxCertIDs 1
</Location>
<Location "/root/off/">
    OCSPResponder off
</Location>
<Location "/root/off/on/">
    OCSPResponder on
</Location>
<Location "/root/off/inter/">
    @responder inter@
</Location>
<Location "/root/inter/">
    @responder inter@
</Location>
<Location "/root/other-key/">
    OCSPResponderKey @root.ca_key@
    OCSPResponderCert @root.pem@
</Location>
<Location "/colons/">
    OCSPResponderCA COLONS
</Location>
<Location "/zeros/">
    OCSPResponderCA 000@root.serial@
</Location>
<Location "/name/">
    OCSPResponderCA root
</Location>
<Location "/handler/">
    OCSPResponderCA root
    SetHandler ocsp-responder
</Location>
<Location "/ordinary/">
    OCSPResponderExpires 60
</Location>

</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName inter.example
    OCSPResponderExpires 1200
    <Location "/">
        @responder inter@
    </Location>
    <Location "/special/">
        OCSPResponderExpires 60
    </Location>
    <Location "/plain/">
        OCSPResponder off
    </Location>
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName slash.example
    OCSPResponderExpires 30
    <Location "/">
        OCSPResponderCA ec
        OCSPResponderKey @ec.key@
        OCSPResponderCert @ec.cert@
    </Location>
    <Location "/plain/">
        OCSPResponder off
    </Location>
</VirtualHost>
CONF

spew("$server->{root}/htdocs/index.txt", 'a file');
mkdir "$server->{root}/htdocs/$_" for qw(root root/off plain ordinary);
spew("$server->{root}/htdocs/$_/index.txt", 'a file')
    for qw(root/off plain ordinary);

my ($code, $said) = $server->configtest;
like $said,
    qr/\A(?:OCSP0(?:151: |107: .*digitalSignature).*\n){3}Syntax OK\n\z/,
    "httpd -t says that two hosts take /everywhere/, and minds the CA's key";
# A start reads the configuration twice.
sub taken { return scalar(() = $_[0] =~ /OCSP0151: Warning/g) }
is taken($server->error_log), taken($said), 'so does the log of a start, once';
is taken($server->stderr), 0, 'not the terminal, where errors are';
$server->expect_log('OCSP0151');

sub ask {
    my ($location, $tag, $host, %o) = @_;
    return $server->get($location, request_for($tag, %o),
        host => $host // 'localhost');
}

sub lasts {
    my $answer = ask(@_);
    return $answer->{single} && $answer->{single}{next_update}
        - $answer->{response}{produced_at};
}

note 'the server and locations inside locations';
is ask('/root/', 'root-good-1')->{says}, 'good',
    'key and certificate of the server';
is lasts('/root/', 'root-good-1'), 900, 'expires too';
is lasts('/root/hour/', 'root-good-1'), 3600, 'a location inside overrides it';
is lasts('/root/hour/nononce/', 'root-good-1'), 3600, 'two levels down';
my $one = ask('/root/hour/nononce/', 'root-good-1', undef, nonce => 'n');
is_deeply $one->{response}{extensions}, {}, 'with its own nonce setting';
ok ask('/root/hour/', 'root-good-1', undef, nonce => 'n')
    ->{response}{extensions}{ $OID{nonce} }, 'which the outer one has not';
my %most = ('/root/' => 3, '/root/hour/' => 3, '/root/hour/nononce/' => 1);
for my $location (sort keys %most) {
    my @certids = (certid_of('root-good-1')) x $most{$location};
    is $server->post($location, ocsp_request(\@certids))->{says},
        join(',', ('good') x @certids),
        "$location takes $most{$location} CertIDs";
    is $server->post($location, ocsp_request([@certids, $certids[0]]))->{says},
        'malformedRequest', '  and no more';
}

note 'several CAs, and one CA with two keys';
is ask('/root/inter/', 'inter-good-1')->{says}, 'good', 'another CA inside';
is ask('/root/inter/', 'root-good-1')->{says}, 'unauthorized',
    'not the outer one';
my ($delegated, $direct) =
    map { ask($_, 'root-good-1')->{response} } '/root/', '/root/other-key/';
is scalar @{ $delegated->{certs} }, 1, 'one key with a certificate of its own';
is_deeply $direct->{certs}, [pem_der(ca('root')->{pem})],
    "one that is the CA's";
isnt unpack('H*', $direct->{responder}{key}), unpack('H*',
    $delegated->{responder}{key}),
    'two responders for one CA';

note 'OCSPResponder off and on';
is $server->request('GET', '/root/off/index.txt')->{body}, 'a file',
    'off: a file';
is ask('/root/off/', 'root-good-1')->{status}, 404, 'off: no answer';
is ask('/root/off/on/', 'root-good-1')->{says}, 'good', 'on again inside';
is ask('/root/off/inter/', 'inter-good-1')->{says}, 'good', 'a CA set inside';
is $server->request('GET', '/ordinary/index.txt')->{body}, 'a file',
    'no CA, no responder';

note 'the spelling of the CA';
is ask($_, 'root-good-1')->{says}, 'good', $_
    for '/colons/', '/zeros/', '/name/', '/handler/';

note 'virtual hosts';
is ask('/', 'inter-good-1', 'inter.example')->{says}, 'good', 'a whole host';
is lasts('/', 'inter-good-1', 'inter.example'), 1200, 'with its own expires';
is lasts('/x/y/', 'inter-good-1', 'inter.example'), 1200, 'at any path';
is lasts('/special/', 'inter-good-1', 'inter.example'), 60, 'a location in it';
is $server->request('GET', '/plain/index.txt', host => 'inter.example')->{body},
    'a file', 'off in it';
is ask('/everywhere/', 'root-good-1')->{says}, 'good',
    "the server's location";
is ask('/everywhere/', 'inter-good-1', 'inter.example')->{says}, 'good',
    'which a host takes';
is ask('/', 'ec-good-1', 'slash.example')->{says}, 'good', 'a location at /';
is ask('//', 'ec-good-1', 'slash.example')->{says}, 'good',
    'with a second slash';
is lasts('/', 'ec-good-1', 'slash.example'), 30, "its host's expires";
is $server->request('GET', '/', host => 'slash.example')->{says},
    'malformedRequest', 'no payload at /';
is $server->request('GET', '/plain/index.txt', host => 'slash.example')->{body},
    'a file', 'off below /';

note 'what DBDInitSQL of a host leads to';
my $initial = T::Server->new(conf => <<'CONF');
<OCSPResponderTable leaves>
    From      django_ca_certificate
    Serial    serial HEX
    CA        any
    Status    revoked 0=good 1=revoked
    RevokedAt revoked_date datetime
</OCSPResponderTable>
<Location "/ocsp/">
    @responder root@
</Location>
<Location "/leaves/">
    @responder root@
    OCSPResponderCA @root.pem@
    OCSPResponderSource sql leaves
</Location>
<VirtualHost *:@PORT@>
    ServerName localhost
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName tables.example
    DBDInitSQL "ATTACH DATABASE '@ROOT@/db/tables.sqlite3' AS theirs"
    DBDInitSQL "CREATE TEMP VIEW django_ca_certificate AS \
        SELECT * FROM theirs.django_ca_certificate"
</VirtualHost>
CONF
copy($initial->{db}, "$initial->{root}/db/tables.sqlite3") or die $!;
must('sqlite3', "$initial->{root}/db/tables.sqlite3",
    'UPDATE django_ca_certificate SET revoked = 1, revoked_date ='
    . " '2024-01-01 00:00:00' WHERE serial = '"
    . cert('root-good-1')->{serial_stored} . q('));
$initial->start;
for my $location ('/ocsp/', '/leaves/') {
    my %says = map { $_ => $initial->get($location,
        request_for('root-good-1'), host => $_)->{says} }
        qw(localhost tables.example);
    is_deeply \%says, { localhost => 'good', 'tables.example' => 'revoked' },
        $location;
}

finish;
