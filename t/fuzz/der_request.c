/* SPDX-License-Identifier: Apache-2.0
 * request_parse(): what it lets through keeps its promises. The input is the
 * body of a POST. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include "request.h"

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
    return part.data >= whole.data && part.len <= whole.len &&
           part.data + part.len <= whole.data + whole.len;
}

/* Parses, and holds a refusal to its promises. */
static const request_t *parse(apr_pool_t *pool, bytes_t der, int max_certids)
{
    const char *why = NULL;
    const request_t *request = request_parse(pool, der, max_certids, &why);

    require(ERR_peek_error() == 0);
    require(request || (why && *why));
    return request;
}

static void check_certid(const request_certid_t *certid, bytes_t input)
{
    unsigned char *again = NULL;
    int len = i2d_OCSP_CERTID(certid->id, &again);
    bytes_t encoded = { again, (apr_size_t)len };

    require(lies_in(certid->der, input));
    require(same(encoded, certid->der));
    require(certid->serial_len == 0 || certid->serial[0] != 0);
    require(certid->serial_len < certid->der.len);
    require(certid->serial_len > 0 || !certid->serial_negative);
    OPENSSL_free(again);
}

/* The same CertIDs in a request that OpenSSL writes. */
static void check_rewritten(apr_pool_t *pool, const request_t *request)
{
    OCSP_REQUEST *plain = OCSP_REQUEST_new();
    unsigned char *der = NULL;
    const request_t *again;
    int i, len;

    for (i = 0; i < request->certid_count; i++)
        require(OCSP_request_add0_id(
                    plain, OCSP_CERTID_dup(request->certids[i].id)) != NULL);
    len = i2d_OCSP_REQUEST(plain, &der);
    require(len > 0);
    again = parse(pool, (bytes_t){ der, (apr_size_t)len }, MAX_CERTIDS);
    require(again && again->certid_count == request->certid_count);
    require(again->nonce.data == NULL);
    for (i = 0; i < request->certid_count; i++)
        require(same(again->certids[i].der, request->certids[i].der));
    OPENSSL_free(der);
    OCSP_REQUEST_free(plain);
}

/* One CertID fewer allowed, or one octet more sent, and it is refused. */
static void check_limits(apr_pool_t *pool, bytes_t input, int count)
{
    unsigned char *longer = apr_palloc(pool, input.len + 1);

    memcpy(longer, input.data, input.len);
    longer[input.len] = 0;
    require(parse(pool, input, count) != NULL);
    require(parse(pool, input, count - 1) == NULL);
    require(parse(pool, (bytes_t){ longer, input.len + 1 }, count) == NULL);
    require(parse(pool, (bytes_t){ longer, input.len - 1 }, count) == NULL);
}

static void check_request(apr_pool_t *pool, bytes_t input)
{
    const request_t *request = parse(pool, input, MAX_CERTIDS);
    int i;

    if (!request)
        return;
    require(request->certid_count >= 1 &&
            request->certid_count <= MAX_CERTIDS);
    for (i = 0; i < request->certid_count; i++)
        check_certid(&request->certids[i], input);
    if (request->nonce.data) {
        require(request->nonce.len >= 1 && request->nonce.len <= 128);
        require(memmem(input.data, input.len, request->nonce.data,
                       request->nonce.len) != NULL);
    }
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
