/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_table.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include "http_main.h"

#include "base/intervals.h"
#include "db/breaker.h"
#include "db/database.h"
#include "db/query.h"

/* What tells servers apart: where their section begins. */
static const char *status_database_place_of(apr_pool_t *pool,
                                            const server_rec *server)
{
    return server->is_virtual ? apr_psprintf(pool, "%s:%u", server->defn_name,
                                             server->defn_line_number)
                              : "main server";
}

/* What is told of each, in the order of the page. */
typedef struct {
    status_family_t *database, *failure, *up, *failed_at, *refused_at,
        *connections, *max, *replica, *lag;
} view_t;

static status_family_t *status_database_family(
    apr_array_header_t *table, const char *name, status_type_t type,
    status_unit_t unit, const char *help)
{
    return status_add_family(table, "Databases", name, type, unit, help);
}

static view_t status_database_add_families(apr_array_header_t *table)
{
    view_t view;

    view.database =
        status_database_family(table, "database", STATUS_INFO, STATUS_PLAIN,
                               "A database, and where it was set.");
    view.failure =
        status_database_family(table, "database_failure", STATUS_INFO,
                               STATUS_PLAIN, "What went wrong last.");
    view.failure->is_text = 1;
    view.up = status_database_family(
        table, "database_up", STATUS_GAUGE, STATUS_YES,
        "Whether this process asks the database (1), or waits for "
        "it to come back (0).");
    view.failed_at = status_database_family(table, "database_failed_at",
                                            STATUS_GAUGE, STATUS_TIMESTAMP,
                                            "When the database last failed.");
    view.refused_at = status_database_family(
        table, "database_refused_at", STATUS_GAUGE, STATUS_TIMESTAMP,
        "When a server was last not asked, as it lies behind another: "
        "an old primary.");
    view.connections =
        status_database_family(table, "database_connections", STATUS_GAUGE,
                               STATUS_PLAIN, "Connections of this process.");
    view.max = status_database_family(table, "database_connections_max",
                                      STATUS_GAUGE, STATUS_PLAIN,
                                      "Connections that it may have: DBDMax.");
    view.replica = status_database_family(
        table, "database_replica", STATUS_GAUGE, STATUS_PLAIN,
        "1 where the rows come from another server, and revocations may "
        "be late.");
    view.lag =
        status_database_family(table, "database_replica_lag", STATUS_GAUGE,
                               STATUS_SECONDS, "How late a replica is.");
    return view;
}

static void add_one(const view_t *view, const char *place,
                    const database_view_t *shown)
{
    const breaker_view_t *breaker = &shown->breaker;
    status_sample_t *sample =
        status_add_sample(view->database, 1, "server", place);

    status_add_label(sample, "driver", shown->driver);
    status_add_label(sample, "library_version", shown->version);
    status_add_label(sample, "breaker", breaker_state_name(breaker->state));
    if (breaker->cause)
        status_add_label(status_add_sample(view->failure, 1, "server", place),
                         "cause", breaker->cause);
    status_add_sample(view->up, breaker->state == BREAKER_CLOSED, "server",
                      place);
    if (breaker->failed_at)
        status_add_sample(view->failed_at,
                          (double)apr_time_sec(breaker->failed_at), "server",
                          place);
    if (shown->refused_at)
        status_add_sample(view->refused_at,
                          (double)apr_time_sec(shown->refused_at), "server",
                          place);
    status_add_sample(view->connections, shown->connections, "server", place);
    status_add_sample(view->max, shown->max, "server", place);
}

/* Nothing where the database does not tell. */
static void add_replica(const view_t *view, const char *place,
                        server_rec *server)
{
    apr_pool_t *pool = view->replica->samples->pool;
    query_replica_t replica;
    const char *why;

    if (query_replica(server, pool, apr_time_now() + INTERVALS_PAGE_DATABASE,
                      &replica, &why)
        != QUERY_OK)
        return;
    status_add_sample(view->replica, replica.is_replica, "server", place);
    if (replica.lag >= 0)
        status_add_sample(view->lag, (double)replica.lag, "server", place);
}

void status_add_databases(apr_array_header_t *table)
{
    const view_t view = status_database_add_families(table);
    apr_hash_t *seen = apr_hash_make(table->pool);
    server_rec *server;

    for (server = ap_server_conf; server; server = server->next) {
        const database_t *database = database_of(server);
        const char *place = status_database_place_of(table->pool, server);
        database_view_t shown;

        if (!database
            || apr_hash_get(seen, &database->breaker, sizeof(database->breaker))
            || !database_view(server, table->pool, &shown))
            continue;
        apr_hash_set(seen, &database->breaker, sizeof(database->breaker), "");
        add_one(&view, place, &shown);
        add_replica(&view, place, server);
    }
}
