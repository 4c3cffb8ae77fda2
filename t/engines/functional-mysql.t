# SPDX-License-Identifier: Apache-2.0
# The functional tests on MariaDB: see functional.pl.
use strict;
use warnings;
use FindBin;

BEGIN { $ENV{ON} = 'mysql' }
do "$FindBin::Bin/functional.pl" or die $@ || $!;
