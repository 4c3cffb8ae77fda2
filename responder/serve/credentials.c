/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/credentials.h"

#include <unistd.h>
#include "apr_strings.h"

#include "base/secret.h"
#include "ocsp/key_file.h"
#include "ocsp/owned.h"
#include "ocsp/passphrase.h"
#include "ocsp/serial.h"

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
    int i;

    for (i = 0; i < CREDENTIALS_FILES; i++)
        if (is_new_file(&pair->files[i], scratch))
            return 1;
    return 0;
}

/* -- reading --------------------------------------------------------------- */

/* Says in *why which directive is at fault, and which file, if it could be
 * read. Returns 0. */
static int blame(apr_pool_t *pool, const char *directive, const char *path,
                 const char **why)
{
    *why = apr_pstrcat(pool, directive, ": ", path ? path : "",
                       path ? ": " : "", *why, NULL);
    return 0;
}

static bytes_t credentials_read_file(credentials_t *pair, int which,
                                     apr_pool_t *pool, const char *path,
                                     const char **why)
{
    pair->files[which] = file_stamp_take(pool, path);
    return key_file_read(pool, path, why);
}

static int load_passphrase(credentials_t *pair, apr_pool_t *pool,
                           const config_t *config, const char **why)
{
    if (!config->key_passphrase || !config->key || config_key_is_auto(config))
        return 1;
    pair->passphrase = passphrase_read(pool, config->key_passphrase, why);
    return pair->passphrase.data
        || blame(pool, "OCSPResponderKeyPassPhrase", NULL, why);
}

static int load_key(credentials_t *pair, apr_pool_t *pool,
                    const config_t *config, const char **why)
{
    const char *path = key_file(pool, config);
    bytes_t bytes;

    if (!path)
        return 1;
    bytes = credentials_read_file(pair, KEY_FILE, pool, path, why);
    if (bytes.data)
        pair->key = key_file_private_key(pool, bytes, pair->passphrase, why);
    if (!pair->key && *why == key_file_locked)
        *why =
            apr_pstrcat(pool, *why, "; set OCSPResponderKeyPassPhrase", NULL);
    return pair->key
        || blame(pool, "OCSPResponderKey", bytes.data ? path : NULL, why);
}

static int load_certificate(credentials_t *pair, apr_pool_t *pool,
                            const config_t *config, const char **why)
{
    bytes_t bytes = { NULL, 0 };

    if (config_cert_is_pem(config))
        pair->certificate = key_file_certificate_text(pool, config->cert, why);
    else if (config_cert_is_path(config)) {
        bytes = credentials_read_file(pair, CERT_FILE, pool, config->cert, why);
        if (bytes.data)
            pair->certificate = key_file_certificate(pool, bytes, why);
    }
    else {
        if (config->cert && !config_cert_is_auto(config))
            pair->cert_serial = serial_parse(pool, config->cert);
        return 1;
    }
    return pair->certificate
        || blame(pool, "OCSPResponderCert", bytes.data ? config->cert : NULL,
                 why);
}

static int load_chain(credentials_t *pair, apr_pool_t *pool,
                      const config_t *config, const char **why)
{
    const char *path = config_chain(config);
    bytes_t bytes;

    if (!path)
        return 1;
    bytes = credentials_read_file(pair, CHAIN_FILE, pool, path, why);
    if (bytes.data)
        pair->chain = key_file_chain(pool, bytes, why);
    return pair->chain.data
        || blame(pool, "OCSPResponderChain", bytes.data ? path : NULL, why);
}

/* -- the signer ------------------------------------------------------------ */

const signer_t *credentials_signer(apr_pool_t *pool, const config_t *config,
                                   const credentials_t *pair, EVP_PKEY *key,
                                   X509 *certificate, const char **why)
{
    const char *digest = config_digest(config), *directive = "OCSPResponderKey";
    signer_t *made = NULL;
    const signer_t *signer;

    if (!key)
        signer = token_signer(pool, pair->token, certificate, digest, why);
    else {
        directive = signer_create(&made, pool, certificate, key, digest, why)
                == SIGNER_BAD_DIGEST
            ? "OCSPResponderDigest"
            : config_key_is_auto(config) ? "its responder key and certificate"
                                         : "OCSPResponderKey and "
                                           "OCSPResponderCert";
        signer = made;
    }
    if (!signer)
        blame(pool, directive, NULL, why);
    return signer;
}

static int credentials_make_signer(credentials_t *pair, apr_pool_t *pool,
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
        || !credentials_make_signer(pair, pool, config, why))
        return NULL;
    *at = config->chain_at;
    return load_chain(pair, pool, config, why) ? pair : NULL;
}

/* -- a pair in place of an old one ----------------------------------------- */

/* Whether what a file holds is kept: the file is as it was or, if that will do,
 * cannot be read. A key that the parent has read this process often may not. */
static int is_kept(credentials_t *pair, int which, apr_pool_t *pool,
                   const credentials_t *old, int will_do)
{
    const file_stamp_t *file = &old->files[which];

    if (will_do ? is_new_file(file, pool) : file_stamp_has_changed(file, pool))
        return 0;
    pair->files[which] = *file;
    pair->files[which].path = apr_pstrdup(pool, file->path);
    return 1;
}

static int renew_parts(credentials_t *pair, apr_pool_t *pool,
                       const config_t *config, const credentials_t *old,
                       const char **why)
{
    pair->cert_serial = apr_pstrdup(pool, old->cert_serial);
    if (is_kept(pair, CERT_FILE, pool, old, 0))
        pair->certificate = owned_shared_certificate(pool, old->certificate);
    else if (!load_certificate(pair, pool, config, why))
        return 0;
    if (is_kept(pair, KEY_FILE, pool, old,
                signer_fits(pair->certificate, old->key)))
        pair->key = owned_shared_key(pool, old->key);
    else if (!load_key(pair, pool, config, why))
        return 0;
    if (is_kept(pair, CHAIN_FILE, pool, old, 0))
        pair->chain = bytes_join(pool, old->chain, (bytes_t){ NULL, 0 });
    else if (!load_chain(pair, pool, config, why))
        return 0;
    *why = "out of memory";
    return !pair->key == !old->key && !pair->certificate == !old->certificate;
}

const credentials_t *credentials_renew(apr_pool_t *pool, const config_t *config,
                                       const credentials_t *old,
                                       const char **why)
{
    credentials_t *pair = apr_pcalloc(pool, sizeof(*pair));

    pair->token = old->token;
    if (old->passphrase.data)
        pair->passphrase = secret_copy(pool, old->passphrase);
    return renew_parts(pair, pool, config, old, why)
            && credentials_make_signer(pair, pool, config, why)
        ? pair
        : NULL;
}

const credentials_t *credentials_open(apr_pool_t *pool, const config_t *config,
                                      const credentials_t *closed,
                                      key_uri_result_t *result,
                                      const char **why)
{
    credentials_t *pair = apr_pmemdup(pool, closed, sizeof(*closed));

    pair->key =
        key_uri_load(pool, config->key, closed->passphrase, result, why);
    return (pair->key || blame(pool, "OCSPResponderKey", NULL, why))
            && credentials_make_signer(pair, pool, config, why)
        ? pair
        : NULL;
}
