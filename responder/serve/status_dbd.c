/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/status_dbd.h"

#include "apr_strings.h"
#include "httpd.h"

#include "httpd/config.h"
#include "db/database.h"
#include "httpd/log.h"
#include "serve/status_cache.h"
#include "source/django_ca/rows.h"
#include "ocsp/serial.h"
#include "serve/schema_cache.h"

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

/* What a look-up needs all the way. */
typedef struct {
    request_rec *r;
    const ocsp_responder_query_t *query;
    status_cache_key_t key;
    serials_t serials;
    apr_time_t deadline;
} task_t;

/* NULL: nothing is remembered of this database. */
static status_cache_t *memory_of(const task_t *task)
{
    const database_t *database = database_of(task->r->server);

    return database ? database->memory : NULL;
}

/* Only what is plain is kept: a warning is to be given again, and there are
 * more unknown serials than known ones. */
static void keep(const task_t *task, const schema_rows_t *rows,
                 const ocsp_responder_status_t *status)
{
    status_cache_t *memory = memory_of(task);

    if (memory && rows->state && status->cert_status != OCSP_RESPONDER_UNKNOWN)
        status_cache_store(memory, &task->key, status, rows->state);
}

static int remember(const task_t *task, ocsp_responder_status_t *status)
{
    status_cache_t *memory = memory_of(task);
    ocsp_responder_status_t known;
    sqlite_state_t state;

    if (!memory || !status_cache_find(memory, &task->key, &known, &state)
        || !query_is_unchanged(task->r->server, &state, task->deadline))
        return 0;
    *status = known;
    return 1;
}

static ocsp_responder_lookup_t read_rows(
    const task_t *task, const schema_t *schema, const schema_rows_t *rows,
    ocsp_responder_status_t *status, rows_status_t *outcome, const char **why)
{
    const serials_t *serials = &task->serials;
    const char *warning = NULL;
    request_rec *r = task->r;

    *outcome = rows_status(status, r->pool, schema, *rows, serials->ca_serial,
                           serials->serial, task->query->ca_self_issued,
                           task->key.zone, &warning, why);
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
    else
        keep(task, rows, status);
    return OCSP_RESPONDER_LOOKUP_DONE;
}

static ocsp_responder_lookup_t ask(
    const task_t *task, ocsp_responder_status_t *status, const char **why)
{
    request_rec *r = task->r;
    int fresh;

    for (fresh = 0; fresh < 2; fresh++) {
        const schema_t *schema;
        schema_rows_t rows;
        rows_status_t outcome;
        ocsp_responder_lookup_t found;
        query_result_t result =
            schema_cache_query(r->server, r->pool, make_query, &task->serials,
                               SCHEMA_STATUS_WIDTH, task->deadline, &schema,
                               &rows, why);

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
                    .key = { query, config_of_request(r)->time_zone },
                    .serials = { .ca_serial = query->ca_serial },
                    .deadline = query_deadline(r) };

    if (remember(&task, status))
        return OCSP_RESPONDER_LOOKUP_DONE;
    task.serials.serial =
        serial_text(r->pool, query->serial, query->serial_len);
    return ask(&task, status, why);
}
