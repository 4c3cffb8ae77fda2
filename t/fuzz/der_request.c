/* SPDX-License-Identifier: Apache-2.0
 * request_parse(): what it lets through keeps its promises, and is what OpenSSL
 * makes of it, but for what is not decoded; what it refuses has a reason. The
 * input is the body of a POST. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include "ocsp/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_CERTIDS 16

static void require(int holds)
{
    if (!holds)
        abort();
}

static int same(bytes_t a, bytes_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static int lies_in(bytes_t part, bytes_t whole)
{
    return part.data >= whole.data && part.len <= whole.len
        && part.data + part.len <= whole.data + whole.len;
}

/* Parses, and holds a refusal to its promises. */
static const request_t *parse(apr_pool_t *pool, bytes_t der, int max_certids,
                              const char **why)
{
    const request_t *request;

    *why = NULL;
    request = request_parse(pool, der, max_certids, why);
    require(ERR_peek_error() == 0);
    require(request || (*why && **why));
    return request;
}

/* NULL: OpenSSL does not take all of it for one OCSPRequest. */
static OCSP_REQUEST *openssl_parse(bytes_t der)
{
    const unsigned char *p = der.data;
    OCSP_REQUEST *asn1 = d2i_OCSP_REQUEST(NULL, &p, (long)der.len);

    ERR_clear_error();
    if (asn1 && p == der.data + der.len)
        return asn1;
    OCSP_REQUEST_free(asn1);
    return NULL;
}

static bytes_t bytes_of(const ASN1_STRING *string)
{
    return (bytes_t){ ASN1_STRING_get0_data(string),
                      (apr_size_t)ASN1_STRING_length(string) };
}

/* -- what is not decoded --------------------------------------------------- */

/* The element that *p begins with; *p is then behind it. */
static bytes_t next_element(const unsigned char **p, const unsigned char *end,
                            int *tag, bytes_t *contents)
{
    const unsigned char *start = *p, *inside = *p;
    int class;
    long len;

    require(!(ASN1_get_object(&inside, &len, tag, &class, end - start) & 0x80));
    *tag |= class;
    *contents = (bytes_t){ inside, (apr_size_t)len };
    *p = inside + len;
    return (bytes_t){ start, (apr_size_t)(*p - start) };
}

static unsigned char *append(unsigned char *to, bytes_t bytes)
{
    memcpy(to, bytes.data, bytes.len);
    return to + bytes.len;
}

static bytes_t sequence_of(apr_pool_t *pool, bytes_t contents)
{
    int size = ASN1_object_size(1, (int)contents.len, V_ASN1_SEQUENCE);
    unsigned char *made = apr_palloc(pool, (apr_size_t)size), *to = made;

    ASN1_put_object(&to, 1, (int)contents.len, V_ASN1_SEQUENCE, 0);
    append(to, contents);
    return (bytes_t){ made, (apr_size_t)size };
}

/* A request that was let through, without requestorName and signature. */
static bytes_t stripped(apr_pool_t *pool, bytes_t input)
{
    const unsigned char *p = input.data, *end = p + input.len;
    unsigned char *kept = apr_palloc(pool, input.len), *to = kept;
    bytes_t contents, whole;
    int tag;

    next_element(&p, end, &tag, &contents); /* OCSPRequest */
    p = contents.data;
    end = p + contents.len;
    next_element(&p, end, &tag, &contents); /* TBSRequest */
    p = contents.data;
    end = p + contents.len;
    while (p < end) {
        whole = next_element(&p, end, &tag, &contents);
        if (tag != (V_ASN1_CONTEXT_SPECIFIC | 1))
            to = append(to, whole);
    }
    whole = sequence_of(pool, (bytes_t){ kept, (apr_size_t)(to - kept) });
    return sequence_of(pool, whole);
}

static int has_odd_parameters(const request_t *request)
{
    int i;

    for (i = 0; i < request->certid_count; i++)
        if (request->certids[i].odd_parameters)
            return 1;
    return 0;
}

/* What OpenSSL makes of it; NULL: it stumbles over what is not decoded here. */
static OCSP_REQUEST *openssl_view(apr_pool_t *pool, const request_t *request,
                                  bytes_t input)
{
    OCSP_REQUEST *asn1 = openssl_parse(input);

    if (!asn1)
        asn1 = openssl_parse(stripped(pool, input));
    require(asn1 || has_odd_parameters(request));
    return asn1;
}

/* -- what is let through --------------------------------------------------- */

/* Against the magnitude as OpenSSL has it, which may begin with zeros. */
static void check_serial(const request_certid_t *certid,
                         const ASN1_INTEGER *number)
{
    bytes_t serial = bytes_of(number);

    while (serial.len && *serial.data == 0) {
        serial.data++;
        serial.len--;
    }
    require(same(certid->serial, serial));
    require(certid->serial_negative
            == (ASN1_STRING_type(number) == V_ASN1_NEG_INTEGER));
    require(certid->serial.len < certid->der.len);
    require(certid->serial.len > 0 || !certid->serial_negative);
}

/* OpenSSL lets nobody at the parameters in its CertID. */
static void check_algorithm(const request_certid_t *certid)
{
    const unsigned char *p = certid->der.data;
    const ASN1_OBJECT *oid;
    X509_ALGOR *algorithm;
    int tag, class, type;
    long len;

    ASN1_get_object(&p, &len, &tag, &class, (long)certid->der.len);
    algorithm = d2i_X509_ALGOR(NULL, &p, len);
    require(algorithm != NULL);
    X509_ALGOR_get0(&oid, &type, NULL, algorithm);
    require(same(certid->digest,
                 (bytes_t){ OBJ_get0_data(oid), OBJ_length(oid) }));
    /* OpenSSL takes a NULL in BER for one. */
    require(certid->odd_parameters || type == V_ASN1_UNDEF
            || type == V_ASN1_NULL);
    X509_ALGOR_free(algorithm);
}

static void check_certid(const request_certid_t *certid, OCSP_CERTID *id,
                         bytes_t input)
{
    ASN1_OCTET_STRING *name, *key;
    ASN1_INTEGER *serial;
    unsigned char *again = NULL;
    int len = i2d_OCSP_CERTID(id, &again);

    require(len > 0
            && (certid->odd_parameters
                || same((bytes_t){ again, (apr_size_t)len }, certid->der)));
    OPENSSL_free(again);
    require(OCSP_id_get0_info(&name, NULL, &key, &serial, id));
    require(same(certid->name_hash, bytes_of(name)));
    require(same(certid->key_hash, bytes_of(key)));
    check_algorithm(certid);
    check_serial(certid, serial);
    require(lies_in(certid->der, input));
    require(lies_in(certid->digest, certid->der));
    require(lies_in(certid->name_hash, certid->der));
    require(lies_in(certid->key_hash, certid->der));
    require(certid->serial_negative || lies_in(certid->serial, certid->der));
}

static void check_nonce(bytes_t nonce, OCSP_REQUEST *asn1, bytes_t input)
{
    int at = OCSP_REQUEST_get_ext_by_NID(asn1, NID_id_pkix_OCSP_Nonce, -1);
    const unsigned char *p;
    bytes_t value;
    ASN1_OCTET_STRING *bytes;

    require((at >= 0) == (nonce.data != NULL));
    if (at < 0)
        return;
    value = bytes_of(X509_EXTENSION_get_data(OCSP_REQUEST_get_ext(asn1, at)));
    p = value.data;
    bytes = d2i_ASN1_OCTET_STRING(NULL, &p, (long)value.len);
    require(bytes && p == value.data + value.len);
    require(same(nonce, bytes_of(bytes)));
    require(nonce.len >= 1 && nonce.len <= 128);
    require(lies_in(nonce, input));
    ASN1_OCTET_STRING_free(bytes);
}

/* id-pkix-ocsp-pref-sig-algs, which OpenSSL has no name for. */
static int is_preferred(const ASN1_OBJECT *oid)
{
    static const unsigned char bytes[] = { 0x2B, 6, 1, 5, 5, 7, 0x30, 1, 8 };

    return same((bytes_t){ OBJ_get0_data(oid), OBJ_length(oid) },
                (bytes_t){ bytes, sizeof bytes });
}

static void check_single_extensions(OCSP_ONEREQ *one)
{
    int at = -1;

    while ((at = OCSP_ONEREQ_get_ext_by_critical(one, 1, at)) >= 0)
        require(
            OBJ_obj2nid(X509_EXTENSION_get_object(OCSP_ONEREQ_get_ext(one, at)))
            == NID_id_pkix_OCSP_Nonce);
}

static void check_extensions(OCSP_REQUEST *asn1)
{
    int at = -1;

    while ((at = OCSP_REQUEST_get_ext_by_critical(asn1, 1, at)) >= 0) {
        int nid = OBJ_obj2nid(
            X509_EXTENSION_get_object(OCSP_REQUEST_get_ext(asn1, at)));

        require(nid == NID_id_pkix_OCSP_Nonce
                || nid == NID_id_pkix_OCSP_acceptableResponses
                || is_preferred(
                    X509_EXTENSION_get_object(OCSP_REQUEST_get_ext(asn1, at))));
    }
}

static void check_preferred(const request_t *request, bytes_t input)
{
    bytes_t rest = request->preferred;
    request_preferred_t taken;

    require(!rest.data || lies_in(rest, input));
    while (request_take_preferred(&rest, &taken)) {
        require(taken.signature.oid.len
                && lies_in(taken.signature.oid, request->preferred));
        require(!taken.key.oid.data
                || lies_in(taken.key.oid, request->preferred));
    }
    require(rest.len == 0);
}

static void check_accepted(apr_pool_t *pool, const request_t *request,
                           bytes_t input)
{
    OCSP_REQUEST *asn1 = openssl_view(pool, request, input);
    int i;

    require(request->certid_count >= 1 && request->certid_count <= MAX_CERTIDS);
    check_preferred(request, input);
    if (!asn1)
        return;
    require(request->certid_count == OCSP_request_onereq_count(asn1));
    for (i = 0; i < request->certid_count; i++) {
        OCSP_ONEREQ *one = OCSP_request_onereq_get0(asn1, i);

        check_certid(&request->certids[i], OCSP_onereq_get0_id(one), input);
        check_single_extensions(one);
    }
    check_extensions(asn1);
    check_nonce(request->nonce, asn1, input);
    OCSP_REQUEST_free(asn1);
}

/* The same CertIDs in a request that OpenSSL writes. */
static void check_rewritten(apr_pool_t *pool, const request_t *request)
{
    OCSP_REQUEST *plain = OCSP_REQUEST_new();
    unsigned char *der = NULL;
    const request_t *again;
    const char *why;
    int i, len;

    if (has_odd_parameters(request)) {
        OCSP_REQUEST_free(plain);
        return;
    }
    for (i = 0; i < request->certid_count; i++) {
        bytes_t bytes = request->certids[i].der;
        const unsigned char *p = bytes.data;
        OCSP_CERTID *id = d2i_OCSP_CERTID(NULL, &p, (long)bytes.len);

        require(id && OCSP_request_add0_id(plain, id));
    }
    len = i2d_OCSP_REQUEST(plain, &der);
    require(len > 0);
    again = parse(pool, (bytes_t){ der, (apr_size_t)len }, MAX_CERTIDS, &why);
    require(again && again->certid_count == request->certid_count);
    require(again->nonce.data == NULL);
    for (i = 0; i < request->certid_count; i++)
        require(same(again->certids[i].der, request->certids[i].der));
    OPENSSL_free(der);
    OCSP_REQUEST_free(plain);
}

/* One CertID fewer allowed, or one byte more sent, and it is refused. */
static void check_limits(apr_pool_t *pool, bytes_t input, int count)
{
    unsigned char *copy = apr_palloc(pool, input.len + 1);
    bytes_t longer = { copy, input.len + 1 }, shorter = { copy, input.len - 1 };
    const char *why;

    memcpy(copy, input.data, input.len);
    copy[input.len] = 0;
    require(parse(pool, input, count, &why) != NULL);
    require(parse(pool, input, count - 1, &why) == NULL);
    require(parse(pool, longer, count, &why) == NULL);
    require(parse(pool, shorter, count, &why) == NULL);
}

/* -- what is refused ------------------------------------------------------- */

/* Whether what is refused so may be DER all the same. */
static int is_policy(const char *why)
{
    static const char *const policies[] = {
        "not version v1",
        "no CertID",
        "too many CertIDs",
        "more than one nonce",
        "the nonce is not an OCTET STRING",
        "the nonce does not have 1 to 128 bytes",
        "malformed AcceptableResponses",
        "more than one PreferredSignatureAlgorithms",
        "malformed PreferredSignatureAlgorithms",
        "AcceptableResponses without id-pkix-ocsp-basic",
        "unknown critical extension in the request",
        "unknown critical extension in a single request",
    };
    size_t i;

    for (i = 0; i < sizeof policies / sizeof *policies; i++)
        if (strcmp(why, policies[i]) == 0)
            return 1;
    return 0;
}

/* OpenSSL writes some kinds of names again as they were sent, which may be with
 * an indefinite length, and so no DER. */
static int has_endless_name(bytes_t input)
{
    const unsigned char *p = input.data, *end = p + input.len;
    bytes_t contents;
    int tag, class;
    long len;

    next_element(&p, end, &tag, &contents); /* OCSPRequest */
    p = contents.data;
    next_element(&p, p + contents.len, &tag, &contents); /* TBSRequest */
    p = contents.data;
    end = p + contents.len;
    do
        next_element(&p, end, &tag, &contents);
    while (tag != (V_ASN1_CONTEXT_SPECIFIC | 1) && p < end);
    p = contents.data;
    return tag == (V_ASN1_CONTEXT_SPECIFIC | 1)
        && ASN1_get_object(&p, &len, &tag, &class, (long)contents.len) & 1;
}

/* What OpenSSL reads and writes again as it was sent is refused by policy
 * alone. */
static void check_refused(const char *why, bytes_t input)
{
    OCSP_REQUEST *asn1 = openssl_parse(input);
    unsigned char *again = NULL;
    int len;

    if (asn1 && !is_policy(why)) {
        len = i2d_OCSP_REQUEST(asn1, &again);
        require(len < 0 || !same((bytes_t){ again, (apr_size_t)len }, input)
                || has_endless_name(input));
        OPENSSL_free(again);
    }
    OCSP_REQUEST_free(asn1);
    ERR_clear_error();
}

static void check_request(apr_pool_t *pool, bytes_t input)
{
    const char *why;
    const request_t *request = parse(pool, input, MAX_CERTIDS, &why);

    if (!request) {
        check_refused(why, input);
        return;
    }
    check_accepted(pool, request, input);
    check_rewritten(pool, request);
    check_limits(pool, input, request->certid_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *root;
    apr_pool_t *pool;

    if (!root) {
        apr_initialize();
        apr_pool_create(&root, NULL);
    }
    apr_pool_create(&pool, root);
    check_request(pool, (bytes_t){ data, size });
    apr_pool_destroy(pool);
    return 0;
}
