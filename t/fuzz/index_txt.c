/* SPDX-License-Identifier: Apache-2.0
 * index_file_parse(): a certificate is good only if exactly one row has its
 * serial, and that row begins with V or E. The rows are read here a second
 * time, with libcrypto's numbers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/bn.h>
#include <openssl/err.h>
#include "source/index/index_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_ROWS 200

static void require(int holds)
{
    if (!holds)
        abort();
}

typedef struct {
    char status;    /* of a row whose first field is one character; 0 else */
    BIGNUM *serial; /* NULL when field 4 is none */
} row_t;

/* The field of that number, from 0, cut at its end; NULL when there is none. */
static char *field_of(apr_pool_t *pool, const char *line, int number)
{
    const char *end;

    while (number-- > 0) {
        line = strchr(line, '\t');
        if (!line)
            return NULL;
        line++;
    }
    end = strchr(line, '\t');
    return end ? apr_pstrmemdup(pool, line, (apr_size_t)(end - line))
               : apr_pstrdup(pool, line);
}

static row_t read_row(apr_pool_t *pool, const char *line)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *status = field_of(pool, line, 0);
    const char *serial = field_of(pool, line, 3);
    row_t row = { 0, NULL };

    if (strlen(status) == 1)
        row.status = *status;
    /* A row that ends in its serial may be the half of another. */
    if (field_of(pool, line, 4) && *serial && !serial[strspn(serial, digits)])
        BN_hex2bn(&row.serial, serial);
    return row;
}

static int read_rows(apr_pool_t *pool, const uint8_t *data, size_t size,
                     row_t *rows)
{
    const char *text = (const char *)data, *end;
    int count = 0;

    while (size > 0 && count < MAX_ROWS) {
        size_t length = size;

        end = memchr(text, '\n', size);
        if (end)
            length = (size_t)(end - text);
        if (length > 0 && *text != '#')
            rows[count++] = read_row(pool, apr_pstrmemdup(pool, text, length));
        text += length + (end != NULL);
        size -= length + (end != NULL);
    }
    return count;
}

/* What may be said of one of the rows' serials. */
static void check(apr_pool_t *pool, const index_file_t *index,
                  const row_t *rows, int count, const BIGNUM *serial)
{
    ocsp_responder_status_t status;
    unsigned char *room =
        apr_palloc(pool, (apr_size_t)BN_num_bytes(serial) + 1);
    const bytes_t bytes = { room, (apr_size_t)BN_bn2bin(serial, room) };
    const char *why = NULL;
    ocsp_responder_lookup_t lookup;
    int i, good = 0, revoked = 0, all = 0;

    for (i = 0; i < count; i++) {
        if (!rows[i].serial || BN_cmp(rows[i].serial, serial) != 0)
            continue;
        all++;
        good += rows[i].status == 'V' || rows[i].status == 'E';
        revoked += rows[i].status == 'R';
    }
    memset(&status, 0, sizeof(status));
    lookup = index_file_status(index, pool, bytes, &status, &why);
    require((lookup == OCSP_RESPONDER_LOOKUP_DONE) == !why);
    if (lookup != OCSP_RESPONDER_LOOKUP_DONE || count == MAX_ROWS)
        return;
    require(all == 1);
    require(status.cert_status != OCSP_RESPONDER_UNKNOWN);
    if (status.cert_status == OCSP_RESPONDER_GOOD)
        require(good == 1);
    else
        require(revoked == 1 && status.reason >= 0 && status.reason <= 10
                && status.reason != 7
                && status.revocation_time % APR_USEC_PER_SEC == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *global;
    row_t rows[MAX_ROWS];
    const bytes_t text = { data, size };
    const index_file_t *index;
    apr_pool_t *pool;
    int count, i;

    if (!global) {
        apr_initialize();
        apr_pool_create(&global, NULL);
    }
    if (size > 20000 || memchr(data, '\0', size))
        return 0;
    apr_pool_create(&pool, global);
    count = read_rows(pool, data, size, rows);
    index = index_file_parse(pool, text);
    require(index != NULL);
    require(!index_file_is_whole(index) || !index_file_fault(index, pool));
    for (i = 0; i < count; i++) {
        if (rows[i].serial)
            check(pool, index, rows, count, rows[i].serial);
    }
    require(ERR_peek_error() == 0);
    for (i = 0; i < count; i++)
        BN_free(rows[i].serial);
    apr_pool_destroy(pool);
    return 0;
}
