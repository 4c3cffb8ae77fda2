/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "apr_lib.h"
#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/location.h"

/* Asked of each line of the configuration; few begin like it. The handler that
 * it sets; "": it sets none. */
static const char *handler_of(const ap_directive_t *directive, apr_pool_t *pool)
{
    const char *arguments = directive->args;

    return apr_tolower(*directive->directive) == 's'
            && strcasecmp(directive->directive, "SetHandler") == 0
        ? ap_getword_conf(pool, &arguments)
        : "";
}

/* One that is called like the module's own, and is none of them. */
static int is_misspelled(const char *handler)
{
    static const char own[] = "ocsp-responder-";

    return strncasecmp(handler, own, sizeof(own) - 1) == 0
        && strcmp(handler, LOCATION_STATUS) != 0
        && strcmp(handler, LOCATION_HEALTH) != 0;
}

void check_page(apr_array_header_t *findings, const ap_directive_t *line)
{
    const char *handler = handler_of(line, findings->pool);

    if (is_misspelled(handler))
        findings_add(findings, APLOG_WARNING, "OCSP0158",
                     directive_place_of(findings->pool, line),
                     "SetHandler %s: there is no such handler; there "
                     "are " LOCATION_STATUS " and " LOCATION_HEALTH,
                     handler);
    if (strcmp(handler, LOCATION_STATUS) == 0
        && !check_around_guards(findings->pool, line))
        findings_add(findings, APLOG_WARNING, "OCSP0150",
                     directive_place_of(findings->pool, line),
                     "SetHandler " LOCATION_STATUS
                     ": everybody may read this page; add a Require to its "
                     "section, like Require ip 192.0.2.0/24");
}
