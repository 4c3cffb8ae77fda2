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

# -- create and merge

sub body_of {
    my ($name) = @_;
    my ($body) = $source =~ /^[^\n;{]*\b\Q$name\E\([^;{]*\)\n\{(.*?)^\}/ms;
    return $body // '';
}

my ($struct) = $header =~ /typedef\s+struct\s*\{([^}]*)\}\s*config_t\s*;/;
my @fields = ($struct // '') =~ /(\w+)\s*;/g;
cmp_ok scalar @fields, '>', 5, 'config_t has fields';
my $create = body_of('config_create_dir');
my $merge  = body_of('config_merge_dir');
isnt $create, '', 'config_create_dir() can be read';
isnt $merge,  '', 'config_merge_dir() can be read';

# The helpers that it calls by name belong to it.
$merge .= body_of($_) for $merge =~ /\b(merge_\w+)\(/g;
for my $field (@fields) {
    like $create, qr/->\Q$field\E\s*=/, "$field is created";
    like $merge, qr/\bMERGE_\w+\(\Q$field\E\)|merged->\Q$field\E\s*=/,
        "$field is merged";
}

# -- sections that stand later

# What is compared where a broad section stands behind a narrow one: all but
# places, and what comes with another field.
my $overlaps = join '', map { slurp($_) } parts('overlaps.c');
my %with = map { $_ => 1 }
    qw(keys certs location time_zone source_arguments);
for my $field (grep { !/_at$/ && !$with{$_} } @fields) {
    like $overlaps, qr/\b(?:TEXT|NUMBER)\("\w*", \Q$field\E\)/,
        "$field is compared between sections";
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
