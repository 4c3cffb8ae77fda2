/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/credentials.h"

#include <unistd.h>

#include "apr_strings.h"

#include "base/secret.h"
#include "ocsp/key_file.h"
#include "ocsp/owned.h"
#include "ocsp/passphrase.h"
#include "ocsp/serial.h"
#include "ocsp/key_uri.h"

enum { KEY_FILE = 0, CERT_FILE = 1, CHAIN_FILE = 2 };

/* -- what is where --------------------------------------------------------- */

/* The file that the key is in; NULL: it is in none. */
static const char *key_file(apr_pool_t *pool, const config_t *config)
{
    if (!config->key || config_key_is_auto(config))
        return NULL;
    return config_key_is_uri(config) ? key_uri_path(pool, config->key)
                                     : config->key;
}

int credentials_has_token(const config_t *config)
{
    apr_pool_t *scratch;
    int has;

    if (!config_key_is_uri(config)
        || apr_pool_create(&scratch, NULL) != APR_SUCCESS)
        return 0;
    has = !key_uri_path(scratch, config->key);
    apr_pool_destroy(scratch);
    return has;
}

/* One that this process may not read is for the next restart to notice. */
static int is_new_file(const file_stamp_t *file, apr_pool_t *scratch)
{
    return file_stamp_has_changed(file, scratch)
        && access(file->path, R_OK) == 0;
}

int credentials_has_changed(const credentials_t *pair, apr_pool_t *scratch)
{
    return is_new_file(&pair->files[KEY_FILE], scratch)
        || is_new_file(&pair->files[CERT_FILE], scratch)
        || is_new_file(&pair->files[CHAIN_FILE], scratch);
}

/* -- reading --------------------------------------------------------------- */

static int load_passphrase(credentials_t *pair, apr_pool_t *pool,
                           const config_t *config, const char **why)
{
    if (!config->key_passphrase || !config->key || config_key_is_auto(config))
        return 1;
    pair->passphrase = passphrase_read(pool, config->key_passphrase, why);
    if (!pair->passphrase.data)
        *why = apr_psprintf(pool, "OCSPResponderKeyPassPhrase: %s", *why);
    return pair->passphrase.data != NULL;
}

static int load_key(credentials_t *pair, apr_pool_t *pool,
                    const config_t *config, const char **why)
{
    const char *path = key_file(pool, config);
    bytes_t bytes;

    if (!path)
        return 1;
    pair->files[KEY_FILE] = file_stamp_take(pool, path);
    bytes = key_file_read(pool, path, why);
    if (bytes.data)
        pair->key = key_file_private_key(pool, bytes, pair->passphrase, why);
    if (bytes.data && !pair->key)
        *why = apr_psprintf(pool, "%s: %s", path, *why);
    if (!pair->key)
        *why = apr_psprintf(pool, "OCSPResponderKey: %s", *why);
    return pair->key != NULL;
}

static X509 *read_certificate(credentials_t *pair, apr_pool_t *pool,
                              const char *path, const char **why)
{
    X509 *certificate = NULL;
    bytes_t bytes;

    pair->files[CERT_FILE] = file_stamp_take(pool, path);
    bytes = key_file_read(pool, path, why);
    if (bytes.data)
        certificate = key_file_certificate(pool, bytes, why);
    if (bytes.data && !certificate)
        *why = apr_psprintf(pool, "%s: %s", path, *why);
    return certificate;
}

static int load_certificate(credentials_t *pair, apr_pool_t *pool,
                            const config_t *config, const char **why)
{
    if (config_cert_is_pem(config))
        pair->certificate = key_file_certificate_text(pool, config->cert, why);
    else if (config_cert_is_path(config))
        pair->certificate = read_certificate(pair, pool, config->cert, why);
    else {
        if (config->cert && !config_cert_is_auto(config))
            pair->cert_serial = serial_parse(pool, config->cert);
        return 1;
    }
    if (!pair->certificate)
        *why = apr_psprintf(pool, "OCSPResponderCert: %s", *why);
    return pair->certificate != NULL;
}

static int load_chain(credentials_t *pair, apr_pool_t *pool,
                      const config_t *config, const char **why)
{
    const char *path = config_chain(config);
    bytes_t bytes;

    if (!path)
        return 1;
    pair->files[CHAIN_FILE] = file_stamp_take(pool, path);
    bytes = key_file_read(pool, path, why);
    if (bytes.data)
        pair->chain = key_file_chain(pool, bytes, why);
    if (bytes.data && !pair->chain.data)
        *why = apr_psprintf(pool, "%s: %s", path, *why);
    if (!pair->chain.data)
        *why = apr_psprintf(pool, "OCSPResponderChain: %s", *why);
    return pair->chain.data != NULL;
}

/* -- the signer ------------------------------------------------------------ */

static const signer_t *make_token_signer(apr_pool_t *pool,
                                         const config_t *config,
                                         const credentials_t *pair,
                                         X509 *certificate, const char **why)
{
    const signer_t *signer = token_signer(pool, pair->token, certificate,
                                          config_digest(config), why);

    if (!signer)
        *why = apr_psprintf(pool, "OCSPResponderKey: %s", *why);
    return signer;
}

const signer_t *credentials_signer(apr_pool_t *pool, const config_t *config,
                                   const credentials_t *pair, EVP_PKEY *key,
                                   X509 *certificate, const char **why)
{
    signer_t *signer = NULL;
    signer_check_t check;

    if (!key)
        return make_token_signer(pool, config, pair, certificate, why);
    check = signer_create(&signer, pool, certificate, key,
                          config_digest(config), why);
    if (check == SIGNER_OK)
        return signer;
    *why = apr_psprintf(pool, "%s: %s",
                        check == SIGNER_BAD_DIGEST ? "OCSPResponderDigest"
                            : config_key_is_auto(config)
                            ? "its responder key and certificate"
                            : "OCSPResponderKey and OCSPResponderCert",
                        *why);
    return NULL;
}

static int make_signer(credentials_t *pair, apr_pool_t *pool,
                       const config_t *config, const char **why)
{
    if (!pair->key || !pair->certificate)
        return 1;
    pair->signer = credentials_signer(pool, config, pair, pair->key,
                                      pair->certificate, why);
    return pair->signer != NULL;
}

/* A number that changes with the file that holds the pass phrase. */
static apr_int64_t revision_of(apr_pool_t *pool, const config_t *config)
{
    const char *source = config->key_passphrase;
    apr_finfo_t info;

    if (!source || strncmp(source, "file:", 5) != 0
        || apr_stat(&info, source + 5, APR_FINFO_MTIME, pool) != APR_SUCCESS)
        return 0;
    return info.mtime;
}

const credentials_t *credentials_load(apr_pool_t *pool, const config_t *config,
                                      const config_place_t **at,
                                      const char **why)
{
    credentials_t *pair = apr_pcalloc(pool, sizeof(*pair));

    *at = config->key_at;
    if (!load_passphrase(pair, pool, config, why)
        || !load_key(pair, pool, config, why))
        return NULL;
    if (credentials_has_token(config))
        pair->token =
            token_add(config->key, pair->passphrase, revision_of(pool, config));
    *at = config->cert_at;
    if (!load_certificate(pair, pool, config, why)
        || !make_signer(pair, pool, config, why))
        return NULL;
    *at = config->chain_at;
    return load_chain(pair, pool, config, why) ? pair : NULL;
}

/* -- a pair in place of an old one ----------------------------------------- */

static void keep(credentials_t *pair, apr_pool_t *pool,
                 const credentials_t *old)
{
    memcpy(pair->files, old->files, sizeof(pair->files));
    pair->cert_serial = apr_pstrdup(pool, old->cert_serial);
    pair->chain = bytes_join(pool, old->chain, (bytes_t){ NULL, 0 });
    if (old->key && EVP_PKEY_up_ref(old->key))
        pair->key = owned_key(pool, old->key);
    if (old->certificate && X509_up_ref(old->certificate))
        pair->certificate = owned_certificate(pool, old->certificate);
}

const credentials_t *credentials_renew(apr_pool_t *pool, const config_t *config,
                                       const credentials_t *old,
                                       const char **why)
{
    credentials_t *pair = apr_pcalloc(pool, sizeof(*pair));

    pair->token = old->token;
    if (old->passphrase.data)
        pair->passphrase = secret_copy(pool, old->passphrase);
    if (!credentials_has_changed(old, pool))
        keep(pair, pool, old);
    else if (!load_key(pair, pool, config, why)
             || !load_certificate(pair, pool, config, why)
             || !load_chain(pair, pool, config, why))
        return NULL;
    return make_signer(pair, pool, config, why) ? pair : NULL;
}

const credentials_t *credentials_open(apr_pool_t *pool, const config_t *config,
                                      const credentials_t *closed,
                                      key_uri_result_t *result,
                                      const char **why)
{
    credentials_t *pair = apr_pmemdup(pool, closed, sizeof(*closed));

    pair->key =
        key_uri_load(pool, config->key, closed->passphrase, result, why);
    if (!pair->key) {
        *why = apr_psprintf(pool, "OCSPResponderKey: %s", *why);
        return NULL;
    }
    return make_signer(pair, pool, config, why) ? pair : NULL;
}
