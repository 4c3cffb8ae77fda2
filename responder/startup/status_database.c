/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_table.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include "http_main.h"

#include "base/intervals.h"
#include "db/database.h"
#include "db/lineage.h"
#include "db/query.h"

/* What is told of each, in the order of the page. */
enum {
    DATABASE = 0,
    FAILURE,
    IS_UP,
    FAILED_AT,
    REFUSED_AT,
    CONNECTIONS,
    CONNECTIONS_MAX,
    REPLICA,
    LAG,
    FAMILIES
};
static const struct {
    const char *name;
    status_type_t type;
    status_unit_t unit;
    const char *help;
} families[FAMILIES] = {
    { "database", STATUS_INFO, STATUS_PLAIN,
      "A database, and where it was set." },
    { "database_failure", STATUS_INFO, STATUS_PLAIN, "What went wrong last." },
    { "database_up", STATUS_GAUGE, STATUS_YES,
      "Whether this process asks the database (1), or waits for it to come "
      "back (0)." },
    { "database_failed_at", STATUS_GAUGE, STATUS_TIMESTAMP,
      "When the database last failed." },
    { "database_refused_at", STATUS_GAUGE, STATUS_TIMESTAMP,
      "When a server was last not asked, as it lies behind another: an old "
      "primary." },
    { "database_connections", STATUS_GAUGE, STATUS_PLAIN,
      "Connections of this process." },
    { "database_connections_max", STATUS_GAUGE, STATUS_PLAIN,
      "Connections that it may have: DBDMax." },
    { "database_replica", STATUS_GAUGE, STATUS_PLAIN,
      "1 where the rows come from another server, and revocations may be "
      "late." },
    { "database_replica_lag", STATUS_GAUGE, STATUS_SECONDS,
      "How late a replica is." },
};

typedef struct {
    status_family_t *families[FAMILIES];
    const char *place; /* where a server's section begins tells them apart */
} view_t;

static status_sample_t *status_database_add(const view_t *view, int family,
                                            double value)
{
    return status_add_sample(view->families[family], value, "server",
                             view->place);
}

/* 0: it never was. */
static void status_database_add_time(const view_t *view, int family,
                                     apr_time_t time)
{
    if (time)
        status_database_add(view, family, (double)apr_time_sec(time));
}

static void add_one(const view_t *view, apr_pool_t *pool,
                    const database_t *database,
                    const database_settings_t *settings)
{
    const breaker_view_t breaker = breaker_read(database->breaker, pool);
    status_sample_t *sample = status_database_add(view, DATABASE, 1);

    status_add_label(sample, "driver", database->driver->name);
    status_add_label(sample, "library_version",
                     database->driver->version(pool));
    status_add_label(sample, "breaker", breaker_state_name(breaker.state));
    if (breaker.cause)
        status_add_label(status_database_add(view, FAILURE, 1), "cause",
                         breaker.cause);
    status_database_add(view, IS_UP, breaker.state == BREAKER_CLOSED);
    status_database_add_time(view, FAILED_AT, breaker.failed_at);
    status_database_add_time(
        view, REFUSED_AT, lineage_refused_at(lineage_place(settings->params)));
    status_database_add(view, CONNECTIONS,
                        connections_count(database->connections));
    status_database_add(view, CONNECTIONS_MAX, settings->max);
}

/* Nothing where the database does not tell. */
static void add_replica(const view_t *view, apr_pool_t *pool,
                        server_rec *server)
{
    query_replica_t replica;
    const char *why;

    if (query_replica(server, pool, apr_time_now() + INTERVALS_PAGE_DATABASE,
                      &replica, &why)
        != QUERY_OK)
        return;
    status_database_add(view, REPLICA, replica.is_replica);
    if (replica.lag >= 0)
        status_database_add(view, LAG, (double)replica.lag);
}

void status_add_databases(apr_array_header_t *table)
{
    apr_pool_t *pool = table->pool;
    apr_hash_t *seen = apr_hash_make(pool);
    view_t view;
    server_rec *server;
    int i;

    for (i = 0; i < FAMILIES; i++)
        view.families[i] =
            status_add_family(table, "Databases", families[i].name,
                              families[i].type, families[i].unit,
                              families[i].help);
    view.families[FAILURE]->is_text = 1;
    for (server = ap_server_conf; server; server = server->next) {
        const database_t *database = database_of(server);
        database_settings_t settings;

        if (!database
            || apr_hash_get(seen, &database->breaker, sizeof(database->breaker))
            || !database_settings(server, &settings))
            continue;
        apr_hash_set(seen, &database->breaker, sizeof(database->breaker), "");
        view.place = server->is_virtual
            ? apr_psprintf(pool, "%s:%u", server->defn_name,
                           server->defn_line_number)
            : "main server";
        add_one(&view, pool, database, &settings);
        add_replica(&view, pool, server);
    }
}
