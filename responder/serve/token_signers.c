/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_signers.h"

#include <pthread.h>
#include <string.h>

#include "apr_strings.h"
#include "apr_tables.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/snapshot.h"
#include "ocsp/key_file.h"

/* A certificate and digest, and whether the key goes with them. */
typedef struct {
    bytes_t certificate; /* DER */
    const char *digest;
    const signer_t *signer;
} known_signer_t;

static pthread_mutex_t signers_mutex = PTHREAD_MUTEX_INITIALIZER; /* guards: */
static apr_array_header_t *signers; /* known_signer_t */

void token_signers_init(apr_pool_t *pool)
{
    signers = apr_array_make(pool, 2, sizeof(known_signer_t));
}

static const signer_t *find_known(bytes_t certificate, const char *digest)
{
    int i;

    for (i = 0; i < signers->nelts; i++) {
        const known_signer_t *known =
            &APR_ARRAY_IDX(signers, i, known_signer_t);

        if (bytes_equal(known->certificate, certificate)
            && strcmp(known->digest, digest) == 0)
            return known->signer;
    }
    return NULL;
}

/* Of those that are refused nothing is kept: each child may try again and again
 * for as long as the server runs. */
static const signer_t *token_signers_make(apr_pool_t *scratch, bytes_t der,
                                          const char *digest, EVP_PKEY *key,
                                          const char **why)
{
    X509 *certificate = key_file_certificate(scratch, der, why);
    apr_pool_t *pool = certificate ? snapshot_pool() : NULL;
    known_signer_t made;
    signer_t *signer = NULL;

    if (!certificate)
        return NULL;
    *why = "out of memory";
    if (!pool)
        return NULL;
    signer_create(&signer, pool, certificate, key, digest, why);
    if (!signer) {
        *why = apr_pstrdup(scratch, *why);
        apr_pool_destroy(pool);
        return NULL;
    }
    made.certificate = bytes_copy(pool, der.data, der.len);
    made.digest = apr_pstrdup(pool, digest);
    made.signer = signer;
    APR_ARRAY_PUSH(signers, known_signer_t) = made;
    return signer;
}

const signer_t *token_signers_find(apr_pool_t *scratch, bytes_t certificate,
                                   const char *digest, EVP_PKEY *key,
                                   const char **why)
{
    const signer_t *signer;

    pthread_mutex_lock(&signers_mutex);
    signer = find_known(certificate, digest);
    if (!signer)
        signer = token_signers_make(scratch, certificate, digest, key, why);
    pthread_mutex_unlock(&signers_mutex);
    return signer;
}

int token_signers_any(void)
{
    int count;

    pthread_mutex_lock(&signers_mutex);
    count = signers->nelts;
    pthread_mutex_unlock(&signers_mutex);
    return count > 0;
}

/* Whether it is the certificate's key that signs: the driver may hold on to a
 * key of the token that was there before this one, by its number. To change
 * tokens takes longer than INTERVALS_TOKEN_CHECKED, and meanwhile nothing is
 * signed; so it is enough to look that often. */
static int is_by_key(const signer_t *signer, bytes_t bytes, bytes_t signature)
{
    static apr_time_t checked_at; /* atomic */
    const apr_time_t now = deadline_steady_now(),
                     last = __atomic_load_n(&checked_at, __ATOMIC_RELAXED);

    if (last && now - last < INTERVALS_TOKEN_CHECKED)
        return 1;
    if (!signer_verifies(signer, bytes, signature))
        return 0;
    __atomic_store_n(&checked_at, now, __ATOMIC_RELAXED);
    return 1;
}

int token_signers_sign(bytes_t *signature, apr_pool_t *pool,
                       const signer_t *signer, bytes_t bytes, const char **why)
{
    if (!signer_sign(signature, pool, signer, bytes, why))
        return 0;
    if (is_by_key(signer, bytes, *signature))
        return 1;
    *why = "the token signs with a key that is not the certificate's";
    return 0;
}
