/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/key_file.h"
#include <limits.h>
#include <string.h>
#include "apr_file_io.h"
#include "apr_lib.h"
#include "apr_strings.h"
#include "apr_user.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/pkcs12.h>
#include "base/der_reader.h"
#include "base/openssl_error.h"
#include "base/secret.h"
#include "ocsp/certificate.h"
#include "ocsp/owned.h"
#include "ocsp/unreadable.h"

#define PASSPHRASE_ROOM 1025          /* bytes, with the NUL of PKCS#12 */
#define FILE_MAX        (1024 * 1024) /* keys and chains take kilobytes */

/* -- files ----------------------------------------------------------------- */

/* Names who may not, and the command that helps: django-ca writes its keys for
 * its own user alone, which leaves an ACL without effect, too. */
static const char *unreadable(apr_pool_t *pool, const char *path,
                              apr_status_t status)
{
    char *user = NULL, *group = NULL;
    apr_uid_t uid;
    apr_gid_t gid;

    if (!APR_STATUS_IS_EACCES(status)
        || apr_uid_current(&uid, &gid, pool) != APR_SUCCESS
        || apr_uid_name_get(&user, uid, pool) != APR_SUCCESS
        || apr_gid_name_get(&group, gid, pool) != APR_SUCCESS)
        return apr_psprintf(pool, "cannot read %s: %pm", path, &status);
    return apr_psprintf(pool,
                        "cannot read %s: user %s has no right to; `chgrp %s %s "
                        "&& chmod g+r %s` gives it, with x for the group on "
                        "the folders above",
                        path, user, group, path, path);
}

bytes_t key_file_read(apr_pool_t *pool, const char *path, const char **why)
{
    bytes_t none = { NULL, 0 }, bytes = none;
    apr_finfo_t info;
    apr_file_t *file;
    unsigned char *room;
    apr_status_t rv;

    rv = apr_stat(&info, path, APR_FINFO_SIZE | APR_FINFO_TYPE, pool);
    if (!rv && (info.filetype != APR_REG || info.size > FILE_MAX)) {
        *why = apr_pstrcat(pool, path,
                           info.filetype != APR_REG ? " is not a file"
                                                    : " is larger than 1 MiB",
                           NULL);
        return none;
    }
    if (rv == APR_SUCCESS)
        rv = apr_file_open(&file, path, APR_FOPEN_READ, 0, pool);
    if (rv == APR_SUCCESS) {
        bytes.data = room = secret_room(pool, (apr_size_t)info.size);
        rv = apr_file_read_full(file, room, (apr_size_t)info.size, &bytes.len);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EOF(rv)) {
        *why = unreadable(pool, path, rv);
        return none;
    }
    return bytes;
}

/* -- what OpenSSL asks for ------------------------------------------------- */

typedef struct {
    bytes_t passphrase;
    int asked;
} unlock_t;

/* In place of OpenSSL's own, which asks on the terminal. */
static int unlock_ask(char *room, int size, int writing, void *data)
{
    unlock_t *unlock = data;

    (void)writing;
    unlock->asked = 1;
    if (!unlock->passphrase.data || unlock->passphrase.len > (apr_size_t)size)
        return -1;
    memcpy(room, unlock->passphrase.data, unlock->passphrase.len);
    return (int)unlock->passphrase.len;
}

/* -- certificates ---------------------------------------------------------- */

static int is_der(bytes_t bytes)
{
    der_element_t element;

    return der_only(bytes, DER_SEQUENCE, &element);
}

static X509 *certificate_read(bytes_t bytes)
{
    const unsigned char *p = bytes.data;
    unlock_t unlock = { .asked = 0 };
    X509 *certificate;
    BIO *bio;

    if (!bytes.data || bytes.len > INT_MAX)
        return NULL;
    if (is_der(bytes))
        return d2i_X509(NULL, &p, (long)bytes.len);
    bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
    certificate = PEM_read_bio_X509_AUX(bio, NULL, unlock_ask, &unlock);
    BIO_free(bio);
    return certificate;
}

X509 *key_file_certificate(apr_pool_t *pool, bytes_t bytes, const char **why)
{
    X509 *certificate;

    ERR_clear_error();
    certificate = certificate_read(bytes);
    if (!certificate)
        *why = openssl_error(pool, "holds no certificate in PEM or DER");
    ERR_clear_error();
    return owned_certificate(pool, certificate);
}

/* The DER of the next certificate of a PEM, in pool; data NULL with *is_end, or
 * if it cannot be read. */
static bytes_t next_certificate(apr_pool_t *pool, BIO *bio, int *is_end)
{
    unlock_t unlock = { .asked = 0 };
    X509 *certificate = PEM_read_bio_X509_AUX(bio, NULL, unlock_ask, &unlock);
    bytes_t der = { NULL, 0 };

    *is_end = !certificate
        && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (certificate)
        certificate_der(&der, pool, certificate);
    X509_free(certificate);
    return der;
}

bytes_t key_file_chain(apr_pool_t *pool, bytes_t bytes, const char **why)
{
    static const char broken[] = "holds a certificate that cannot be read";
    bytes_t chain = { NULL, 0 }, der;
    X509 *certificate;
    BIO *bio = NULL;
    int is_end = 0;

    if (!bytes.data || is_der(bytes)) {
        certificate = key_file_certificate(pool, bytes, why);
        if (certificate && !certificate_der(&chain, pool, certificate))
            *why = openssl_error(pool, broken);
        return chain;
    }
    ERR_clear_error();
    if (bytes.len <= INT_MAX)
        bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
    while (bio && (der = next_certificate(pool, bio, &is_end)).data)
        chain = bytes_join(pool, chain, der);
    BIO_free(bio);
    if (!is_end)
        chain.data = NULL;
    if (!chain.data)
        *why = openssl_error(
            pool, is_end ? "holds no certificate in PEM or DER" : broken);
    ERR_clear_error();
    return chain;
}

/* Copies base64 in lines of 64, without what broke its lines before. */
static unsigned char *copy_base64(unsigned char *out, const char *text,
                                  const char *end)
{
    int column = 0;

    for (; text < end; text++) {
        if (apr_isspace(*text) || *text == '\\'
            || (text[-1] == '\\' && (*text == 'n' || *text == 'r')))
            continue;
        if (column++ % 64 == 0)
            *out++ = '\n';
        *out++ = *text;
    }
    *out++ = '\n';
    return out;
}

X509 *key_file_certificate_text(apr_pool_t *pool, const char *text,
                                const char **why)
{
    const char *begin = strstr(text, "-----BEGIN ");
    const char *body = begin ? strstr(begin + 5, "-----") : NULL;
    const char *end = body ? strstr(body + 5, "-----") : NULL;
    const char *stop = end ? strstr(end + 5, "-----") : NULL;
    unsigned char *pem, *out;

    if (!stop) {
        *why = "is not a certificate in PEM";
        return NULL;
    }
    body += 5;
    stop += 5;
    pem = apr_palloc(pool, (apr_size_t)(stop - begin) * 2 + 2);
    memcpy(pem, begin, (apr_size_t)(body - begin));
    out = copy_base64(pem + (body - begin), body, end);
    memcpy(out, end, (apr_size_t)(stop - end));
    out += stop - end;
    return key_file_certificate(pool, (bytes_t){ pem, (apr_size_t)(out - pem) },
                                why);
}

/* -- private keys ---------------------------------------------------------- */

static EVP_PKEY *key_read_pem(bytes_t bytes, unlock_t *unlock)
{
    BIO *bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, unlock_ask, unlock);

    BIO_free(bio);
    return key;
}

static EVP_PKEY *key_decrypt(X509_SIG *locked, unlock_t *unlock)
{
    PKCS8_PRIV_KEY_INFO *info = NULL;
    EVP_PKEY *key;

    unlock->asked = 1;
    if (unlock->passphrase.data && unlock->passphrase.len <= INT_MAX)
        info = PKCS8_decrypt(locked, (const char *)unlock->passphrase.data,
                             (int)unlock->passphrase.len);
    key = info ? EVP_PKCS82PKEY(info) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

/* Without a pass phrase it may be of no length, or there may be none. */
static EVP_PKEY *key_unpack(PKCS12 *packed, unlock_t *unlock)
{
    char text[PASSPHRASE_ROOM] = "";
    const bytes_t known = unlock->passphrase;
    EVP_PKEY *key = NULL;

    unlock->asked = !PKCS12_verify_mac(packed, NULL, 0)
        && !PKCS12_verify_mac(packed, "", 0);
    if (known.data && known.len < sizeof(text))
        memcpy(text, known.data, known.len);
    if (PKCS12_parse(packed, unlock->asked ? text : NULL, &key, NULL, NULL))
        unlock->asked = 0; /* what is missing now is the key */
    OPENSSL_cleanse(text, sizeof(text));
    return key;
}

static EVP_PKEY *key_read_der(bytes_t bytes, unlock_t *unlock)
{
    const unsigned char *p = bytes.data, *q = p, *r = p;
    X509_SIG *locked = d2i_X509_SIG(NULL, &p, (long)bytes.len);
    PKCS12 *packed = locked ? NULL : d2i_PKCS12(NULL, &q, (long)bytes.len);
    EVP_PKEY *key;

    ERR_clear_error();
    key = locked ? key_decrypt(locked, unlock)
        : packed ? key_unpack(packed, unlock)
                 : d2i_AutoPrivateKey(NULL, &r, (long)bytes.len);
    X509_SIG_free(locked);
    PKCS12_free(packed);
    return key;
}

/* NULL when it is not encrypted, or not by that pass phrase. */
static PKCS8_PRIV_KEY_INFO *key_decrypt_info(bytes_t bytes,
                                             const unlock_t *unlock)
{
    const unsigned char *p = bytes.data;
    BIO *bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
    X509_SIG *locked = bio ? PEM_read_bio_PKCS8(bio, NULL, NULL, NULL) : NULL;
    PKCS8_PRIV_KEY_INFO *info = NULL;

    BIO_free(bio);
    if (!locked)
        locked = d2i_X509_SIG(NULL, &p, (long)bytes.len);
    if (locked && unlock->passphrase.data)
        info = PKCS8_decrypt(locked, (const char *)unlock->passphrase.data,
                             (int)unlock->passphrase.len);
    X509_SIG_free(locked);
    return info;
}

static PKCS8_PRIV_KEY_INFO *key_read_info(bytes_t bytes, const unlock_t *unlock)
{
    const unsigned char *p = bytes.data;
    BIO *bio;
    PKCS8_PRIV_KEY_INFO *info;

    if (unlock->asked)
        return key_decrypt_info(bytes, unlock);
    bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
    info = bio ? PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return info ? info : d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)bytes.len);
}

/* What is wrong with a key of a kind that OpenSSL cannot use; NULL: it is none.
 */
static const char *key_unknown(apr_pool_t *pool, bytes_t bytes,
                               const unlock_t *unlock)
{
    PKCS8_PRIV_KEY_INFO *info = key_read_info(bytes, unlock);
    const X509_ALGOR *algorithm = NULL;
    const char *unknown = NULL;

    if (info && PKCS8_pkey_get0(NULL, NULL, NULL, &algorithm, info))
        unknown = unreadable_why(pool, algorithm);
    PKCS8_PRIV_KEY_INFO_free(info);
    ERR_clear_error();
    return unknown
        ? apr_pstrcat(pool, "holds a key of the kind ", unknown, NULL)
        : NULL;
}

const char key_file_locked[] = "is encrypted, and there is no pass phrase";

/* Why there is no key. Takes OpenSSL's reason before it looks further. */
static const char *key_problem(apr_pool_t *pool, bytes_t bytes,
                               const unlock_t *unlock)
{
    const char *why, *unknown;
    X509 *certificate = NULL;

    if (unlock->asked && !unlock->passphrase.data)
        return key_file_locked;
    why = openssl_error(pool,
                        unlock->asked ? "is not decrypted by the pass phrase"
                                      : "holds no readable private key");
    unknown = key_unknown(pool, bytes, unlock);
    if (unknown || unlock->asked)
        return unknown ? unknown : why;
    if (bytes.len && !memmem(bytes.data, bytes.len, "PRIVATE KEY-----", 16))
        certificate = certificate_read(bytes);
    if (certificate)
        why = "holds a certificate, but holds no private key";
    X509_free(certificate);
    return why;
}

EVP_PKEY *key_file_private_key(apr_pool_t *pool, bytes_t bytes,
                               bytes_t passphrase, const char **why)
{
    unlock_t unlock = { .passphrase = passphrase };
    EVP_PKEY *key = NULL;

    ERR_clear_error();
    if (bytes.data && bytes.len <= INT_MAX)
        key = is_der(bytes) ? key_read_der(bytes, &unlock)
                            : key_read_pem(bytes, &unlock);
    if (!key)
        *why = key_problem(pool, bytes, &unlock);
    ERR_clear_error();
    return owned_key(pool, key);
}
