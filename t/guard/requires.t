# SPDX-License-Identifier: Apache-2.0
# What an OpenSSL that is too old is told: one error, before anything is built.
use strict;
use warnings;
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Platform;
use T::Process;
use Test::More;

# Makes goals with headers that say this version; the exit code, what it says,
# and how much was built.
sub made_with {
    my ($version, @goals) = @_;
    my $folder = File::Temp->newdir;
    mkdir "$folder/openssl";
    spew("$folder/openssl/opensslv.h",
        "#define OPENSSL_VERSION_NUMBER $version\n");
    delete local @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B)};
    local $ENV{CPPFLAGS} = "-I$folder";
    my ($code, $text) = run('make', '-s', '-C', top_dir(), "B=$folder/build",
        @goals);
    my @built = glob "$folder/build/*";
    return ($code, $text, scalar @built);
}

# As 1.1.1w and 3.0.0 have it.
my ($code, $text, $built) = made_with('0x1010117fL', 'all');
isnt $code, 0, 'OpenSSL 1.1.1 is refused';
my @errors = $text =~ /^(.*\berror: .*)$/mg;
is scalar @errors, 1, 'by one error' or diag $text;
like $errors[0], qr/#error "mod_ocsp_responder needs OpenSSL 3\.0 or later"/,
    'that says what is needed';
is $built, 0, 'and nothing is compiled';
($code, $text) = made_with('0x30000000L', 'tools');
is $code, 0, 'OpenSSL 3.0.0 is not' or diag $text;
($code, $text) = made_with('0x30000000L', 'tools', 'CPPFLAGS=-DCHOSEN');
is $code, 0, 'CPPFLAGS of the command line leaves the own folders'
    or diag $text;
done_testing;
