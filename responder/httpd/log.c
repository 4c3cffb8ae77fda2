/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/log.h"

#include "apr_strings.h"

#include "base/log_limit.h"
#include "httpd/config.h"
#include "httpd/counters.h"
#include "httpd/shared_memory.h"

APLOG_USE_MODULE(ocsp_responder);

#define TEXT_MAX 2048 /* bytes; the rest is cut off */

void log_open(void)
{
    log_limit_use(shared_memory_get("mod_ocsp_responder-log", LOG_LIMIT_LAYOUT,
                                    log_limit_size));
}

static const char *log_name_of(const server_rec *server)
{
    return server->server_hostname ? server->server_hostname : "localhost";
}

/* A line that may be written again only after a while goes to debug. */
static int level_of(int level, const char *id, const server_rec *server,
                    const char *subject, apr_time_t now)
{
    counters_add_message(id);
    return log_limit_allows(id, log_name_of(server), subject, now)
        ? level
        : APLOG_DEBUG;
}

/* Where r was answered: by the server's words, not by the client's. */
static const char *log_place_of(const request_rec *r)
{
    const config_t *config = config_of_request(r);

    return apr_psprintf(r->pool, "%s:%u%s%s", log_name_of(r->server),
                        (unsigned)r->connection->local_addr->port,
                        config->location ? ", " : "",
                        config->location ? config->location : "");
}

void log_fault(request_rec *r, int level, const char *id, const char *subject,
               const char *format, ...)
{
    const char *text;
    va_list args;

    va_start(args, format);
    text = apr_pvsprintf(r->pool, format, args);
    va_end(args);
    level = level_of(level, id, r->server, subject, r->request_time);
    ap_log_rerror(APLOG_MARK, level, 0, r, "%s: %s (%s)", id, text,
                  log_place_of(r));
}

void log_server_fault(server_rec *server, const config_t *config, int level,
                      const char *id, const char *subject, const char *format,
                      ...)
{
    const char *location = config ? config->location : NULL;
    char text[TEXT_MAX];
    va_list args;

    va_start(args, format);
    apr_vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    level = level_of(level, id, server, subject, apr_time_now());
    ap_log_error(APLOG_MARK, level, 0, server, "%s: %s (%s%s%s)", id, text,
                 log_name_of(server), location ? ", " : "",
                 location ? location : "");
}

int log_is_tracing(const request_rec *r)
{
    return APLOGrdebug(r);
}

void log_debug(request_rec *r, const char *format, ...)
{
    va_list args;

    if (!log_is_tracing(r))
        return;
    va_start(args, format);
    ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, "%s",
                  apr_pvsprintf(r->pool, format, args));
    va_end(args);
}
