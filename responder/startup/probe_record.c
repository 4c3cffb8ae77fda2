/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/probe_record.h"

#include "apr_strings.h"

#include "startup/report.h"

apr_array_header_t *probe_record(apr_pool_t *pool, apr_hash_t *records,
                                 const probe_record_key_t *key, int *is_new)
{
    apr_array_header_t *record = apr_hash_get(records, key, sizeof(*key));

    *is_new = !record;
    if (!record) {
        record = apr_array_make(pool, 0, sizeof(report_line_t));
        apr_hash_set(records, apr_pmemdup(pool, key, sizeof(*key)),
                     sizeof(*key), record);
    }
    return record;
}

apr_interval_time_t *probe_record_spent(apr_pool_t *pool, apr_hash_t *records,
                                        const registry_source_t *source)
{
    apr_interval_time_t *spent = apr_hash_get(records, &source, sizeof(source));

    if (!spent) {
        spent = apr_pcalloc(pool, sizeof(*spent));
        apr_hash_set(records, apr_pmemdup(pool, &source, sizeof(source)),
                     sizeof(source), spent);
    }
    return spent;
}
