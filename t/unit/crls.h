/* SPDX-License-Identifier: Apache-2.0
 * CRLs made on the spot, as one writes them down. */
#ifndef T_UNIT_CRLS_H
#define T_UNIT_CRLS_H

#include "apr_escape.h"
#include <openssl/pem.h>
#include "base/bytes.h"
#include "pki.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"

#define CRLS_ENTRIES 8

typedef struct {
    const char *serial; /* hex; NULL: the end */
    int reason;         /* 0: none */
    const char *since;  /* GeneralizedTime; NULL: no invalidity date */
    const char *issuer; /* CN of the certificateIssuer; NULL: none */
    const char *odd;    /* OID of an extension that nobody knows; NULL: none */
    int is_printable;   /* the issuer's name is a PrintableString */
} crls_entry_t;

/* issuer and key are whose it says it is, and who signs. */
typedef struct {
    const char *issuer;
    EVP_PKEY *key;
    crls_entry_t entries[CRLS_ENTRIES];
    long from, to;      /* seconds from PKI_NOW; both 0: ±1 day */
    int has_no_end;     /* no nextUpdate */
    const char *odd;    /* OID of a critical extension; NULL: none */
    long number;        /* 0: none */
    const char *key_id; /* authorityKeyIdentifier, hex; NULL: none */
    long base;          /* a delta's; 0: it is none */
    const char *scope;  /* IssuingDistributionPoint, in OpenSSL's words; NULL:
                         * none */
} crls_t;

static void crls_odd(X509_EXTENSION **extension, const char *oid)
{
    ASN1_OBJECT *object = pki_must(OBJ_txt2obj(oid, 1), oid);
    ASN1_OCTET_STRING *value = pki_must(ASN1_OCTET_STRING_new(), "value");

    MUST(ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05\x00", 2));
    *extension = pki_must(X509_EXTENSION_create_by_OBJ(NULL, object, 1, value),
                          "extension");
    ASN1_OBJECT_free(object);
    ASN1_OCTET_STRING_free(value);
}

static void crls_certificate_issuer(X509_REVOKED *revoked,
                                    const crls_entry_t *entry)
{
    GENERAL_NAMES *names = pki_must(GENERAL_NAMES_new(), "names");
    GENERAL_NAME *name = pki_must(GENERAL_NAME_new(), "name");
    X509_NAME *directory = pki_must(X509_NAME_new(), "directory");

    MUST(X509_NAME_add_entry_by_txt(
        directory, "CN",
        entry->is_printable ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING,
        (const unsigned char *)entry->issuer, -1, -1, 0));
    GENERAL_NAME_set0_value(name, GEN_DIRNAME, directory);
    MUST(sk_GENERAL_NAME_push(names, name));
    MUST(X509_REVOKED_add1_ext_i2d(revoked, NID_certificate_issuer, names, 1,
                                   X509V3_ADD_APPEND));
    GENERAL_NAMES_free(names);
}

static void crls_entry_extensions(X509_REVOKED *revoked,
                                  const crls_entry_t *entry)
{
    X509_EXTENSION *odd;

    if (entry->reason) {
        ASN1_ENUMERATED *reason = pki_must(ASN1_ENUMERATED_new(), "reason");

        MUST(ASN1_ENUMERATED_set(reason, entry->reason));
        MUST(X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason, 0, 0));
        ASN1_ENUMERATED_free(reason);
    }
    if (entry->since) {
        ASN1_GENERALIZEDTIME *since =
            pki_must(ASN1_GENERALIZEDTIME_new(), "since");

        MUST(ASN1_GENERALIZEDTIME_set_string(since, entry->since));
        MUST(X509_REVOKED_add1_ext_i2d(revoked, NID_invalidity_date, since, 0,
                                       0));
        ASN1_GENERALIZEDTIME_free(since);
    }
    if (entry->issuer)
        crls_certificate_issuer(revoked, entry);
    if (entry->odd) {
        crls_odd(&odd, entry->odd);
        MUST(X509_REVOKED_add_ext(revoked, odd, -1));
        X509_EXTENSION_free(odd);
    }
}

/* The n-th entry was revoked n hours before PKI_NOW. */
static void crls_add(X509_CRL *crl, const crls_entry_t *entry, int n)
{
    X509_REVOKED *revoked = pki_must(X509_REVOKED_new(), "revoked");
    ASN1_TIME *date =
        pki_must(ASN1_TIME_set(NULL, PKI_NOW - n * 3600L), "date");
    BIGNUM *bn = NULL;
    ASN1_INTEGER *serial;

    MUST(BN_hex2bn(&bn, entry->serial));
    serial = pki_must(BN_to_ASN1_INTEGER(bn, NULL), "serial");
    MUST(X509_REVOKED_set_serialNumber(revoked, serial));
    MUST(X509_REVOKED_set_revocationDate(revoked, date));
    crls_entry_extensions(revoked, entry);
    MUST(X509_CRL_add0_revoked(crl, revoked));
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(date);
    BN_free(bn);
}

static void crls_number(X509_CRL *crl, int nid, long number, int critical)
{
    ASN1_INTEGER *value = pki_must(ASN1_INTEGER_new(), "number");

    MUST(ASN1_INTEGER_set(value, number));
    MUST(X509_CRL_add1_ext_i2d(crl, nid, value, critical, 0));
    ASN1_INTEGER_free(value);
}

/* IssuingDistributionPoint: in a line, or in several, a field each. */
static X509_EXTENSION *crls_scope(const char *scope)
{
    const int nid = NID_issuing_distribution_point;
    CONF *conf = pki_must(NCONF_new(NULL), "NCONF_new");
    BIO *bio = pki_must(BIO_new(BIO_s_mem()), "BIO_new");
    X509_EXTENSION *extension;
    long line;

    BIO_printf(bio, "[scope]\n%s\n", scope);
    extension = strchr(scope, '=') && NCONF_load_bio(conf, bio, &line) > 0
        ? X509V3_EXT_nconf_nid(conf, NULL, nid, "critical,@scope")
        : X509V3_EXT_nconf_nid(NULL, NULL, nid, scope);
    BIO_free(bio);
    NCONF_free(conf);
    return pki_must(extension, scope);
}

static void crls_key_id(X509_CRL *crl, const char *hex)
{
    AUTHORITY_KEYID *id = pki_key_id(hex);

    MUST(X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, id, 0, 0));
    AUTHORITY_KEYID_free(id);
}

static void crls_extensions(X509_CRL *crl, const crls_t *is)
{
    X509_EXTENSION *extension;

    if (is->number)
        crls_number(crl, NID_crl_number, is->number, 0);
    if (is->base)
        crls_number(crl, NID_delta_crl, is->base, 1);
    if (is->key_id)
        crls_key_id(crl, is->key_id);
    if (is->scope) {
        extension = crls_scope(is->scope);
        MUST(X509_CRL_add_ext(crl, extension, -1));
        X509_EXTENSION_free(extension);
    }
    if (is->odd) {
        crls_odd(&extension, is->odd);
        MUST(X509_CRL_add_ext(crl, extension, -1));
        X509_EXTENSION_free(extension);
    }
}

static void crls_times(X509_CRL *crl, const crls_t *is)
{
    const int usual = !is->from && !is->to;
    ASN1_TIME *time =
        ASN1_TIME_set(NULL, PKI_NOW + (usual ? -PKI_DAY : is->from));

    MUST(X509_CRL_set1_lastUpdate(crl, time));
    MUST(ASN1_TIME_set(time, PKI_NOW + (usual ? PKI_DAY : is->to)));
    if (!is->has_no_end)
        MUST(X509_CRL_set1_nextUpdate(crl, time));
    ASN1_TIME_free(time);
}

/* Its DER, in pool. */
static bytes_t crls_make(apr_pool_t *pool, crls_t is)
{
    X509_CRL *crl = pki_must(X509_CRL_new(), "X509_CRL_new");
    X509_NAME *issuer = pki_must(X509_NAME_new(), "X509_NAME_new");
    char name[80] = "";
    const int own =
        EVP_PKEY_get_default_digest_name(is.key, name, sizeof(name)) == 2;
    unsigned char *der = NULL;
    bytes_t bytes;
    int i, length;

    MUST(X509_CRL_set_version(crl, 1));
    pki_name(issuer, is.issuer);
    MUST(X509_CRL_set_issuer_name(crl, issuer));
    crls_times(crl, &is);
    for (i = 0; i < CRLS_ENTRIES && is.entries[i].serial; i++)
        crls_add(crl, &is.entries[i], i);
    crls_extensions(crl, &is);
    MUST(X509_CRL_sign(crl, is.key,
                       own ? EVP_get_digestbyname(name) : EVP_sha256()));
    length = i2d_X509_CRL(crl, &der);
    MUST(length > 0);
    bytes = bytes_copy(pool, der, (apr_size_t)length);
    OPENSSL_free(der);
    X509_NAME_free(issuer);
    X509_CRL_free(crl);
    return bytes;
}

/* Any DER as PEM, in pool. */
static bytes_t crls_pem(apr_pool_t *pool, const char *name, bytes_t der)
{
    BIO *bio = pki_must(BIO_new(BIO_s_mem()), "BIO_new");
    bytes_t bytes;
    char *text;
    long length;

    MUST(PEM_write_bio(bio, name, "", der.data, (long)der.len));
    length = BIO_get_mem_data(bio, &text);
    bytes = bytes_copy(pool, text, (apr_size_t)length);
    BIO_free(bio);
    return bytes;
}

static bytes_t crls_certificate(apr_pool_t *pool, X509 *certificate)
{
    unsigned char *der = NULL;
    const int length = i2d_X509(certificate, &der);
    bytes_t bytes;

    MUST(length > 0);
    bytes = bytes_copy(pool, der, (apr_size_t)length);
    OPENSSL_free(der);
    return bytes;
}

#pragma GCC diagnostic pop

#endif
