/* SPDX-License-Identifier: Apache-2.0
 * index_row.c for proofs about what reads neither times nor reasons. */
#ifndef PROVE_INDEX_ROW_H
#define PROVE_INDEX_ROW_H

#include "prove.h"
#include "../../responder/source/index/index_row.c"

/* Nobody calls them here. */
int asn1_time_read(const char *text, apr_size_t length, apr_time_t *time)
{
    (void)text;
    (void)length;
    (void)time;
    return 0;
}

int crl_reason_of(const char *text, apr_size_t length)
{
    (void)text;
    (void)length;
    return -1;
}

#endif
