/* SPDX-License-Identifier: Apache-2.0
 * Sections that stand later win: a broad one behind a narrow one takes away
 * what that says. */
#ifndef RESPONDER_OVERLAPS_H
#define RESPONDER_OVERLAPS_H

#include "httpd.h"
#include "apr_tables.h"

/* Warns, in findings, of each narrow <Location> that a broader one behind it
 * takes a setting away from. overlaps are sections_list()'s. */
void overlaps_check(apr_array_header_t *findings,
                    const apr_array_header_t *overlaps);

#endif
