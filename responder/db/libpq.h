/* SPDX-License-Identifier: Apache-2.0
 * The library behind mod_dbd's driver for PostgreSQL, to which this module is
 * not linked. */
#ifndef RESPONDER_LIBPQ_H
#define RESPONDER_LIBPQ_H

#include "apr_pools.h"
#include "db/symbols.h"

/* Of libpq-fe.h, which need not be installed. */
enum { CONNECTION_OK = 0 };
enum { PGRES_POLLING_READING = 1, PGRES_POLLING_WRITING, PGRES_POLLING_OK };
enum { PGRES_COMMAND_OK = 1, PGRES_TUPLES_OK = 2 };
enum {
    PG_DIAG_SEVERITY = 'V',
    PG_DIAG_SQLSTATE = 'C',
    PG_DIAG_MESSAGE_PRIMARY = 'M'
};

/* PQconninfoOption. */
typedef struct {
    char *keyword, *variable, *compiled, *value, *label, *display;
    int size;
} libpq_setting_t;

/* What each returns, what it is called here and there, and what it takes. */
#define LIBPQ_FUNCTIONS(F) \
    F(libpq_setting_t *, settings, "PQconninfo", (const void *)) \
    F(void, free_settings, "PQconninfoFree", (libpq_setting_t *)) \
    F(void *, begin_to_connect, "PQconnectStartParams", \
      (const char *const *, const char *const *, int)) \
    F(int, poll, "PQconnectPoll", (void *)) \
    F(void, finish, "PQfinish", (void *)) \
    F(void *, set_notices, "PQsetNoticeProcessor", \
      (void *, void (*)(void *, const char *), void *)) \
    F(char *, error, "PQerrorMessage", (const void *)) \
    F(apr_size_t, escape, "PQescapeStringConn", \
      (void *, char *, const char *, apr_size_t, int *)) \
    F(int, socket, "PQsocket", (const void *)) \
    F(int, status, "PQstatus", (const void *)) \
    F(int, send_query, "PQsendQuery", (void *, const char *)) \
    F(int, send_prepare, "PQsendPrepare", \
      (void *, const char *name, const char *sql, int count, \
       const unsigned *types)) \
    F(int, send, "PQsendQueryPrepared", \
      (void *, const char *name, int count, const char *const *values, \
       const int *lengths, const int *formats, int binary)) \
    F(int, consume, "PQconsumeInput", (void *)) \
    F(int, is_busy, "PQisBusy", (void *)) \
    F(void *, result, "PQgetResult", (void *)) \
    F(int, result_status, "PQresultStatus", (const void *)) \
    F(char *, result_field, "PQresultErrorField", (const void *, int)) \
    F(int, rows, "PQntuples", (const void *)) \
    F(int, columns, "PQnfields", (const void *)) \
    F(int, is_null, "PQgetisnull", (const void *, int row, int column)) \
    F(char *, value, "PQgetvalue", (const void *, int row, int column)) \
    F(int, length, "PQgetlength", (const void *, int row, int column)) \
    F(void, clear, "PQclear", (void *)) \
    F(int, version, "PQlibVersion", (void)) \
    F(char *, host, "PQhost", (const void *)) \
    F(char *, port, "PQport", (const void *)) \
    F(const char *, parameter, "PQparameterStatus", \
      (const void *, const char *name))

typedef struct {
    LIBPQ_FUNCTIONS(SYMBOLS_MEMBER)
} libpq_t;

/* Written once, before there are threads. */
extern libpq_t libpq;

/* Finds them. 1 if all of them are there. */
int libpq_load(void);

/* Whether an SQLSTATE, which may be NULL, is about the server and not about the
 * query, which may find an answer later or on another connection. */
int libpq_is_about_server(const char *state);

/* Its version, in pool: "15.14". */
const char *libpq_version(apr_pool_t *pool);

#endif
