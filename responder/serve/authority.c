/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/authority.h"

#include "apr_strings.h"
#include <openssl/rand.h>

#include "ocsp/key_file.h"
#include "base/openssl_error.h"

/* -- what there is to sign with -------------------------------------------- */

/* What is found of a signer, and why not more. */
typedef struct {
    apr_pool_t *pool;
    const authority_means_t *means;
    const ca_entry_t *entry;
    const ocsp_responder_call_t *call;
    ocsp_responder_lookup_t lookup; /* how asking the source has ended */
    ocsp_responder_key_t own;       /* in the call's pool */
    file_stamp_t files[OCSP_RESPONDER_KEY_FILES];
    const char *revision; /* of what was read; NULL: as it was listed */
    EVP_PKEY *key;
    X509 *certificate;
    authority_fault_t fault;
    const char *why;
} search_t;

static int authority_fail(search_t *search, authority_fault_t fault,
                          const char *why)
{
    search->fault = fault;
    search->why = why;
    return 0;
}

/* -- the key that the source keeps ----------------------------------------- */

/* Looks at files before they are read, so that a change meanwhile is seen the
 * next time. Returns what key_revision was then; NULL: it is not said. */
static const char *stamp_files(search_t *search, int wanted)
{
    const registry_source_t *source = search->means->source;
    ocsp_responder_key_t key;
    const char *why;
    int i;

    memset(&key, 0, sizeof(key));
    source->source->signing_key(source->instance, search->call,
                                &search->entry->ca,
                                wanted | OCSP_RESPONDER_WANTS_FILES, &key,
                                &why);
    for (i = 0; i < OCSP_RESPONDER_KEY_FILES; i++)
        if (key.files[i])
            search->files[i] = file_stamp_take(
                search->pool, apr_pstrdup(search->pool, key.files[i]));
    return key.revision;
}

/* Of what was read, which is not what was listed when the source has changed
 * since; none that a list has, when it did so in between. */
static const char *revision_of_both(const char *stamped, const char *read)
{
    return stamped && read && strcmp(stamped, read) != 0 ? "" : read;
}

static int ask_for_key(search_t *search, int wanted)
{
    const registry_source_t *source = search->means->source;
    const char *stamped = stamp_files(search, wanted), *why = NULL;

    search->lookup = source->source->signing_key(source->instance, search->call,
                                                 &search->entry->ca, wanted,
                                                 &search->own, &why);
    search->revision = revision_of_both(stamped, search->own.revision);
    if (search->lookup != OCSP_RESPONDER_LOOKUP_DONE)
        return authority_fail(
            search,
            !(wanted & OCSP_RESPONDER_WANTS_KEY) ? AUTHORITY_BAD_CERT
                : search->own.lacks_storage      ? AUTHORITY_BAD_AUTO
                                                 : AUTHORITY_BAD_KEY,
            why);
    return search->own.key.data || search->own.certificate.data
        || authority_fail(search, AUTHORITY_NO_PAIR, why);
}

static int read_own_key(search_t *search)
{
    const config_t *config = search->means->config;
    const registry_source_t *source = search->means->source;
    int wanted = (config_key_is_auto(config) ? OCSP_RESPONDER_WANTS_KEY : 0)
        | (config_cert_is_auto(config) ? OCSP_RESPONDER_WANTS_CERTIFICATE : 0);

    if (!wanted)
        return 1;
    if (source->source->signing_key && !search->entry->is_file)
        return ask_for_key(search, wanted);
    return authority_fail(
        search, AUTHORITY_BAD_AUTO,
        apr_psprintf(search->pool,
                     "%s keeps no keys for auto; set "
                     "OCSPResponderKey and OCSPResponderCert",
                     search->entry->is_file
                         ? "OCSPResponderCA, which is a file,"
                         : apr_pstrcat(search->pool, "the source ",
                                       source->source->name, NULL)));
}

/* -- key and certificate --------------------------------------------------- */

static int find_key(search_t *search)
{
    const config_t *config = search->means->config;
    const ocsp_responder_key_t *own = &search->own;
    const char *why = NULL;

    if (!config_key_is_auto(config)) {
        search->key = search->means->pair->key;
        return search->key || search->means->pair->token
            || authority_fail(search, AUTHORITY_NO_PAIR,
                              "there is no OCSPResponderKey");
    }
    search->key =
        key_file_private_key(search->pool, own->key, own->passphrase, &why);
    if (search->key)
        return 1;
    return authority_fail(search, AUTHORITY_BAD_KEY,
                          apr_psprintf(search->pool, "its key%s%s %s",
                                       own->files[0] ? " in " : "",
                                       own->files[0] ? own->files[0] : "",
                                       why));
}

/* Named by its serial. */
static int ask_for_certificate(search_t *search)
{
    const registry_source_t *source = search->means->source;
    const char *why = "the source has none to give";
    bytes_t bytes = { NULL, 0 };

    search->lookup = OCSP_RESPONDER_LOOKUP_FAILED;
    if (source->source->certificate)
        search->lookup =
            source->source->certificate(source->instance, search->call,
                                        search->means->pair->cert_serial,
                                        &bytes, &why);
    if (search->lookup == OCSP_RESPONDER_LOOKUP_DONE)
        search->certificate = key_file_certificate(search->pool, bytes, &why);
    return search->certificate
        || authority_fail(search, AUTHORITY_BAD_CERT,
                          apr_psprintf(search->pool, "OCSPResponderCert: %s",
                                       why));
}

static int find_certificate(search_t *search)
{
    const authority_means_t *means = search->means;
    const char *why = NULL;

    if (means->pair->cert_serial)
        return ask_for_certificate(search);
    if (!config_cert_is_auto(means->config)) {
        search->certificate = means->pair->certificate;
        return search->certificate
            || authority_fail(search, AUTHORITY_NO_PAIR,
                              "there is no OCSPResponderCert");
    }
    search->certificate =
        key_file_certificate(search->pool, search->own.certificate, &why);
    return search->certificate
        || authority_fail(search, AUTHORITY_BAD_CERT,
                          apr_psprintf(search->pool,
                                       "its responder certificate %s", why));
}

static const signer_t *authority_find_signer(search_t *search)
{
    const authority_means_t *means = search->means;
    const signer_t *signer;

    if (means->pair->signer)
        return means->pair->signer;
    if (!read_own_key(search) || !find_key(search) || !find_certificate(search))
        return NULL;
    signer = credentials_signer(search->pool, means->config, means->pair,
                                search->key, search->certificate, &search->why);
    if (!signer)
        search->fault = search->key           ? AUTHORITY_BAD_CERT
            : token_hangs(means->pair->token) ? AUTHORITY_LATE
                                              : AUTHORITY_BAD_KEY;
    return signer;
}

/* -- digests --------------------------------------------------------------- */

static unsigned char token_secret[AUTHORITY_DIGEST];

int authority_begin(void)
{
    return OSSL_LIB_CTX_get0_global_default()
        && RAND_bytes(token_secret, sizeof(token_secret)) == 1;
}

static int make_secret(unsigned char *secret, const authority_means_t *means,
                       EVP_PKEY *key)
{
    unsigned char *bytes = NULL;
    int length =
        credentials_has_token(means->config) ? 0 : i2d_PrivateKey(key, &bytes);
    int made;

    ERR_clear_error();
    if (length <= 0) {
        memcpy(secret, token_secret, AUTHORITY_DIGEST);
        return 1;
    }
    made = EVP_Digest(bytes, length, secret, NULL, EVP_sha256(), NULL);
    OPENSSL_clear_free(bytes, length);
    return made;
}

static int add_certificate(EVP_MD_CTX *context, const X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    int added = length > 0 && EVP_DigestUpdate(context, der, length);

    OPENSSL_free(der);
    return added;
}

/* The secret is in it as servers that share a cache, but not the secret, would
 * each put its own entry in the place of the other's. */
static int make_identity(authority_t *authority, const signer_t *signer)
{
    const bytes_t chain = authority->pair->chain;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int made = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL)
        && add_certificate(context, authority->issuer->certificate)
        && add_certificate(context, signer->certificate)
        && EVP_DigestUpdate(context, &authority->delegated,
                            sizeof(authority->delegated))
        && EVP_DigestUpdate(context, signer->algorithm.data,
                            signer->algorithm.len)
        && EVP_DigestUpdate(context, chain.data, chain.len)
        && EVP_DigestUpdate(context, authority->secret, AUTHORITY_DIGEST)
        && EVP_DigestFinal_ex(context, authority->identity, NULL);

    EVP_MD_CTX_free(context);
    return made;
}

/* -------------------------------------------------------------------------- */

static void add_issuer(authority_t *authority, apr_pool_t *pool)
{
    const char *why = NULL;
    X509 *certificate =
        key_file_certificate(pool, authority->ca.certificate, &why);

    if (certificate)
        authority->issuer = issuer_create(pool, certificate, &why);
    authority->why = why;
}

/* Fills in the signer, or why there is none. */
static void add_signer(authority_t *authority, search_t *search)
{
    const signer_t *signer = authority_find_signer(search);

    if (signer
        && signer_may_sign_for(signer, authority->issuer, &authority->delegated,
                               search->pool, &search->why)
            != SIGNER_OK) {
        authority_fail(search, AUTHORITY_BAD_CERT,
                       apr_psprintf(search->pool, "%s: %s",
                                    config_cert_is_auto(search->means->config)
                                        ? "its responder certificate"
                                        : "OCSPResponderCert",
                                    search->why));
        signer = NULL;
    }
    if (signer
        && (!make_secret(authority->secret, search->means, signer->key)
            || !make_identity(authority, signer))) {
        authority_fail(search, AUTHORITY_BAD_KEY,
                       openssl_error(search->pool,
                                     "no digest of the signer can be made"));
        signer = NULL;
    }
    authority->signer = signer;
    if (signer)
        authority->warnings =
            signer_warnings(search->pool, signer, authority->delegated);
}

ocsp_responder_lookup_t authority_create(
    const authority_t **made, apr_pool_t *pool, const authority_means_t *means,
    const ca_entry_t *entry, const ocsp_responder_call_t *call,
    const char **why)
{
    authority_t *authority = apr_pcalloc(pool, sizeof(*authority));
    search_t search = { .pool = pool,
                        .means = means,
                        .entry = entry,
                        .call = call,
                        .lookup = OCSP_RESPONDER_LOOKUP_DONE };

    *made = authority;
    authority->ca = ca_set_copy(pool, &entry->ca);
    authority->is_file = entry->is_file;
    authority->end = entry->end;
    authority->made_at = apr_time_now();
    authority->pair = means->pair;
    add_issuer(authority, pool);
    if (!authority->issuer)
        return OCSP_RESPONDER_LOOKUP_DONE;
    add_signer(authority, &search);
    if (search.lookup == OCSP_RESPONDER_LOOKUP_UNAVAILABLE) {
        *why = search.why;
        return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
    }
    if (search.revision)
        authority->ca.key_revision = apr_pstrdup(pool, search.revision);
    authority->fault = authority->signer ? AUTHORITY_SIGNS : search.fault;
    authority->why = apr_pstrdup(pool, search.why);
    memcpy(authority->files, search.files, sizeof(authority->files));
    return OCSP_RESPONDER_LOOKUP_DONE;
}

static int has_row(const authority_t *authority, const ca_entry_t *entry)
{
    const char *before = authority->ca.key_revision;
    const char *now = entry->ca.key_revision;

    return authority->ca.validity == entry->ca.validity
        && authority->end == entry->end
        && authority->ca.is_retired == entry->ca.is_retired
        && strcmp(authority->ca.stored, entry->ca.stored) == 0
        && !before == !now && (!now || strcmp(before, now) == 0)
        && bytes_equal(authority->ca.certificate, entry->ca.certificate);
}

int authority_is_current(const authority_t *authority,
                         const authority_means_t *means,
                         const ca_entry_t *entry, apr_pool_t *scratch)
{
    int i;

    for (i = 0; i < OCSP_RESPONDER_KEY_FILES; i++)
        if (file_stamp_has_changed(&authority->files[i], scratch))
            return 0;
    /* A certificate named by its serial may come, and a token come back. */
    return authority->pair == means->pair
        && (authority->signer
            || (!means->pair->cert_serial && !means->pair->token))
        && has_row(authority, entry);
}

ocsp_responder_query_t authority_query(const authority_t *authority,
                                       const request_certid_t *certid)
{
    ocsp_responder_query_t query = {
        .ca = authority->is_file ? NULL : &authority->ca,
        .ca_serial = authority->issuer->serial,
        .ca_self_issued = authority->issuer->self_issued,
        .serial = certid->serial.data,
        .serial_len = certid->serial.len,
        .ca_certificate = authority->issuer->der
    };

    return query;
}

int authority_is_late(const authority_t *authority)
{
    return authority->fault == AUTHORITY_LATE
        || token_hangs(authority->pair->token);
}

/* The second in which a certificate ends belongs to it (RFC 5280 §4.1.2.5). */
int authority_is_final(const authority_t *authority, apr_time_t now)
{
    return authority->end && authority->end <= now - APR_USEC_PER_SEC;
}

int authority_may_sign(const authority_t *authority, apr_time_t now)
{
    return authority->signer && now >= authority->signer->not_before
        && now <= authority->signer->not_after;
}
