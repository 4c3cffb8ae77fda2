/* SPDX-License-Identifier: Apache-2.0 */
#include "cache.h"

#include "ap_provider.h"
#include "ap_socache.h"
#include "apr_atomic.h"
#include "apr_strings.h"
#include "http_core.h"
#include "util_mutex.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "http_log.h"

APLOG_USE_MODULE(ocsp_responder);

#define MUTEX_TYPE "ocsp-responder-cache"
#define DEFAULT_PROVIDER "shmcb"
#define DEFAULT_SIZE "33554432"   /* octets; some twenty thousand answers */

/* The longest answer kept: RSA 16384 and a certificate of it fit. */
#define ENTRY_MAX 16384

#define MAC_LENGTH 32

/* How long one thread has for signing anew before another may try. */
#define CLAIM 10 /* seconds */

/* Written while the configuration is read and by child_init; read-only
 * after. */
static struct {
    ap_socache_provider_t *provider;   /* NULL: no cache */
    ap_socache_instance_t *instance;
    const char *name;
    int is_off;                        /* OCSPResponderCache none */
    apr_global_mutex_t *mutex;         /* NULL: the provider needs none */
} cache;

/* In each entry, before the DER. */
typedef struct {
    apr_time_t this_update;
    apr_time_t next_update;
    unsigned char mac[MAC_LENGTH];
} header_t;

/* -- configuration --------------------------------------------------------- */

const char *cache_configure(cmd_parms *cmd, void *unused, const char *value)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const char *colon = ap_strchr_c(value, ':');

    (void)unused;
    if (error)
        return error;
    cache.is_off = strcasecmp(value, "none") == 0;
    cache.provider = NULL;
    if (cache.is_off)
        return NULL;
    cache.name = colon ? apr_pstrmemdup(cmd->pool, value, colon - value)
                       : value;
    cache.provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, cache.name,
                                        AP_SOCACHE_PROVIDER_VERSION);
    if (!cache.provider)
        return apr_psprintf(cmd->pool, "%s: '%s' is neither none nor a loaded "
                            "socache provider (is mod_socache_%s loaded?)",
                            cmd->cmd->name, cache.name, cache.name);
    error = cache.provider->create(&cache.instance, colon ? colon + 1 : NULL,
                                   cmd->temp_pool, cmd->pool);
    return error ? apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, error)
                 : NULL;
}

int cache_begin(apr_pool_t *pconf)
{
    memset(&cache, 0, sizeof(cache));
    return ap_mutex_register(pconf, MUTEX_TYPE, NULL, APR_LOCK_DEFAULT, 0)
        == APR_SUCCESS;
}

static void use_default(apr_pool_t *pconf)
{
    const char *arguments =
        apr_pstrcat(pconf, ap_runtime_dir_relative(pconf, MUTEX_TYPE),
                    "(" DEFAULT_SIZE ")", NULL);

    cache.name = DEFAULT_PROVIDER;
    cache.provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, cache.name,
                                        AP_SOCACHE_PROVIDER_VERSION);
    if (cache.provider
        && cache.provider->create(&cache.instance, arguments, pconf, pconf))
        cache.provider = NULL;
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

void cache_open(apr_pool_t *pconf, server_rec *server)
{
    apr_status_t status;

    if (!cache.provider && !cache.is_off)
        use_default(pconf);
    if (!cache.provider)
        return;
    status = start(pconf, server);
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, server,
                     "OCSP0401: OCSPResponderCache: %s cannot be started; "
                     "every answer will be signed anew", cache.name);
        cache.provider = NULL;
        return;
    }
    apr_pool_cleanup_register(pconf, server, shut, apr_pool_cleanup_null);
}

void cache_child_init(apr_pool_t *pool, server_rec *server)
{
    const char *file;
    apr_status_t status;

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

int cache_is_reusable(const request_t *request,
                      const ocsp_responder_status_t *statuses)
{
    return request->certid_count == 1 && !request->nonce.data
        && statuses[0].cert_status != OCSP_RESPONDER_UNKNOWN;
}

void cache_key(cache_key_t *key, const enrol_authority_t *authority,
               const request_t *request, const ocsp_responder_status_t *status,
               const response_terms_t *terms, apr_int64_t validity)
{
    const bytes_t certid = request->certids[0].der;
    const apr_int64_t facts[] = {
        status->cert_status, status->revocation_time, status->reason,
        status->has_invalidity_date, status->invalidity_date, validity,
        terms->archive_cutoff, (apr_int64_t)certid.len
    };
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    memset(key, 0, sizeof(*key));
    if (!context)
        return;
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    EVP_DigestUpdate(context, authority->identity,
                     sizeof(authority->identity));
    EVP_DigestUpdate(context, facts, sizeof(facts));
    EVP_DigestUpdate(context, certid.data, certid.len);
    EVP_DigestFinal_ex(context, key->octets, NULL);
    EVP_MD_CTX_free(context);
}

/* Binds an entry to its key and to the one who may have signed it, so that
 * whoever else can write to the cache cannot make it lie. */
static int make_mac(unsigned char *mac, const cache_key_t *key,
                    const enrol_authority_t *authority,
                    const header_t *header, bytes_t der, apr_pool_t *pool)
{
    apr_size_t length = sizeof(*key) + 2 * sizeof(apr_time_t) + der.len;
    unsigned char *all = apr_palloc(pool, length), *to = all;

    memcpy(to, key, sizeof(*key));
    to += sizeof(*key);
    memcpy(to, &header->this_update, sizeof(apr_time_t));
    to += sizeof(apr_time_t);
    memcpy(to, &header->next_update, sizeof(apr_time_t));
    to += sizeof(apr_time_t);
    memcpy(to, der.data, der.len);
    return HMAC(EVP_sha256(), authority->secret, sizeof(authority->secret),
                all, length, mac, NULL) != NULL;
}

/* -- looking up and keeping ------------------------------------------------ */

/* Nobody waits for the cache: signing is the other way. */
static int lock(void)
{
    return !cache.mutex
        || apr_global_mutex_trylock(cache.mutex) == APR_SUCCESS;
}

static void unlock(void)
{
    if (cache.mutex)
        apr_global_mutex_unlock(cache.mutex);
}

/* Whether this thread is the one to sign anew what has lived half its life. */
static int claim(const cache_key_t *key, apr_time_t now)
{
    static apr_uint32_t claimed[1024];   /* seconds, by key */
    apr_uint32_t seconds = (apr_uint32_t)apr_time_sec(now), before;
    unsigned slot = (key->octets[1] << 8 | key->octets[2]) % 1024;

    before = apr_atomic_read32(&claimed[slot]);
    if (before && seconds - before < CLAIM)
        return 0;
    return apr_atomic_cas32(&claimed[slot], seconds, before) == before;
}

static int is_authentic(request_rec *r, const cache_key_t *key,
                        const enrol_authority_t *authority,
                        const header_t *header, bytes_t der)
{
    unsigned char mac[EVP_MAX_MD_SIZE];

    return make_mac(mac, key, authority, header, der, r->pool)
        && CRYPTO_memcmp(mac, header->mac, MAC_LENGTH) == 0;
}

int cache_find(request_rec *r, const cache_key_t *key,
               const enrol_authority_t *authority, apr_time_t now,
               cache_answer_t *answer)
{
    unsigned char *entry;
    unsigned int length = ENTRY_MAX;
    apr_status_t status;
    header_t header;

    if (!cache.provider || !lock())
        return 0;
    entry = apr_palloc(r->pool, ENTRY_MAX);
    status = cache.provider->retrieve(cache.instance, r->server, key->octets,
                                      sizeof(key->octets), entry, &length,
                                      r->pool);
    unlock();
    if (status != APR_SUCCESS || length <= sizeof(header))
        return 0;
    memcpy(&header, entry, sizeof(header));
    answer->der.data = entry + sizeof(header);
    answer->der.len = length - sizeof(header);
    answer->this_update = header.this_update;
    answer->next_update = header.next_update;
    if (!is_authentic(r, key, authority, &header, answer->der)
        || now < header.this_update || now >= header.next_update)
        return 0;
    if (now - header.this_update < header.next_update - now)
        return 1;
    return !claim(key, now);
}

void cache_store(request_rec *r, const cache_key_t *key,
                 const enrol_authority_t *authority,
                 const cache_answer_t *answer)
{
    unsigned length = (unsigned)(sizeof(header_t) + answer->der.len);
    unsigned char mac[EVP_MAX_MD_SIZE], *entry;
    header_t header = {
        .this_update = answer->this_update,
        .next_update = answer->next_update
    };

    if (!cache.provider || length > ENTRY_MAX
        || !make_mac(mac, key, authority, &header, answer->der, r->pool))
        return;
    memcpy(header.mac, mac, MAC_LENGTH);
    entry = apr_palloc(r->pool, length);
    memcpy(entry, &header, sizeof(header));
    memcpy(entry + sizeof(header), answer->der.data, answer->der.len);
    if (!lock())
        return;
    cache.provider->store(cache.instance, r->server, key->octets,
                          sizeof(key->octets), answer->next_update, entry,
                          length, r->pool);
    unlock();
}
