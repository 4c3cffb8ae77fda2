/* SPDX-License-Identifier: Apache-2.0 */
#include "db/pgsql_connect.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "apr_strings.h"
#include "apr_tables.h"
#include "apr_time.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "db/driver.h"
#include "db/libpq.h"

/* By DBDParams, the service that they name and the environment; NULL: not said.
 */
typedef struct {
    const char *options, *host, *hostaddr, *port, *attributes, *timeout;
} said_t;

/* To connect. */
typedef struct {
    apr_pool_t *pool;
    const char *params;
    said_t said;
    const char *options; /* NULL: none */
    const pgsql_admission_t *admission;
} attempt_t;

/* Names and values, as libpq takes them. */
#define SETTINGS_MAX 16

typedef struct {
    const char *names[SETTINGS_MAX];
    const char *values[SETTINGS_MAX];
    int count;
} settings_t;

/* libpq puts together what is said, and an sslmode that there is none of keeps
 * it from connecting. */
static said_t read_params(apr_pool_t *pool, const char *params)
{
    static const char *const names[] = { "dbname", "sslmode", NULL };
    const char *const values[] = { params, "to be read only", NULL };
    void *unmade = libpq.begin_to_connect(names, values, 1);
    libpq_setting_t *settings = libpq.settings(unmade), *each;
    said_t said = { NULL };
    const struct {
        const char *name, **value;
    } wanted[] = { { "options", &said.options },
                   { "host", &said.host },
                   { "hostaddr", &said.hostaddr },
                   { "port", &said.port },
                   { "target_session_attrs", &said.attributes },
                   { "connect_timeout", &said.timeout } };
    unsigned i;

    for (each = settings; each && each->keyword; each++) {
        for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
            if (strcmp(each->keyword, wanted[i].name) == 0)
                *wanted[i].value = apr_pstrdup(pool, each->value);
        }
    }
    libpq.free_settings(settings);
    libpq.finish(unmade);
    return said;
}

/* -- settings -------------------------------------------------------------- */

/* A later one of the same name counts more; NULL counts nothing. */
static void pgsql_connect_set(settings_t *settings, const char *name,
                              const char *value)
{
    settings->names[settings->count] = name;
    settings->values[settings->count++] = value;
    settings->names[settings->count] = NULL;
}

/* What stands before DBDParams gives way to what they say. */
static settings_t pgsql_connect_settings_of(const char *params,
                                            const char *options)
{
    settings_t settings = { .count = 0 };

    pgsql_connect_set(&settings, "connect_timeout",
                      APR_STRINGIFY(INTERVALS_DRIVER));
    pgsql_connect_set(&settings, "tcp_user_timeout",
                      APR_STRINGIFY(INTERVALS_DRIVER) "000");
    pgsql_connect_set(&settings, "keepalives_idle", "1");
    pgsql_connect_set(&settings, "keepalives_interval", "1");
    pgsql_connect_set(&settings, "keepalives_count", "2");
    pgsql_connect_set(&settings, "fallback_application_name",
                      "mod_ocsp_responder");
    pgsql_connect_set(&settings, "dbname", params);
    pgsql_connect_set(&settings, "options", options);
    return settings;
}

/* Ours, and then the administrator's, which count more. */
static const char *options_of(apr_pool_t *pool, const said_t *said)
{
    return apr_pstrcat(pool, "-c " PGSQL_STATEMENT_TIMEOUT,
                       said->options ? " " : "", said->options, NULL);
}

/* -- one of several hosts -------------------------------------------------- */

static apr_array_header_t *pgsql_connect_split(apr_pool_t *pool,
                                               const char *list)
{
    apr_array_header_t *parts = apr_array_make(pool, 4, sizeof(const char *));

    while (list) {
        const char *comma = strchr(list, ',');

        APR_ARRAY_PUSH(parts, const char *) = comma
            ? apr_pstrmemdup(pool, list, (apr_size_t)(comma - list))
            : list;
        list = comma ? comma + 1 : NULL;
    }
    return parts;
}

/* One at least. */
static int count_hosts(const said_t *said)
{
    const char *list = said->hostaddr ? said->hostaddr : said->host;
    int count = 1;

    while (list && (list = strchr(list, ',')) != NULL) {
        count++;
        list++;
    }
    return count;
}

/* For one host; no longer than anything may take. */
static apr_interval_time_t pgsql_connect_patience_of(const said_t *said)
{
    int seconds = said->timeout ? atoi(said->timeout) : 0;
    apr_interval_time_t patience =
        apr_time_from_sec(seconds > 0 ? seconds : INTERVALS_DRIVER);

    return patience < INTERVALS_LONGEST ? patience : INTERVALS_LONGEST;
}

/* NULL where there is none; the only one is for all. */
static const char *part_of(const apr_array_header_t *parts, int i)
{
    if (parts->nelts == 1)
        i = 0;
    return i < parts->nelts && *APR_ARRAY_IDX(parts, i, const char *)
        ? APR_ARRAY_IDX(parts, i, const char *)
        : NULL;
}

/* Waits for the other end. 0 when time is up. */
static int pgsql_connect_wait_for(void *connection, int polled,
                                  apr_time_t deadline)
{
    struct pollfd wire = { .fd = libpq.socket(connection),
                           .events = polled == PGRES_POLLING_READING
                               ? POLLIN
                               : POLLOUT };
    apr_interval_time_t left = deadline_left(deadline);

    return left > 0
        && (poll(&wire, 1, (int)(left / 1000) + 1) > 0 || errno == EINTR);
}

/* libpq would write them to the error log, as they are. */
static void drop_notice(void *data, const char *text)
{
    (void)data;
    (void)text;
}

static int is_up(const void *connection)
{
    return connection && libpq.status(connection) == CONNECTION_OK;
}

/* NULL in place of one that is not to be used. */
static void *admitted(const attempt_t *attempt, void *connection)
{
    if (!is_up(connection)
        || attempt->admission->admits(attempt->admission->data, connection))
        return connection;
    libpq.finish(connection);
    return NULL;
}

/* One that may have failed; NULL if it is not to be used. */
static void *try_host(const attempt_t *attempt, const settings_t *settings,
                      apr_time_t deadline)
{
    void *connection =
        libpq.begin_to_connect(settings->names, settings->values, 1);
    int polled = PGRES_POLLING_WRITING;

    libpq.set_notices(connection, drop_notice, NULL);
    while ((polled == PGRES_POLLING_READING || polled == PGRES_POLLING_WRITING)
           && pgsql_connect_wait_for(connection, polled, deadline))
        polled = libpq.poll(connection);
    return admitted(attempt, connection);
}

/* The first of the hosts that answers within patience; else the last, which
 * failed. */
static void *try_hosts(const attempt_t *attempt, apr_interval_time_t patience)
{
    apr_pool_t *pool = attempt->pool;
    const said_t *said = &attempt->said;
    const apr_array_header_t *hosts = pgsql_connect_split(pool, said->host);
    const apr_array_header_t *addresses =
        pgsql_connect_split(pool, said->hostaddr);
    const apr_array_header_t *ports = pgsql_connect_split(pool, said->port);
    int count = count_hosts(said), i;
    void *connection = NULL;

    for (i = 0; i < count && !is_up(connection); i++) {
        settings_t settings =
            pgsql_connect_settings_of(attempt->params, attempt->options);

        if (connection)
            libpq.finish(connection);
        pgsql_connect_set(&settings, "host", part_of(hosts, i));
        pgsql_connect_set(&settings, "hostaddr", part_of(addresses, i));
        pgsql_connect_set(&settings, "port", part_of(ports, i));
        connection = try_host(attempt, &settings, apr_time_now() + patience);
    }
    return connection;
}

/* As libpq does, which waits so long for each address of a name, and chooses
 * where the order of hosts is not all that counts (prefer-standby). */
static void *try_at_once(const attempt_t *attempt)
{
    const apr_interval_time_t patience =
        pgsql_connect_patience_of(&attempt->said);
    settings_t settings =
        pgsql_connect_settings_of(attempt->params, attempt->options);
    void *connection;

    pgsql_connect_set(&settings, "connect_timeout",
                      apr_psprintf(attempt->pool, "%d",
                                   (int)apr_time_sec(patience)));
    connection = libpq.connect(settings.names, settings.values, 1);
    libpq.set_notices(connection, drop_notice, NULL);
    return admitted(attempt, connection);
}

/* Where there are several hosts, each has little time at first. */
static void *try_all(const attempt_t *attempt)
{
    const said_t *said = &attempt->said;
    const int prefers =
        said->attributes && strncmp(said->attributes, "prefer", 6) == 0;
    const int count = count_hosts(said);
    void *connection = prefers || count == 1 ? try_at_once(attempt) : NULL;

    if (connection || count == 1)
        return connection;
    connection = try_hosts(attempt, INTERVALS_HOST);
    if (is_up(connection))
        return connection;
    if (connection)
        libpq.finish(connection);
    return try_hosts(attempt, pgsql_connect_patience_of(said));
}

/* What poolers say of them: pgbouncer's words, Amazon's. */
static int is_about_options(const char *error)
{
    return strstr(error, "startup parameter")
        || strstr(error, "command-line options");
}

void *pgsql_connect(apr_pool_t *pool, const char *params,
                    const pgsql_admission_t *admission, int *is_pooled)
{
    attempt_t attempt = { .pool = pool,
                          .params = params,
                          .said = read_params(pool, params),
                          .admission = admission };
    void *connection;

    attempt.options = options_of(pool, &attempt.said);
    connection = try_all(&attempt);
    if (!connection || is_up(connection)
        || !is_about_options(libpq.error(connection)))
        return connection;
    libpq.finish(connection);
    *is_pooled = 1;
    attempt.options = NULL;
    return try_all(&attempt);
}

static int pgsql_connect_run(void *connection, const char *command)
{
    void *result = libpq.exec(connection, command);
    const int status = libpq.result_status(result);

    libpq.clear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* In a transaction of theirs each query might see what the first one saw. */
int pgsql_connect_prepare(void *connection, const apr_array_header_t *commands)
{
    int i;

    for (i = 0; i < commands->nelts; i++) {
        if (!pgsql_connect_run(connection,
                               APR_ARRAY_IDX(commands, i, const char *)))
            return 0;
    }
    return !commands->nelts || pgsql_connect_run(connection, "COMMIT");
}
