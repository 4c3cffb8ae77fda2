# SPDX-License-Identifier: Apache-2.0
# Tokens made of software, and what OpenSSL reaches them through.
package T::Token;

use strict;
use warnings;
use Exporter 'import';

use T::Platform;
use T::Process;

our @EXPORT = qw(softhsm token_ways);

# SoftHSM's PKCS#11 module; undef where it is not there.
sub softhsm {
    return if !grep { -x "$_/softhsm2-util" } split /:/, $ENV{PATH};
    return (grep { -e } glob '/usr/lib*/softhsm/libsofthsm2.so'
        . ' /usr/lib/*/softhsm/libsofthsm2.so /usr/lib*/pkcs11/libsofthsm2.so'
        )[0];
}

# The environments in which OpenSSL uses that PKCS#11 module, by what it does so
# through: "engine" (libp11's), "provider" (pkcs11-provider); those that are
# there. A file of settings goes into a folder.
sub token_ways {
    my ($folder, $module, %env) = @_;
    my ($engine) = grep { T::Platform::has_engines() }
        glob '/usr/lib/*/engines-3/pkcs11.so /usr/lib*/engines-3/pkcs11.so';
    my ($provider) = glob '/usr/lib/*/ossl-modules/pkcs11.so'
        . ' /usr/lib*/ossl-modules/pkcs11.so';
    # It loads modules in a way (RTLD_DEEPBIND) that sanitizers refuse.
    undef $provider if $ENV{SAN_PRELOAD};
    $env{PKCS11_MODULE_PATH} = $module;
    my %ways;
    $ways{engine} = { %env } if $engine;
    $ways{provider} = { %env, OPENSSL_CONF =>
        spew("$folder/openssl.cnf", <<"CNF") } if $provider;
openssl_conf = main
[main]
providers = providers
[providers]
default = default_section
pkcs11 = pkcs11_section
[default_section]
activate = 1
[pkcs11_section]
module = $provider
pkcs11-module-path = $module
pkcs11-module-quirks = no-deinit no-operation-state
activate = 1
CNF
    return %ways;
}

1;
