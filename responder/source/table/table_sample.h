/* SPDX-License-Identifier: Apache-2.0
 * What httpd -t finds in some of a CA's rows. */
#ifndef RESPONDER_TABLE_SAMPLE_H
#define RESPONDER_TABLE_SAMPLE_H

#include "apr_pools.h"
#include "apr_time.h"
#include "base/bytes.h"
#include "db/result.h"
#include "source/table/table_row.h"

typedef enum {
    TABLE_SAMPLE_UNREAD = 0,  /* its serial is none */
    TABLE_SAMPLE_RESPELLED,   /* … or is not written as those asked for */
    TABLE_SAMPLE_MISNUMBERED, /* … or is not its certificate's */
    TABLE_SAMPLE_FOREIGN,     /* its certificate is another CA's */
    TABLE_SAMPLE_UNCLEAR,     /* answered internalError */
    TABLE_SAMPLE_ODD,         /* answered with a warning */
    TABLE_SAMPLE_FUTURE,      /* revoked in the future */
    TABLE_SAMPLE_FAULTS
} table_sample_fault_t;

typedef struct {
    int count;        /* rows that have it */
    const char *text; /* what is wrong with the first; NULL if none has it */
    bytes_t serial;   /* of that; data NULL when it cannot be read */
} table_sample_found_t;

/* Begins zeroed. */
typedef struct {
    int rows; /* of the CA's, as far as rows tell */
    table_sample_found_t found[TABLE_SAMPLE_FAULTS];
} table_sample_t;

/* Adds what is found in rows. The question's serial is not read. What is found
 * lives in pool. */
void table_sample_add(table_sample_t *sample, const table_question_t *question,
                      apr_pool_t *pool, const db_rows_t *rows, apr_time_t now);

#endif
