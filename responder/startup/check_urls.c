/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "apr_lib.h"
#include "http_log.h"

#include "httpd/findings.h"
#include "httpd/sections.h"

/* A GET of the length up to which clients use it (RFC 9919 §6), besides the
 * path: base64, method and protocol. */
#define GET_LENGTH (255 + sizeof("GET  HTTP/1.1"))

static void check_request_line(apr_array_header_t *findings,
                               const section_t *section)
{
    if (section->server->limit_req_line
        < (int)(strlen(section->path) + GET_LENGTH))
        findings_add(findings, APLOG_WARNING, "OCSP0153",
                     section->config->ca_at,
                     "LimitRequestLine %d refuses OCSP requests by GET; "
                     "set it to 8190",
                     section->server->limit_req_line);
}

static int is_escape(const char *text)
{
    return text[0] == '%' && apr_isxdigit(text[1]) && apr_isxdigit(text[2]);
}

/* The escape in a path that was copied out of a URL; NULL if there is none. A
 * character beyond ASCII is more than one. */
static const char *find_escape(const char *path)
{
    while ((path = strchr(path, '%')) != NULL) {
        if (is_escape(path) && (path[1] < '8' || is_escape(path + 3)))
            return path;
        path++;
    }
    return NULL;
}

static void check_escapes(apr_array_header_t *findings,
                          const section_t *section)
{
    const char *escape = find_escape(section->path);

    if (escape)
        findings_add(findings, APLOG_WARNING, "OCSP0155",
                     section->config->ca_at,
                     "<Location \"%s\"> is compared with URLs that httpd has "
                     "decoded, so requests miss it; write the character itself "
                     "in place of %.3s",
                     section->path, escape);
}

void check_urls(apr_array_header_t *findings,
                const apr_array_header_t *sections)
{
    int i;

    for (i = 0; i < sections->nelts; i++) {
        check_request_line(findings, &APR_ARRAY_IDX(sections, i, section_t));
        check_escapes(findings, &APR_ARRAY_IDX(sections, i, section_t));
    }
}
