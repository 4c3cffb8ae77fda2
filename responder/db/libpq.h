/* SPDX-License-Identifier: Apache-2.0
 * The library behind mod_dbd's driver for PostgreSQL, to which this module is
 * not linked. */
#ifndef RESPONDER_LIBPQ_H
#define RESPONDER_LIBPQ_H

#include "apr_pools.h"

/* Of libpq-fe.h, which need not be installed. */
enum { CONNECTION_OK = 0 };
enum { PGRES_POLLING_READING = 1, PGRES_POLLING_WRITING, PGRES_POLLING_OK };
enum { PGRES_COMMAND_OK = 1, PGRES_TUPLES_OK = 2 };
enum { PG_DIAG_SEVERITY = 'V', PG_DIAG_MESSAGE_PRIMARY = 'M' };

/* PQconninfoOption. */
typedef struct {
    char *keyword, *variable, *compiled, *value, *label, *display;
    int size;
} libpq_setting_t;

typedef struct {
    libpq_setting_t *(*parse)(const char *, char **);
    void (*free_settings)(libpq_setting_t *);
    void *(*connect)(const char *const *, const char *const *, int);
    void *(*begin_to_connect)(const char *const *, const char *const *, int);
    int (*poll)(void *);
    void (*finish)(void *);
    void *(*set_notices)(void *, void (*)(void *, const char *), void *);
    char *(*error)(const void *);
    void *(*exec)(void *, const char *);
    apr_size_t (*escape)(void *, char *, const char *, apr_size_t, int *);
    int (*socket)(const void *);
    int (*status)(const void *);
    int (*send_query)(void *, const char *);
    int (*send_prepare)(void *, const char *name, const char *sql, int count,
                        const unsigned *types);
    int (*send)(void *, const char *name, int count, const char *const *values,
                const int *lengths, const int *formats, int binary);
    int (*consume)(void *);
    int (*is_busy)(void *);
    void *(*result)(void *);
    int (*result_status)(const void *);
    char *(*result_field)(const void *, int);
    int (*rows)(const void *);
    int (*columns)(const void *);
    int (*is_null)(const void *, int row, int column);
    char *(*value)(const void *, int row, int column);
    int (*length)(const void *, int row, int column);
    void (*clear)(void *);
    int (*version)(void);
    char *(*host)(const void *);
    char *(*port)(const void *);
    const char *(*parameter)(const void *, const char *name);
} libpq_t;

/* Written once, before there are threads. */
extern libpq_t libpq;

/* Finds them. 1 if all of them are there. */
int libpq_load(void);

/* Its version, in pool: "15.14". */
const char *libpq_version(apr_pool_t *pool);

#endif
