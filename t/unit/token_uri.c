/* SPDX-License-Identifier: Apache-2.0
 * ocsp/token_uri.h: which keys are in the same token. */
#include <apr_general.h>
#include <string.h>
#include "ocsp/token_uri.h"
#include "tap.h"

static void test_token(apr_pool_t *pool)
{
    const char *token = token_uri_token(pool, "pkcs11:token=a;object=one");

    is(token_uri_token(pool, "PKCS11:type=private;id=%01;token=a"), token,
       "what names the key does not count");
    ok(strcmp(token_uri_token(pool, "pkcs11:token=b;object=one"), token) != 0,
       "what names the token does");
    ok(strcmp(token_uri_token(pool, "pkcs11:token=a;object=one?pin-value=1"),
              token)
           != 0,
       "nor is another PIN the same");
    is(token_uri_token(pool, "pkcs11:object=x?id=1"), "?id=1",
       "attributes end where the query begins");
    is(token_uri_token(pool, "handle:0x81000001"), "handle:0x81000001",
       "another scheme's URI is taken as it is");
}

static void test_pin(void)
{
    ok(token_uri_has_pin("pkcs11:token=a?pin-value=1"), "a PIN");
    ok(token_uri_has_pin("pkcs11:token=a?pin-source=file:/x"), "its file");
    ok(!token_uri_has_pin("pkcs11:token=a;object=pin"), "none");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_token(pool);
    test_pin();
    apr_terminate();
    return done_testing();
}
