/* SPDX-License-Identifier: Apache-2.0
 * The library behind mod_dbd's driver for MariaDB and MySQL, to which this
 * module is not linked. */
#ifndef RESPONDER_LIBMYSQL_H
#define RESPONDER_LIBMYSQL_H

#include "db/symbols.h"

/* Of mysql.h, which need not be installed; the same in all its libraries. */
enum {
    MYSQL_OPT_CONNECT_TIMEOUT = 0,
    MYSQL_READ_DEFAULT_GROUP = 5,
    MYSQL_OPT_READ_TIMEOUT = 11,
    MYSQL_OPT_WRITE_TIMEOUT = 12,
    MYSQL_OPT_NONBLOCK = 6000 /* MariaDB's */
};
enum { MYSQL_WAIT_READ = 1, MYSQL_WAIT_TIMEOUT = 8 };
enum { CLIENT_FOUND_ROWS = 2 };

/* What each returns, what it is called here and there, and what it takes. */
#define LIBMYSQL_FUNCTIONS(F) \
    F(void *, init, "mysql_init", (void *)) \
    F(int, options, "mysql_options", (void *, int option, const void *)) \
    F(void *, connect, "mysql_real_connect", \
      (void *, const char *host, const char *user, const char *password, \
       const char *database, unsigned port, const char *socket, \
       unsigned long flags)) \
    F(void, close, "mysql_close", (void *)) \
    F(int, set_charset, "mysql_set_character_set", (void *, const char *)) \
    F(unsigned, error_number, "mysql_errno", (void *)) \
    F(const char *, error, "mysql_error", (void *)) \
    F(unsigned long, escape, "mysql_real_escape_string", \
      (void *, char *, const char *, unsigned long)) \
    F(char, autocommit, "mysql_autocommit", (void *, char)) \
    F(int, query, "mysql_real_query", (void *, const char *, unsigned long)) \
    F(int, send_query, "mysql_send_query", \
      (void *, const char *, unsigned long)) \
    F(int, read_query_result, "mysql_read_query_result", (void *)) \
    F(void *, store_result, "mysql_store_result", (void *)) \
    F(void, free_result, "mysql_free_result", (void *)) \
    F(unsigned, columns, "mysql_num_fields", (void *)) \
    F(char **, fetch_row, "mysql_fetch_row", (void *)) \
    F(unsigned long *, fetch_lengths, "mysql_fetch_lengths", (void *)) \
    F(const char *, version, "mysql_get_client_info", (void))

/* A function that returns before it has read all, what it has to be given once
 * there is more, and what it returns then: 0 at the end, with *result. */
typedef struct {
    int (*start)(void *result, void *);
    int (*go_on)(void *result, void *, int events);
} libmysql_read_t;

typedef struct {
    LIBMYSQL_FUNCTIONS(SYMBOLS_MEMBER)
    /* NULL: MariaDB's library has none. MySQL's can escape nothing without it
     * in a session with NO_BACKSLASH_ESCAPES. */
    unsigned long (*escape_quoted)(void *, char *, const char *, unsigned long,
                                   char quote);
    /* NULL: MySQL's own library has none. */
    int (*socket)(void *);
    libmysql_read_t read_outcome; /* sets a char: whether it has failed */
    libmysql_read_t read_rows;    /* sets a void *, NULL when it has failed */
} libmysql_t;

/* Written once, before there are threads. */
extern libmysql_t libmysql;

/* Finds them. 1 if all that are needed are there. */
int libmysql_load(void);

/* Whether the functions are there that return before they have read all. */
int libmysql_reads_in_parts(void);

#endif
