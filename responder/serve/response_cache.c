/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/response_cache.h"

#include "ap_socache.h"
#include "apr_atomic.h"
#include "apr_strings.h"
#include "apr_thread_proc.h"
#include "util_mutex.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "http_log.h"
#include "httpd/cache_provider.h"

#include "httpd/counters.h"

APLOG_USE_MODULE(ocsp_responder);

#define MUTEX_TYPE "ocsp-responder-cache"

/* The longest answer kept: RSA 16384 and a certificate of it fit. */
#define ENTRY_MAX 16384

#define MAC_LENGTH CACHE_DIGEST_LENGTH

/* How long a busy cache is tried, with the processor yielded between. */
#define PATIENCE apr_time_from_msec(2)

/* How long one thread has for signing anew before another may try. */
#define CLAIM 10 /* seconds */

/* Written while the configuration is read and by child_init; read-only
 * after. */
static struct {
    ap_socache_provider_t *provider; /* NULL: no cache */
    ap_socache_instance_t *instance;
    apr_global_mutex_t *mutex; /* NULL: the provider needs none */
    EVP_MD *sha256;            /* NULL: not fetched yet */
} cache;

/* In each entry, before the DER. */
typedef struct {
    apr_time_t this_update;
    apr_time_t next_update;
    unsigned char digest[CACHE_DIGEST_LENGTH]; /* of the DER */
    unsigned char mac[MAC_LENGTH];
} header_t;

/* -- configuration --------------------------------------------------------- */

int response_cache_begin(apr_pool_t *pconf)
{
    memset(&cache, 0, sizeof(cache));
    cache_provider_begin();
    return ap_mutex_register(pconf, MUTEX_TYPE, NULL, APR_LOCK_DEFAULT, 0)
        == APR_SUCCESS;
}

static apr_status_t shut(void *server)
{
    if (cache.provider)
        cache.provider->destroy(cache.instance, server);
    cache.provider = NULL;
    return APR_SUCCESS;
}

static apr_status_t start(apr_pool_t *pconf, server_rec *server)
{
    static struct ap_socache_hints hints = { 64, 2048, 600 * APR_USEC_PER_SEC };
    apr_status_t status = APR_SUCCESS;

    if (cache.provider->flags & AP_SOCACHE_FLAG_NOTMPSAFE)
        status = ap_global_mutex_create(&cache.mutex, NULL, MUTEX_TYPE, NULL,
                                        server, pconf, 0);
    if (status == APR_SUCCESS)
        status = cache.provider->init(cache.instance, MUTEX_TYPE, &hints,
                                      server, pconf);
    return status;
}

void response_cache_open(apr_pool_t *pconf, server_rec *server)
{
    cache_provider_t chosen;
    apr_status_t status;

    if (!cache_provider_find(&chosen, pconf))
        return;
    cache.provider = chosen.provider;
    cache.instance = chosen.instance;
    status = start(pconf, server);
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, server,
                     "OCSP0401: OCSPResponderCache: %s cannot be started; "
                     "every answer will be signed anew",
                     chosen.name);
        cache.provider = NULL;
        return;
    }
    apr_pool_cleanup_register(pconf, server, shut, apr_pool_cleanup_null);
}

static apr_status_t free_sha256(void *unused)
{
    (void)unused;
    EVP_MD_free(cache.sha256);
    cache.sha256 = NULL;
    return APR_SUCCESS;
}

void response_cache_child_init(apr_pool_t *pool, server_rec *server)
{
    const char *file;
    apr_status_t status;

    /* Otherwise OpenSSL looks for it each time, under locks. */
    cache.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    apr_pool_cleanup_register(pool, NULL, free_sha256, apr_pool_cleanup_null);
    if (!cache.provider || !cache.mutex)
        return;
    file = apr_global_mutex_lockfile(cache.mutex);
    status = apr_global_mutex_child_init(&cache.mutex, file, pool);
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, server,
                     "OCSP0402: this process cannot use the cache of answers");
        cache.provider = NULL;
    }
}

/* -- keys ------------------------------------------------------------------ */

int response_cache_is_reusable(const request_t *request,
                               const ocsp_responder_status_t *statuses)
{
    return request->certid_count == 1 && !request->nonce.data
        && statuses[0].cert_status != OCSP_RESPONDER_UNKNOWN;
}

static int make_digest(unsigned char *digest, const void *data,
                       apr_size_t length)
{
    return EVP_Digest(data, length, digest, NULL,
                      cache.sha256 ? cache.sha256 : EVP_sha256(), NULL);
}

/* Where the next octets of a message go. */
static unsigned char *append(unsigned char *to, const void *data,
                             apr_size_t length)
{
    memcpy(to, data, length);
    return to + length;
}

int response_cache_key(response_cache_key_t *key, apr_pool_t *pool,
                       const authority_t *authority, const request_t *request,
                       const ocsp_responder_status_t *status,
                       const response_terms_t *terms, apr_int64_t validity)
{
    const bytes_t certid = request->certids[0].der;
    const apr_int64_t facts[] = {
        status->cert_status,         status->revocation_time, status->reason,
        status->has_invalidity_date, status->invalidity_date, validity,
        terms->archive_cutoff,       (apr_int64_t)certid.len
    };
    unsigned char *message =
        apr_palloc(pool, AUTHORITY_DIGEST + sizeof(facts) + certid.len);
    unsigned char *to = append(message, authority->identity, AUTHORITY_DIGEST);

    to = append(to, facts, sizeof(facts));
    to = append(to, certid.data, certid.len);
    return make_digest(key->octets, message, (apr_size_t)(to - message));
}

void response_cache_digest(response_cache_answer_t *answer)
{
    answer->has_digest =
        make_digest(answer->digest, answer->der.data, answer->der.len);
}

/* Binds an entry to its key and to the one who may have signed it, so that
 * whoever else can write to the cache cannot make it lie. A digest behind a
 * secret will do where HMAC would: every message has the same length. */
static int make_mac(unsigned char *mac, const response_cache_key_t *key,
                    const authority_t *authority, const header_t *header)
{
    unsigned char message[AUTHORITY_DIGEST + sizeof(*key)
                          + 2 * sizeof(apr_time_t) + CACHE_DIGEST_LENGTH];
    unsigned char *to = append(message, authority->secret, AUTHORITY_DIGEST);
    int made;

    to = append(to, key, sizeof(*key));
    to = append(to, &header->this_update, sizeof(apr_time_t));
    to = append(to, &header->next_update, sizeof(apr_time_t));
    append(to, header->digest, CACHE_DIGEST_LENGTH);
    made = make_digest(mac, message, sizeof(message));
    OPENSSL_cleanse(message, AUTHORITY_DIGEST);
    return made;
}

/* -- looking up and keeping ------------------------------------------------ */

/* The lock is held for a copy's time, but by one who may have lost the
 * processor meanwhile. Whoever does not get it signs, which can take longer. */
static int lock(void)
{
    apr_time_t deadline = 0;

    if (!cache.mutex)
        return 1;
    while (apr_global_mutex_trylock(cache.mutex) != APR_SUCCESS) {
        if (!deadline)
            deadline = apr_time_now() + PATIENCE;
        else if (apr_time_now() > deadline)
            return 0;
        apr_thread_yield();
    }
    return 1;
}

static void unlock(void)
{
    if (cache.mutex)
        apr_global_mutex_unlock(cache.mutex);
}

/* Whether this thread is the one to sign anew what has lived half its life. */
static int claim(const response_cache_key_t *key, apr_time_t now)
{
    static apr_uint32_t claimed[1024]; /* seconds, by key */
    apr_uint32_t seconds = (apr_uint32_t)apr_time_sec(now), before;
    unsigned slot = (key->octets[1] << 8 | key->octets[2]) % 1024;

    before = apr_atomic_read32(&claimed[slot]);
    if (before && seconds - before < CLAIM)
        return 0;
    return apr_atomic_cas32(&claimed[slot], seconds, before) == before;
}

/* Copies an entry into room for ENTRY_MAX octets. Its length, 0: none. */
static unsigned fetch(request_rec *r, const response_cache_key_t *key,
                      unsigned char *entry)
{
    unsigned length = ENTRY_MAX;
    apr_status_t status;

    if (!cache.provider)
        return 0;
    if (!lock()) {
        counters_add(COUNTER_CACHE_REFUSED, 1);
        return 0;
    }
    status =
        cache.provider->retrieve(cache.instance, r->server, key->octets,
                                 sizeof(key->octets), entry, &length, r->pool);
    unlock();
    if (status == APR_SUCCESS)
        return length;
    counters_add(COUNTER_CACHE_MISS, 1);
    return 0;
}

static int is_authentic(const response_cache_key_t *key,
                        const authority_t *authority, const header_t *header,
                        bytes_t der)
{
    unsigned char mac[MAC_LENGTH], digest[CACHE_DIGEST_LENGTH];

    return make_mac(mac, key, authority, header)
        && CRYPTO_memcmp(mac, header->mac, MAC_LENGTH) == 0
        && make_digest(digest, der.data, der.len)
        && memcmp(digest, header->digest, CACHE_DIGEST_LENGTH) == 0;
}

int response_cache_find(request_rec *r, const response_cache_key_t *key,
                        const authority_t *authority, apr_time_t now,
                        response_cache_answer_t *answer)
{
    unsigned char entry[ENTRY_MAX];
    unsigned length = fetch(r, key, entry);
    bytes_t der = { entry + sizeof(header_t), length - sizeof(header_t) };
    header_t header;

    if (!length)
        return 0;
    if (length <= sizeof(header)
        || !is_authentic(key, authority, memcpy(&header, entry, sizeof(header)),
                         der)) {
        counters_add(COUNTER_CACHE_REFUSED, 1);
        return 0;
    }
    if (now < header.this_update || now >= header.next_update) {
        counters_add(COUNTER_CACHE_MISS, 1);
        return 0;
    }
    counters_add(COUNTER_CACHE_HIT, 1);
    answer->der.data = apr_pmemdup(r->pool, der.data, der.len);
    answer->der.len = der.len;
    answer->this_update = header.this_update;
    answer->next_update = header.next_update;
    answer->has_digest = 1;
    memcpy(answer->digest, header.digest, sizeof(header.digest));
    if (now - header.this_update < header.next_update - now)
        return 1;
    return !claim(key, now);
}

void response_cache_store(request_rec *r, const response_cache_key_t *key,
                          const authority_t *authority,
                          const response_cache_answer_t *answer)
{
    unsigned length = (unsigned)(sizeof(header_t) + answer->der.len);
    unsigned char *entry;
    apr_status_t status;
    header_t header = { .this_update = answer->this_update,
                        .next_update = answer->next_update };

    memcpy(header.digest, answer->digest, sizeof(header.digest));
    if (!cache.provider)
        return;
    if (!answer->has_digest || length > ENTRY_MAX
        || !make_mac(header.mac, key, authority, &header)) {
        counters_add(COUNTER_CACHE_REFUSED, 1);
        return;
    }
    entry = apr_palloc(r->pool, length);
    append(append(entry, &header, sizeof(header)), answer->der.data,
           answer->der.len);
    if (!lock()) {
        counters_add(COUNTER_CACHE_REFUSED, 1);
        return;
    }
    status = cache.provider->store(cache.instance, r->server, key->octets,
                                   sizeof(key->octets), answer->next_update,
                                   entry, length, r->pool);
    unlock();
    counters_add(status == APR_SUCCESS ? COUNTER_CACHE_STORED
                                       : COUNTER_CACHE_REFUSED,
                 1);
}
