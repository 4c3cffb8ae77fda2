# SPDX-License-Identifier: Apache-2.0
# Case 27: a node of a MariaDB Galera cluster that has yet to apply what another
# has committed says nothing of before.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Fixture;
use T::Server;

ask_once;

# A node; joins is the one whose cluster it joins.
package Node;

our @ISA = ('T::Database::MariaDB');

sub provider {
    return (grep { -e } map { "$_/libgalera_smm.so" }
        qw(/usr/lib/galera /usr/lib64/galera /usr/lib64/galera-4))[0];
}

sub new {
    my ($class, %o) = @_;
    my $self = T::Database->start('mysql');
    $self->down;
    $self = bless { %$self, %o, group_port => T::Platform::free_port(),
        transfer_port => T::Platform::free_port() }, $class;
    return $self->up;
}

sub own_settings {
    my ($self) = @_;
    my $joins = $self->{joins};
    return ($self->SUPER::own_settings, qw(--wsrep-on=ON --binlog-format=ROW
        --innodb-autoinc-lock-mode=2 --wsrep-sst-method=rsync),
        '--wsrep-provider=' . provider(),
        "--wsrep-provider-options=base_host=127.0.0.1;gcache.size=16M;"
        . "base_port=$self->{group_port};"
        . "gmcast.listen_addr=tcp://127.0.0.1:$self->{group_port};"
        . "ist.recv_addr=127.0.0.1:@{[T::Platform::free_port()]}",
        "--wsrep-sst-receive-address=127.0.0.1:$self->{transfer_port}",
        '--wsrep-node-address=127.0.0.1',
        $joins ? "--wsrep-cluster-address=gcomm://127.0.0.1:$joins->{group_port}"
               : qw(--wsrep-cluster-address=gcomm:// --wsrep-new-cluster));
}

package main;

my $why_not = !grep({ $_ eq 'mysql' } T::Database::engines())
    ? 'not of ENGINES' : T::Database::why_not('mysql')
    || (Node->provider ? '' : 'Galera is not installed');
plan skip_all => "mysql: $why_not" if $why_not;
note 'case 27';

my $one   = Node->new;
my $other = Node->new(joins => $one);
is $other->sql("SELECT variable_value FROM information_schema.global_status"
    . " WHERE variable_name = 'wsrep_cluster_size'"), 2, 'two nodes';

my $server = T::Server->new(db => 0, dbd => $other->lines, conf => <<'CONF');
<Location "/ocsp/">
    @responder root@
</Location>
CONF
$server->allow_log('OCSP0203')->start;
is $server->says('/ocsp/', 'root-good-1'), 'good', 'good';

my $lock = $other->spawn($other->client('ocsp', '-e',
    'FLUSH TABLES WITH READ LOCK; DO SLEEP(3)'));
wait_for {
    $other->sql('SELECT count(*) FROM information_schema.processlist'
        . " WHERE info LIKE 'DO SLEEP%'", 'mysql') > 0;
} 10;
$one->sql($one->translate($one->revocation('root-good-1', 1)));
my %says;
wait_for { $says{ $server->says('/ocsp/', 'root-good-1') }++; $says{revoked} } 30;
ok $says{revoked}, 'revoked on the other node: revoked';
is $says{good} // 0, 0, '  and never good';
waitpid $lock, 0;
$server->stop;
$_->down for $other, $one;
finish;
