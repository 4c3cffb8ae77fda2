/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "apr_strings.h"
#include "http_config.h"
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

/* args is what stands behind the section's first word: "NAME>". */
static void check_one(apr_array_header_t *findings,
                      const apr_array_header_t *sections,
                      const ap_directive_t *directive)
{
    apr_pool_t *pool = sections->pool; /* the configuration's */
    const char *args =
        apr_pstrmemdup(pool, directive->args, strcspn(directive->args, ">"));
    const char *name = ap_getword_conf(pool, &args);
    const char *why = check_tables_is_used(pool, sections, name)
        ? NULL
        : table_named_fault(pool, name);

    if (why)
        findings_add(findings, APLOG_WARNING, "OCSP0156",
                     findings_place(findings, directive),
                     "<OCSPResponderTable %s>, which no location uses: %s",
                     name, why);
}

void check_tables(apr_array_header_t *findings,
                  const apr_array_header_t *sections)
{
    const ap_directive_t *line;

    for (line = ap_conftree; line; line = directive_place_next(line))
        if (strcasecmp(line->directive, "<OCSPResponderTable") == 0)
            check_one(findings, sections, line);
}
