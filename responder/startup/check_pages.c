/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check_places.h"

#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/location.h"

void check_handler(apr_array_header_t *findings, const ap_directive_t *line)
{
    static const char own[] = "ocsp-responder-";
    const char *words = line->args, *name;

    if (!check_is_named(line, "SetHandler"))
        return;
    name = ap_getword_conf(findings->pool, &words);
    if (strncasecmp(name, own, strlen(own)) == 0
        && strcmp(name, LOCATION_STATUS) != 0
        && strcmp(name, LOCATION_HEALTH) != 0)
        findings_add(findings, APLOG_WARNING, "OCSP0158",
                     directive_place_of(findings->pool, line),
                     "SetHandler %s: there is no such handler; there "
                     "are " LOCATION_STATUS " and " LOCATION_HEALTH,
                     name);
}

void check_page(apr_array_header_t *findings, const check_chain_t *chain)
{
    const ap_directive_t *line = chain->inner->found[CHECK_SET_HANDLER];
    const check_said_t *own = chain->inner->said;

    if (check_has_word(findings->pool, line->args, LOCATION_STATUS)
        && !(own && own[CHECK_GET].require.access == CHECK_EVERYBODY)
        && check_access_of(chain, CHECK_GET, 1).access == CHECK_EVERYBODY)
        findings_add(findings, APLOG_WARNING, "OCSP0150",
                     directive_place_of(findings->pool, line),
                     "SetHandler " LOCATION_STATUS
                     ": everybody may read this page; add a Require to its "
                     "section, like Require ip 192.0.2.0/24");
}
