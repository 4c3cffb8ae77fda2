/* SPDX-License-Identifier: Apache-2.0 */
#include "status_dbd.h"

#include "apr_strings.h"
#include "httpd.h"

#include "config.h"
#include "log.h"
#include "rows.h"
#include "serial.h"
#include "tables.h"

/* The two serials of a look-up, as the SQL has them. */
typedef struct {
    const char *ca_serial;
    const char *serial;
} serials_t;

static schema_query_t make_query(apr_pool_t *pool, const schema_t *schema,
                                 const void *data)
{
    const serials_t *serials = data;

    return schema_status_query(pool, schema, serials->ca_serial,
                               serials->serial);
}

static ocsp_responder_lookup_t read_rows(request_rec *r,
                                         const ocsp_responder_query_t *query,
                                         const serials_t *serials,
                                         const schema_t *schema,
                                         schema_rows_t rows,
                                         ocsp_responder_status_t *status,
                                         rows_status_t *outcome,
                                         const char **why)
{
    const char *warning = NULL;

    *outcome = rows_status(status, r->pool, schema, rows, serials->ca_serial,
                             serials->serial, query->ca_self_issued,
                             config_of_request(r)->time_zone, &warning, why);
    if (*outcome == ROWS_STATUS_NO_CA)
        *why = apr_psprintf(r->pool, "the CA with serial %s is not in the "
                            "database any more", serials->ca_serial);
    if (*outcome != ROWS_STATUS_DONE)
        return OCSP_RESPONDER_LOOKUP_FAILED;
    if (warning)
        log_fault(r, APLOG_WARNING, "OCSP0301", serials->serial,
                  "certificate %s of CA %s: %s", serials->serial,
                  serials->ca_serial, warning);
    return OCSP_RESPONDER_LOOKUP_DONE;
}

static ocsp_responder_lookup_t look_up(request_rec *r,
                                       const ocsp_responder_query_t *query,
                                       ocsp_responder_status_t *status,
                                       const char **why)
{
    const serials_t serials = {
        .ca_serial = query->ca_serial,
        .serial = serial_text(r->pool, query->serial, query->serial_len)
    };
    apr_time_t deadline = dbd_deadline(r);
    int fresh;

    for (fresh = 0; fresh < 2; fresh++) {
        const schema_t *schema;
        schema_rows_t rows;
        rows_status_t outcome;
        ocsp_responder_lookup_t found;
        dbd_result_t result =
            tables_ask(r->server, r->pool, make_query, &serials,
                          SCHEMA_STATUS_WIDTH, deadline, &schema, &rows, why);

        if (result != DBD_OK)
            return result == DBD_UNAVAILABLE
                ? OCSP_RESPONDER_LOOKUP_UNAVAILABLE
                : OCSP_RESPONDER_LOOKUP_FAILED;
        found = read_rows(r, query, &serials, schema, rows, status, &outcome,
                          why);
        if (outcome != ROWS_STATUS_STALE)
            return found;
        tables_forget(r->server);
    }
    *why = "the tables keep changing";
    return OCSP_RESPONDER_LOOKUP_UNAVAILABLE;
}

const ocsp_responder_source_t status_dbd_source = { .look_up = look_up };
