/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/sections.h"

/* What a responder needs besides its CA: who sets it means a responder. */
static const char *means_responder(const config_t *config)
{
    return config->key_at   ? "OCSPResponderKey"
        : config->cert_at   ? "OCSPResponderCert"
        : config->source_at ? "OCSPResponderSource"
                            : NULL;
}

void check_unused(apr_array_header_t *findings,
                  const apr_array_header_t *unused)
{
    int i;

    for (i = 0; i < unused->nelts; i++) {
        const section_t *section = &APR_ARRAY_IDX(unused, i, section_t);
        const char *directive = means_responder(section->config);

        if (directive && section->config->enabled != 0)
            findings_add(findings, APLOG_WARNING, "OCSP0157",
                         directive_place_of(findings->pool,
                                            section->config->section_at),
                         "%s in <Location \"%s\"> is of no responder: no "
                         "OCSPResponderCA stands there, around it or below it, "
                         "which makes one",
                         directive, section->path);
    }
}
