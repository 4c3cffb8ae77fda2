/* SPDX-License-Identifier: Apache-2.0
 * Signatures by one key, of many threads at once.
 *
 * OpenSSL counts references of key, digest and algorithm for each signature,
 * and locks an RSA key's blinding, so that threads wait for each other's cache
 * lines (openssl 17064). So each thread takes a workspace of its own, with a
 * copy of the key and contexts that are used again. And to begin another
 * signature of a message OpenSSL looks for the digest twice, under locks; so
 * where it can sign digests, they are made here. */
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
#define WORKSPACES 32

/* One thread's for the time of a signature. */
typedef struct {
    volatile apr_uint32_t taken;
    EVP_PKEY *key;
    EVP_MD_CTX *ctx;      /* signs messages; where digests are signed, it makes
                           * them */
    EVP_PKEY_CTX *digest; /* signs digests; NULL: messages are signed */
} workspace_t;

typedef struct {
    workspace_t *volatile workspaces[WORKSPACES]; /* NULL: not needed yet */
} workspaces_t;

struct signing_t {
    EVP_PKEY *key;
    const EVP_MD *md;
    workspaces_t *workspaces; /* NULL where contexts are not used again */
    int signs_digests;        /* in them */
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

static EVP_MD_CTX *signing_begin_with(EVP_PKEY *key, const EVP_MD *md)
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
    return signing_begin_with(signing->key, signing->md);
}

/* -- workspaces ------------------------------------------------------------ */

static void free_workspace(workspace_t *workspace)
{
    EVP_PKEY_CTX_free(workspace->digest);
    EVP_MD_CTX_free(workspace->ctx);
    EVP_PKEY_free(workspace->key);
    free(workspace);
}

static int begin_digests(workspace_t *workspace, const EVP_MD *md)
{
    workspace->digest = EVP_PKEY_CTX_new(workspace->key, NULL);
    workspace->ctx = EVP_MD_CTX_new();
    return workspace->digest && workspace->ctx
        && EVP_PKEY_sign_init(workspace->digest) > 0
        && EVP_PKEY_CTX_set_signature_md(workspace->digest, md) > 0
        && set_salt(workspace->digest, workspace->key)
        && EVP_DigestInit_ex(workspace->ctx, md, NULL);
}

static int begin_messages(workspace_t *workspace, const EVP_MD *md)
{
    workspace->ctx = signing_begin_with(workspace->key, md);
    if (!workspace->ctx)
        return 0;
    /* Or OpenSSL copies the context for the end of each signature. */
    EVP_MD_CTX_set_flags(workspace->ctx, EVP_MD_CTX_FLAG_FINALISE);
    return 1;
}

/* Taken. NULL if OpenSSL fails. Pools are not for several threads. */
static workspace_t *make_workspace(const signing_t *signing)
{
    workspace_t *workspace = calloc(1, sizeof(*workspace));

    if (!workspace)
        return NULL;
    workspace->taken = 1;
    workspace->key = EVP_PKEY_dup(signing->key);
    if (workspace->key
        && (signing->signs_digests ? begin_digests(workspace, signing->md)
                                   : begin_messages(workspace, signing->md)))
        return workspace;
    free_workspace(workspace);
    return NULL;
}

/* Where a thread looks first, so that it mostly finds its own. */
static unsigned first_workspace(void)
{
    static volatile apr_uint32_t threads;
    static __thread apr_uint32_t number; /* from 1; 0: not given yet */

    if (!number)
        number = apr_atomic_inc32(&threads) + 1;
    return number % WORKSPACES;
}

/* A workspace for this thread alone; NULL if there is none. */
static workspace_t *take_workspace(const signing_t *signing)
{
    workspace_t *volatile *workspaces;
    workspace_t *workspace;
    unsigned first, i;

    if (!signing->workspaces)
        return NULL;
    workspaces = signing->workspaces->workspaces;
    first = first_workspace();
    for (i = 0; i < WORKSPACES; i++) {
        workspace_t *volatile *place = &workspaces[(first + i) % WORKSPACES];

        workspace = *place;
        if (workspace && apr_atomic_cas32(&workspace->taken, 1, 0) == 0)
            return workspace;
        if (workspace)
            continue;
        workspace = make_workspace(signing);
        if (!workspace || !apr_atomic_casptr((void *)place, workspace, NULL))
            return workspace;
        free_workspace(workspace); /* another thread was faster */
    }
    return NULL;
}

static void leave_workspace(workspace_t *workspace)
{
    apr_atomic_set32(&workspace->taken, 0);
}

static apr_status_t free_workspaces(void *data)
{
    workspaces_t *workspaces = data;
    int i;

    for (i = 0; i < WORKSPACES; i++)
        if (workspaces->workspaces[i])
            free_workspace(workspaces->workspaces[i]);
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

/* -- signing --------------------------------------------------------------- */

const signing_t *signing_create(apr_pool_t *pool, EVP_PKEY *key,
                                const EVP_MD *md)
{
    signing_t *signing = apr_pcalloc(pool, sizeof(*signing));

    signing->key = owned_shared_key(pool, key);
    signing->md = md;
    if (!signing->key)
        return NULL;
    if (is_software(key)) {
        signing->signs_digests = signs_digests(key, md);
        signing->workspaces = apr_pcalloc(pool, sizeof(*signing->workspaces));
        apr_pool_cleanup_register(pool, signing->workspaces, free_workspaces,
                                  apr_pool_cleanup_null);
    }
    return signing;
}

int signing_once(EVP_MD_CTX *ctx, unsigned char *room, size_t *len,
                 bytes_t bytes)
{
    const size_t size = *len;

    /* Out of memory, OpenSSL 3.0 claims ECDSA signatures of length -1. */
    return EVP_DigestSign(ctx, room, len, bytes.data, bytes.len) > 0
        && *len <= size;
}

/* Makes the context ready for another signature. */
static int begin_again(const signing_t *signing, workspace_t *workspace)
{
    EVP_PKEY_CTX *key_ctx = NULL;

    if (workspace->ctx
        && EVP_DigestSignInit(workspace->ctx, &key_ctx, NULL, NULL, NULL) > 0
        && set_salt(key_ctx, workspace->key))
        return 1;
    ERR_clear_error();
    EVP_MD_CTX_free(workspace->ctx);
    workspace->ctx = signing_begin_with(workspace->key, signing->md);
    return workspace->ctx != NULL;
}

/* By both contexts; they stay ready. */
static int sign_digest(const workspace_t *workspace, unsigned char *room,
                       size_t *len, bytes_t bytes)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const size_t size = *len;

    return EVP_DigestInit_ex(workspace->ctx, NULL, NULL)
        && EVP_DigestUpdate(workspace->ctx, bytes.data, bytes.len)
        && EVP_DigestFinal_ex(workspace->ctx, digest, &length)
        && EVP_PKEY_sign(workspace->digest, room, len, digest, length) > 0
        && *len <= size;
}

/* With contexts that were used before; 0 if there are none. */
static int sign_again(const signing_t *signing, unsigned char *room,
                      size_t *len, bytes_t bytes)
{
    workspace_t *workspace = take_workspace(signing);
    int rv;

    if (!workspace)
        return 0;
    rv = workspace->digest ? sign_digest(workspace, room, len, bytes)
                           : begin_again(signing, workspace)
            && signing_once(workspace->ctx, room, len, bytes);
    leave_workspace(workspace);
    return rv;
}

static int sign_anew(const signing_t *signing, unsigned char *room, size_t *len,
                     bytes_t bytes)
{
    EVP_MD_CTX *ctx = signing_begin(signing);
    int rv = ctx && signing_once(ctx, room, len, bytes);

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
