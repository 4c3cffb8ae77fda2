/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_table.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include "http_main.h"

#include "db/breaker.h"
#include "db/database.h"
#include "db/query.h"

enum {
    VIEW_DATABASE,
    VIEW_FAILURE,
    VIEW_UP,
    VIEW_FAILED,
    VIEW_REFUSED,
    VIEW_CONNECTIONS,
    VIEW_MAX,
    VIEW_REPLICA,
    VIEW_LAG,
    VIEWS
};

static const status_family_t views[VIEWS] = {
    [VIEW_DATABASE] = { .name = "database",
                        .help = "A database, and where it was set.",
                        .type = STATUS_INFO },
    [VIEW_FAILURE] = { .name = "database_failure",
                       .help = "What went wrong last.",
                       .type = STATUS_INFO,
                       .is_text = 1 },
    [VIEW_UP] = { .name = "database_up",
                  .help =
                      "Whether this process asks the database (1), or waits "
                      "for it to come back (0).",
                  .type = STATUS_GAUGE,
                  .unit = STATUS_YES },
    [VIEW_FAILED] = { .name = "database_failed_at",
                      .help = "When the database last failed.",
                      .type = STATUS_GAUGE,
                      .unit = STATUS_TIMESTAMP },
    [VIEW_REFUSED] = { .name = "database_refused_at",
                       .help = "When a server was last not asked, as it lies "
                               "behind another: an old primary.",
                       .type = STATUS_GAUGE,
                       .unit = STATUS_TIMESTAMP },
    [VIEW_CONNECTIONS] = { .name = "database_connections",
                           .help = "Connections of this process.",
                           .type = STATUS_GAUGE },
    [VIEW_MAX] = { .name = "database_connections_max",
                   .help = "Connections that it may have: DBDMax.",
                   .type = STATUS_GAUGE },
    [VIEW_REPLICA] = { .name = "database_replica",
                       .help = "1 where the rows come from another server, "
                               "and revocations may be late.",
                       .type = STATUS_GAUGE },
    [VIEW_LAG] = { .name = "database_replica_lag",
                   .help = "How late a replica is.",
                   .type = STATUS_GAUGE,
                   .unit = STATUS_SECONDS }
};

/* How long the page waits for a database that may hang. */
#define PATIENCE apr_time_from_msec(500)

/* What tells servers apart: where their section begins. */
static const char *place_of(apr_pool_t *pool, const server_rec *server)
{
    return server->is_virtual ? apr_psprintf(pool, "%s:%u", server->defn_name,
                                             server->defn_line_number)
                              : "main server";
}

static void add_one(status_family_t *first, const char *place,
                    const database_view_t *view)
{
    status_sample_t *sample =
        status_add_sample(&first[VIEW_DATABASE], 1, "server", place);

    status_add_label(sample, "driver", view->driver);
    status_add_label(sample, "library_version", view->version);
    status_add_label(sample, "breaker",
                     breaker_state_name(view->breaker.state));
    if (view->breaker.cause)
        status_add_label(status_add_sample(&first[VIEW_FAILURE], 1, "server",
                                           place),
                         "cause", view->breaker.cause);
    status_add_sample(&first[VIEW_UP], view->breaker.state == BREAKER_CLOSED,
                      "server", place);
    if (view->breaker.failed_at)
        status_add_sample(&first[VIEW_FAILED],
                          (double)apr_time_sec(view->breaker.failed_at),
                          "server", place);
    if (view->refused_at)
        status_add_sample(&first[VIEW_REFUSED],
                          (double)apr_time_sec(view->refused_at), "server",
                          place);
    status_add_sample(&first[VIEW_CONNECTIONS], view->connections, "server",
                      place);
    status_add_sample(&first[VIEW_MAX], view->max, "server", place);
}

/* Nothing where the database does not tell. */
static void add_replica(status_family_t *first, const char *place,
                        server_rec *server)
{
    apr_pool_t *pool = first->samples->pool;
    query_replica_t replica;
    const char *why;

    if (query_replica(server, pool, apr_time_now() + PATIENCE, &replica, &why)
        != QUERY_OK)
        return;
    status_add_sample(&first[VIEW_REPLICA], replica.is_replica, "server",
                      place);
    if (replica.lag >= 0)
        status_add_sample(&first[VIEW_LAG], (double)replica.lag, "server",
                          place);
}

void status_add_databases(apr_array_header_t *table)
{
    apr_hash_t *seen = apr_hash_make(table->pool);
    status_family_t *first;
    server_rec *server;
    int i;

    for (i = 0; i < VIEWS; i++)
        status_add_family(table, views[i])->section = "Databases";
    first = &APR_ARRAY_IDX(table, table->nelts - VIEWS, status_family_t);
    for (server = ap_server_conf; server; server = server->next) {
        const database_t *database = database_of(server);
        database_view_t view;

        if (!database
            || apr_hash_get(seen, &database->breaker, sizeof(database->breaker))
            || !database_view(server, table->pool, &view))
            continue;
        apr_hash_set(seen, &database->breaker, sizeof(database->breaker), "");
        add_one(first, place_of(table->pool, server), &view);
        add_replica(first, place_of(table->pool, server), server);
    }
}
