/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/authority.h"

#include "apr_strings.h"

#include "ocsp/key_file.h"
#include "base/openssl_error.h"

/* -- what there is to sign with -------------------------------------------- */

/* What is found of a signer, and why not more. */
typedef struct {
    apr_pool_t *pool;
    const authority_means_t *means;
    responder_key_t own;
    EVP_PKEY *key;
    X509 *certificate;
    authority_fault_t fault;
    const char *why;
} search_t;

static int fail(search_t *search, authority_fault_t fault, const char *why)
{
    search->fault = fault;
    search->why = why;
    return 0;
}

static int read_own_key(search_t *search, const rows_authority_t *row)
{
    const config_t *config = search->means->config;
    int wanted = (config_key_is_auto(config) ? RESPONDER_KEY_KEY : 0)
        | (config_cert_is_auto(config) ? RESPONDER_KEY_CERTIFICATE : 0);
    const char *why = NULL;

    if (!wanted)
        return 1;
    switch (responder_key_read(&search->own, search->pool, config->storage, row,
                               wanted, &why)) {
    case RESPONDER_KEY_READ:
        return 1;
    case RESPONDER_KEY_EMPTY:
        return fail(search, AUTHORITY_NO_PAIR, why);
    default:
        return fail(search,
                    wanted & RESPONDER_KEY_KEY ? AUTHORITY_BAD_KEY
                                               : AUTHORITY_BAD_CERT,
                    why);
    }
}

static int find_key(search_t *search)
{
    const config_t *config = search->means->config;
    const responder_key_t *own = &search->own;
    const char *why = NULL;

    if (!config_key_is_auto(config)) {
        search->key = search->means->pair->key;
        return search->key || search->means->pair->token
            || fail(search, AUTHORITY_NO_PAIR, "there is no OCSPResponderKey");
    }
    search->key =
        key_file_private_key(search->pool, own->key, own->passphrase, &why);
    if (search->key)
        return 1;
    return fail(search, AUTHORITY_BAD_KEY,
                apr_psprintf(search->pool, "its key%s%s %s",
                             own->files[0].path ? " in " : "",
                             own->files[0].path ? own->files[0].path : "",
                             why));
}

static int find_certificate(search_t *search)
{
    const authority_means_t *means = search->means;
    const char *why = NULL;

    if (!config_cert_is_auto(means->config)) {
        search->certificate =
            means->certificate ? means->certificate : means->pair->certificate;
        return search->certificate
            || fail(search, AUTHORITY_NO_PAIR, "there is no OCSPResponderCert");
    }
    search->certificate =
        key_file_certificate(search->pool, search->own.certificate, &why);
    return search->certificate
        || fail(search, AUTHORITY_BAD_CERT,
                apr_psprintf(search->pool, "its responder certificate %s",
                             why));
}

static const signer_t *find_signer(search_t *search,
                                   const rows_authority_t *row)
{
    const authority_means_t *means = search->means;
    const signer_t *signer;

    if (means->pair->signer)
        return means->pair->signer;
    if (!read_own_key(search, row) || !find_key(search)
        || !find_certificate(search))
        return NULL;
    signer = credentials_signer(search->pool, means->config, means->pair,
                                search->key, search->certificate, &search->why);
    if (!signer)
        search->fault = search->key ? AUTHORITY_BAD_CERT : AUTHORITY_BAD_KEY;
    return signer;
}

/* -- digests --------------------------------------------------------------- */

static int make_secret(unsigned char *secret, const authority_means_t *means,
                       EVP_PKEY *key)
{
    unsigned char *octets = NULL;
    int length =
        credentials_has_token(means->config) ? 0 : i2d_PrivateKey(key, &octets);
    int made;

    ERR_clear_error();
    if (length <= 0) {
        memcpy(secret, means->token_secret, AUTHORITY_DIGEST);
        return 1;
    }
    made = EVP_Digest(octets, length, secret, NULL, EVP_sha256(), NULL);
    OPENSSL_clear_free(octets, length);
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
        && EVP_DigestFinal_ex(context, authority->identity, NULL);

    EVP_MD_CTX_free(context);
    return made;
}

static void add_text(EVP_MD_CTX *context, const char *text)
{
    /* With its NUL, so that one text does not run into the next. */
    if (text)
        EVP_DigestUpdate(context, text, strlen(text) + 1);
}

static int digest_row(unsigned char *digest, const rows_authority_t *row)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int made = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL)
        && EVP_DigestUpdate(context, row->certificate.data,
                            row->certificate.len)
        && EVP_DigestUpdate(context, &row->validity, sizeof(row->validity));

    if (made) {
        add_text(context, row->stored);
        add_text(context, row->options);
        made = EVP_DigestFinal_ex(context, digest, NULL);
    }
    EVP_MD_CTX_free(context);
    return made;
}

/* -------------------------------------------------------------------------- */

static const issuer_t *make_issuer(
    apr_pool_t *pool, const rows_authority_t *row, const char **why)
{
    X509 *certificate = key_file_certificate(pool, row->certificate, why);

    return certificate ? issuer_create(pool, certificate, why) : NULL;
}

/* Fills in the signer, or why there is none. */
static void add_signer(authority_t *authority, search_t *search,
                       const rows_authority_t *row)
{
    const signer_t *signer = find_signer(search, row);

    if (signer
        && signer_may_sign_for(signer, authority->issuer, &authority->delegated,
                               search->pool, &search->why)
            != SIGNER_OK) {
        fail(search, AUTHORITY_BAD_CERT,
             apr_psprintf(search->pool, "%s: %s",
                          config_cert_is_auto(search->means->config)
                              ? "its responder certificate"
                              : "OCSPResponderCert",
                          search->why));
        signer = NULL;
    }
    if (signer
        && (!make_identity(authority, signer)
            || !make_secret(authority->secret, search->means, signer->key))) {
        fail(search, AUTHORITY_BAD_KEY,
             openssl_error(search->pool,
                           "no digest of the signer can be made"));
        signer = NULL;
    }
    authority->signer = signer;
    if (signer)
        authority->warnings =
            signer_warnings(search->pool, signer, authority->delegated);
}

const authority_t *authority_create(apr_pool_t *pool,
                                    const authority_means_t *means,
                                    const rows_authority_t *row,
                                    const char **why)
{
    authority_t *authority = apr_pcalloc(pool, sizeof(*authority));
    search_t search = { .pool = pool, .means = means };

    authority->issuer = make_issuer(pool, row, why);
    if (!authority->issuer || !digest_row(authority->row, row))
        return NULL;
    authority->pair = means->pair;
    authority->validity = row->validity;
    add_signer(authority, &search, row);
    authority->fault = search.fault;
    authority->why = search.why;
    memcpy(authority->files, search.own.files, sizeof(authority->files));
    return authority;
}

int authority_is_current(const authority_t *authority,
                         const authority_means_t *means,
                         const rows_authority_t *row, apr_pool_t *scratch)
{
    unsigned char digest[AUTHORITY_DIGEST];
    int i;

    for (i = 0; i < RESPONDER_KEY_FILES; i++)
        if (file_stamp_has_changed(&authority->files[i], scratch))
            return 0;
    return authority->signer && authority->pair == means->pair
        && digest_row(digest, row)
        && memcmp(digest, authority->row, sizeof(digest)) == 0;
}

int authority_may_sign(const authority_t *authority, apr_time_t now)
{
    return authority->signer && now >= authority->signer->not_before
        && now <= authority->signer->not_after;
}
