/* SPDX-License-Identifier: Apache-2.0
 * Keys and certificates made on the spot. Everything is freed with pool; what
 * fails ends the test. */
#ifndef T_UNIT_PKI_H
#define T_UNIT_PKI_H

#include <stdlib.h>
#include "apr_pools.h"
#include "apr_time.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include "tap.h"

/* No test needs all of it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"

/* 2030-01-01T00:00:00Z, the tests' present. */
#define PKI_NOW 1893456000L
#define PKI_DAY 86400L

static void *pki_must(void *made, const char *what)
{
    if (made)
        return made;
    printf("Bail out! %s\n", what);
    ERR_print_errors_fp(stdout);
    exit(2);
}

#define MUST(call) pki_must((call) ? (void *)#call : NULL, #call)

static apr_status_t pki_free_key(void *key)
{
    EVP_PKEY_free(key);
    return APR_SUCCESS;
}

static apr_status_t pki_free_cert(void *certificate)
{
    X509_free(certificate);
    return APR_SUCCESS;
}

/* Whether this OpenSSL has keys of a kind. */
static int pki_can(const char *kind)
{
    char type[32];
    EVP_PKEY_CTX *ctx;

    snprintf(type, sizeof(type), "%.*s", (int)strcspn(kind, ":"), kind);
    ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    ERR_clear_error();
    EVP_PKEY_CTX_free(ctx);
    return ctx != NULL;
}

/* "RSA", "RSA:512", "RSA-PSS", "RSA-PSS:SHA384" (restricted), "EC:P-256",
 * "ED25519" … */
static EVP_PKEY *pki_key(apr_pool_t *pool, const char *kind)
{
    char type[32];
    const char *option = strchr(kind, ':');
    EVP_PKEY_CTX *ctx;
    EVP_PKEY *key = NULL;

    snprintf(type, sizeof(type), "%.*s",
             (int)(option ? option - kind : (long)strlen(kind)), kind);
    ctx = pki_must(EVP_PKEY_CTX_new_from_name(NULL, type, NULL), kind);
    MUST(EVP_PKEY_keygen_init(ctx) > 0);
    if (strcmp(type, "RSA") == 0 && option)
        MUST(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, atoi(option + 1)) > 0);
    if (strcmp(type, "EC") == 0)
        MUST(EVP_PKEY_CTX_set_group_name(ctx, option + 1) > 0);
    if (strcmp(type, "RSA-PSS") == 0 && option) {
        const EVP_MD *md = EVP_get_digestbyname(option + 1);

        MUST(EVP_PKEY_CTX_set_rsa_pss_keygen_md(ctx, md) > 0);
        MUST(EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(ctx, md) > 0);
        MUST(EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(ctx, 40) > 0);
    }
    MUST(EVP_PKEY_generate(ctx, &key) > 0);
    EVP_PKEY_CTX_free(ctx);
    apr_pool_cleanup_register(pool, key, pki_free_key, apr_pool_cleanup_null);
    return key;
}

/* What a certificate says. issuer NULL: its own. */
typedef struct {
    const char *cn;
    EVP_PKEY *key;
    const char *issuer_cn; /* NULL: cn */
    EVP_PKEY *issuer_key;  /* NULL: key */
    const char *serial;    /* hex; NULL: "1" */
    apr_int64_t from, to;  /* seconds from PKI_NOW; both 0: ±365 days */
    const char *ca;        /* basicConstraints; NULL: absent */
    const char *usage;     /* keyUsage; NULL: absent */
    const char *extended;  /* extendedKeyUsage; NULL: absent */
    const char *key_id;    /* authorityKeyIdentifier, hex; NULL: absent */
    const char *own_id;    /* subjectKeyIdentifier, hex; NULL: absent */
    int nocheck;           /* id-pkix-ocsp-nocheck */
    int unknown;           /* 1: an unknown extension, 2: a critical one */
    const EVP_MD *digest;  /* of the signature; NULL: SHA-256 */
} pki_cert_t;

static void pki_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension;

    if (!value)
        return;
    extension = pki_must(X509V3_EXT_conf_nid(NULL, NULL, nid, value), value);
    MUST(X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

static void pki_name(X509_NAME *name, const char *cn)
{
    MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    (const unsigned char *)cn, -1, -1, 0));
}

/* OpenSSL 4 gives nobody a certificate's own name to write into. */
static void pki_set_name(int (*set)(X509 *, const X509_NAME *),
                         X509 *certificate, const char *cn)
{
    X509_NAME *name = pki_must(X509_NAME_new(), "X509_NAME_new");

    pki_name(name, cn);
    MUST(set(certificate, name));
    X509_NAME_free(name);
}

static void pki_serial(X509 *certificate, const char *hex)
{
    BIGNUM *bn = NULL;

    MUST(BN_hex2bn(&bn, hex));
    MUST(BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(certificate)));
    BN_free(bn);
}

/* An extension of an OID that nobody knows. */
static void pki_unknown(X509 *certificate, int critical)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.3.4.5.6.7.8.9", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension;

    MUST(ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2));
    extension = X509_EXTENSION_create_by_OBJ(NULL, oid, critical, value);
    MUST(X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
}

static AUTHORITY_KEYID *pki_key_id(const char *hex)
{
    AUTHORITY_KEYID *id = pki_must(AUTHORITY_KEYID_new(), "AUTHORITY_KEYID");
    long len;
    unsigned char *bytes = OPENSSL_hexstr2buf(hex, &len);

    id->keyid = ASN1_OCTET_STRING_new();
    ASN1_STRING_set0(id->keyid, bytes, (int)len);
    return id;
}

static void pki_add_key_id(X509 *certificate, const char *hex)
{
    AUTHORITY_KEYID *id = pki_key_id(hex);

    MUST(X509_add1_ext_i2d(certificate, NID_authority_key_identifier, id, 0,
                           X509V3_ADD_DEFAULT));
    AUTHORITY_KEYID_free(id);
}

static void pki_sign(X509 *certificate, EVP_PKEY *key, const EVP_MD *md)
{
    char name[80] = "";
    int own = EVP_PKEY_get_default_digest_name(key, name, sizeof(name)) == 2;

    MUST(X509_sign(certificate, key,
                   own      ? EVP_get_digestbyname(name)
                       : md ? md
                            : EVP_sha256()));
}

/* Encoded and decoded, as certificates are when they come from a file. */
static X509 *pki_decoded(apr_pool_t *pool, X509 *certificate)
{
    unsigned char *der = NULL;
    const unsigned char *p;
    int len = i2d_X509(certificate, &der);
    X509 *decoded;

    MUST(len > 0);
    p = der;
    decoded = pki_must(d2i_X509(NULL, &p, len), "d2i_X509");
    OPENSSL_free(der);
    X509_free(certificate);
    apr_pool_cleanup_register(pool, decoded, pki_free_cert,
                              apr_pool_cleanup_null);
    return decoded;
}

/* So many seconds from PKI_NOW, which time_t may be too short for. */
static void pki_time(ASN1_TIME *time, apr_int64_t from)
{
    MUST(ASN1_TIME_adj(time, PKI_NOW, (int)(from / PKI_DAY),
                       (long)(from % PKI_DAY)));
}

static X509 *pki_cert(apr_pool_t *pool, pki_cert_t is)
{
    X509 *certificate = pki_must(X509_new(), "X509_new");
    long year = 365 * PKI_DAY;

    if (!is.from && !is.to) {
        is.from = -year;
        is.to = year;
    }
    MUST(X509_set_version(certificate, X509_VERSION_3));
    pki_serial(certificate, is.serial ? is.serial : "1");
    pki_set_name(X509_set_subject_name, certificate, is.cn);
    pki_set_name(X509_set_issuer_name, certificate,
                 is.issuer_cn ? is.issuer_cn : is.cn);
    pki_time(X509_getm_notBefore(certificate), is.from);
    pki_time(X509_getm_notAfter(certificate), is.to);
    MUST(X509_set_pubkey(certificate, is.key));
    pki_extension(certificate, NID_basic_constraints, is.ca);
    pki_extension(certificate, NID_key_usage, is.usage);
    pki_extension(certificate, NID_ext_key_usage, is.extended);
    pki_extension(certificate, NID_subject_key_identifier, is.own_id);
    if (is.key_id)
        pki_add_key_id(certificate, is.key_id);
    if (is.nocheck)
        pki_extension(certificate, NID_id_pkix_OCSP_noCheck, "ignored");
    if (is.unknown)
        pki_unknown(certificate, is.unknown > 1);
    pki_sign(certificate, is.issuer_key ? is.issuer_key : is.key, is.digest);
    return pki_decoded(pool, certificate);
}

/* A root with usage to sign answers too. */
static X509 *pki_root(apr_pool_t *pool, EVP_PKEY *key)
{
    return pki_cert(
        pool,
        (pki_cert_t){ .cn = "root",
                      .key = key,
                      .serial = "0A00",
                      .ca = "critical,CA:TRUE",
                      .usage =
                          "critical,keyCertSign,cRLSign,digitalSignature" });
}

/* A delegated responder of root's. */
static X509 *pki_responder(apr_pool_t *pool, EVP_PKEY *key, EVP_PKEY *root_key)
{
    return pki_cert(pool,
                    (pki_cert_t){ .cn = "responder",
                                  .key = key,
                                  .issuer_cn = "root",
                                  .issuer_key = root_key,
                                  .serial = "F2",
                                  .usage = "critical,digitalSignature",
                                  .extended = "OCSPSigning" });
}

#pragma GCC diagnostic pop

#endif
