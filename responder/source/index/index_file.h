/* SPDX-License-Identifier: Apache-2.0
 * The database of `openssl ca`, index.txt: one row a certificate, in six fields
 * set apart by tabs. */
#ifndef RESPONDER_INDEX_FILE_H
#define RESPONDER_INDEX_FILE_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"
#include "base/bytes.h"

/* What a file's text says. Nothing here is written after it is parsed. */
typedef struct index_file_t index_file_t;

/* Parses a whole file; the text must live as long as pool. A row that cannot be
 * read costs its own certificate only. Lives in pool; NULL when out of memory,
 * as with a text of 2 GiB. */
const index_file_t *index_file_parse(apr_pool_t *pool, bytes_t text);

/* Rows that say something of a certificate, readable or not. */
apr_size_t index_file_rows(const index_file_t *index);

/* Whether every row can be read and ends with a line feed: otherwise somebody
 * may be in the middle of writing the file. */
int index_file_is_whole(const index_file_t *index);

/* Whether there are rows, and a serial can be read in none of them: it is
 * another kind of file. */
int index_file_is_other(const index_file_t *index);

/* What is wrong with the first row that cannot be read, and how many there are
 * ("row 3: field 4 (serial) is …"), in pool; NULL if every row can be read. */
const char *index_file_fault(const index_file_t *index, apr_pool_t *pool);

/* What the file says of a serial, a magnitude without leading zero bytes. A
 * serial in no row was never issued, unless there are rows whose serial cannot
 * be read: it could be theirs. FAILED with *why in pool, which names row and
 * field. status->warning, in pool and without an id, is set if the row is odd
 * but its meaning safe. */
ocsp_responder_lookup_t index_file_status(const index_file_t *index,
                                          apr_pool_t *pool, bytes_t serial,
                                          ocsp_responder_status_t *status,
                                          const char **why);

/* Whether each certificate that is revoked is so for a reason. */
int index_file_has_reasons(const index_file_t *index);

/* The row of a certificate on hold, "row 3"; NULL if there is none. In pool. */
const char *index_file_held(const index_file_t *index, apr_pool_t *pool);

#endif
