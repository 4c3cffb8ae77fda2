/* SPDX-License-Identifier: Apache-2.0
 * The library behind mod_dbd's driver for MariaDB and MySQL, to which this
 * module is not linked. */
#ifndef RESPONDER_LIBMYSQL_H
#define RESPONDER_LIBMYSQL_H

/* Of mysql.h, which need not be installed; the same in all its libraries. */
enum {
    MYSQL_OPT_CONNECT_TIMEOUT = 0,
    MYSQL_READ_DEFAULT_GROUP = 5,
    MYSQL_OPT_READ_TIMEOUT = 11,
    MYSQL_OPT_WRITE_TIMEOUT = 12
};
enum { CLIENT_FOUND_ROWS = 2 };

typedef struct {
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
    unsigned long *(*fetch_lengths)(void *);
    int (*socket)(void *); /* NULL: MySQL's own library has none */
    const char *(*version)(void);
} libmysql_t;

/* Written once, before there are threads. */
extern libmysql_t libmysql;

/* Finds them. 1 if all that are needed are there. */
int libmysql_load(void);

#endif
