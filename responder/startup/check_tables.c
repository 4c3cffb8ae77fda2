/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "apr_strings.h"
#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/sections.h"
#include "source/builtin.h"
#include "source/table/table_named.h"

static int check_tables_is_used(
    apr_pool_t *pool, const apr_array_header_t *sections, const char *name)
{
    int i;

    for (i = 0; i < sections->nelts; i++) {
        const config_t *config = APR_ARRAY_IDX(sections, i, section_t).config;
        const char *arguments = config_source_arguments(config);

        if (strcmp(config_source(config), table_source.name) == 0
            && strcmp(ap_getword_conf(pool, &arguments), name) == 0)
            return 1;
    }
    return 0;
}

/* Its args are what stands behind the section's first word: "NAME>". */
void check_table(apr_array_header_t *findings,
                 const apr_array_header_t *sections, const ap_directive_t *line)
{
    apr_pool_t *pool = sections->pool; /* the configuration's */
    const char *args, *name, *why;

    if (*line->directive != '<'
        || strcasecmp(line->directive, "<OCSPResponderTable") != 0)
        return;
    args = apr_pstrmemdup(pool, line->args, strcspn(line->args, ">"));
    name = ap_getword_conf(pool, &args);
    why = check_tables_is_used(pool, sections, name)
        ? NULL
        : table_named_fault(pool, name);
    if (why)
        findings_add(findings, APLOG_WARNING, "OCSP0156",
                     directive_place_of(findings->pool, line),
                     "<OCSPResponderTable %s>, which no location uses: %s",
                     name, why);
}
