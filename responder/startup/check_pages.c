/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "apr_lib.h"
#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/location.h"

/* Whether a directive bounds who may read what its section is for. */
static int is_access_rule(const ap_directive_t *directive)
{
    static const char *const names[] = { "Require",     "<RequireAll",
                                         "<RequireAny", "<RequireNone",
                                         "<Limit",      "<LimitExcept",
                                         "Deny" };
    unsigned i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcasecmp(directive->directive, names[i]) == 0)
            return 1;
    return 0;
}

static int has_access_rule(const ap_directive_t *directive)
{
    for (; directive; directive = directive->next)
        if (is_access_rule(directive))
            return 1;
    return 0;
}

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

/* Whether one of the sections that a line is in has such a rule. */
static int is_guarded(const ap_directive_t *directive)
{
    const ap_directive_t *section;

    for (section = directive->parent; section; section = section->parent)
        if (has_access_rule(section->first_child))
            return 1;
    return has_access_rule(ap_conftree);
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
    if (strcmp(handler, LOCATION_STATUS) == 0 && !is_guarded(line)
        && !check_around_guards(findings->pool, line))
        findings_add(findings, APLOG_WARNING, "OCSP0150",
                     directive_place_of(findings->pool, line),
                     "SetHandler " LOCATION_STATUS
                     ": everybody may read this page; add a Require to its "
                     "section, like Require ip 192.0.2.0/24");
}
