# SPDX-License-Identifier: Apache-2.0
# make demo in surroundings that a newcomer may have: a path with a blank, a
# proxy, a umask that leaves nothing to others, and a folder for temporary files
# that others may not enter.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp ();
use T::Server;

plan(skip_all => 'the module of the demo has no sanitizers')
    if $ENV{SAN_PRELOAD};

my $folder = File::Temp->newdir('demo-XXXXXX', TMPDIR => 1);
mkdir "$folder/$_", 0700 or die $! for 'own', 'a checkout';
chmod 0755, "$folder", "$folder/a checkout";
symlink top_dir(), "$folder/a checkout/top" or die $!;
my %odd = (
    http_proxy => 'http://127.0.0.1:1/',
    TMPDIR     => "$folder/own",
    MODULE     => module_file(),
);

local @ENV{keys %odd} = values %odd;
delete local $ENV{no_proxy};
my ($code, $text) = run('sh', '-c', 'umask 077 && exec "$0"',
    "$folder/a checkout/top/t/demo");
is $code, 0, 'it runs' or diag $text;
like $text, qr/^# All as it should be/m, 'and all is as it should be';
is_deeply [glob "$folder/own/*"], [], 'nothing is left';

finish;
