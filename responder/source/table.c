/* SPDX-License-Identifier: Apache-2.0 */
#include "source/builtin.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_main.h"

#include "base/zone.h"
#include "db/database.h"
#include "db/query.h"
#include "base/instances.h"
#include "source/sql_database.h"
#include "source/table/table_ca.h"
#include "source/table/table_named.h"
#include "source/table/table_query.h"
#include "source/table/table_row.h"
#include "source/table_check.h"
#include "source/watcher.h"

/* A table of one database, as it is asked about one CA. */
typedef struct {
    server_rec *server; /* the first that uses it so */
    database_settings_t database;
    const table_t *table;
    const char *argument; /* what the table calls the CA; NULL: none is said */
    const char *zone_name;
    const zone_t *zone;
    watched_file_t *ca; /* its value is table_ca_facts_t */
    watcher_t *watcher;
} sql_t;

/* -- configuration --------------------------------------------------------- */

/* Reads "NAME" or "NAME CA". NULL, or what is wrong. */
static const char *table_read_arguments(sql_t *sql, apr_pool_t *pool,
                                        const char *arguments)
{
    const char *name = ap_getword_conf(pool, &arguments), *why = NULL;
    const char *argument = ap_getword_conf(pool, &arguments);

    if (!*name || *arguments)
        return "OCSPResponderSource sql takes the name of an "
               "<OCSPResponderTable>, and what that table calls the CA where "
               "it says \"CA ... argument\"";
    sql->table = table_named_find(pool, name, &why);
    if (why)
        return why;
    sql->argument = *argument ? argument : NULL;
    if (!sql->argument != (sql->table->ca_form != TABLE_CA_ARGUMENT))
        return apr_psprintf(pool,
                            sql->argument
                                ? "OCSPResponderSource sql %s takes no CA: its "
                                  "<OCSPResponderTable> has \"CA %s\" without "
                                  "the word argument"
                                : "OCSPResponderSource sql %s must say behind "
                                  "the name what the column %s has for the CA",
                            name, sql->table->ca.sql);
    return NULL;
}

static const char *table_read_settings(
    sql_t *sql, apr_pool_t *pool, const ocsp_responder_settings_t *settings)
{
    const char *why = table_read_arguments(sql, pool, settings->arguments);

    if (why)
        return why;
    if (!ap_os_is_path_absolute(pool, settings->ca))
        return apr_psprintf(pool,
                            "OCSPResponderSource sql finds no certificates of "
                            "CAs, so OCSPResponderCA must be the absolute path "
                            "of the CA's certificate, which \"%s\" is not",
                            settings->ca);
    sql->zone_name = settings->time_zone;
    if (!sql->zone_name)
        return NULL;
    sql->zone = zone_load(pool, sql->zone_name, &why);
    return sql->zone ? NULL
                     : apr_psprintf(pool, "OCSPResponderTimeZone: %s", why);
}

static void table_parse_ca(apr_pool_t *pool, bytes_t bytes,
                           watched_file_content_t *content)
{
    content->value = table_ca_read(pool, bytes, &content->why);
    content->is_whole = 1;
    content->count = 1;
}

/* Every one of the configuration. */
static apr_array_header_t *list_of(apr_pool_t *pool)
{
    apr_array_header_t *list = instances_find(pool, "sql-list", "");

    return list ? list
                : instances_add(pool, "sql-list", "",
                                apr_array_make(pool, 4, sizeof(sql_t *)));
}

static sql_t *table_make(apr_pool_t *pool, const sql_t *wanted, const char *ca)
{
    sql_t *sql = apr_pmemdup(pool, wanted, sizeof(*wanted));

    sql->watcher = watcher_create(pool, "sql");
    sql->ca = watched_file_create(pool, ca, NULL, table_parse_ca);
    if (!sql->ca)
        return NULL;
    watcher_add(sql->watcher, sql->ca);
    APR_ARRAY_PUSH(list_of(pool), sql_t *) = sql;
    return sql;
}

/* What makes two instances one. */
static const char *table_describe(apr_pool_t *pool, const sql_t *sql,
                                  const char *ca)
{
    return apr_pstrcat(pool, database_describe(pool, &sql->database), "\n",
                       sql->table->name, "\n",
                       sql->argument ? sql->argument : "", "\n", ca, "\n",
                       sql->zone_name ? sql->zone_name : "", NULL);
}

static const char *table_configure(apr_pool_t *pool, server_rec *server,
                                   const ocsp_responder_settings_t *settings,
                                   void **instance)
{
    sql_t wanted = { .server = server };
    const char *name, *why = table_read_settings(&wanted, pool, settings);

    if (!why)
        why = sql_database_settings(pool, server, &wanted.database,
                                    settings->fault_at);
    if (why)
        return why;
    name = table_describe(pool, &wanted, settings->ca);
    *instance = instances_find(pool, "sql", name);
    if (!*instance) {
        database_connect_late(ap_server_conf, server);
        *instance = instances_add(pool, "sql", name,
                                  table_make(pool, &wanted, settings->ca));
    }
    return *instance ? NULL : "there is not enough memory for the source";
}

static void table_child_init(void *data, apr_pool_t *pool, server_rec *server)
{
    sql_t *sql = data;

    database_child_init(pool, ap_server_conf);
    watcher_start(sql->watcher, pool, server, NULL, NULL);
}

/* -- asking ---------------------------------------------------------------- */

static const char *with_name(const sql_t *sql, apr_pool_t *pool,
                             const char *text)
{
    return apr_pstrcat(pool, "table ", sql->table->name, ": ", text, NULL);
}

/* The CA, as its file says; NULL with *why. */
static const table_ca_facts_t *table_ca_of(const sql_t *sql, apr_pool_t *pool,
                                           const char **why)
{
    const table_ca_facts_t *facts =
        watcher_value(sql->watcher, sql->ca, pool, why);

    if (!facts)
        *why = apr_pstrcat(pool, watched_file_path(sql->ca), ": ", *why, NULL);
    return facts;
}

/* What the table's column has for it; NULL where none is compared. */
static const char *ca_value(const sql_t *sql, apr_pool_t *pool,
                            const table_ca_facts_t *facts)
{
    return table_ca_value(facts, pool, sql->table->ca_form, sql->argument);
}

static db_query_t make_query(const sql_t *sql, apr_pool_t *pool,
                             const table_ca_facts_t *facts, bytes_t serial,
                             int wants_cert_hash)
{
    const table_t *table = sql->table;

    return table_query_make(
        pool, table, sql->database.driver, serial, ca_value(sql, pool, facts),
        wants_cert_hash || table->ca_form == TABLE_CA_CERTIFICATE);
}

static ocsp_responder_lookup_t table_ask(const sql_t *sql,
                                         const ocsp_responder_call_t *call,
                                         const table_question_t *question,
                                         ocsp_responder_status_t *status,
                                         const char **why)
{
    const db_query_t query =
        make_query(sql, call->pool, question->ca, question->serial,
                   question->wants_cert_hash);
    db_rows_t rows;
    const query_result_t result =
        query_run(sql->server, call->pool, &query, call->deadline, &rows, why);

    return result == QUERY_OK
        ? table_row_status(question, call->pool, &rows, status, why)
        : sql_database_lookup(result);
}

static ocsp_responder_lookup_t table_look_up(
    void *data, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_status_t *status,
    const char **why)
{
    const sql_t *sql = data;
    table_question_t question = { .table = sql->table,
                                  .ca = table_ca_of(sql, call->pool, why),
                                  .zone = sql->zone,
                                  .serial = { query->serial,
                                              query->serial_len },
                                  .wants_cert_hash = query->wants_cert_hash };
    ocsp_responder_lookup_t found = OCSP_RESPONDER_LOOKUP_UNAVAILABLE;

    if (query->serial_len > TABLE_QUERY_SERIAL_LENGTH)
        return OCSP_RESPONDER_LOOKUP_DONE;
    if (question.ca) {
        question.ca_value = ca_value(sql, call->pool, question.ca);
        found = table_ask(sql, call, &question, status, why);
    }
    if (found != OCSP_RESPONDER_LOOKUP_DONE) {
        *why = with_name(sql, call->pool, *why);
    }
    else if (status->warning) {
        status->warning_id = "OCSP0604";
        status->warning = with_name(sql, call->pool, status->warning);
    }
    return found;
}

/* -- what profiles object to ----------------------------------------------- */

static ocsp_responder_lookup_t look_through(
    const sql_t *sql, const ocsp_responder_call_t *call,
    const table_ca_facts_t *ca, ocsp_responder_objection_t what,
    const char **serial, const char **why)
{
    const table_t *table = sql->table;
    const table_question_t question = { .table = table,
                                        .ca = ca,
                                        .ca_value =
                                            ca_value(sql, call->pool, ca),
                                        .zone = sql->zone };
    const db_query_t query = table_query_objections(
        call->pool, table, sql->database.driver, question.ca_value, what);
    db_rows_t rows;

    if (query_run(sql->server, call->pool, &query, call->deadline, &rows, why)
        != QUERY_OK)
        return OCSP_RESPONDER_LOOKUP_FAILED;
    *serial = table_row_objection(&question, call->pool, &rows, what);
    *why = "there are too many revoked certificates to look through";
    return *serial || rows.count < TABLE_QUERY_OBJECTIONS
            || what == OCSP_RESPONDER_WITHOUT_HASH
        ? OCSP_RESPONDER_LOOKUP_DONE
        : OCSP_RESPONDER_LOOKUP_FAILED;
}

static ocsp_responder_lookup_t table_find_objection(
    void *data, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_objection_t what,
    const char **serial, const char **why)
{
    const sql_t *sql = data;
    const table_ca_facts_t *ca;

    (void)query;
    *serial = NULL;
    if (what == OCSP_RESPONDER_WITHOUT_HASH && !sql->table->certificate.sql) {
        *serial = "any";
        return OCSP_RESPONDER_LOOKUP_DONE;
    }
    ca = table_ca_of(sql, call->pool, why);
    if (!ca
        || look_through(sql, call, ca, what, serial, why)
            != OCSP_RESPONDER_LOOKUP_DONE)
        return OCSP_RESPONDER_LOOKUP_FAILED;
    if (!*serial || what != OCSP_RESPONDER_CA_WITHOUT_REASON
        || table_description_has_certificate(sql->table))
        return OCSP_RESPONDER_LOOKUP_DONE;
    *why = BUILTIN_TELLS_NO_CAS;
    return OCSP_RESPONDER_LOOKUP_FAILED;
}

/* -- before the start ------------------------------------------------------ */

static void table_look_into(void *data, const ocsp_responder_call_t *call,
                            const ocsp_responder_reporter_t *reporter)
{
    sql_t *sql = data;
    const table_ca_facts_t *facts;
    const char *why;

    database_child_init(call->pool, ap_server_conf);
    watcher_check(sql->watcher, call, reporter);
    facts = table_ca_of(sql, call->pool, &why);
    if (facts
        && sql_database_check_file(&sql->database, sql->table->from, call,
                                   reporter)) {
        const table_check_t asked = {
            .server = sql->server,
            .database = &sql->database,
            .question = { .table = sql->table,
                          .ca = facts,
                          .ca_value = ca_value(sql, call->pool, facts),
                          .zone = sql->zone },
        };

        table_check(&asked, call, reporter);
    }
}

/* -- shown ----------------------------------------------------------------- */

static void dump(apr_file_t *out, apr_pool_t *pool, const sql_t *sql)
{
    const bytes_t one = { (const unsigned char *)"\x01", 1 };
    const table_ca_facts_t *facts;
    const char *why;
    db_query_t query;
    int i;

    watcher_read(sql->watcher);
    facts = table_ca_of(sql, pool, &why);
    if (!facts) {
        apr_file_printf(out, "sql %s: %s\n", sql->table->name, why);
        return;
    }
    query = make_query(sql, pool, facts, one, 1);
    apr_file_printf(out, "sql %s asks (%s):\n    %s\n", sql->table->name,
                    sql->database.driver, query.text);
    for (i = 0; i < query.count; i++)
        apr_file_printf(out, "    %s '%s'\n",
                        i ? "and" : "for the serial 1:", query.arguments[i]);
}

void table_dump(apr_pool_t *pool, server_rec *server)
{
    const apr_array_header_t *list = list_of(pool);
    apr_file_t *out;
    int i;

    (void)server;
    if (!ap_exists_config_define("DUMP_OCSP")
        || apr_file_open_stdout(&out, pool) != APR_SUCCESS)
        return;
    for (i = 0; i < list->nelts; i++)
        dump(out, pool, APR_ARRAY_IDX(list, i, sql_t *));
}

const ocsp_responder_source_t table_source = {
    .name = "sql",
    .configure = table_configure,
    .check = table_look_into,
    .child_init = table_child_init,
    .look_up = table_look_up,
    .find_objection = table_find_objection,
};
