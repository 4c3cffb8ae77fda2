/* SPDX-License-Identifier: Apache-2.0
 * get_path_read() against a slow twin that tries everything, and against
 * its own output encoded again. The input is a raw path. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include "ocsp/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PATH_MAX_LEN 2048 /* the twin is not linear */

static void require(int holds)
{
    if (!holds)
        abort();
}

/* -- the twin -------------------------------------------------------------- */

static int hex_value(int c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    if (!at)
        return -1;
    return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

/* Decoded, in the standard alphabet; '!' for what is in none. */
static char *twin_text(apr_pool_t *pool, const char *raw)
{
    char *text = apr_pstrdup(pool, raw), *p;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/=";

    text[strcspn(text, "?")] = '\0';
    for (p = text; *p; p++) {
        if (*p == '%' && hex_value(p[1]) >= 0 && hex_value(p[2]) >= 0) {
            *p = (char)(hex_value(p[1]) * 16 + hex_value(p[2]));
            memmove(p + 1, p + 3, strlen(p + 3) + 1);
        }
        if (*p == ' ' || *p == '-')
            *p = '+';
        else if (*p == '_')
            *p = ':'; /* 63, but nothing begins behind it */
        else if (!*p || !strchr(alphabet, *p))
            *p = '!';
    }
    return text;
}

/* Whether bytes are one SEQUENCE as DER writes it. */
static int twin_sequence(bytes_t bytes)
{
    const unsigned char *p = bytes.data;
    int tag, class, flags;
    long len;

    flags = ASN1_get_object(&p, &len, &tag, &class, (long)bytes.len);
    ERR_clear_error();
    return flags == V_ASN1_CONSTRUCTED && class == V_ASN1_UNIVERSAL
        && tag == V_ASN1_SEQUENCE && p + len == bytes.data + bytes.len
        && (size_t)ASN1_object_size(1, (int)len, tag) == bytes.len;
}

/* Decodes one candidate by the book: len characters of text. */
static int twin_decode(bytes_t *der, apr_pool_t *pool, const char *text,
                       size_t len)
{
    size_t bare = len, i;
    unsigned char *out;
    char *padded;

    if (*text != 'M') /* the first six bits of a SEQUENCE */
        return 0;
    while (bare > 0 && text[bare - 1] == '=')
        bare--;
    if (memchr(text, '=', bare) || memchr(text, '!', bare) || bare % 4 == 1
        || (bare < len && (len % 4 || len - bare > 2)))
        return 0;
    padded = apr_pcalloc(pool, bare + 4);
    memset(padded, '=', bare + 3);
    memcpy(padded, text, bare);
    for (i = 0; i < bare; i++)
        if (padded[i] == ':')
            padded[i] = '/';
    out = apr_palloc(pool, bare + 3);
    if (EVP_DecodeBlock(out, (unsigned char *)padded, (int)((bare + 3) / 4 * 4))
        < 0)
        return 0;
    der->data = out;
    der->len = bare * 3 / 4;
    return twin_sequence(*der);
}

/* Tries every rest, with every number of '/' dropped. */
static int twin(bytes_t *der, apr_pool_t *pool, const char *raw)
{
    const char *text = twin_text(pool, raw), *start = text;
    apr_pool_t *scratch;
    int found = 0;

    apr_pool_create(&scratch, pool);
    while (!found && (start = strchr(start, '/')) != NULL) {
        size_t len = strlen(++start) + 1;

        do {
            len--;
            apr_pool_clear(scratch);
            found = twin_decode(der, scratch, start, len);
        } while (!found && len > 0 && start[len - 1] == '/');
    }
    return found; /* scratch, which holds *der, goes with pool */
}

/* -- what must hold -------------------------------------------------------- */

static int same(bytes_t a, bytes_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static void check_encoded_again(apr_pool_t *pool, bytes_t der)
{
    char *path = apr_palloc(pool, der.len / 3 * 4 + 16);
    bytes_t again = { NULL, 0 };

    path[0] = '/';
    EVP_EncodeBlock((unsigned char *)path + 1, der.data, (int)der.len);
    require(get_path_read(&again, pool, path, der.len) == GET_PATH_FOUND);
    require(same(again, der));
}

static void check_path(apr_pool_t *pool, const char *path)
{
    static const size_t limits[] = { 128, 1024, 8192 };
    bytes_t want = { NULL, 0 };
    int exists = twin(&want, pool, path);
    size_t i;

    for (i = 0; i < sizeof limits / sizeof *limits; i++) {
        bytes_t got = { NULL, 0 };
        get_path_t result = get_path_read(&got, pool, path, limits[i]);

        if (exists && want.len > limits[i]) {
            require(result == GET_PATH_TOO_LARGE);
        }
        else if (exists) {
            require(result == GET_PATH_FOUND && same(got, want));
            check_encoded_again(pool, got);
        }
        else {
            require(result != GET_PATH_FOUND);
            require(result == GET_PATH_NONE
                    || strlen(path) * 3 / 4 > limits[i]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *root;
    apr_pool_t *pool;

    if (!root) {
        apr_initialize();
        apr_pool_create(&root, NULL);
    }
    if (size > PATH_MAX_LEN)
        size = PATH_MAX_LEN;
    apr_pool_create(&pool, root);
    check_path(pool, apr_pstrmemdup(pool, (const char *)data, size));
    apr_pool_destroy(pool);
    return 0;
}
