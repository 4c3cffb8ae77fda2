/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/unreadable.h"

#include <string.h>

#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include "ocsp/certificate.h"

/* RFC 9881 §2 and RFC 9909 §3: what an OpenSSL before 3.5 has no names for. */
#define LATER "2.16.840.1.101.3.4.3."
static const struct {
    const char *oid, *name;
} later[] = {
    { LATER "17", "ML-DSA-44" },          { LATER "18", "ML-DSA-65" },
    { LATER "19", "ML-DSA-87" },          { LATER "20", "SLH-DSA-SHA2-128s" },
    { LATER "21", "SLH-DSA-SHA2-128f" },  { LATER "22", "SLH-DSA-SHA2-192s" },
    { LATER "23", "SLH-DSA-SHA2-192f" },  { LATER "24", "SLH-DSA-SHA2-256s" },
    { LATER "25", "SLH-DSA-SHA2-256f" },  { LATER "26", "SLH-DSA-SHAKE-128s" },
    { LATER "27", "SLH-DSA-SHAKE-128f" }, { LATER "28", "SLH-DSA-SHAKE-192s" },
    { LATER "29", "SLH-DSA-SHAKE-192f" }, { LATER "30", "SLH-DSA-SHAKE-256s" },
    { LATER "31", "SLH-DSA-SHAKE-256f" },
};

/* Whether a provider that is active knows keys of such a kind, … */
static int kind_is_known(const char *kind)
{
    EVP_KEYMGMT *known = EVP_KEYMGMT_fetch(NULL, kind, NULL);

    EVP_KEYMGMT_free(known);
    return known != NULL;
}

/* … or the curve. That of FIPS knows few. */
static int curve_is_known(const char *curve)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *made = NULL;
    int known = ctx && EVP_PKEY_paramgen_init(ctx) > 0
        && EVP_PKEY_CTX_set_group_name(ctx, curve) > 0
        && EVP_PKEY_paramgen(ctx, &made) > 0;

    EVP_PKEY_free(made);
    EVP_PKEY_CTX_free(ctx);
    return known;
}

/* "id-ecPublicKey", or the digits of what has no name here. */
static const char *unreadable_name_of(apr_pool_t *pool,
                                      const ASN1_OBJECT *object)
{
    char name[80];

    return OBJ_obj2txt(name, sizeof(name), object, 0) > 0
        ? apr_pstrdup(pool, name)
        : "unknown";
}

static const char *say(apr_pool_t *pool, const char *kind, const char *who)
{
    return apr_pstrcat(pool, kind, ", which ", OpenSSL_version(OPENSSL_VERSION),
                       ", with the providers that are active, cannot use; ",
                       who, NULL);
}

const char *unreadable_why(apr_pool_t *pool, const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *object;
    const void *parameter;
    const char *kind, *curve;
    int type;
    size_t i;

    X509_ALGOR_get0(&object, &type, &parameter, algorithm);
    kind = unreadable_name_of(pool, object);
    curve = type == V_ASN1_OBJECT ? unreadable_name_of(pool, parameter) : NULL;
    if (kind_is_known(kind) && (!curve || curve_is_known(curve)))
        kind = NULL;
    ERR_clear_error();
    if (!kind)
        return NULL;
    for (i = 0; i < sizeof(later) / sizeof(*later); i++)
        if (strcmp(kind, later[i].oid) == 0)
            return say(pool, kind,
                       apr_pstrcat(pool, "it is ", later[i].name,
                                   ", for OpenSSL 3.5 and later", NULL));
    if (curve)
        kind = apr_pstrcat(pool, kind, " with the curve ", curve, NULL);
    return say(pool, kind, "another provider may");
}

const char *unreadable_public_key(apr_pool_t *pool, const X509 *certificate)
{
    const X509_ALGOR *algorithm = certificate_key_algorithm(certificate);

    return algorithm ? unreadable_why(pool, algorithm) : NULL;
}
