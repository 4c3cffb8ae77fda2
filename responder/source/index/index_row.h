/* SPDX-License-Identifier: Apache-2.0
 * One row of the database of `openssl ca`. */
#ifndef RESPONDER_INDEX_ROW_H
#define RESPONDER_INDEX_ROW_H

#include "base/bytes.h"

/* What can be wrong with a row. */
typedef enum {
    INDEX_ROW_FIELDS = 0,
    INDEX_ROW_STATUS,
    INDEX_ROW_EXPIRY,
    INDEX_ROW_NOT_REVOKED,
    INDEX_ROW_REVOCATION,
    INDEX_ROW_SERIAL,
    INDEX_ROW_TWICE, /* told by who knows all rows */
    /* From here on the meaning is safe: */
    INDEX_ROW_ODD_REASON,
    INDEX_ROW_ODD_INVALIDITY,
    INDEX_ROW_FINE
} index_row_fault_t;

typedef struct {
    index_row_fault_t fault;
    ocsp_responder_status_t status; /* all zero where the fault is not safe. E,
                                     * which `openssl ca -updatedb` makes of V,
                                     * is good too: it was never revoked */
    int has_serial;                 /* it can be read */
    int is_negative;
    bytes_t serial; /* magnitude without leading zero bytes, in the room
                     * that was given */
} index_row_t;

/* Parses a line of so many bytes, without its end, into *row. room, for the
 * serial, is at least half as long. */
void index_row_parse(index_row_t *row, const char *line, apr_size_t length,
                     unsigned char *room);

/* Whether a line has that serial, a magnitude without leading zero bytes, in
 * field 4. */
int index_row_has_serial(const char *line, apr_size_t length, bytes_t serial);

/* Whether nothing is wrong that makes the row's meaning doubtful. */
int index_row_is_safe(index_row_fault_t fault);

/* What is wrong: "field 2 (expiry) is not a time". Static. */
const char *index_row_fault(index_row_fault_t fault);

#endif
