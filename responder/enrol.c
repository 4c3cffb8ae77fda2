/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol.h"

#include "apr_strings.h"
#include <openssl/rand.h>

#include "credential.h"
#include "why.h"

/* The CAs of the rows that can be read. A row that can't is passed over, so
 * that one bad row harms only its own CA. */
static apr_array_header_t *read_authorities(apr_pool_t *pool,
                                            schema_rows_t rows)
{
    apr_array_header_t *list =
        apr_array_make(pool, rows.count + 1, sizeof(rows_authority_t));
    int i;

    for (i = 0; i < rows.count; i++) {
        rows_authority_t authority;
        const char *why;

        if (rows_authority(&authority, pool, rows.rows[i], &why) == 0)
            APR_ARRAY_PUSH(list, rows_authority_t) = authority;
    }
    return list;
}

static const authority_issuer_t *find_issuer(apr_pool_t *pool,
                                             const enrol_database_t *database,
                                             const schema_t *schema,
                                             const config_t *config,
                                             dbd_result_t *result,
                                             const char **why)
{
    const rows_authority_t *chosen;
    const authority_issuer_t *issuer = NULL;
    schema_rows_t rows;
    X509 *certificate;

    *result = database->select(database->context, pool,
                               schema_authorities_sql(pool, schema, config->ca),
                               SCHEMA_AUTHORITIES_WIDTH, &rows, why);
    if (*result != DBD_OK)
        return NULL;
    chosen = rows_choose(pool, read_authorities(pool, rows), config->ca,
                           why);
    certificate = chosen
        ? credential_certificate(pool, chosen->certificate, why) : NULL;
    if (certificate)
        issuer = authority_issuer(pool, certificate, why);
    if (!issuer)
        *why = apr_psprintf(pool, "OCSPResponderCA: %s", *why);
    return issuer;
}

static const authority_signer_t *find_signer(apr_pool_t *pool,
                                             const enrol_database_t *database,
                                             const schema_t *schema,
                                             const config_t *config,
                                             const pair_t *pair,
                                             dbd_result_t *result,
                                             const char **why)
{
    schema_rows_t rows;
    bytes_t octets;
    X509 *certificate = NULL;

    if (pair->signer)
        return pair->signer;
    if (!pair->cert_serial) {
        *why = "OCSPResponderCert: there is none";
        return NULL;
    }
    *result = database->select(database->context, pool,
                               schema_certificate_sql(pool, schema,
                                                      pair->cert_serial),
                               SCHEMA_CERTIFICATE_WIDTH, &rows, why);
    if (*result != DBD_OK)
        return NULL;
    octets = rows_certificate(pool, rows, pair->cert_serial, why);
    if (octets.data)
        certificate = credential_certificate(pool, octets, why);
    if (certificate)
        return pair_signer(pool, config, pair->key, certificate, why);
    *why = apr_psprintf(pool, "OCSPResponderCert: %s", *why);
    return NULL;
}

/* A key that does not leave its token has no octets to make a secret of; then
 * it is a random one, and cached answers are this process's own. */
static int make_secret(unsigned char *secret, EVP_PKEY *key)
{
    unsigned char *octets = NULL;
    int length = i2d_PrivateKey(key, &octets);
    int made;

    ERR_clear_error();
    if (length <= 0)
        return RAND_bytes(secret, ENROL_DIGEST) == 1;
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

static int make_identity(enrol_authority_t *authority)
{
    const authority_signer_t *signer = authority->signer;
    const int how[] = {
        authority->delegated, signer->digest ? EVP_MD_nid(signer->digest) : 0
    };
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int made = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL)
        && add_certificate(context, authority->issuer->certificate)
        && add_certificate(context, signer->certificate)
        && EVP_DigestUpdate(context, how, sizeof(how))
        && EVP_DigestFinal_ex(context, authority->identity, NULL);

    EVP_MD_CTX_free(context);
    return made;
}

const enrol_authority_t *enrol(apr_pool_t *pool,
                               const enrol_database_t *database,
                               const schema_t *schema, const config_t *config,
                               const pair_t *pair, dbd_result_t *result,
                               const config_place_t **at, const char **why)
{
    enrol_authority_t *authority = apr_pcalloc(pool, sizeof(*authority));

    *at = config->ca_at;
    authority->issuer = find_issuer(pool, database, schema, config, result,
                                    why);
    if (!authority->issuer)
        return NULL;
    *at = config->cert_at;
    authority->signer = find_signer(pool, database, schema, config, pair,
                                    result, why);
    if (!authority->signer)
        return NULL;
    if (authority_signer_for(authority->signer, authority->issuer,
                             &authority->delegated, pool, why)
        != AUTHORITY_SIGNER_OK) {
        *why = apr_psprintf(pool, "OCSPResponderCert: %s", *why);
        return NULL;
    }
    if (!make_identity(authority)
        || !make_secret(authority->secret, authority->signer->key)) {
        *why = why_openssl(pool, "no digest of the signer can be made");
        return NULL;
    }
    return authority;
}
