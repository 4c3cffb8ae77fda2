# SPDX-License-Identifier: Apache-2.0
# A private MySQL, where MariaDB is not installed.
package T::Database::MySQL;

use strict;
use warnings;

require T::Database::MariaDB;

our @ISA = ('T::Database::MariaDB');

# Its programs, by MySQL's names.
sub programs       { return qw(mysqld mysql) }
sub server_program { return $_[0]->program('mysqld') }
sub client_program { return $_[0]->program('mysql') }

# Makes its files.
sub init {
    my ($self) = @_;
    $self->done($self->server_program, '--no-defaults',
        '--initialize-insecure', "--datadir=$self->{root}/data",
        "--tmpdir=$self->{root}/run");
    return;
}

# No second protocol, no log for replicas, and no files read or written.
sub own_settings {
    return qw(--mysqlx=OFF --skip-log-bin --innodb-redo-log-capacity=8M
        --secure-file-priv=NULL);
}

# Its program takes "source" only when told so.
sub client {
    my ($self, $name, @arguments) = @_;
    return $self->SUPER::client($name, '--commands', @arguments);
}

1;
