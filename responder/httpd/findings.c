/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/findings.h"

#include "apr_strings.h"

#include "http_log.h"

APLOG_USE_MODULE(ocsp_responder);

apr_array_header_t *findings_begin(apr_pool_t *pool)
{
    return apr_array_make(pool, 4, sizeof(finding_t));
}

static int is_place(const config_place_t *one, const config_place_t *other)
{
    return one == other
        || (one && other && one->line == other->line
            && strcmp(one->file, other->file) == 0);
}

static int findings_is_known(const apr_array_header_t *findings,
                             const config_place_t *at, const char *text)
{
    int i;

    for (i = 0; i < findings->nelts; i++) {
        const finding_t *finding = &APR_ARRAY_IDX(findings, i, finding_t);

        if (is_place(finding->at, at) && strcmp(finding->text, text) == 0)
            return 1;
    }
    return 0;
}

void findings_add(apr_array_header_t *findings, int level, const char *id,
                  const config_place_t *at, const char *format, ...)
{
    finding_t finding = { .id = id, .level = level, .at = at };
    va_list args;

    va_start(args, format);
    finding.text = apr_pvsprintf(findings->pool, format, args);
    va_end(args);
    if (!findings_is_known(findings, at, finding.text))
        APR_ARRAY_PUSH(findings, finding_t) = finding;
}

static void print(const finding_t *finding)
{
    const char *kind = finding->level == APLOG_ERR ? "Error"
        : finding->level == APLOG_NOTICE           ? "Note"
                                                   : "Warning";

    if (finding->at)
        ap_log_error(APLOG_MARK, APLOG_STARTUP | finding->level, 0, NULL,
                     "%s: %s on line %d of %s: %s", finding->id, kind,
                     finding->at->line, finding->at->file, finding->text);
    else
        ap_log_error(APLOG_MARK, APLOG_STARTUP | finding->level, 0, NULL,
                     "%s: %s: %s", finding->id, kind, finding->text);
}

int findings_print(const apr_array_header_t *findings)
{
    int i, errors = 0;

    for (i = 0; i < findings->nelts; i++) {
        const finding_t *finding = &APR_ARRAY_IDX(findings, i, finding_t);

        errors += finding->level == APLOG_ERR;
        print(finding);
    }
    return errors;
}
