# SPDX-License-Identifier: Apache-2.0
# What libpq reads elsewhere than in DBDParams counts as if it stood there: of a
# service in pg_service.conf, and of the environment. Of its hosts, and of the
# addresses of a name, one that is silent is passed over.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use POSIX ();
use T::Database;
use T::Server;
use Time::HiRes qw(time);

my $why_not = grep({ $_ eq 'pgsql' } T::Database::engines())
    ? T::Database::why_not('pgsql') : 'not of ENGINES';
plan skip_all => "pgsql: $why_not" if $why_not;

my $db = T::Database->start('pgsql');

# The kernel takes connections for it, and nobody answers.
sub silent_at {
    my ($address, $port) = @_;
    return IO::Socket::INET->new(Listen => 100, LocalAddr => $address,
        LocalPort => $port) || die "$address: $@";
}

# Lets in who connects there from now on, and says in the same breath that the
# session ends.
sub end_at_once {
    my ($listening) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    my $ends = "SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0";
    while (my $client = $listening->accept) {
        while (sysread $client, my $asked, 8192) {
            # A request for TLS or the like has eight bytes.
            syswrite $client, length $asked == 8 ? 'N' : pack 'a N N a N a a N a*',
                R => 8, 0, Z => 5, I => E => 4 + length $ends, $ends;
        }
    }
    POSIX::_exit(0);
}

# Tables in a schema of their own, where root-good-1 is revoked.
$db->sql('CREATE SCHEMA theirs; GRANT USAGE ON SCHEMA theirs TO ocsp');
$db->sql("CREATE TABLE theirs.$_ AS SELECT * FROM public.$_;"
    . " GRANT SELECT ON theirs.$_ TO ocsp")
    for qw(django_ca_certificate django_ca_certificateauthority);
my $serial = cert('root-good-1')->{serial};
$db->sql('UPDATE theirs.django_ca_certificate SET revoked = true,'
    . " revoked_date = now() WHERE serial = '$serial'");

my ($other) = $db->lines =~ /"host=\S+ port=\S+ (.*)"/;
my $path     = '-c search_path=theirs';
my $silent   = silent_at('127.0.0.1', 0);
my $services = "$db->{root}/pg_service.conf";
spew($services, map { "$_\n" }
    '[path]', "host=127.0.0.1\nport=$db->{port}", (split / /, $other),
    "options=$path",
    '[hosts]', 'host=127.0.0.1,127.0.0.1',
    'port=' . $silent->sockport . ",$db->{port}", split / /, $other);
chmod 0644, $services;

# A server with these DBDParams, and what else is in its environment.
sub server {
    my ($params, %env) = @_;
    my $server = T::Server->new(db => 0, env => \%env,
        dbd => qq(DBDriver pgsql\nDBDParams "$params"\n), conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
CONF
    return $server->allow_log(qw(OCSP0201 OCSP0203));
}

# What is said in the end, and within five seconds.
sub says {
    my ($server, $right, $name) = @_;
    my $began = time;
    my $said;
    wait_for { ($said = $server->says('/ocsp/', 'root-good-1')) ne 'tryLater' }
        within(5);
    is $said, $right, $name;
    cmp_ok time - $began, '<', within(5), '  in time';
    $server->stop;
    return;
}

note 'options that lead to other tables';
says(server("host=127.0.0.1 port=$db->{port} $other")->start, 'good', 'none');
says(server('service=path', PGSERVICEFILE => $services)->start, 'revoked',
    'of a service');
says(server("host=127.0.0.1 port=$db->{port} $other", PGOPTIONS => $path)
    ->start, 'revoked', 'of the environment');

note 'hosts of which the first is silent';
says(server('service=hosts', PGSERVICEFILE => $services)->start, 'good',
    'of a service');
says(server($other, PGHOST => '127.0.0.1,127.0.0.1',
    PGPORT => $silent->sockport . ",$db->{port}")->start, 'good',
    'of the environment');

note 'names that nobody knows are not waited for';
like +(server('host=one.invalid,other.invalid dbname=x')->configtest)[1],
    qr/could not translate host name "other\.invalid"/, 'why is told';

note 'a session that ends as it begins tells it to nobody';
my $brief = silent_at('127.0.0.1', 0);
my $ended = server("host=127.0.0.1 port=@{[$brief->sockport]} $other")->start;
my $ends = end_at_once($brief);
is $ended->says('/ocsp/', 'root-good-1'), 'tryLater', 'no answer';
unlike $ended->stderr . $ended->error_log, qr/^FATAL/m, '  and no stray line';
$ended->stop;
kill KILL => $ends;
waitpid $ends, 0;

note 'a name with two addresses, of which the first is silent';
my $hosts = "$db->{root}/hosts";
spew($hosts, "127.0.0.1 twice.example\n127.0.0.2 twice.example\n");
chmod 0644, $hosts;
my @with_hosts = ('unshare', '-m', 'sh', '-c',
    "mount --bind '$hosts' /etc/hosts && exec \"\$@\"", 'sh');
SKIP: {
    skip 'no /etc/hosts of its own can be had', 1
        if $> || (run(@with_hosts, 'true'))[0];
    my $far = T::Database->start('pgsql',
        settings => { listen_addresses => '127.0.0.2' });
    my $near = silent_at('127.0.0.1', $far->{port});
    my $server = server("host=twice.example port=$far->{port} $other");
    no warnings 'redefine';
    my $command = T::Server->can('command');
    local *T::Server::command = sub { (@with_hosts, $command->(@_)) };
    says($server->start, 'good', 'the other one is asked');
}
finish;
