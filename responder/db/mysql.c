/* SPDX-License-Identifier: Apache-2.0 */
#include "db/mysql.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "apr_lib.h"
#include "apr_strings.h"

#include "db/placeholder.h"
#include "db/symbols.h"

/* Of mysql.h, which need not be installed; the same in all its libraries. */
enum {
    MYSQL_OPT_CONNECT_TIMEOUT = 0,
    MYSQL_READ_DEFAULT_GROUP = 5,
    MYSQL_OPT_READ_TIMEOUT = 11,
    MYSQL_OPT_WRITE_TIMEOUT = 12
};
enum { CLIENT_FOUND_ROWS = 2 };

/* Errors from here on are the client's, most often of a lost connection. */
enum { CLIENT_ERRORS = 2000, CLIENT_ERRORS_END = 3000 };
enum { ER_SERVER_SHUTDOWN = 1053, ER_CONNECTION_KILLED = 1927 };

/* Written once, before there are threads. */
static struct {
    void *(*init)(void *);
    int (*options)(void *, int option, const void *);
    void *(*connect)(void *, const char *host, const char *user,
                     const char *password, const char *database, unsigned port,
                     const char *socket, unsigned long flags);
    void (*close)(void *);
    unsigned (*error_number)(void *);
    const char *(*error)(void *);
    unsigned long (*escape)(void *, char *, const char *, unsigned long);
    char (*autocommit)(void *, char);
    int (*query)(void *, const char *, unsigned long);
    int (*send_query)(void *, const char *, unsigned long);
    int (*read_query_result)(void *);
    void *(*store_result)(void *);
    void (*free_result)(void *);
    unsigned (*columns)(void *);
    char **(*fetch_row)(void *);
    int (*socket)(void *);
    const char *(*version)(void);
} api;

static int mysql_load(void)
{
    const symbol_t wanted[] = {
        { "mysql_init", (void **)&api.init },
        { "mysql_options", (void **)&api.options },
        { "mysql_real_connect", (void **)&api.connect },
        { "mysql_close", (void **)&api.close },
        { "mysql_errno", (void **)&api.error_number },
        { "mysql_error", (void **)&api.error },
        { "mysql_real_escape_string", (void **)&api.escape },
        { "mysql_autocommit", (void **)&api.autocommit },
        { "mysql_real_query", (void **)&api.query },
        { "mysql_send_query", (void **)&api.send_query },
        { "mysql_read_query_result", (void **)&api.read_query_result },
        { "mysql_store_result", (void **)&api.store_result },
        { "mysql_free_result", (void **)&api.free_result },
        { "mysql_num_fields", (void **)&api.columns },
        { "mysql_fetch_row", (void **)&api.fetch_row },
        { "mysql_get_client_info", (void **)&api.version },
    };
    /* MySQL's own library has none; the time limit of its reads counts then. */
    const symbol_t welcome = { "mysql_get_socket", (void **)&api.socket };

    symbols_find(&welcome, 1);
    return symbols_find(wanted, sizeof(wanted) / sizeof(*wanted));
}

/* -- DBDParams ------------------------------------------------------------- */

/* As apr_dbd's driver takes them. */
typedef struct {
    const char *host, *user, *pass, *dbname, *port, *sock, *flags, *group;
} params_t;

static const struct {
    const char *name;
    apr_size_t offset;
} names[] = {
    { "host", APR_OFFSETOF(params_t, host) },
    { "user", APR_OFFSETOF(params_t, user) },
    { "pass", APR_OFFSETOF(params_t, pass) },
    { "dbname", APR_OFFSETOF(params_t, dbname) },
    { "port", APR_OFFSETOF(params_t, port) },
    { "sock", APR_OFFSETOF(params_t, sock) },
    { "flags", APR_OFFSETOF(params_t, flags) },
    { "group", APR_OFFSETOF(params_t, group) },
};

static void set(params_t *params, const char *name, apr_size_t length,
                const char *value)
{
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strlen(names[i].name) == length
            && strncmp(names[i].name, name, length) == 0)
            *(const char **)((char *)params + names[i].offset) = value;
    }
}

static params_t parse(apr_pool_t *pool, const char *text)
{
    static const char between[] = " \r\n\t;|,";
    params_t params = { .user = "", .dbname = "" };
    const char *equals, *end;

    for (equals = strchr(text, '='); equals; equals = strchr(end, '=')) {
        const char *name, *stop = equals;

        while (stop > text && apr_isspace(stop[-1]))
            stop--;
        for (name = stop; name > text && apr_isalpha(name[-1]); name--)
            ;
        for (equals++; apr_isspace(*equals);)
            equals++;
        end = equals + strcspn(equals, between);
        set(&params, name, (apr_size_t)(stop - name),
            apr_pstrmemdup(pool, equals, (apr_size_t)(end - equals)));
        text = end;
    }
    return params;
}

/* -- connections ----------------------------------------------------------- */

/* Before a my.cnf is read, which counts more. */
static void set_options(void *mysql, const params_t *params)
{
    const unsigned patience = DRIVER_PATIENCE;

    api.options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &patience);
    api.options(mysql, MYSQL_OPT_READ_TIMEOUT, &patience);
    api.options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &patience);
    if (params->group)
        api.options(mysql, MYSQL_READ_DEFAULT_GROUP, params->group);
}

/* It notices when the other end falls silent, idle or not. Fails, and need not
 * work, for a socket that is not TCP's. */
static void watch_socket(void *mysql)
{
    int wire = api.socket ? api.socket(mysql) : -1;
    const int on = 1, count = 2;
    const unsigned silence = DRIVER_PATIENCE * 1000;

    if (wire < 0)
        return;
    setsockopt(wire, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
#ifdef TCP_KEEPIDLE
    setsockopt(wire, IPPROTO_TCP, TCP_KEEPIDLE, &on, sizeof(on));
    setsockopt(wire, IPPROTO_TCP, TCP_KEEPINTVL, &on, sizeof(on));
    setsockopt(wire, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
#endif
#ifdef TCP_USER_TIMEOUT
    setsockopt(wire, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof(silence));
#endif
}

/* One that says nothing of interest. */
static int command(void *mysql, const char *sql)
{
    void *result;

    if (api.query(mysql, sql, strlen(sql)) != 0)
        return 0;
    result = api.store_result(mysql);
    if (result)
        api.free_result(result);
    return 1;
}

/* A transaction would show each query what the first one saw. And the server
 * gives up on a query soon after its caller did: MariaDB by the first, MySQL by
 * the second name of one setting. */
static void prepare_session(void *mysql, const apr_array_header_t *commands)
{
    int i;

    for (i = 0; i < commands->nelts; i++)
        command(mysql, APR_ARRAY_IDX(commands, i, const char *));
    command(mysql, "SET @ocsp_responder_autocommit = @@autocommit");
    api.autocommit(mysql, 1);
    command(mysql, "ROLLBACK");
    if (!command(mysql, "SET SESSION max_statement_time = 2"))
        command(mysql, "SET SESSION max_execution_time = 2000");
}

static void *mysql_open(apr_pool_t *pool, const char *text,
                        const apr_array_header_t *commands, const char **why)
{
    params_t params = parse(pool, text);
    void *mysql = api.init(NULL);

    if (!mysql) {
        *why = "out of memory";
        return NULL;
    }
    set_options(mysql, &params);
    if (!api.connect(
            mysql, params.host, params.user, params.pass, params.dbname,
            params.port ? (unsigned)atoi(params.port) : 0, params.sock,
            params.flags && strcmp(params.flags, "CLIENT_FOUND_ROWS") == 0
                ? CLIENT_FOUND_ROWS
                : 0)) {
        *why = apr_pstrcat(pool, "no connection to the database (MariaDB): ",
                           api.error(mysql), NULL);
        api.close(mysql);
        return NULL;
    }
    watch_socket(mysql);
    prepare_session(mysql, commands);
    return mysql;
}

/* An idle one has nothing to say, but that it ends. */
static int mysql_is_usable(void *connection)
{
    struct pollfd wire = { .fd = api.socket ? api.socket(connection) : -1,
                           .events = POLLIN };

    return wire.fd < 0 || poll(&wire, 1, 0) == 0;
}

/* A farewell is sent, which fits into the socket's buffer. */
static void mysql_end(void *connection)
{
    api.close(connection);
}

/* -- queries --------------------------------------------------------------- */

/* Until there is something to read. */
static driver_result_t wait_until(void *mysql, apr_time_t deadline)
{
    const int wire = api.socket ? api.socket(mysql) : -1;

    return wire < 0 ? DRIVER_DONE : driver_wait(wire, deadline);
}

static const char *escape(void *mysql, apr_pool_t *pool, const char *text)
{
    apr_size_t length = strlen(text);
    char *escaped = apr_palloc(pool, 2 * length + 1);

    api.escape(mysql, escaped, text, length);
    return escaped;
}

static const char *column_of(void *row, int number, int column)
{
    (void)number;
    return ((char **)row)[column];
}

static driver_result_t mysql_failure(void *mysql, apr_pool_t *pool,
                                     const char **why)
{
    unsigned error = api.error_number(mysql);

    *why =
        apr_psprintf(pool, "the query failed (MariaDB, %u): %s", error,
                     *api.error(mysql) ? api.error(mysql) : "no reason given");
    return (error >= CLIENT_ERRORS && error < CLIENT_ERRORS_END)
            || error == ER_SERVER_SHUTDOWN || error == ER_CONNECTION_KILLED
        ? DRIVER_LOST
        : DRIVER_REFUSED;
}

static driver_result_t copy_out(void *mysql, apr_pool_t *pool, int columns,
                                db_rows_t *rows, const char **why)
{
    void *result = api.store_result(mysql);
    apr_array_header_t *list = result_begin(pool);
    char **row;

    if (!result)
        return mysql_failure(mysql, pool, why);
    if (api.columns(result) == (unsigned)columns) {
        while ((row = api.fetch_row(result)) != NULL)
            result_add(list, columns, column_of, row, 0);
        *rows = result_rows(list, columns);
    }
    else
        *why = "the result of the query has another number of columns";
    api.free_result(result);
    return *why ? DRIVER_REFUSED : DRIVER_DONE;
}

static driver_result_t mysql_run(void *connection, apr_pool_t *pool,
                                 const db_query_t *query, apr_time_t deadline,
                                 db_rows_t *rows, const char **why)
{
    const char *text = placeholder_fill(pool, query, escape, connection);
    driver_result_t waited;

    *why = NULL;
    if (!text) {
        *why = "the query and its arguments do not fit each other";
        return DRIVER_REFUSED;
    }
    if (api.send_query(connection, text, strlen(text)) != 0)
        return mysql_failure(connection, pool, why);
    waited = wait_until(connection, deadline);
    if (waited != DRIVER_DONE) {
        *why = "the database (MariaDB) did not answer in time";
        return waited;
    }
    if (api.read_query_result(connection) != 0)
        return mysql_failure(connection, pool, why);
    return copy_out(connection, pool, query->columns, rows, why);
}

static const char *mysql_version(apr_pool_t *unused)
{
    (void)unused;
    return api.version();
}

const driver_t mysql_driver = {
    .name = "mysql",
    .load = mysql_load,
    .open = mysql_open,
    .is_usable = mysql_is_usable,
    .run = mysql_run,
    .close = mysql_end,
    .version = mysql_version,
    /* As text it is OFF or ON, or in MySQL 0 or 1. */
    .replica = "SELECT CASE WHEN CAST(@@global.read_only AS CHAR) IN "
               "('0', 'OFF') THEN '0' ELSE '1' END, NULL",
    .autocommit = "SELECT CAST(@ocsp_responder_autocommit AS CHAR)",
};
