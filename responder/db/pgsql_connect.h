/* SPDX-License-Identifier: Apache-2.0
 * Connecting to PostgreSQL, to the first of several hosts that answers. */
#ifndef RESPONDER_PGSQL_CONNECT_H
#define RESPONDER_PGSQL_CONNECT_H

#include "apr_general.h"
#include "apr_pools.h"
#include "apr_tables.h"
#include "base/intervals.h"

/* Who says whether a server that has been found, a PGconn, is to be used; with
 * the options that the administrator has said, if any; NULL or "" else. */
typedef struct {
    int (*admits)(void *data, void *connection, const char *options);
    void *data;
} pgsql_admission_t;

/* Connects as DBDParams say; the PGconn, the caller's to finish, which has
 * failed when its status is not CONNECTION_OK; NULL if the last that was found
 * is not to be used. *is_pooled: it leads to a pooler that takes no options;
 * set before a server is admitted. May block, each address for
 * INTERVALS_DRIVER; of several, one that does not answer in less is passed over
 * at first. */
void *pgsql_connect(apr_pool_t *pool, const char *params,
                    const pgsql_admission_t *admission, int *is_pooled);

/* What is set behind a word for each session: the server gives up on a query
 * soon after its caller did, lest they pile up behind a lock, bytes come in a
 * form that is no text, and a query fails that row-level security would leave
 * rows out of, as the one that revokes. */
#define PGSQL_SETTINGS(set) \
    set "bytea_output=hex" set "row_security=off" set \
        "statement_timeout=" PGSQL_PATIENCE
#define PGSQL_PATIENCE APR_STRINGIFY(INTERVALS_DRIVER) "000" /* ms */

/* A parameter by which the server shows that it has been told them: there are
 * poolers that drop what they do not pass on. Its value, in pool, goes by the
 * administrator's own options, if any (NULL or "" else), as a pooler may give
 * others the session that it made for one. */
#define PGSQL_TOLD "ocsp_responder.told"
const char *pgsql_connect_told(apr_pool_t *pool, const char *options);

/* Runs commands (const char *, DBDInitSQL's), each for INTERVALS_DRIVER at
 * most, and ends what transaction they have begun. 0 if one fails. */
int pgsql_connect_prepare(void *connection, const apr_array_header_t *commands);

#endif
