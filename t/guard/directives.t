# SPDX-License-Identifier: Apache-2.0
# A directive is in the table, in the configuration's create and merge, in the
# documents and in a test; nowhere is one forgotten, or left over.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Server;

my $top    = top_dir();
my $source = join('', map { slurp($_) } parts('directives.c'))
    . join('', map { slurp($_) } parts('config.c'));
my $header = join('', map { slurp($_) } parts('config.h'));
s{/\*.*?\*/}{ }gs for $source, $header;

# -- the table

my @rows = $source =~ /AP_INIT_\w+\(\s*"<?(\w+)",\s*\w+,/g;
my $count = () = $source =~ /\bAP_INIT_\w+\(/g;
cmp_ok scalar @rows, '>', 5, 'the command table has rows';
is scalar @rows, $count, 'each of which can be read';
my %row = map { $_ => 1 } @rows;
is scalar keys %row, scalar @rows, 'none is there twice';
like $_, qr/^OCSPResponder/, "$_ begins as all do" for @rows;

my %document = map { $_ => -e "$top/$_" ? slurp("$top/$_") : '' }
    'conf/ocsp_responder.conf', 'README', 't/functional/50-config.t';
for my $name (sort keys %document) {
    isnt $document{$name}, '', "$name is there" or next;
    my %named = map { $_ => 1 } $document{$name}
        =~ /\b(OCSPResponder[A-Za-z]*)\b/g;
    is join(' ', grep { !$named{$_} } sort keys %row), '',
        "$name knows every directive";
    is join(' ', grep { !$row{$_} } sort keys %named), '',
        "$name knows no other";
}

# -- what sections are made of

# Create, merge and the comparison of sections go through one table, by what
# type a field has. A directive sets each but places, and what comes with
# another field.
my ($struct) = $header =~ /typedef\s+struct\s*\{([^}]*)\}\s*config_t\s*;/;
my @fields = ($struct // '') =~ /(\w+)\s*;/g;
my %number = map { $_ => 1 } ($struct // '') =~ /\bint\s+(\w+)\s*;/g;
my %with   = map { $_ => 1 }
    qw(keys certs location time_zone source_arguments);
cmp_ok scalar @fields, '>', 5, 'config_t has fields';
for my $field (@fields) {
    my $kind = $number{$field}                 ? 'NUMBER'
        : $field =~ /_at$/ || $with{$field} ? 'BESIDE'
                                               : 'TEXT';
    my $count = () = $source =~ /\b$kind\((?:"\w*", )?\Q$field\E\)/g;
    is $count, 1, "$field is created, merged and compared as $kind";
}

# -- what makes two sections one responder

# All but what each request reads of its own section, places, what comes with
# another field, and the lists whose members are responders of their own.
my ($identity) = join('', map { slurp($_) } parts('responders.c'))
    =~ /typedef struct \{([^}]*)\} identity_t;/;
my %read = map { $_ => 1 } qw(expires max_age reuse backdate unknown nonce
    max_certids max_request archive_cutoff cert_hash dual_certid presigned
    enabled profile location time_zone time_zone_name keys certs);
my %told = map { $_ => 1 } ($identity // '') =~ /(\w+)(?=[,;])/g;
for my $field (grep { !/_at$/ } @fields) {
    ok $told{$field} || $read{$field},
        "$field tells responders apart, or is read for each request";
}
ok $told{time_zone}, 'as the zone does';

finish;
