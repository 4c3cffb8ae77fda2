/* SPDX-License-Identifier: Apache-2.0 */
#include "db/pgsql_connect.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "apr_network_io.h"
#include "apr_strings.h"
#include "apr_tables.h"
#include "apr_time.h"

#include "base/deadline.h"
#include "base/fnv1a.h"
#include "base/intervals.h"
#include "db/driver.h"
#include "db/libpq.h"
#include "db/pgsql_results.h"

/* By DBDParams, the service that they name and the environment; NULL: not said.
 */
typedef struct {
    const char *options, *host, *hostaddr, *port, *attributes, *timeout;
} said_t;

/* One address of a server; NULL: as is said. */
typedef struct {
    const char *host, *address, *port, *attributes;
} place_t;

/* To connect. */
typedef struct {
    apr_pool_t *pool;
    const char *params;
    said_t said;
    const char *options;        /* NULL: none */
    apr_array_header_t *places; /* place_t */
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
    said_t said = { .host = NULL };
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

/* What stands before DBDParams gives way to what they say. Texts are UTF-8 as
 * httpd's configuration is, whatever the role's, the database's or
 * PGCLIENTENCODING would have them be: a CA's name must be found. */
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
    pgsql_connect_set(&settings, "client_encoding", "UTF8");
    pgsql_connect_set(&settings, "dbname", params);
    pgsql_connect_set(&settings, "options", options);
    return settings;
}

const char *pgsql_connect_told(apr_pool_t *pool, const char *options)
{
    return apr_psprintf(pool, "%" APR_UINT64_T_HEX_FMT,
                        fnv1a_text(options ? options : ""));
}

/* Ours, and then the administrator's, which count more. */
static const char *options_of(apr_pool_t *pool, const said_t *said)
{
    return apr_pstrcat(pool, PGSQL_SETTINGS(" -c ") " -c " PGSQL_TOLD "=",
                       pgsql_connect_told(pool, said->options),
                       said->options ? " " : "", said->options, NULL);
}

/* -- where to -------------------------------------------------------------- */

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

/* The one of that number in a list, NULL where there is none; the only one is
 * for all. */
static const char *part_of(apr_pool_t *pool, const char *list, int number)
{
    apr_size_t length;

    if (list && !strchr(list, ','))
        number = 0;
    while (list && number-- > 0) {
        list = strchr(list, ',');
        list = list ? list + 1 : NULL;
    }
    length = list ? strcspn(list, ",") : 0;
    return length ? apr_pstrmemdup(pool, list, length) : NULL;
}

/* Each address of a name may be the one that is silent. The certificate has to
 * be the name's all the same. */
static void add_places(apr_pool_t *pool, apr_array_header_t *places,
                       place_t place)
{
    apr_sockaddr_t *each = NULL;

    if (place.host && !place.address && !strchr("/@", *place.host))
        apr_sockaddr_info_get(&each, place.host, APR_UNSPEC, 0, 0, pool);
    if (!each)
        APR_ARRAY_PUSH(places, place_t) = place;
    for (; each; each = each->next) {
        char *address = NULL;

        apr_sockaddr_ip_get(&address, each);
        place.address = address;
        APR_ARRAY_PUSH(places, place_t) = place;
    }
}

/* Where a standby is preferred, all are tried for one, and then for any. */
static apr_array_header_t *find_places(apr_pool_t *pool, const said_t *said)
{
    apr_array_header_t *places = apr_array_make(pool, 2, sizeof(place_t));
    const int prefers =
        said->attributes && strcmp(said->attributes, "prefer-standby") == 0;
    const int count = count_hosts(said);
    int i;

    for (i = 0; i < (prefers ? 2 * count : count); i++) {
        const place_t place = { part_of(pool, said->host, i % count),
                                part_of(pool, said->hostaddr, i % count),
                                part_of(pool, said->port, i % count),
                                !prefers        ? NULL
                                    : i < count ? "standby"
                                                : "any" };

        add_places(pool, places, place);
    }
    return places;
}

/* -- one of several -------------------------------------------------------- */

/* For one of them; no longer than anything may take. */
static apr_interval_time_t pgsql_connect_patience_of(const said_t *said)
{
    int seconds = said->timeout ? atoi(said->timeout) : 0;
    apr_interval_time_t patience =
        apr_time_from_sec(seconds > 0 ? seconds : INTERVALS_DRIVER);

    return patience < INTERVALS_LONGEST ? patience : INTERVALS_LONGEST;
}

/* Waits for the other end. 0 when time is up, or where there is none: a name
 * that nobody knows, a setting that is none. */
static int pgsql_connect_wait_for(void *connection, int polled,
                                  apr_time_t deadline)
{
    struct pollfd wire = { .fd = libpq.socket(connection),
                           .events = polled == PGRES_POLLING_READING
                               ? POLLIN
                               : POLLOUT };
    apr_interval_time_t left = deadline_left(deadline);

    return wire.fd >= 0 && left > 0
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
        || attempt->admission->admits(attempt->admission->data, connection,
                                      attempt->said.options))
        return connection;
    libpq.finish(connection);
    return NULL;
}

/* One that may have failed; NULL if it is not to be used. */
static void *try_place(const attempt_t *attempt, const place_t *place,
                       apr_interval_time_t patience)
{
    settings_t settings =
        pgsql_connect_settings_of(attempt->params, attempt->options);
    const apr_time_t deadline = apr_time_now() + patience;
    int polled = PGRES_POLLING_WRITING;
    void *connection;

    pgsql_connect_set(&settings, "host", place->host);
    pgsql_connect_set(&settings, "hostaddr", place->address);
    pgsql_connect_set(&settings, "port", place->port);
    pgsql_connect_set(&settings, "target_session_attrs", place->attributes);
    connection = libpq.begin_to_connect(settings.names, settings.values, 1);
    libpq.set_notices(connection, drop_notice, NULL);
    while ((polled == PGRES_POLLING_READING || polled == PGRES_POLLING_WRITING)
           && pgsql_connect_wait_for(connection, polled, deadline))
        polled = libpq.poll(connection);
    return admitted(attempt, connection);
}

/* The first that answers within patience; else the last, which failed. */
static void *try_places(const attempt_t *attempt, apr_interval_time_t patience)
{
    void *connection = NULL;
    int i;

    for (i = 0; i < attempt->places->nelts && !is_up(connection); i++) {
        if (connection)
            libpq.finish(connection);
        connection = try_place(
            attempt, &APR_ARRAY_IDX(attempt->places, i, place_t), patience);
    }
    return connection;
}

/* Where there are several, each has little time at first. */
static void *try_all(const attempt_t *attempt)
{
    void *connection =
        attempt->places->nelts > 1 ? try_places(attempt, INTERVALS_HOST) : NULL;

    if (is_up(connection))
        return connection;
    if (connection)
        libpq.finish(connection);
    return try_places(attempt, pgsql_connect_patience_of(&attempt->said));
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
    attempt.places = find_places(pool, &attempt.said);
    connection = try_all(&attempt);
    if (!connection || is_up(connection)
        || !is_about_options(libpq.error(connection)))
        return connection;
    libpq.finish(connection);
    *is_pooled = 1;
    attempt.options = NULL;
    return try_all(&attempt);
}

/* A pooler that has hung here would keep the connection, and its place, also
 * when another has taken over. */
static int pgsql_connect_run(void *connection, const char *command)
{
    const apr_time_t deadline =
        apr_time_now() + apr_time_from_sec(INTERVALS_DRIVER);
    int is_right = libpq.send_query(connection, command);
    void *result = NULL;

    do {
        is_right = is_right
            && pgsql_results_next(connection, deadline, &result) == DRIVER_DONE;
        if (is_right && result) {
            const int status = libpq.result_status(result);

            is_right = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
            libpq.clear(result);
        }
    } while (is_right && result);
    return is_right;
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
