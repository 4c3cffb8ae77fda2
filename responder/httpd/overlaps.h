/* SPDX-License-Identifier: Apache-2.0
 * Sections that stand later win: a broad one behind a narrow one takes away
 * what that says, and of two CAs with one path only one is answered for. */
#ifndef RESPONDER_OVERLAPS_H
#define RESPONDER_OVERLAPS_H

#include "httpd.h"
#include "apr_tables.h"

/* Warns, in findings, of each narrow <Location> that a broader one behind it
 * takes a setting away from, and of each whose path stands behind it with
 * another CA. overlaps are sections_list()'s. */
void overlaps_check(apr_array_header_t *findings,
                    const apr_array_header_t *overlaps);

#endif
