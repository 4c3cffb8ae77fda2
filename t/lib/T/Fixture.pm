# SPDX-License-Identifier: Apache-2.0
# The database that django-ca made, and what is known of its rows, by tag.
package T::Fixture;

use strict;
use warnings;
use Carp qw(croak);
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use MIME::Base64 qw(decode_base64);
use T::Process;

our @EXPORT = qw(ca ca_is_usable ca_tags cert cert_tags fixture_dir fixture_sql
    pem_der);

# FIXTURE: the release that filled it.
my $release = $ENV{FIXTURE} // '3.1.0';
my $top = abs_path(dirname(__FILE__) . "/../../fixtures/django-ca-$release");
my (%ca, @ca_tags, %cert, @cert_tags);

# The folder of the fixture, and the SQL of its tables.
sub fixture_dir { return $top }
sub fixture_sql { return "$top/db.sql" }

# The rows of one of its tables of text, with whole paths.
sub table {
    my ($name) = @_;
    my ($head, @lines) = split /\n/, slurp("$top/$name");
    my @names = split /\t/, $head;
    my @rows;
    for my $line (@lines) {
        my %row;
        @row{@names} = map { $_ eq '-' ? undef : $_ } split /\t/, $line;
        $row{$_} = "$top/$row{$_}"
            for grep { defined $row{$_} && $row{$_} =~ m{^(?:certs|keys)/} }
            keys %row;
        push @rows, \%row;
    }
    return @rows;
}

# Reads both tables once.
sub load {
    return if @ca_tags;
    for my $row (table('cas.tsv')) {
        push @ca_tags, $row->{tag};
        $ca{ $row->{tag} } = {
            %$row,
            serial  => $row->{serial_hex},
            ca_key  => $row->{key},
            key     => $row->{responder_key},
            cert    => $row->{responder_pem},
        };
    }
    for my $row (table('expected.tsv')) {
        push @cert_tags, $row->{tag};
        $cert{ $row->{tag} } =
            { %$row, serial => $row->{serial_hex},
            issuer => $row->{issuer_tag} };
    }
    return;
}

# A CA: serial, name, pem (its certificate), ca_key (its own key), key and cert
# (its responder's), responder_serial.
sub ca {
    my ($tag) = @_;
    load();
    return $ca{$tag} // croak "no CA '$tag' in the fixture";
}

# A certificate: serial, issuer (a CA's tag), status, revoked_utc, reason,
# invalidity_utc, pem, table.
sub cert {
    my ($tag) = @_;
    load();
    return $cert{$tag} // croak "no certificate '$tag' in the fixture";
}

# The tags of all CAs, and of all certificates.
sub ca_tags   { load(); return @ca_tags }
sub cert_tags { load(); return @cert_tags }

my %is_usable;

# Whether this OpenSSL, as it is configured, takes a CA's keys: with FIPS it
# leaves some out. Skips so many tests for one that it does not.
sub ca_is_usable {
    my ($tag, $tests) = @_;
    $is_usable{$tag} //= grep({ (run('openssl', 'pkey', '-noout', '-in', $_))[0]
        } @{ ca($tag) }{qw(key ca_key)}) ? 0 : 1;
    Test::More->builder->skip("$tag: OpenSSL takes no key of that kind here")
        for 1 .. ($is_usable{$tag} ? 0 : $tests // 0);
    return $is_usable{$tag};
}

# The bytes of the first certificate in a PEM file.
sub pem_der {
    my ($path) = @_;
    my ($base64) = slurp($path) =~ /-----BEGIN [^-]+-----(.*?)-----END/s
        or croak "$path is no PEM";
    return decode_base64($base64);
}

1;
