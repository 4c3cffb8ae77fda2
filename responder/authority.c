/* SPDX-License-Identifier: Apache-2.0
 * A CA that is answered for: its certificate, and who signs in its name. */
#include "authority.h"

#include "apr_strings.h"
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include "bytes.h"
#include "der.h"
#include "why.h"

static const struct {
    int nid;
    const EVP_MD *(*md)(void);
} digests[AUTHORITY_DIGESTS] = {
    {NID_sha1, EVP_sha1},
    {NID_sha256, EVP_sha256},
    {NID_sha384, EVP_sha384},
    {NID_sha512, EVP_sha512},
};

/* -- what certificates say ------------------------------------------------- */

static const char *serial_hex(apr_pool_t *pool, const BIGNUM *serial)
{
    char *hex = BN_bn2hex(serial);
    const char *digits = hex, *text;

    if (!hex)
        return NULL;
    if (*digits == '-')
        digits++;
    digits += strspn(digits, "0");
    text = apr_pstrcat(pool, *hex == '-' ? "-" : "", *digits ? digits : "0",
                       NULL);
    OPENSSL_free(hex);
    return text;
}

const char *authority_serial_text(apr_pool_t *pool, const X509 *certificate)
{
    BIGNUM *bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    const char *text = bn ? serial_hex(pool, bn) : NULL;

    BN_free(bn);
    return text;
}

/* By difference to the epoch, which neither time_t nor the year 1970 limits. */
static int read_time(apr_time_t *result, const ASN1_TIME *time)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days, seconds;
    int rv = epoch && ASN1_TIME_diff(&days, &seconds, epoch, time);

    ASN1_TIME_free(epoch);
    if (rv)
        *result = apr_time_from_sec((apr_int64_t)days * 86400 + seconds);
    return rv;
}

static int read_validity(apr_time_t *not_before, apr_time_t *not_after,
                         const X509 *certificate)
{
    return read_time(not_before, X509_get0_notBefore(certificate))
           && read_time(not_after, X509_get0_notAfter(certificate));
}

/* OpenSSL decodes extensions and key on first use; doing so here leaves
 * nothing for the threads to write. */
static int warm(X509 *certificate)
{
    return X509_check_purpose(certificate, -1, 0) == 1
           && X509_get0_pubkey(certificate) != NULL;
}

static apr_status_t free_x509(void *certificate)
{
    X509_free(certificate);
    return APR_SUCCESS;
}

static apr_status_t free_pkey(void *key)
{
    EVP_PKEY_free(key);
    return APR_SUCCESS;
}

static X509 *keep_x509(apr_pool_t *pool, X509 *certificate)
{
    X509_up_ref(certificate);
    apr_pool_cleanup_register(pool, certificate, free_x509,
                              apr_pool_cleanup_null);
    return certificate;
}

static EVP_PKEY *keep_pkey(apr_pool_t *pool, EVP_PKEY *key)
{
    EVP_PKEY_up_ref(key);
    apr_pool_cleanup_register(pool, key, free_pkey, apr_pool_cleanup_null);
    return key;
}

/* -- the issuer ------------------------------------------------------------ */

static int hash_issuer(authority_hashes_t *hashes, const X509 *ca)
{
    const X509_NAME *name = X509_get_subject_name(ca);
    int i;

    for (i = 0; i < AUTHORITY_DIGESTS; i++) {
        const EVP_MD *md = digests[i].md();

        if (!X509_NAME_digest(name, md, hashes[i].name, &hashes[i].len)
            || !X509_pubkey_digest(ca, md, hashes[i].key, NULL))
            return 0;
    }
    return 1;
}

const authority_issuer_t *authority_issuer(apr_pool_t *pool, X509 *ca,
                                           const char **why)
{
    authority_issuer_t *issuer = apr_pcalloc(pool, sizeof(*issuer));

    ERR_clear_error();
    if (!warm(ca)) {
        *why = why_openssl(pool, "its key or extensions cannot be read");
        return NULL;
    }
    if (!X509_check_ca(ca)) {
        *why = "it is not a CA's certificate";
        return NULL;
    }
    issuer->serial = authority_serial_text(pool, ca);
    if (!issuer->serial || !hash_issuer(issuer->hashes, ca)
        || !read_validity(&issuer->not_before, &issuer->not_after, ca)) {
        *why = why_openssl(pool, "it cannot be read");
        return NULL;
    }
    issuer->certificate = keep_x509(pool, ca);
    issuer->self_issued = X509_self_signed(ca, 1) != 0;
    ERR_clear_error();
    return issuer;
}

/* -- whose CertID it is ---------------------------------------------------- */

static int digest_index(const ASN1_OBJECT *algorithm)
{
    int nid = OBJ_obj2nid(algorithm);
    int i;

    for (i = 0; i < AUTHORITY_DIGESTS; i++)
        if (digests[i].nid == nid)
            return i;
    return -1;
}

static int same_octets(const ASN1_OCTET_STRING *string,
                       const unsigned char *octets, unsigned int len)
{
    return ASN1_STRING_length(string) == (int)len
           && memcmp(ASN1_STRING_get0_data(string), octets, len) == 0;
}

static int parameters_absent_or_null(bytes_t certid)
{
    der_element_t id, algorithm, oid;

    /* Each element taken leaves the rest in what it was taken from. */
    return der_only(certid, DER_SEQUENCE, &id)
           && der_take(&id.contents, DER_SEQUENCE, &algorithm)
           && der_take(&algorithm.contents, DER_OBJECT, &oid)
           && (algorithm.contents.len == 0
               || (algorithm.contents.len == 2
                   && memcmp(algorithm.contents.data, "\x05", 2) == 0));
}

/* OpenSSL has no accessor for the parameters, so they are read off the DER. */
static int parameters_fit(const OCSP_CERTID *id)
{
    unsigned char *der = NULL;
    int len = i2d_OCSP_CERTID(id, &der);
    bytes_t octets = {der, len > 0 ? (apr_size_t)len : 0};
    int fit = parameters_absent_or_null(octets);

    OPENSSL_free(der);
    return fit;
}

authority_match_t authority_match(const authority_issuer_t *issuer,
                                  const OCSP_CERTID *id)
{
    ASN1_OCTET_STRING *name, *key;
    ASN1_OBJECT *algorithm;
    const authority_hashes_t *hashes;
    int i;

    OCSP_id_get0_info(&name, &algorithm, &key, NULL, (OCSP_CERTID *)id);
    i = digest_index(algorithm);
    if (i < 0)
        return AUTHORITY_UNSUPPORTED;
    hashes = &issuer->hashes[i];
    if (!same_octets(name, hashes->name, hashes->len)
        || !same_octets(key, hashes->key, hashes->len)
        || !parameters_fit(id))
        return AUTHORITY_OTHER;
    return AUTHORITY_MATCH;
}

/* -- the signer ------------------------------------------------------------ */

/* As strong as the key: NIST SP 800-57 part 1, table 3. */
static const EVP_MD *digest_of_strength(int bits)
{
    return bits > 192 ? EVP_sha512() : bits > 128 ? EVP_sha384() : EVP_sha256();
}

/* Whether the key allows one digest only, or none, and its name: "UNDEF". */
static int mandatory_digest(EVP_PKEY *key, char *name, size_t size)
{
    return EVP_PKEY_get_default_digest_name(key, name, size) == 2;
}

static const EVP_MD *digest_for_key(EVP_PKEY *key)
{
    char name[80] = "";

    if (!mandatory_digest(key, name, sizeof(name))) {
        if (EVP_PKEY_is_a(key, "EC"))
            return digest_of_strength(EVP_PKEY_get_security_bits(key));
        if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS")
            || EVP_PKEY_is_a(key, "DSA"))
            return EVP_sha256();
    }
    return EVP_get_digestbyname(name);
}

/* Salts as long as the digest, as verifiers expect (RFC 8446 §4.2.3, Mozilla's
 * refuse others); a key with restrictions of its own knows better. */
static int set_salt(EVP_PKEY_CTX *ctx, EVP_PKEY *key)
{
    char name[80];

    if (!EVP_PKEY_is_a(key, "RSA-PSS")
        || mandatory_digest(key, name, sizeof(name)))
        return 1;
    return EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
}

int authority_sign(const authority_signer_t *signer, OCSP_BASICRESP *basic,
                   int delegated)
{
    unsigned long flags = OCSP_NOTIME | OCSP_RESPID_KEY
                          | (delegated ? 0 : OCSP_NOCERTS);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx = NULL;
    int rv = ctx
             && EVP_DigestSignInit(ctx, &key_ctx, signer->digest, NULL,
                                   signer->key) > 0
             && set_salt(key_ctx, signer->key)
             && OCSP_basic_sign_ctx(basic, signer->certificate, ctx, NULL,
                                    flags);

    EVP_MD_CTX_free(ctx);
    return rv;
}

/* Signs an answer about nothing and verifies it. */
static int try_out(const authority_signer_t *signer)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    int rv = basic && authority_sign(signer, basic, 1)
             && OCSP_basic_verify(basic, NULL, NULL, OCSP_NOVERIFY) > 0;

    OCSP_BASICRESP_free(basic);
    return rv;
}

/* The digest to sign with, NULL for none, in *md. */
static int choose_digest(const EVP_MD **md, EVP_PKEY *key, const char *digest)
{
    if (strcmp(digest, "auto") == 0) {
        *md = digest_for_key(key);
        return 1;
    }
    *md = EVP_get_digestbyname(digest);
    return *md != NULL;
}

static authority_signer_check_t check_pair(apr_pool_t *pool, X509 *certificate,
                                           const EVP_PKEY *key,
                                           const char **why)
{
    if (!warm(certificate)) {
        *why = why_openssl(pool, "the certificate's key or extensions cannot "
                                 "be read");
        return AUTHORITY_SIGNER_ERROR;
    }
    if (!X509_check_private_key(certificate, key)) {
        *why = why_openssl(pool, "the key is not the certificate's");
        return AUTHORITY_SIGNER_KEY_MISMATCH;
    }
    return AUTHORITY_SIGNER_OK;
}

/* A signature that fails is the named digest's fault, unless there is none. */
static authority_signer_check_t check_digest(authority_signer_t *signer,
                                             apr_pool_t *pool,
                                             const char *digest,
                                             const char **why)
{
    if (!choose_digest(&signer->digest, signer->key, digest)) {
        *why = why_openssl(pool, apr_psprintf(pool, "no digest is called %s",
                                              digest));
        return AUTHORITY_SIGNER_BAD_DIGEST;
    }
    if (try_out(signer))
        return AUTHORITY_SIGNER_OK;
    if (strcmp(digest, "auto") == 0) {
        *why = why_openssl(pool, "a signature for trial failed");
        return AUTHORITY_SIGNER_ERROR;
    }
    *why = why_openssl(pool, apr_psprintf(pool, "the key does not sign with "
                                          "%s", digest));
    return AUTHORITY_SIGNER_BAD_DIGEST;
}

authority_signer_check_t authority_signer(authority_signer_t **signer,
                                          apr_pool_t *pool, X509 *certificate,
                                          EVP_PKEY *key, const char *digest,
                                          const char **why)
{
    authority_signer_t *made = apr_pcalloc(pool, sizeof(*made));
    authority_signer_check_t check;

    ERR_clear_error();
    check = check_pair(pool, certificate, key, why);
    if (check != AUTHORITY_SIGNER_OK)
        return check;
    made->certificate = keep_x509(pool, certificate);
    made->key = keep_pkey(pool, key);
    made->delegated = 1;
    made->serial = authority_serial_text(pool, certificate);
    if (!made->serial
        || !read_validity(&made->not_before, &made->not_after, certificate)) {
        *why = why_openssl(pool, "the certificate cannot be read");
        return AUTHORITY_SIGNER_ERROR;
    }
    check = check_digest(made, pool, digest, why);
    if (check == AUTHORITY_SIGNER_OK)
        *signer = made;
    return check;
}

/* -- whom the signer may sign for ------------------------------------------ */

/* RFC 6960 §4.2.2.2 for the extended usage, RFC 5280 §4.2.1.12 for both. */
static const char *missing_usage(X509 *certificate)
{
    if (!(X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE)
        || !(X509_get_extended_key_usage(certificate) & XKU_OCSP_SIGN))
        return "the certificate lacks the extended key usage OCSPSigning";
    if (!(X509_get_key_usage(certificate)
          & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
        return "the certificate's key usage has neither digitalSignature nor "
               "nonRepudiation";
    return NULL;
}

authority_signer_check_t authority_signer_for(const authority_signer_t *signer,
                                              const authority_issuer_t *issuer,
                                              int *delegated,
                                              apr_pool_t *pool,
                                              const char **why)
{
    EVP_PKEY *ca_key = X509_get0_pubkey(issuer->certificate);
    const char *missing;

    ERR_clear_error();
    *delegated = EVP_PKEY_eq(X509_get0_pubkey(signer->certificate), ca_key)
                 != 1;
    if (*delegated && X509_verify(signer->certificate, ca_key) != 1) {
        *why = why_openssl(pool, "the certificate is neither the CA's nor "
                                 "issued by it");
        return AUTHORITY_SIGNER_NOT_ISSUED;
    }
    ERR_clear_error();
    missing = *delegated ? missing_usage(signer->certificate) : NULL;
    if (missing) {
        *why = missing;
        return AUTHORITY_SIGNER_NO_USAGE;
    }
    return AUTHORITY_SIGNER_OK;
}
