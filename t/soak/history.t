# SPDX-License-Identifier: Apache-2.0
# The checker of make soak finds an answer that cannot be true, and takes every
# one that can.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;

use History;

# The faults of answers about one row: commits and answers as [begin, end,
# status].
sub faults {
    my ($writes, @reads) = @_;
    my $history = History->new('good');
    $history->wrote('a', @$_) for @$writes;
    $history->read('a', @$_) for @reads;
    return join '; ', map { s/^a: //r } $history->faults;
}

my $revoked = [[10, 12, 'revoked 1']];
my $again   = [@$revoked, [20, 22, 'good'], [30, 32, 'revoked 2']];

is faults($revoked, [1, 2, 'good']), '', 'before it is revoked';
is faults($revoked, [1, 10, 'revoked 1']), '',
    'a commit may be seen from its begin';
is faults($revoked, [12, 13, 'good']), '', '  and unseen until its end';
is faults($revoked, [13, 14, 'revoked 1']), '', 'after it is revoked';
is faults($again, [1, 40, 'revoked 1'], [1, 40, 'good'], [1, 40, 'revoked 2']),
    '', 'a long answer may be of any instant';
is faults($again, [11, 11.1, 'good'], [11.1, 11.2, 'revoked 1']), '',
    'old, then new';
is faults([], [1, 2, 'good']), '', 'nothing was committed';

my $never = 'was not true at any instant';
like faults($revoked, [12.5, 13, 'good']), qr/^"good" from 12.5.*$never$/,
    'good after the commit that revoked';
like faults($revoked, [8, 9, 'revoked 1']), qr/$never/, 'before its commit';
like faults($again, [25, 26, 'revoked 1']), qr/$never/, 'a status gone by';
like faults($again, [25, 26, 'revoked 2']), qr/$never/, 'and one to come';
like faults($again, [1, 40, 'unknown']), qr/$never/, 'one that never was';
like faults([], [1, 2, 'revoked 1']), qr/$never/, 'without any commit';

my $older = 'is older than what was said before';
like faults($revoked, [11, 11.1, 'revoked 1'], [11.2, 11.3, 'good']),
    qr/^"good" from 11.2.*$older$/, 'new, then old, within a commit';
is faults($revoked, [11, 11.4, 'revoked 1'], [11.2, 11.3, 'good']), '',
    '  but at the same time';
like faults($again, [21, 21.1, 'good'], [21.2, 21.3, 'revoked 1'],
    [21.4, 21.5, 'good']), qr/^"revoked 1" from 21.2[^;]*$older$/,
    '  and back again';

done_testing;
