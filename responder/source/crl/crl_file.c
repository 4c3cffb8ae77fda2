/* SPDX-License-Identifier: Apache-2.0 */
#include "source/crl/crl_file.h"

#include <limits.h>
#include <stdlib.h>

#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include "base/der_reader.h"
#include "base/openssl_error.h"
#include "ocsp/owned.h"
#include "source/crl/revocation_list.h"

#define PEM_HEAD "-----BEGIN "

static apr_status_t free_memory(void *data)
{
    free(data);
    return APR_SUCCESS;
}

/* A copy that lives as long as pool. A pool's own memory would be of twice the
 * size for a large list. */
static bytes_t keep(apr_pool_t *pool, bytes_t der)
{
    void *room = malloc(der.len ? der.len : 1);
    bytes_t copy = { room, der.len };

    if (!room)
        return copy;
    memcpy(room, der.data, der.len);
    apr_pool_cleanup_register(pool, room, free_memory, apr_pool_cleanup_null);
    return copy;
}

/* -- one thing ------------------------------------------------------------- */

static int add_list(crl_file_t *file, apr_pool_t *pool, bytes_t der,
                    const char **why)
{
    const revocation_list_t *list;
    bytes_t rest = keep(pool, der);

    *why = "there is not enough memory for the CRL";
    list = rest.data ? revocation_list_parse(pool, &rest, why) : NULL;
    if (list && rest.len > 0) {
        *why = "something follows the CRL";
        return 0;
    }
    if (list)
        APR_ARRAY_PUSH(file->lists, const revocation_list_t *) = list;
    return list != NULL;
}

static int add_certificate(crl_file_t *file, apr_pool_t *pool, bytes_t der,
                           const char **why)
{
    const unsigned char *at = der.data;
    X509 *certificate =
        der.len <= LONG_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;

    if (!certificate || at != der.data + der.len) {
        *why = openssl_error(pool, "a certificate in it cannot be read");
        X509_free(certificate);
        return 0;
    }
    APR_ARRAY_PUSH(file->certificates, X509 *) =
        owned_certificate(pool, certificate);
    return 1;
}

/* -- the file -------------------------------------------------------------- */

/* Takes one block of PEM. Anything else than CRLs and certificates, like a key,
 * is passed over. */
static int add_block(crl_file_t *file, apr_pool_t *pool, const char *name,
                     bytes_t der, const char **why)
{
    if (strcmp(name, PEM_STRING_X509_CRL) == 0)
        return add_list(file, pool, der, why);
    if (strcmp(name, PEM_STRING_X509) == 0
        || strcmp(name, PEM_STRING_X509_OLD) == 0)
        return add_certificate(file, pool, der, why);
    return 1;
}

static int at_end(void)
{
    const unsigned long code = ERR_peek_last_error();

    return ERR_GET_LIB(code) == ERR_LIB_PEM
        && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

static int add_blocks(crl_file_t *file, apr_pool_t *pool, BIO *bio,
                      const char **why)
{
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long length = 0;

    while (PEM_read_bio(bio, &name, &header, &data, &length)) {
        const bytes_t der = { data, (apr_size_t)length };
        const int added = add_block(file, pool, name, der, why);

        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
        if (!added)
            return 0;
    }
    if (at_end())
        return 1;
    *why = openssl_error(pool, "its PEM cannot be read");
    return 0;
}

static int add_pem(crl_file_t *file, apr_pool_t *pool, bytes_t bytes,
                   const char **why)
{
    BIO *bio = bytes.len <= INT_MAX
        ? BIO_new_mem_buf(bytes.data, (int)bytes.len)
        : NULL;
    int added = 0;

    *why = "there is not enough memory to read it";
    if (bio)
        added = add_blocks(file, pool, bio, why);
    BIO_free(bio);
    return added;
}

/* DER does not say what it is: a CRL's second element within the first is a
 * name, and a certificate's begins with a version in brackets or a serial. */
static int add_der(crl_file_t *file, apr_pool_t *pool, bytes_t bytes,
                   const char **why)
{
    const char *why_no_certificate = NULL;

    if (add_list(file, pool, bytes, why)
        || add_certificate(file, pool, bytes, &why_no_certificate))
        return 1;
    *why = "it is neither a CRL nor a certificate, in PEM or DER";
    return 0;
}

static int is_pem(bytes_t bytes)
{
    const apr_size_t length = strlen(PEM_HEAD);
    const unsigned char *at = bytes.data, *end = bytes.data + bytes.len;

    while ((apr_size_t)(end - at) >= length
           && (at = memchr(at, '-', (apr_size_t)(end - at) - length + 1))) {
        if (memcmp(at, PEM_HEAD, length) == 0)
            return 1;
        at++;
    }
    return 0;
}

const crl_file_t *crl_file_parse(apr_pool_t *pool, bytes_t bytes,
                                 const char **why)
{
    crl_file_t *file = apr_palloc(pool, sizeof(*file));
    int added;

    file->lists = apr_array_make(pool, 1, sizeof(const revocation_list_t *));
    file->certificates = apr_array_make(pool, 1, sizeof(X509 *));
    ERR_clear_error();
    if (bytes.len > 0 && *bytes.data == DER_SEQUENCE)
        added = add_der(file, pool, bytes, why);
    else if (is_pem(bytes))
        added = add_pem(file, pool, bytes, why);
    else {
        *why = "it is neither a CRL nor a certificate, in PEM or DER";
        added = 0;
    }
    ERR_clear_error();
    if (!added)
        return NULL;
    if (file->lists->nelts + file->certificates->nelts > 0)
        return file;
    *why = "there is neither a CRL nor a certificate in it";
    return NULL;
}
