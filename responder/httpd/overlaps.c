/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/overlaps.h"

#include "apr_strings.h"
#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/sections.h"

/* Whether broad switches off the responder that narrow is by its CA alone. */
static int switches_off(const config_t *narrow, const config_t *broad)
{
    return narrow->ca && narrow->enabled == -1 && !broad->ca
        && broad->enabled == 0;
}

/* The directives of narrow that broad says otherwise; NULL: there are none. */
static const char *list_lost(apr_pool_t *pool, const config_t *narrow,
                             const config_t *broad)
{
    const config_field_t *field;
    const char *list = switches_off(narrow, broad) ? "OCSPResponderCA" : NULL;

    for (field = config_fields; field->directive; field++) {
        if (!config_is_set(narrow, field) || !config_is_set(broad, field)
            || config_is_same(narrow, broad, field))
            continue;
        list = list ? apr_pstrcat(pool, list, ", ", field->directive, NULL)
                    : field->directive;
    }
    return list;
}

void overlaps_check(apr_array_header_t *findings,
                    const apr_array_header_t *overlaps)
{
    int i;

    for (i = 0; i < overlaps->nelts; i++) {
        const section_overlap_t *overlap =
            &APR_ARRAY_IDX(overlaps, i, section_overlap_t);
        const config_t *narrow = overlap->narrow.config;
        const config_t *broad = overlap->broad.config;
        const char *lost = list_lost(findings->pool, narrow, broad);

        if (lost)
            findings_add(findings, APLOG_WARNING, "OCSP0151",
                         directive_place_of(findings->pool, broad->section_at),
                         "<Location \"%s\"> stands behind the narrower "
                         "<Location \"%s\"> on line %d of %s and takes its %s "
                         "away, as the later section wins; put it before",
                         overlap->broad.path, overlap->narrow.path,
                         narrow->section_at->line_num,
                         narrow->section_at->filename, lost);
    }
}
