/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#include "apr_strings.h"

#include "credential.h"
#include "serial.h"

static EVP_PKEY *load_key(apr_pool_t *pool, const config_t *config,
                          const char **why)
{
    static const bytes_t none = { NULL, 0 };
    const bytes_t *passphrase = &none, *octets;
    EVP_PKEY *key = NULL;

    if (config->key_passphrase) {
        passphrase = credential_passphrase(pool, config->key_passphrase, why);
        if (!passphrase) {
            *why = apr_psprintf(pool, "OCSPResponderKeyPassPhrase: %s", *why);
            return NULL;
        }
    }
    octets = credential_read_file(pool, config->key, why);
    if (octets)
        key = credential_private_key(pool, *octets, *passphrase, why);
    if (octets && !key)
        *why = apr_psprintf(pool, "%s: %s", config->key, *why);
    if (!key)
        *why = apr_psprintf(pool, "OCSPResponderKey: %s", *why);
    return key;
}

static X509 *load_certificate(apr_pool_t *pool, const config_t *config,
                              const char **why)
{
    X509 *certificate = NULL;

    if (config_cert_is_pem(config)) {
        certificate = credential_certificate_text(pool, config->cert, why);
    }
    else {
        const bytes_t *octets = credential_read_file(pool, config->cert, why);

        if (octets)
            certificate = credential_certificate(pool, *octets, why);
        if (octets && !certificate)
            *why = apr_psprintf(pool, "%s: %s", config->cert, *why);
    }
    if (!certificate)
        *why = apr_psprintf(pool, "OCSPResponderCert: %s", *why);
    return certificate;
}

const authority_signer_t *pair_signer(apr_pool_t *pool, const config_t *config,
                                      EVP_PKEY *key, X509 *certificate,
                                      const char **why)
{
    authority_signer_t *signer = NULL;
    authority_signer_check_t check =
        authority_signer(&signer, pool, certificate, key, config_digest(config),
                         why);

    if (check == AUTHORITY_SIGNER_OK)
        return signer;
    *why = apr_psprintf(pool, "%s: %s",
                        check == AUTHORITY_SIGNER_BAD_DIGEST
                        ? "OCSPResponderDigest"
                        : "OCSPResponderKey and OCSPResponderCert", *why);
    return NULL;
}

const pair_t *pair_load(apr_pool_t *pool, const config_t *config,
                        const config_place_t **at, const char **why)
{
    pair_t *pair = apr_pcalloc(pool, sizeof(*pair));
    X509 *certificate;

    *at = config->key_at;
    pair->key = load_key(pool, config, why);
    if (!pair->key)
        return NULL;
    *at = config->cert_at;
    if (!config_cert_is_path(config) && !config_cert_is_pem(config)) {
        pair->cert_serial = serial_parse(pool, config->cert);
        return pair;
    }
    certificate = load_certificate(pool, config, why);
    if (!certificate)
        return NULL;
    pair->signer = pair_signer(pool, config, pair->key, certificate, why);
    return pair->signer ? pair : NULL;
}
