/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/overlaps.h"

#include "apr_strings.h"
#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/sections.h"
#include "ocsp/serial.h"

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

/* A serial may be written in more than one way. */
static int names_same(apr_pool_t *pool, const char *one, const char *other)
{
    const char *first = serial_parse(pool, one);
    const char *last = serial_parse(pool, other);

    return first && last ? strcmp(first, last) == 0 : strcmp(one, other) == 0;
}

/* A host may say otherwise than the main server; within one it is a slip. */
static void check_twins(apr_array_header_t *findings,
                        const section_overlap_t *overlap)
{
    const config_t *first = overlap->narrow.config;
    const config_t *last = overlap->broad.config;

    if (first->ca && last->ca
        && !names_same(findings->pool, first->ca, last->ca)
        && directive_place_host(first->section_at)
            == directive_place_host(last->section_at))
        findings_add(findings, APLOG_WARNING, "OCSP0159",
                     directive_place_of(findings->pool, last->section_at),
                     "<Location \"%s\"> stands on line %d of %s, too, with "
                     "OCSPResponderCA %s, which does not count, as the later "
                     "section wins; give each CA a path of its own",
                     overlap->broad.path, first->section_at->line_num,
                     first->section_at->filename, first->ca);
}

static void check_broad(apr_array_header_t *findings,
                        const section_overlap_t *overlap)
{
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
                     narrow->section_at->line_num, narrow->section_at->filename,
                     lost);
}

void overlaps_check(apr_array_header_t *findings,
                    const apr_array_header_t *overlaps)
{
    int i;

    for (i = 0; i < overlaps->nelts; i++) {
        const section_overlap_t *overlap =
            &APR_ARRAY_IDX(overlaps, i, section_overlap_t);

        if (strcmp(overlap->narrow.path, overlap->broad.path) == 0)
            check_twins(findings, overlap);
        else
            check_broad(findings, overlap);
    }
}
