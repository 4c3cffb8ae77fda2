/* SPDX-License-Identifier: Apache-2.0
 * Serials as django-ca's releases stored them. */
#ifndef RESPONDER_SPELLINGS_H
#define RESPONDER_SPELLINGS_H

#include "apr_pools.h"
#include "db/dialect.h"

/* Every spelling under which some release stores the serial: the quoted list
 * inside SQL's IN (…), in pool; colons: also those between whose digits there
 * are colons. hex is as serial_parse() returns it, so the text holds nothing
 * but [0-9A-FL:',], or is NULL (the word, which equals nothing) for a serial
 * longer than any that can be stored. A cut spelling is its neighbours' too:
 * only serial_of_certificate() tells whose a row is. */
const char *spellings_quoted(apr_pool_t *pool, const char *hex, int colons);

/* How many they are for an odd or an even number of digits, and at most. */
int spellings_count(int odd, int colons);
#define SPELLINGS 6

/* What the placeholders of two lists in a query stand for, in pool: every
 * spelling of serial, and those of ca_serial and serial. Returns how many they
 * are, which depends on nothing but colons and whether each has an odd number
 * of digits; NULL for those of one that is longer than any that can be
 * stored. */
int spellings_arguments(apr_pool_t *pool, const char *ca_serial,
                        const char *serial, int colons,
                        const char *const **arguments);

/* What follows FROM: the rows of a table with one of so many spellings, each a
 * placeholder. In pool. */
const char *spellings_rows(apr_pool_t *pool, const dialect_t *dialect,
                           const char *table, int count);

#endif
