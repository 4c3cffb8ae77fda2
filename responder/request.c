/* SPDX-License-Identifier: Apache-2.0
 * From a GET path or a body to a checked OCSP request (RFC 6960 §4.1). */
#include "request.h"
#include "der.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>

/* As many characters of base64 as hold a DER header. */
#define HEADER_CHARS 8

#define NONCE_MAX 128 /* RFC 9654 §2.1 */

/* -- GET path to DER ------------------------------------------------------- */

/* The part of a decoded path that may be base64, which is its end. */
typedef struct {
    const unsigned char *text;
    apr_size_t start;        /* from here to end all is base64 */
    apr_size_t end;          /* behind it only padding and trailing '/' */
    apr_size_t padding;      /* '=' behind end */
    apr_size_t slashes;      /* '/' before end that may be no base64; 0 when
                              * there is padding */
} payload_t;

/* The value of a base64 character of either alphabet, -1 for any other. */
static int sextet(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-' || c == ' ')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* Base64 characters, padding not counted, that so many octets take. */
static apr_uint64_t base64_chars(apr_uint64_t octets)
{
    return (octets * 4 + 2) / 3;
}

/* Decodes count valid characters; what is left of the last one is dropped.
 * Returns the octets written. */
static apr_size_t base64_decode(unsigned char *out, const unsigned char *text,
                                apr_size_t count)
{
    apr_uint32_t bits = 0;
    apr_size_t i, n = 0;

    for (i = 0; i < count; i++) {
        bits = bits << 6 | (apr_uint32_t)sextet(text[i]);
        if (i % 4)
            out[n++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    return n;
}

/* Undoes the percent-encoding, up to a query. A '%' that encodes nothing
 * stays: it is no base64 and ends what may be a payload. */
static const unsigned char *percent_decode(apr_pool_t *pool, const char *raw,
                                           apr_size_t *len)
{
    apr_size_t i, n = 0, end = strcspn(raw, "?");
    unsigned char *text = apr_palloc(pool, end + 1);

    for (i = 0; i < end; i++) {
        int high = raw[i] == '%' ? OPENSSL_hexchar2int(raw[i + 1]) : -1;
        int low = high >= 0 ? OPENSSL_hexchar2int(raw[i + 2]) : -1;

        if (low >= 0)
            i += 2;
        text[n++] = low >= 0 ? high << 4 | low : (unsigned char)raw[i];
    }
    *len = n;
    return text;
}

static payload_t payload_find(const unsigned char *text, apr_size_t len)
{
    payload_t payload = { .text = text, .end = len };
    apr_size_t bare = len, unpadded;

    while (bare > 0 && text[bare - 1] == '/')
        bare--;
    unpadded = bare;
    while (unpadded > 0 && text[unpadded - 1] == '=')
        unpadded--;
    if (unpadded < bare) {
        payload.end = unpadded;
        payload.padding = bare - unpadded;
    } else {
        payload.slashes = len - bare;
    }
    payload.start = payload.end;
    while (payload.start > 0 && sextet(text[payload.start - 1]) >= 0)
        payload.start--;
    return payload;
}

/* Whether the rest of have characters is a text of so many characters. */
static int payload_fits(const payload_t *payload, apr_size_t have,
                        apr_uint64_t chars)
{
    if (payload->padding)
        return have == chars && payload->padding < 4 &&
               (have + payload->padding) % 4 == 0;
    return have >= chars && have - chars <= payload->slashes;
}

/* Judges the rest that begins at start by its first octets alone, so that a
 * path made of nothing but starts costs no more than another. *size: octets of
 * the DER, 0 when it is not whole. */
static request_path_t payload_judge(const payload_t *payload, apr_size_t start,
                                    apr_size_t max_der, apr_size_t *size)
{
    unsigned char head[DER_HEADER_MAX];
    bytes_t octets = { head, 0 };
    apr_size_t header, have = payload->end - start;
    apr_uint64_t total;

    *size = 0;
    octets.len = base64_decode(head, payload->text + start,
                               have < HEADER_CHARS ? have : HEADER_CHARS);
    if (octets.len < 2 || head[0] != DER_SEQUENCE)
        return REQUEST_PATH_NONE;
    total = der_size(octets, DER_SEQUENCE, &header);
    if (total && payload_fits(payload, have, base64_chars(total))) {
        *size = (apr_size_t)total;
        return total > max_der ? REQUEST_PATH_TOO_LARGE : REQUEST_PATH_FOUND;
    }
    /* A rest that begins like this does not begin in the trailing '/'. */
    return have - payload->slashes > base64_chars(max_der)
               ? REQUEST_PATH_TOO_LARGE
               : REQUEST_PATH_NONE;
}

request_path_t request_from_path(bytes_t *der, apr_pool_t *pool,
                                 const char *raw_path, apr_size_t max_der)
{
    apr_size_t i, len, size;
    const unsigned char *text = percent_decode(pool, raw_path, &len);
    payload_t payload = payload_find(text, len);
    request_path_t verdict, otherwise = REQUEST_PATH_NONE;

    for (i = payload.start ? payload.start : 1; i < payload.end; i++) {
        if (text[i - 1] != '/')
            continue;
        verdict = payload_judge(&payload, i, max_der, &size);
        if (verdict == REQUEST_PATH_FOUND) {
            unsigned char *out = apr_palloc(pool, size);

            der->len = base64_decode(out, text + i, base64_chars(size));
            der->data = out;
        }
        if (size)
            return verdict;
        if (verdict == REQUEST_PATH_TOO_LARGE)
            otherwise = verdict; /* unless something shorter is whole */
    }
    return otherwise;
}

/* -- extensions ------------------------------------------------------------ */

static int bytes_equal(bytes_t octets, const void *other, apr_size_t len)
{
    return octets.len == len && memcmp(octets.data, other, len) == 0;
}

/* Each check returns NULL, or why the value is refused. */
typedef const char *extension_check_t(request_t *request, bytes_t value);

static const char *check_nonce(request_t *request, bytes_t value)
{
    der_element_t nonce;

    if (request->nonce.data)
        return "more than one nonce";
    if (!der_only(value, DER_OCTET_STRING, &nonce))
        return "the nonce is not an OCTET STRING";
    if (nonce.contents.len < 1 || nonce.contents.len > NONCE_MAX)
        return "the nonce does not have 1 to 128 octets";
    request->nonce = nonce.contents;
    return NULL;
}

static const char *check_acceptable_responses(request_t *request,
                                              bytes_t value)
{
    static const unsigned char basic[] = {  /* id-pkix-ocsp-basic */
        0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01
    };
    der_element_t list, type;
    int found = 0;

    (void)request;
    if (!der_only(value, DER_SEQUENCE, &list))
        return "malformed AcceptableResponses";
    while (list.contents.len) {
        if (!der_take(&list.contents, DER_OBJECT, &type))
            return "malformed AcceptableResponses";
        found |= bytes_equal(type.contents, basic, sizeof basic);
    }
    return found ? NULL : "AcceptableResponses without id-pkix-ocsp-basic";
}

/* What is understood in requestExtensions; in singleRequestExtensions nothing
 * is. */
static const struct {
    int nid;
    extension_check_t *check;
} request_extensions[] = {
    { NID_id_pkix_OCSP_Nonce, check_nonce },
    { NID_id_pkix_OCSP_acceptableResponses, check_acceptable_responses },
};

static extension_check_t *extension_check(X509_EXTENSION *extension)
{
    int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    size_t i;

    for (i = 0; i < sizeof request_extensions / sizeof *request_extensions; i++)
        if (request_extensions[i].nid == nid)
            return request_extensions[i].check;
    return NULL;
}

static const char *read_extensions(request_t *request, OCSP_REQUEST *asn1)
{
    int i, count = OCSP_REQUEST_get_ext_count(asn1);

    for (i = 0; i < count; i++) {
        X509_EXTENSION *extension = OCSP_REQUEST_get_ext(asn1, i);
        const ASN1_OCTET_STRING *data = X509_EXTENSION_get_data(extension);
        bytes_t value = { ASN1_STRING_get0_data(data),
                          (apr_size_t)ASN1_STRING_length(data) };
        extension_check_t *check = extension_check(extension);
        const char *why = check ? check(request, value) : NULL;

        if (why)
            return why;
        if (!check && X509_EXTENSION_get_critical(extension))
            return "unknown critical extension in the request";
    }
    return NULL;
}

/* -- CertIDs --------------------------------------------------------------- */

static void read_serial(request_certid_t *certid)
{
    ASN1_INTEGER *serial = NULL;

    OCSP_id_get0_info(NULL, NULL, NULL, &serial, certid->id);
    certid->serial = ASN1_STRING_get0_data(serial);
    certid->serial_len = (apr_size_t)ASN1_STRING_length(serial);
    certid->serial_negative = ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER;
    while (certid->serial_len && !*certid->serial) {
        certid->serial++;
        certid->serial_len--;
    }
}

/* Whether OpenSSL, which writes the answer, writes the CertID as sent. */
static int is_echoed(OCSP_CERTID *id, bytes_t sent)
{
    unsigned char *again = NULL;
    int len = i2d_OCSP_CERTID(id, &again);
    int same = len > 0 && bytes_equal(sent, again, (apr_size_t)len);

    OPENSSL_free(again);
    return same;
}

/* list: the contents of requestList as sent. */
static const char *read_certids(request_t *request, apr_pool_t *pool,
                                OCSP_REQUEST *asn1, bytes_t list)
{
    request_certid_t *certids;
    der_element_t single, id;
    int i;

    certids = apr_pcalloc(pool, request->certid_count * sizeof *certids);
    for (i = 0; i < request->certid_count; i++) {
        OCSP_ONEREQ *one = OCSP_request_onereq_get0(asn1, i);

        certids[i].id = OCSP_onereq_get0_id(one);
        if (!der_take(&list, DER_SEQUENCE, &single) ||
            !der_take(&single.contents, DER_SEQUENCE, &id) ||
            !is_echoed(certids[i].id, id.whole))
            return "a CertID is not DER";
        certids[i].der = id.whole;
        if (OCSP_ONEREQ_get_ext_by_critical(one, 1, -1) >= 0)
            return "unknown critical extension in a single request";
        read_serial(&certids[i]);
    }
    request->certids = certids;
    return list.len ? "requestList is not DER" : NULL;
}

/* -- the request ----------------------------------------------------------- */

static apr_status_t free_request(void *asn1)
{
    OCSP_REQUEST_free(asn1);
    return APR_SUCCESS;
}

static OCSP_REQUEST *read_whole(apr_pool_t *pool, bytes_t der)
{
    const unsigned char *p = der.data;
    OCSP_REQUEST *asn1 = NULL;

    if (p && der.len <= INT_MAX)
        asn1 = d2i_OCSP_REQUEST(NULL, &p, (long)der.len);
    if (!asn1) {
        ERR_clear_error();
        return NULL;
    }
    apr_pool_cleanup_register(pool, asn1, free_request, apr_pool_cleanup_null);
    return p == der.data + der.len ? asn1 : NULL;
}

/* Finds the contents of requestList, and looks at the version on the way:
 * OpenSSL hides it. */
static const char *find_list(bytes_t *list, bytes_t der)
{
    static const unsigned char v1[] = { DER_INTEGER, 1, 0 };
    der_element_t whole, tbs, next;

    if (!der_only(der, DER_SEQUENCE, &whole) ||
        !der_take(&whole.contents, DER_SEQUENCE, &tbs))
        return "not DER";
    if (der_take(&tbs.contents, DER_CONTEXT(0), &next) &&
        !bytes_equal(next.contents, v1, sizeof v1))
        return "not version v1";
    der_take(&tbs.contents, DER_CONTEXT(1), &next); /* requestorName */
    if (!der_take(&tbs.contents, DER_SEQUENCE, &next))
        return "not DER";
    *list = next.contents;
    return NULL;
}

const request_t *request_parse(apr_pool_t *pool, bytes_t der, int max_certids,
                               const char **why)
{
    OCSP_REQUEST *asn1 = read_whole(pool, der);
    request_t *request = apr_pcalloc(pool, sizeof *request);
    bytes_t list;

    if (!asn1) {
        *why = "not one OCSPRequest in DER";
        return NULL;
    }
    request->certid_count = OCSP_request_onereq_count(asn1);
    if (request->certid_count < 1 || request->certid_count > max_certids) {
        *why = request->certid_count < 1 ? "no CertID" : "too many CertIDs";
        return NULL;
    }
    if ((*why = find_list(&list, der)) != NULL ||
        (*why = read_certids(request, pool, asn1, list)) != NULL ||
        (*why = read_extensions(request, asn1)) != NULL)
        return NULL;
    return request;
}
