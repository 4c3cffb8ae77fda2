# SPDX-License-Identifier: Apache-2.0
# django-ca 3.2.0, live: see live.pl.
use strict;
use warnings;
use FindBin;

BEGIN { $ENV{DJANGO_CA_RELEASE} = '3.2.0' }
do "$FindBin::Bin/live.pl" or die $@ || $!;
