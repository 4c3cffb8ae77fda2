/* SPDX-License-Identifier: Apache-2.0
 * What the server counts, in memory that all its processes share: exact,
 * without locks, and kept across graceful restarts. */
#ifndef RESPONDER_COUNTERS_H
#define RESPONDER_COUNTERS_H

#include "apr_tables.h"
#include "apr_time.h"

/* Families of counters that differ in the value of one label. */
typedef enum {
    COUNTERS_NO_FAMILY = 0,
    COUNTERS_METHOD,
    COUNTERS_CODE,
    COUNTERS_ERROR,
    COUNTERS_HASH,
    COUNTERS_NONCE,
    COUNTERS_MADE,
    COUNTERS_CACHE,
    COUNTERS_FAMILIES
} counters_family_name_t;

/* The most values that a label has. */
#define COUNTERS_VALUES 8

/* What is counted for each CA. */
typedef enum {
    COUNTER_CA_NONE = 0, /* counts nothing */
    COUNTER_CA_GOOD,
    COUNTER_CA_REVOKED,
    COUNTER_CA_UNKNOWN,
    COUNTER_CA_NEVER_ISSUED,
    COUNTERS_CA
} counter_ca_t;

/* What is timed. */
typedef enum {
    COUNTER_TIME_NONE = 0, /* times nothing */
    COUNTER_TIME_LOOKUP,
    COUNTER_TIME_SIGNING,
    COUNTER_TIME_REQUEST,
    COUNTERS_TIME
} counter_time_t;

/* The memory that is wanted, and what changes whenever its layout does. */
extern const apr_size_t counters_size;
#define COUNTERS_LAYOUT 4

/* Counts in memory that was zeroed when it was made, and may hold counts. Call
 * in the parent process. NULL: nothing is counted, and all that follows may be
 * called all the same. */
void counters_use(void *memory, apr_time_t now);

/* Counts one for a value of the family's label; one that is not among them
 * counts as the last, which is "other" mostly. Any thread of any process. */
void counters_add(counters_family_name_t family, const char *value);

/* Counts for a CA, by its serial (upper-case hex); those that find no room any
 * more are counted under the serial "". */
void counters_add_ca(const char *serial, counter_ca_t counter, unsigned times);

/* Counts a message id, "OCSPnnnn". */
void counters_add_message(const char *id);

/* Counts how long something took. */
void counters_add_time(counter_time_t timer, apr_interval_time_t took);

/* -- to read them ---------------------------------------------------------- */

/* What a family means. */
typedef struct {
    const char *section; /* a heading */
    const char *name;    /* as a metric's, without prefix and suffix */
    const char *help;    /* a sentence */
    const char *label;
    const char *values[COUNTERS_VALUES + 1]; /* of the label; ends with NULL */
} counters_family_t;

/* Each but the one of number 0. */
extern const counters_family_t counters_families[COUNTERS_FAMILIES];

/* The counter of the family's value number index. */
apr_uint64_t counters_value(counters_family_name_t family, int index);

/* The counters of one CA. */
typedef struct {
    const char *serial;
    apr_uint64_t counts[COUNTERS_CA];
} counters_ca_t;

/* Lists, as counters_ca_t in pool, the CAs for which something was counted. */
const apr_array_header_t *counters_list_cas(apr_pool_t *pool);

/* How often one message was written or held back; number is nnnn of OCSPnnnn.
 */
#define COUNTERS_MESSAGES 1000
apr_uint64_t counters_message(int number);

/* How often something took at most so long. */
#define COUNTERS_BUCKETS 17
extern const apr_interval_time_t counters_bounds[COUNTERS_BUCKETS - 1];

typedef struct {
    apr_uint64_t buckets[COUNTERS_BUCKETS]; /* each alone, not added up; the
                                             * last is for what took longer */
    apr_uint64_t sum;                       /* microseconds */
    apr_uint64_t count; /* of all; only where they are read */
} counters_times_t;

void counters_times(counter_time_t timer, counters_times_t *times);

/* When counting began; 0: nothing is counted. */
apr_time_t counters_since(void);

#endif
