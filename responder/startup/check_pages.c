/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check_places.h"

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

/* Whether a page that is set in a place is kept from some. Of an <If> it is not
 * known when: it is taken for one that does. */
static int is_guarded(const apr_array_header_t *having,
                      const check_place_t *inner)
{
    int i;

    if (check_access_is_bound(check_place_lets_in(having, NULL, inner,
                                                  inner->host, CHECK_GET)))
        return 1;
    for (i = 0; i < having->nelts; i++) {
        const check_place_t *each =
            APR_ARRAY_IDX(having, i, const check_place_t *);

        if (each->condition
            && check_place_counts(each, each, inner, inner->host)
            && check_access_is_bound(
                check_access_decides(&each->said[CHECK_GET])))
            return 1;
    }
    return 0;
}

/* The same of a section that need not be a place, but for what holds in it. */
static int guards_itself(apr_pool_t *pool, const apr_array_header_t *places,
                         const ap_directive_t *section)
{
    const check_said_t own =
        check_access_said(pool, section->first_child, "GET");
    int i;

    if (own.require.access == CHECK_EVERYBODY)
        return 1;
    for (i = 0; i < places->nelts; i++) {
        const check_place_t *place = &APR_ARRAY_IDX(places, i, check_place_t);

        if (place->section == section && !place->condition)
            return is_guarded(check_places_having(places, CHECK_WANTED), place);
    }
    return check_access_is_bound(check_access_decides(&own));
}

/* Whether not everybody may read what a line sets in its section, or the
 * section says by a Require that everybody may. */
static int is_page_guarded(apr_pool_t *pool, const ap_directive_t *line)
{
    const apr_array_header_t *places = check_places(pool);
    const ap_directive_t *section = line->parent;

    while (section && !guards_itself(pool, places, section))
        section = section->parent;
    return section != NULL;
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
        && !is_page_guarded(findings->pool, line))
        findings_add(findings, APLOG_WARNING, "OCSP0150",
                     directive_place_of(findings->pool, line),
                     "SetHandler " LOCATION_STATUS
                     ": everybody may read this page; add a Require to its "
                     "section, like Require ip 192.0.2.0/24");
}
