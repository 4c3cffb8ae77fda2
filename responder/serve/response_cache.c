/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/response_cache.h"

#include "apr_atomic.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/intervals.h"
#include "httpd/counters.h"
#include "serve/socache.h"

/* What an answer to one CertID has at most, besides signature and
 * certificates. */
#define BARE_MAX 4096 /* bytes */

#define MAC_LENGTH CACHE_DIGEST_LENGTH

/* Of this child process; NULL: not fetched yet. */
static EVP_MD *sha256;

/* In each entry, before the DER. */
typedef struct {
    response_times_t times;
    unsigned char digest[CACHE_DIGEST_LENGTH]; /* of the DER */
    unsigned char mac[MAC_LENGTH];
} header_t;

static apr_status_t free_sha256(void *unused)
{
    (void)unused;
    EVP_MD_free(sha256);
    sha256 = NULL;
    return APR_SUCCESS;
}

void response_cache_child_init(apr_pool_t *pool)
{
    /* Otherwise OpenSSL looks for it each time, under locks. */
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    apr_pool_cleanup_register(pool, NULL, free_sha256, apr_pool_cleanup_null);
}

/* -- keys ------------------------------------------------------------------ */

static int make_digest(unsigned char *digest, const void *data,
                       apr_size_t length)
{
    return EVP_Digest(data, length, digest, NULL,
                      sha256 ? sha256 : EVP_sha256(), NULL);
}

/* Where the next bytes of a message go. */
static unsigned char *response_cache_append(unsigned char *to, const void *data,
                                            apr_size_t length)
{
    if (length)
        memcpy(to, data, length);
    return to + length;
}

int response_cache_key(response_cache_key_t *key, const exchange_t *exchange,
                       const response_cache_draft_t *draft)
{
    const ocsp_responder_status_t *status = &draft->statuses[0];
    const response_terms_t *terms = &draft->terms;
    const bytes_t certid = draft->request->certids[0].der;
    const bytes_t cert_hash = { status->cert_hash.data, status->cert_hash.len };
    const apr_int64_t facts[] = { status->cert_status,
                                  status->revocation_time,
                                  status->reason,
                                  status->has_invalidity_date,
                                  status->invalidity_date,
                                  status->this_update,
                                  status->next_update,
                                  draft->span.validity,
                                  draft->span.backdate,
                                  terms->archive_cutoff,
                                  terms->retention,
                                  draft->request->certid_count,
                                  (apr_int64_t)cert_hash.len,
                                  (apr_int64_t)certid.len };
    unsigned char *message = apr_palloc(exchange->r->pool,
                                        AUTHORITY_DIGEST + sizeof(facts)
                                            + cert_hash.len + certid.len);
    unsigned char *to = response_cache_append(
        message, exchange->authority->identity, AUTHORITY_DIGEST);

    to = response_cache_append(to, facts, sizeof(facts));
    to = response_cache_append(to, cert_hash.data, cert_hash.len);
    to = response_cache_append(to, certid.data, certid.len);
    return make_digest(key->bytes, message, (apr_size_t)(to - message));
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
                          + sizeof(header->times) + CACHE_DIGEST_LENGTH];
    unsigned char *to =
        response_cache_append(message, authority->secret, AUTHORITY_DIGEST);
    int made;

    to = response_cache_append(to, key, sizeof(*key));
    to = response_cache_append(to, &header->times, sizeof(header->times));
    response_cache_append(to, header->digest, CACHE_DIGEST_LENGTH);
    made = make_digest(mac, message, sizeof(message));
    OPENSSL_cleanse(message, AUTHORITY_DIGEST);
    return made;
}

/* -- looking up and keeping ------------------------------------------------ */

/* Whether this thread is the one to sign anew. */
static int claim(const response_cache_key_t *key, apr_time_t now)
{
    static apr_uint32_t claimed[1024]; /* seconds, by key */
    apr_uint32_t seconds = (apr_uint32_t)apr_time_sec(now), before;
    unsigned slot = (key->bytes[1] << 8 | key->bytes[2]) % 1024;

    before = apr_atomic_read32(&claimed[slot]);
    if (before && seconds - before < INTERVALS_CACHE_CLAIM)
        return 0;
    return apr_atomic_cas32(&claimed[slot], seconds, before) == before;
}

/* The most bytes that an entry with an answer by authority's signer may have.
 */
static unsigned most_bytes(const authority_t *authority)
{
    const signer_t *signer = authority->signer;
    const bytes_t certificate =
        response_certificate(authority->issuer, signer, authority->delegated);

    return (unsigned)(sizeof(header_t) + BARE_MAX
                      + EVP_PKEY_get_size(signer->key) + certificate.len
                      + authority->pair->chain.len);
}

/* The key, and up to 31 zeros by the key. mod_socache_shmcb looks for an id
 * among hundreds, and only at those that are as long: the others' would each
 * have to be fetched from memory. */
static bytes_t id_of(apr_pool_t *pool, const response_cache_key_t *key)
{
    unsigned char *id = apr_pcalloc(pool, SOCACHE_ID);
    const unsigned char last = key->bytes[CACHE_KEY_LENGTH - 1];

    memcpy(id, key->bytes, CACHE_KEY_LENGTH);
    return (bytes_t){ id, CACHE_KEY_LENGTH + last % CACHE_KEY_LENGTH };
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

/* Whether answers are sent again at all: their validity does not matter. */
static int is_used(const config_t *config)
{
    return config_reuse(config, APR_USEC_PER_SEC) > 0;
}

/* One thread signs anew a little before time is up, so that not all of them
 * have to when it is. 0: *why says whether it is. */
static int may_reuse(const response_cache_answer_t *kept,
                     const response_cache_key_t *key, const config_t *config,
                     apr_time_t now, const char **why)
{
    apr_interval_time_t age = now - kept->times.produced_at;
    apr_interval_time_t most =
        config_reuse(config, kept->times.next_update - kept->times.produced_at);

    if (age < most - most / 16)
        return 1;
    *why = age < most ? "the one in the cache is soon older than "
                        "OCSPResponderReuse allows"
                      : "the one in the cache is older than OCSPResponderReuse "
                        "allows";
    return age < most && !claim(key, now);
}

/* An authentic answer that is valid at now. */
static int read_entry(bytes_t entry, const response_cache_key_t *key,
                      const authority_t *authority, apr_time_t now,
                      response_cache_answer_t *answer)
{
    header_t header;

    if (entry.len <= sizeof(header))
        return 0;
    memcpy(&header, entry.data, sizeof(header));
    answer->der.data = entry.data + sizeof(header);
    answer->der.len = entry.len - sizeof(header);
    answer->times = header.times;
    answer->has_digest = 1;
    memcpy(answer->digest, header.digest, sizeof(header.digest));
    return is_authentic(key, authority, &header, answer->der)
        && now >= header.times.produced_at && now < header.times.next_update;
}

int response_cache_find(const exchange_t *exchange,
                        const response_cache_key_t *key,
                        response_cache_answer_t *answer, const char **why)
{
    const authority_t *authority = exchange->authority;
    response_cache_answer_t kept;
    bytes_t entry;

    *why = "OCSPResponderReuse is off";
    if (!is_used(exchange->config)
        || !socache_fetch(exchange->r, id_of(exchange->r->pool, key),
                          most_bytes(authority), &entry, why))
        return 0;
    if (!read_entry(entry, key, authority, exchange->now, &kept)) {
        *why = "the one in the cache is not authentic or not valid now";
        counters_add(COUNTERS_CACHE, "refused");
        return 0;
    }
    if (!may_reuse(&kept, key, exchange->config, exchange->now, why)) {
        counters_add(COUNTERS_CACHE, "miss");
        return 0;
    }
    counters_add(COUNTERS_CACHE, "hit");
    *answer = kept;
    return 1;
}

void response_cache_store(const exchange_t *exchange,
                          const response_cache_key_t *key,
                          const response_cache_answer_t *answer)
{
    const authority_t *authority = exchange->authority;
    header_t header = { .times = answer->times };
    bytes_t entry = { NULL, sizeof(header) + answer->der.len };
    unsigned char *room;

    if (!is_used(exchange->config))
        return;
    memcpy(header.digest, answer->digest, sizeof(header.digest));
    if (!answer->has_digest || entry.len > most_bytes(authority)
        || !make_mac(header.mac, key, authority, &header)) {
        counters_add(COUNTERS_CACHE, "refused");
        return;
    }
    entry.data = room = apr_palloc(exchange->r->pool, entry.len);
    response_cache_append(response_cache_append(room, &header, sizeof(header)),
                          answer->der.data, answer->der.len);
    socache_store(exchange->r, id_of(exchange->r->pool, key),
                  answer->times.next_update, entry);
}
