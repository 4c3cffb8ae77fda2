/* SPDX-License-Identifier: Apache-2.0
 * Signatures by one key, of many threads at once.
 *
 * OpenSSL counts references of key, digest and algorithm for each signature,
 * and locks an RSA key's blinding, so that threads wait for each other's cache
 * lines (openssl 17064). So each thread takes a desk of its own, with a copy of
 * the key and contexts that are used again. And to begin another signature of a
 * message OpenSSL looks for the digest twice, under locks; so where it can sign
 * digests, they are made here. */
#include "ocsp/signing.h"

#include <stdlib.h>
#include <string.h>
#include "apr_atomic.h"
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include "base/openssl_error.h"
#include "ocsp/owned.h"

/* More threads that sign at once each begin anew. */
#define DESKS 32

/* One thread's for the time of a signature. */
typedef struct {
    volatile apr_uint32_t taken;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx;      /* signs messages; where digests are signed, it makes
                           * them */
    EVP_PKEY_CTX *digest; /* signs digests; NULL: messages are signed */
} desk_t;

typedef struct {
    desk_t *volatile desks[DESKS]; /* NULL: not needed yet */
} desks_t;

struct signing_t {
    EVP_PKEY *key;
    const EVP_MD *md;
    desks_t *desks;    /* NULL where contexts are not used again */
    int signs_digests; /* at the desks */
};

/* -- contexts -------------------------------------------------------------- */

/* Salts as long as the digest, as verifiers expect (RFC 8446 §4.2.3, Mozilla's
 * refuse others); a key with restrictions of its own knows better. */
static int set_salt(EVP_PKEY_CTX *ctx, EVP_PKEY *key)
{
    char name[80];

    if (!EVP_PKEY_is_a(key, "RSA-PSS")
        || EVP_PKEY_get_default_digest_name(key, name, sizeof(name)) == 2)
        return 1;
    return EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
}

static EVP_MD_CTX *begin(EVP_PKEY *key, const EVP_MD *md)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx = NULL;

    if (ctx && EVP_DigestSignInit(ctx, &key_ctx, md, NULL, key) > 0
        && set_salt(key_ctx, key))
        return ctx;
    EVP_MD_CTX_free(ctx);
    return NULL;
}

EVP_MD_CTX *signing_begin(const signing_t *signing)
{
    return begin(signing->key, signing->md);
}

/* -- desks ----------------------------------------------------------------- */

static void free_desk(desk_t *desk)
{
    EVP_PKEY_CTX_free(desk->digest);
    EVP_MD_CTX_free(desk->ctx);
    EVP_PKEY_free(desk->key);
    free(desk);
}

static int begin_digests(desk_t *desk, const EVP_MD *md)
{
    desk->digest = EVP_PKEY_CTX_new(desk->key, NULL);
    desk->ctx = EVP_MD_CTX_new();
    return desk->digest && desk->ctx && EVP_PKEY_sign_init(desk->digest) > 0
        && EVP_PKEY_CTX_set_signature_md(desk->digest, md) > 0
        && set_salt(desk->digest, desk->key)
        && EVP_DigestInit_ex(desk->ctx, md, NULL);
}

static int begin_messages(desk_t *desk, const EVP_MD *md)
{
    desk->ctx = begin(desk->key, md);
    if (!desk->ctx)
        return 0;
    /* Or OpenSSL copies the context for the end of each signature. */
    EVP_MD_CTX_set_flags(desk->ctx, EVP_MD_CTX_FLAG_FINALISE);
    return 1;
}

/* Taken. NULL if OpenSSL fails. Pools are not for several threads. */
static desk_t *make_desk(const signing_t *signing)
{
    desk_t *desk = calloc(1, sizeof(*desk));

    if (!desk)
        return NULL;
    desk->taken = 1;
    desk->key = EVP_PKEY_dup(signing->key);
    if (desk->key
        && (signing->signs_digests ? begin_digests(desk, signing->md)
                                   : begin_messages(desk, signing->md)))
        return desk;
    free_desk(desk);
    return NULL;
}

/* Where a thread looks first, so that it mostly finds its own. */
static unsigned first_desk(void)
{
    static volatile apr_uint32_t threads;
    static __thread apr_uint32_t number; /* from 1; 0: not given yet */

    if (!number)
        number = apr_atomic_inc32(&threads) + 1;
    return number % DESKS;
}

/* A desk for this thread alone; NULL if there is none. */
static desk_t *take_desk(const signing_t *signing)
{
    desk_t *volatile *desks;
    desk_t *desk;
    unsigned first, i;

    if (!signing->desks)
        return NULL;
    desks = signing->desks->desks;
    first = first_desk();
    for (i = 0; i < DESKS; i++) {
        desk_t *volatile *place = &desks[(first + i) % DESKS];

        desk = *place;
        if (desk && apr_atomic_cas32(&desk->taken, 1, 0) == 0)
            return desk;
        if (desk)
            continue;
        desk = make_desk(signing);
        if (!desk || !apr_atomic_casptr((void *)place, desk, NULL))
            return desk;
        free_desk(desk); /* another thread was faster */
    }
    return NULL;
}

static void leave_desk(desk_t *desk)
{
    apr_atomic_set32(&desk->taken, 0);
}

static apr_status_t free_desks(void *data)
{
    desks_t *desks = data;
    int i;

    for (i = 0; i < DESKS; i++)
        if (desks->desks[i])
            free_desk(desks->desks[i]);
    return APR_SUCCESS;
}

static int is_from(const EVP_PKEY *key, const char *provider)
{
    const OSSL_PROVIDER *from = EVP_PKEY_get0_provider(key);

    return from && strcmp(OSSL_PROVIDER_get0_name(from), provider) == 0;
}

/* A context of a token's holds its session, which is not to be kept. */
static int is_software(const EVP_PKEY *key)
{
    return is_from(key, "default") || is_from(key, "fips");
}

/* FIPS 140-3 approves of whole messages. */
static int signs_digests(const EVP_PKEY *key, const EVP_MD *md)
{
    return md && is_from(key, "default")
        && (EVP_PKEY_is_a(key, "EC") || EVP_PKEY_is_a(key, "RSA")
            || EVP_PKEY_is_a(key, "RSA-PSS"));
}

/* -- the two promises ------------------------------------------------------ */

const signing_t *signing_create(apr_pool_t *pool, EVP_PKEY *key,
                                const EVP_MD *md)
{
    signing_t *signing = apr_pcalloc(pool, sizeof(*signing));

    EVP_PKEY_up_ref(key);
    signing->key = owned_key(pool, key);
    signing->md = md;
    if (is_software(key)) {
        signing->signs_digests = signs_digests(key, md);
        signing->desks = apr_pcalloc(pool, sizeof(*signing->desks));
        apr_pool_cleanup_register(pool, signing->desks, free_desks,
                                  apr_pool_cleanup_null);
    }
    return signing;
}

static int sign(EVP_MD_CTX *ctx, unsigned char *room, size_t *len,
                bytes_t bytes)
{
    const size_t size = *len;

    /* Out of memory, OpenSSL 3.0 claims ECDSA signatures of length -1. */
    return EVP_DigestSign(ctx, room, len, bytes.data, bytes.len) > 0
        && *len <= size;
}

/* Makes the context ready for another signature. */
static int begin_again(const signing_t *signing, desk_t *desk)
{
    EVP_PKEY_CTX *key_ctx = NULL;

    if (desk->ctx
        && EVP_DigestSignInit(desk->ctx, &key_ctx, NULL, NULL, NULL) > 0
        && set_salt(key_ctx, desk->key))
        return 1;
    ERR_clear_error();
    EVP_MD_CTX_free(desk->ctx);
    desk->ctx = begin(desk->key, signing->md);
    return desk->ctx != NULL;
}

/* By both contexts; they stay ready. */
static int sign_digest(const desk_t *desk, unsigned char *room, size_t *len,
                       bytes_t bytes)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const size_t size = *len;

    return EVP_DigestInit_ex(desk->ctx, NULL, NULL)
        && EVP_DigestUpdate(desk->ctx, bytes.data, bytes.len)
        && EVP_DigestFinal_ex(desk->ctx, digest, &length)
        && EVP_PKEY_sign(desk->digest, room, len, digest, length) > 0
        && *len <= size;
}

/* With contexts that were used before; 0 if there are none. */
static int sign_again(const signing_t *signing, unsigned char *room,
                      size_t *len, bytes_t bytes)
{
    desk_t *desk = take_desk(signing);
    int rv;

    if (!desk)
        return 0;
    rv = desk->digest
        ? sign_digest(desk, room, len, bytes)
        : begin_again(signing, desk) && sign(desk->ctx, room, len, bytes);
    leave_desk(desk);
    return rv;
}

static int sign_anew(const signing_t *signing, unsigned char *room, size_t *len,
                     bytes_t bytes)
{
    EVP_MD_CTX *ctx = signing_begin(signing);
    int rv = ctx && sign(ctx, room, len, bytes);

    EVP_MD_CTX_free(ctx);
    return rv;
}

int signing_sign(bytes_t *signature, apr_pool_t *pool, const signing_t *signing,
                 bytes_t bytes, const char **why)
{
    const size_t size = (size_t)EVP_PKEY_get_size(signing->key);
    unsigned char *room = apr_palloc(pool, size);
    size_t len = size;

    ERR_clear_error();
    if (!sign_again(signing, room, &len, bytes)) {
        ERR_clear_error();
        len = size;
        if (!sign_anew(signing, room, &len, bytes)) {
            *why = openssl_error(pool, "the key does not sign");
            return 0;
        }
    }
    signature->data = room;
    signature->len = len;
    return 1;
}
