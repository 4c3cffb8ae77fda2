/* SPDX-License-Identifier: Apache-2.0 */
#include "db/mysql_connect.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "apr_lib.h"
#include "apr_strings.h"

#include "base/intervals.h"
#include "db/driver.h"
#include "db/libmysql.h"

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

static void mysql_connect_set(params_t *params, const char *name,
                              apr_size_t length, const char *value)
{
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strlen(names[i].name) == length
            && strncmp(names[i].name, name, length) == 0)
            *(const char **)((char *)params + names[i].offset) = value;
    }
}

static params_t mysql_connect_parse(apr_pool_t *pool, const char *text)
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
        mysql_connect_set(&params, name, (apr_size_t)(stop - name),
                          apr_pstrmemdup(pool, equals,
                                         (apr_size_t)(end - equals)));
        text = end;
    }
    return params;
}

/* -- connections ----------------------------------------------------------- */

/* Before a my.cnf is read, which counts more. The library may have been built
 * without a way to leave a read. Returns whether there is one. */
static int set_options(void *mysql, const params_t *params)
{
    const unsigned patience = INTERVALS_DRIVER;

    libmysql.options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &patience);
    libmysql.options(mysql, MYSQL_OPT_READ_TIMEOUT, &patience);
    libmysql.options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &patience);
    if (params->group)
        libmysql.options(mysql, MYSQL_READ_DEFAULT_GROUP, params->group);
    return libmysql_reads_in_parts()
        && libmysql.options(mysql, MYSQL_OPT_NONBLOCK, NULL) == 0;
}

/* The library leaves it blocking where it speaks TLS, and could not leave a
 * read then. Returns whether it can. */
static int never_block(void *mysql)
{
    const int wire = libmysql.socket(mysql);
    const int flags = wire < 0 ? -1 : fcntl(wire, F_GETFL);

    return flags >= 0 && fcntl(wire, F_SETFL, flags | O_NONBLOCK) == 0;
}

/* It notices when the other end falls silent, idle or not. Fails, and need not
 * work, for a socket that is not TCP's. */
static void watch_socket(void *mysql)
{
    int wire = libmysql.socket ? libmysql.socket(mysql) : -1;
    const int on = 1, count = 2;
    const unsigned silence = INTERVALS_DRIVER * 1000;

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

    if (libmysql.query(mysql, sql, strlen(sql)) != 0)
        return 0;
    result = libmysql.store_result(mysql);
    if (result)
        libmysql.free_result(result);
    return 1;
}

/* A node of a Galera cluster would show what was so before it applied what
 * others have committed. Texts are UTF-8 as httpd's configuration is, whatever
 * init_connect or a my.cnf would have them be: a CA's name must be found. A
 * transaction, which completion_type may begin where another ends, would show
 * each query what the first one saw, and READ UNCOMMITTED what may never become
 * true; the server's own zone would shift times that name none, and TIMESTAMPs;
 * its sql_select_limit would leave rows out, its sql_mode write blanks behind a
 * CA's name (the mode in its place concerns who writes; '' may be NULL), and
 * MariaDB's system_versioning_asof show what was so before. And the server
 * gives up on a query soon after its caller did: MariaDB by the first, MySQL by
 * the second name of one setting. *is_mariadb tells which it is. NULL, or what
 * has failed. */
static const char *prepare_session(
    void *mysql, const apr_array_header_t *commands, int *is_mariadb)
{
    int i;

    command(mysql, "SET SESSION wsrep_sync_wait = 1");
    if (libmysql.set_charset(mysql, "utf8mb4") != 0)
        return "the session cannot be set to UTF-8";
    for (i = 0; i < commands->nelts; i++) {
        if (!command(mysql, APR_ARRAY_IDX(commands, i, const char *)))
            return "DBDInitSQL failed";
    }
    if (!command(mysql,
                 "SET @ocsp_responder_autocommit = @@autocommit, "
                 "time_zone = '+00:00', "
                 "sql_select_limit = 18446744073709551615, "
                 "sql_mode = "
                 "REPLACE(@@sql_mode, 'PAD_CHAR_TO_FULL_LENGTH', "
                 "'NO_AUTO_VALUE_ON_ZERO')"
                 "/*M!100304 , system_versioning_asof = DEFAULT */")
        || libmysql.autocommit(mysql, 1) != 0
        || !command(mysql, "ROLLBACK AND NO CHAIN NO RELEASE")
        || !command(mysql,
                    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"))
        return "the session cannot be prepared";
    *is_mariadb = command(
        mysql,
        "SET SESSION max_statement_time = " APR_STRINGIFY(INTERVALS_DRIVER));
    if (!*is_mariadb)
        command(mysql,
                "SET SESSION max_execution_time = " APR_STRINGIFY(
                    INTERVALS_DRIVER) "000");
    return NULL;
}

void *mysql_connect(apr_pool_t *pool, const char *text,
                    const apr_array_header_t *commands,
                    mysql_abilities_t *abilities, const char **why)
{
    params_t params = mysql_connect_parse(pool, text);
    const char *failed = "no connection to the database";
    void *mysql = libmysql.init(NULL);

    if (!mysql) {
        *why = "out of memory";
        return NULL;
    }
    abilities->reads_in_parts = set_options(mysql, &params);
    if (libmysql.connect(
            mysql, params.host, params.user, params.pass, params.dbname,
            params.port ? (unsigned)atoi(params.port) : 0, params.sock,
            params.flags && strcmp(params.flags, "CLIENT_FOUND_ROWS") == 0
                ? CLIENT_FOUND_ROWS
                : 0)) {
        watch_socket(mysql);
        if (abilities->reads_in_parts)
            abilities->reads_in_parts = never_block(mysql);
        failed = prepare_session(mysql, commands, &abilities->takes_values);
        if (!failed)
            return mysql;
    }
    *why =
        apr_pstrcat(pool, failed, " (MariaDB): ", libmysql.error(mysql), NULL);
    libmysql.close(mysql);
    return NULL;
}
