/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/answer_size.h"

#include <stdlib.h>

#include "apr_strings.h"

#include "httpd/cache_provider.h"
#include "ocsp/response.h"
#include "serve/socache.h"

/* What an answer to one CertID has besides signature and certificates. */
#define BARE 300 /* bytes */

/* OCPP 2.0.1 has 5 500 base64 characters for an answer. */
#define SMALL 4125 /* bytes */

/* What stands beside the DER in an entry of the cache. */
#define BESIDE 160 /* bytes */

/* What mod_socache_shmcb has in an index for an entry. */
#define INDEX 32 /* bytes */

/* About how many bytes an answer to one CertID has. */
static apr_size_t answer_size(const authority_t *authority)
{
    const signer_t *signer = authority->signer;
    const bytes_t certificate =
        response_certificate(authority->issuer, signer, authority->delegated);

    return BARE + (apr_size_t)EVP_PKEY_get_size(signer->key) + certificate.len
        + (certificate.len ? authority->pair->chain.len : 0);
}

/* -- the cache ------------------------------------------------------------- */

/* Bytes; what stands in parentheses, or mod_socache_shmcb's default. */
static apr_size_t size_of(const char *arguments)
{
    const char *open = arguments ? strrchr(arguments, '(') : NULL;

    return open ? (apr_size_t)strtoul(open + 1, NULL, 10) : 512 * 1024;
}

/* How many answers of a size mod_socache_shmcb holds, about. It cuts its memory
 * into parts, with an index each, and keeps an entry in one of them. */
static apr_size_t capacity(apr_size_t size, apr_size_t answer)
{
    const apr_size_t indexes = size / (SOCACHE_ID + SOCACHE_ENTRY);
    apr_size_t parts = 256, entries, fitting;

    while (parts > 1 && indexes / parts < 2 * parts)
        parts /= 2;
    entries = indexes / parts;
    fitting = (size / parts - entries * INDEX) / (answer + BESIDE);
    return parts * (entries < fitting ? entries : fitting);
}

/* How many the cache holds, in words; and whether it holds any, as far as that
 * is known. */
static const char *describe_cache(apr_pool_t *pool, apr_size_t answer,
                                  int *holds_any)
{
    cache_provider_t cache;
    apr_size_t count;

    *holds_any = 1;
    if (!cache_provider_find(&cache, pool) || strcmp(cache.name, "shmcb") != 0)
        return "";
    count = capacity(size_of(cache.arguments), answer);
    *holds_any = count > 0;
    return count
        ? apr_psprintf(pool,
                       "; OCSPResponderCache holds some %" APR_SIZE_T_FMT
                       " of them",
                       count)
        : "; OCSPResponderCache cannot keep one of them, so that each request "
          "costs a signature: give shmcb more bytes";
}

const char *answer_size_text(apr_pool_t *pool, const authority_t *authority)
{
    apr_size_t size = answer_size(authority);
    int holds_any;
    const char *cache = describe_cache(pool, size, &holds_any);

    if (size <= SMALL && holds_any)
        return NULL;
    return apr_psprintf(pool,
                        "CA %s: an answer with this key and certificate has "
                        "about %" APR_SIZE_T_FMT " bytes%s%s",
                        authority->issuer->serial, size,
                        size > SMALL ? ", more than the 4125 that some clients "
                                       "take (OCPP 2.0.1)"
                                     : "",
                        cache);
}
