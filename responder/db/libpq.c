/* SPDX-License-Identifier: Apache-2.0 */
#include "db/libpq.h"

#include "apr_strings.h"

#include "db/symbols.h"

libpq_t libpq;

int libpq_load(void)
{
    const symbol_t wanted[] = {
        { "PQconninfoParse", (void **)&libpq.parse },
        { "PQconninfoFree", (void **)&libpq.free_settings },
        { "PQconnectdbParams", (void **)&libpq.connect },
        { "PQconnectStartParams", (void **)&libpq.begin_to_connect },
        { "PQconnectPoll", (void **)&libpq.poll },
        { "PQfinish", (void **)&libpq.finish },
        { "PQsetNoticeProcessor", (void **)&libpq.set_notices },
        { "PQerrorMessage", (void **)&libpq.error },
        { "PQexec", (void **)&libpq.exec },
        { "PQescapeStringConn", (void **)&libpq.escape },
        { "PQsocket", (void **)&libpq.socket },
        { "PQstatus", (void **)&libpq.status },
        { "PQsendQuery", (void **)&libpq.send_query },
        { "PQsendPrepare", (void **)&libpq.send_prepare },
        { "PQsendQueryPrepared", (void **)&libpq.send },
        { "PQconsumeInput", (void **)&libpq.consume },
        { "PQisBusy", (void **)&libpq.is_busy },
        { "PQgetResult", (void **)&libpq.result },
        { "PQresultStatus", (void **)&libpq.result_status },
        { "PQresultErrorField", (void **)&libpq.result_field },
        { "PQntuples", (void **)&libpq.rows },
        { "PQnfields", (void **)&libpq.columns },
        { "PQgetisnull", (void **)&libpq.is_null },
        { "PQgetvalue", (void **)&libpq.value },
        { "PQgetlength", (void **)&libpq.length },
        { "PQclear", (void **)&libpq.clear },
        { "PQlibVersion", (void **)&libpq.version },
        { "PQhost", (void **)&libpq.host },
        { "PQport", (void **)&libpq.port },
        { "PQparameterStatus", (void **)&libpq.parameter },
    };

    return symbols_find(wanted, sizeof(wanted) / sizeof(*wanted));
}

const char *libpq_version(apr_pool_t *pool)
{
    int version = libpq.version();

    return apr_psprintf(pool, "%d.%d", version / 10000, version % 10000);
}
