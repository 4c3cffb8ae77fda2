/* SPDX-License-Identifier: Apache-2.0
 * From bytes to a checked OCSP request (RFC 6960 §4.1.1).
 *
 * Read by hand, as slices of what was sent: OpenSSL's objects take dozens of
 * allocations, and decode what no answer depends on, at a cost that the client
 * chooses. */
#include "ocsp/request.h"
#include "base/der_reader.h"

#define NONCE_MAX 128 /* RFC 9654 §2.1 */

#define NOT_DER       "not one OCSPRequest in DER"
#define BAD_CERTID    "a CertID is not DER"
#define BAD_EXTENSION "an extension is not DER"

/* -- object identifiers ---------------------------------------------------- */

/* What stands behind id-pkix-ocsp (RFC 6960 appendix B). */
enum { ID_BASIC = 1, ID_NONCE = 2, ID_RESPONSE = 4, ID_PREFERRED = 8 };

static int is_pkix_ocsp(bytes_t oid, int last)
{
    const unsigned char bytes[] = { 0x2B, 0x06, 0x01,
                                    0x05, 0x05, 0x07,
                                    0x30, 0x01, (unsigned char)last };

    return bytes_are(oid, bytes, sizeof bytes);
}

/* Whether an OBJECT IDENTIFIER's numbers are whole and begin with no zeros
 * (X.690 §8.19.2). */
static int is_oid(bytes_t oid)
{
    int begins = 1; /* the next byte, a number */
    apr_size_t i;

    for (i = 0; i < oid.len; i++) {
        if (begins && oid.data[i] == 0x80)
            return 0;
        begins = oid.data[i] < 0x80;
    }
    return begins && oid.len > 0;
}

static int take_algorithm(bytes_t *rest, request_algorithm_t *algorithm)
{
    der_element_t whole, oid;

    if (!der_take(rest, DER_SEQUENCE, &whole)
        || !der_take(&whole.contents, DER_OBJECT, &oid))
        return 0;
    algorithm->oid = oid.contents;
    algorithm->parameters = whole.contents;
    return is_oid(oid.contents);
}

/* -- values of extensions -------------------------------------------------- */

/* Each check returns NULL, or why the value is refused. */

static const char *check_nonce(request_t *request, bytes_t value)
{
    der_element_t nonce;

    if (request->nonce.data)
        return "more than one nonce";
    if (!der_only(value, DER_OCTET_STRING, &nonce))
        return "the nonce is not an OCTET STRING";
    if (nonce.contents.len < 1 || nonce.contents.len > NONCE_MAX)
        return "the nonce does not have 1 to 128 bytes";
    request->nonce = nonce.contents;
    return NULL;
}

static const char *check_acceptable_responses(bytes_t value)
{
    der_element_t list, type;
    int found = 0;

    if (!der_only(value, DER_SEQUENCE, &list))
        return "malformed AcceptableResponses";
    while (list.contents.len) {
        if (!der_take(&list.contents, DER_OBJECT, &type))
            return "malformed AcceptableResponses";
        found |= is_pkix_ocsp(type.contents, ID_BASIC);
    }
    return found ? NULL : "AcceptableResponses without id-pkix-ocsp-basic";
}

/* Whether value is a PreferredSignatureAlgorithms (RFC 6960 §4.4.7.1). */
static const char *check_preferred(request_t *request, bytes_t value)
{
    der_element_t list;

    if (request->preferred.data)
        return "more than one PreferredSignatureAlgorithms";
    if (!der_only(value, DER_SEQUENCE, &list))
        return "malformed PreferredSignatureAlgorithms";
    request->preferred = list.contents;
    while (list.contents.len) {
        request_preferred_t preferred;

        if (!request_take_preferred(&list.contents, &preferred))
            return "malformed PreferredSignatureAlgorithms";
    }
    return NULL;
}

/* One of requestExtensions. */
static const char *check_extension(request_t *request,
                                   const der_extension_t *extension)
{
    if (is_pkix_ocsp(extension->oid, ID_NONCE))
        return check_nonce(request, extension->value);
    if (is_pkix_ocsp(extension->oid, ID_RESPONSE))
        return check_acceptable_responses(extension->value);
    if (is_pkix_ocsp(extension->oid, ID_PREFERRED))
        return check_preferred(request, extension->value);
    return extension->is_critical ? "unknown critical extension in the request"
                                  : NULL;
}

/* -- extensions ------------------------------------------------------------ */

/* Finds what a field that may be absent, and comes last, holds: [tag] EXPLICIT
 * Extensions. */
static int open_extensions(bytes_t *list, bytes_t field, int tag)
{
    der_element_t outer, inner;

    *list = field;
    if (!field.len)
        return 1;
    if (!der_only(field, tag, &outer)
        || !der_only(outer.contents, DER_SEQUENCE, &inner))
        return 0;
    *list = inner.contents;
    return 1;
}

static int take_extension(bytes_t *list, der_extension_t *extension)
{
    return der_take_extension(list, extension) && is_oid(extension->oid);
}

/* field: what follows requestList. */
static const char *read_extensions(request_t *request, bytes_t field)
{
    der_extension_t extension;
    const char *why = NULL;
    bytes_t list;

    if (!open_extensions(&list, field, DER_CONTEXT(2)))
        return NOT_DER;
    while (!why && list.len)
        why = take_extension(&list, &extension)
            ? check_extension(request, &extension)
            : BAD_EXTENSION;
    return why;
}

/* field: what follows reqCert. A nonce means nothing here, but some clients
 * send it so. */
static const char *read_single_extensions(bytes_t field)
{
    der_extension_t extension;
    bytes_t list;

    if (!open_extensions(&list, field, DER_CONTEXT(0)))
        return NOT_DER;
    while (list.len) {
        if (!take_extension(&list, &extension))
            return BAD_EXTENSION;
        if (extension.is_critical && !is_pkix_ocsp(extension.oid, ID_NONCE))
            return "unknown critical extension in a single request";
    }
    return NULL;
}

/* -- CertIDs --------------------------------------------------------------- */

/* Parameters other than NULL fit no CA, and are not looked into. */
static int take_digest(bytes_t *fields, request_certid_t *certid)
{
    request_algorithm_t digest;

    if (!take_algorithm(fields, &digest))
        return 0;
    certid->digest = digest.oid;
    certid->odd_parameters = !der_is_none(digest.parameters);
    return 1;
}

/* The magnitude of a negative number in two's complement. */
static bytes_t negated(apr_pool_t *pool, bytes_t bytes)
{
    unsigned char *out = apr_palloc(pool, bytes.len);
    unsigned int carry = 1;
    apr_size_t i;

    for (i = bytes.len; i > 0; i--) {
        carry += bytes.data[i - 1] ^ 0xFFu;
        out[i - 1] = (unsigned char)carry;
        carry >>= 8;
    }
    return (bytes_t){ out, bytes.len };
}

/* 0: bytes are not those of an INTEGER in its shortest form, whose first nine
 * bits differ (X.690 §8.3.2). */
static int read_serial(request_certid_t *certid, apr_pool_t *pool,
                       bytes_t bytes)
{
    const unsigned char *p = bytes.data;

    if (bytes.len < 1 || (bytes.len > 1 && p[0] == (p[1] & 0x80 ? 0xFF : 0x00)))
        return 0;
    certid->serial_negative = p[0] >= 0x80;
    certid->serial = bytes_without_zeros(
        certid->serial_negative ? negated(pool, bytes) : bytes);
    return 1;
}

static int take_certid(bytes_t *fields, apr_pool_t *pool,
                       request_certid_t *certid)
{
    der_element_t id, name, key, serial;

    if (!der_take(fields, DER_SEQUENCE, &id)
        || !take_digest(&id.contents, certid)
        || !der_take(&id.contents, DER_OCTET_STRING, &name)
        || !der_take(&id.contents, DER_OCTET_STRING, &key)
        || !der_only(id.contents, DER_INTEGER, &serial))
        return 0;
    certid->der = id.whole;
    certid->name_hash = name.contents;
    certid->key_hash = key.contents;
    return read_serial(certid, pool, serial.contents);
}

/* list: the contents of requestList, as counted. */
static const char *read_certids(request_t *request, apr_pool_t *pool,
                                bytes_t list)
{
    request_certid_t *certids =
        apr_pcalloc(pool, (apr_size_t)request->certid_count * sizeof *certids);
    const char *why = NULL;
    der_element_t single;
    int i;

    for (i = 0; !why && i < request->certid_count; i++) {
        if (!der_take(&list, DER_SEQUENCE, &single)
            || !take_certid(&single.contents, pool, &certids[i]))
            return BAD_CERTID;
        why = read_single_extensions(single.contents);
    }
    request->certids = certids;
    return why;
}

static const char *count_certids(request_t *request, bytes_t list,
                                 int max_certids)
{
    der_element_t single;
    int count = 0;

    while (list.len) {
        if (count == max_certids)
            return "too many CertIDs";
        if (!der_take(&list, DER_SEQUENCE, &single))
            return "requestList is not DER";
        count++;
    }
    request->certid_count = count;
    return count ? NULL : "no CertID";
}

/* -- the request ----------------------------------------------------------- */

/* requestorName: [1] EXPLICIT GeneralName, whose tag is of the context class.
 * It may be absent. */
static int skip_requestor(bytes_t *fields)
{
    der_element_t outer, name;

    return !der_take(fields, DER_CONTEXT(1), &outer)
        || (outer.contents.len && (*outer.contents.data & 0xC0) == 0x80
            && der_only(outer.contents, *outer.contents.data, &name));
}

/* optionalSignature: [0] EXPLICIT SEQUENCE of an AlgorithmIdentifier, a BIT
 * STRING and [0] EXPLICIT certificates. It may be absent, and is the last. */
static int skip_signature(bytes_t field)
{
    der_element_t outer, whole, part;

    if (!field.len)
        return 1;
    if (!der_only(field, DER_CONTEXT(0), &outer)
        || !der_only(outer.contents, DER_SEQUENCE, &whole)
        || !der_take(&whole.contents, DER_SEQUENCE, &part)
        || !der_take(&whole.contents, DER_BIT_STRING, &part))
        return 0;
    return !whole.contents.len
        || der_only(whole.contents, DER_CONTEXT(0), &part);
}

/* Finds the contents of requestList, and the bytes behind it. */
static const char *find_list(bytes_t *list, bytes_t *extensions, bytes_t der)
{
    static const unsigned char v1[] = { DER_INTEGER, 1, 0 };
    der_element_t whole, tbs, next;

    if (!der_only(der, DER_SEQUENCE, &whole)
        || !der_take(&whole.contents, DER_SEQUENCE, &tbs))
        return NOT_DER;
    if (der_take(&tbs.contents, DER_CONTEXT(0), &next)
        && !bytes_are(next.contents, v1, sizeof v1))
        return "not version v1";
    if (!skip_requestor(&tbs.contents)
        || !der_take(&tbs.contents, DER_SEQUENCE, &next)
        || !skip_signature(whole.contents))
        return NOT_DER;
    *list = next.contents;
    *extensions = tbs.contents;
    return NULL;
}

int request_take_preferred(bytes_t *preferred, request_preferred_t *taken)
{
    der_element_t whole;

    memset(taken, 0, sizeof *taken);
    return der_take(preferred, DER_SEQUENCE, &whole)
        && take_algorithm(&whole.contents, &taken->signature)
        && (!whole.contents.len
            || (take_algorithm(&whole.contents, &taken->key)
                && !whole.contents.len));
}

const request_t *request_parse(apr_pool_t *pool, bytes_t der, int max_certids,
                               const char **why)
{
    request_t *request = apr_pcalloc(pool, sizeof *request);
    bytes_t list, extensions;

    if ((*why = find_list(&list, &extensions, der)) != NULL
        || (*why = count_certids(request, list, max_certids)) != NULL
        || (*why = read_certids(request, pool, list)) != NULL
        || (*why = read_extensions(request, extensions)) != NULL)
        return NULL;
    return request;
}
