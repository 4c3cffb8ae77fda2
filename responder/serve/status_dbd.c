/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/status_dbd.h"

#include "apr_strings.h"
#include "httpd.h"

#include "httpd/config.h"
#include "db/query.h"
#include "httpd/log.h"
#include "source/django_ca/rows.h"
#include "ocsp/serial.h"
#include "serve/schema_cache.h"

/* The two serials of a look-up, as the SQL has them. */
typedef struct {
    const char *ca_serial;
    const char *serial;
} serials_t;

static db_query_t make_query(apr_pool_t *pool, const schema_t *schema,
                             const void *data)
{
    const serials_t *serials = data;

    return schema_status_query(pool, schema, serials->ca_serial,
                               serials->serial);
}

/* What a look-up needs all the way. */
typedef struct {
    request_rec *r;
    const ocsp_responder_query_t *query;
    const zone_t *zone;
    serials_t serials;
    apr_time_t deadline;
} task_t;

static ocsp_responder_lookup_t read_rows(
    const task_t *task, const schema_t *schema, const db_rows_t *rows,
    ocsp_responder_status_t *status, rows_status_t *outcome, const char **why)
{
    const serials_t *serials = &task->serials;
    const char *warning = NULL;
    request_rec *r = task->r;

    *outcome = rows_status(status, r->pool, schema, *rows, serials->ca_serial,
                           serials->serial, task->query->ca_self_issued,
                           task->zone, &warning, why);
    if (*outcome == ROWS_STATUS_NO_CA)
        *why = apr_psprintf(r->pool,
                            "the CA with serial %s is not in the "
                            "database any more",
                            serials->ca_serial);
    if (*outcome != ROWS_STATUS_DONE)
        return OCSP_RESPONDER_LOOKUP_FAILED;
    if (warning)
        log_fault(r, APLOG_WARNING, "OCSP0301", serials->serial,
                  "certificate %s of CA %s: %s", serials->serial,
                  serials->ca_serial, warning);
    return OCSP_RESPONDER_LOOKUP_DONE;
}

static ocsp_responder_lookup_t ask(
    const task_t *task, ocsp_responder_status_t *status, const char **why)
{
    request_rec *r = task->r;
    int fresh;

    for (fresh = 0; fresh < 2; fresh++) {
        const schema_t *schema;
        db_rows_t rows;
        rows_status_t outcome;
        ocsp_responder_lookup_t found;
        query_result_t result =
            schema_cache_query(r->server, r->pool, make_query, &task->serials,
                               task->deadline, &schema, &rows, why);

        if (result != QUERY_OK)
            return result == QUERY_UNAVAILABLE
                ? OCSP_RESPONDER_LOOKUP_UNAVAILABLE
                : OCSP_RESPONDER_LOOKUP_FAILED;
        found = read_rows(task, schema, &rows, status, &outcome, why);
        if (outcome != ROWS_STATUS_STALE)
            return found;
        schema_cache_forget(r->server);
    }
    *why = "the tables keep changing";
    return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
}

ocsp_responder_lookup_t status_dbd_look_up(request_rec *r,
                                           const ocsp_responder_query_t *query,
                                           ocsp_responder_status_t *status,
                                           const char **why)
{
    task_t task = { .r = r,
                    .query = query,
                    .zone = config_of_request(r)->time_zone,
                    .serials = { .ca_serial = query->ca_serial },
                    .deadline = query_deadline(r) };

    task.serials.serial =
        serial_text(r->pool, query->serial, query->serial_len);
    return ask(&task, status, why);
}
