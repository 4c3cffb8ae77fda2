# SPDX-License-Identifier: Apache-2.0
# The functional tests on PostgreSQL: see functional.pl.
use strict;
use warnings;
use FindBin;

BEGIN { $ENV{ON} = 'pgsql' }
do "$FindBin::Bin/functional.pl" or die $@ || $!;
