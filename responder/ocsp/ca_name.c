/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/ca_name.h"

#include <string.h>
#include "apr_strings.h"

#include "ocsp/serial.h"

/* What a CA can be meant by, the first that fits first. */
typedef enum { BY_SERIAL = 0, BY_STORED, BY_NAME, BY_CN, WAYS_TO_MEAN } by_t;

static const char *const by_words[] = { "serial", "serial", "name", "CN" };

/* What is looked for. */
typedef struct {
    apr_pool_t *pool;
    const char *name;
    const char *serial; /* NULL: the name is none */
} wanted_t;

static int is_stored(const wanted_t *wanted, const char *stored)
{
    const char *parsed = *stored ? serial_parse(wanted->pool, stored) : NULL;

    return parsed && strcmp(parsed, wanted->serial) == 0;
}

static int is_meant(const wanted_t *wanted,
                    const ca_name_candidate_t *candidate, by_t by)
{
    switch (by) {
    case BY_SERIAL:
        return wanted->serial && strcmp(candidate->serial, wanted->serial) == 0;
    case BY_STORED:
        return wanted->serial && is_stored(wanted, candidate->ca->stored);
    case BY_NAME:
        return strcmp(candidate->ca->name, wanted->name) == 0;
    default:
        return strcmp(candidate->ca->cn, wanted->name) == 0;
    }
}

const ca_name_candidate_t *ca_name_choose(apr_pool_t *pool,
                                          const ca_name_candidate_t *candidates,
                                          int count, const char *name,
                                          const char **why)
{
    const wanted_t wanted = { pool, name, serial_parse(pool, name) };
    int by, i;

    for (by = 0; *name && by < WAYS_TO_MEAN; by++) {
        const ca_name_candidate_t *chosen = NULL;
        int found = 0;

        for (i = 0; i < count; i++) {
            if (is_meant(&wanted, &candidates[i], (by_t)by)) {
                chosen = &candidates[i];
                found++;
            }
        }
        if (found == 1)
            return chosen;
        if (found > 1) {
            *why = apr_psprintf(pool, "%d CAs in the database have the %s %s",
                                found, by_words[by], name);
            return NULL;
        }
    }
    *why = apr_psprintf(pool, "no CA in the database has the serial or name %s",
                        name);
    return NULL;
}
