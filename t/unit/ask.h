/* SPDX-License-Identifier: Apache-2.0
 * Rows of a status query, made up, and what is read out of them. */
#ifndef T_UNIT_ASK_H
#define T_UNIT_ASK_H

#include "head.h"
#include "source/django_ca/status_rows.h"

/* -- schemas --------------------------------------------------------------- */

static const schema_t *ask_schema(apr_pool_t *pool, const char *driver)
{
    static const char *const columns[][SCHEMA_COLUMNS_WIDTH] = {
        { TABLE_CERTIFICATES, "serial", "" },
        { TABLE_CERTIFICATES, "pub", "" },
        { TABLE_CERTIFICATES, "ca_id", "" },
        { TABLE_CERTIFICATES, "created", "" },
        { TABLE_CERTIFICATES, "revoked", "" },
        { TABLE_CERTIFICATES, "revoked_date", "" },
        { TABLE_CERTIFICATES, "revoked_reason", "" },
        { TABLE_AUTHORITIES, "id", "" },
        { TABLE_AUTHORITIES, "serial", "" },
        { TABLE_AUTHORITIES, "pub", "" },
        { TABLE_AUTHORITIES, "parent_id", "" },
        { TABLE_AUTHORITIES, "name", "" },
        { TABLE_AUTHORITIES, "cn", "" },
        { TABLE_AUTHORITIES, "created", "" },
        { TABLE_AUTHORITIES, "revoked", "" },
        { TABLE_AUTHORITIES, "revoked_date", "" },
        { TABLE_AUTHORITIES, "revoked_reason", "" },
    };
    enum { COUNT = sizeof(columns) / sizeof(*columns) };
    const char *const *rows[COUNT], *why;
    db_rows_t list = { rows, COUNT, SCHEMA_COLUMNS_WIDTH };
    int i;

    for (i = 0; i < COUNT; i++)
        rows[i] = columns[i];
    return schema_recognise(pool, dialect_find(driver), list, &why);
}

/* -- rows of a status ------------------------------------------------------ */

/* A row in short: what is not set is NULL. */
typedef struct {
    const char *kind, *id, *issuer;
    const char *serial; /* the INTEGER's contents in hex; NULL: pub is
                         * NULL; "?": pub is rubbish */
    int is_pem;
    const char *end; /* hex; NULL: as the CA's */
    const char *revoked, *reason, *revoked_at, *created_at, *compromised_at;
} row_t;

#define ASK_ROWS 4

static const char *const *ask_row(apr_pool_t *pool, const row_t *row)
{
    const char **columns =
        apr_pcalloc(pool, SCHEMA_STATUS_WIDTH * sizeof(*columns));

    columns[SCHEMA_STATUS_KIND] = row->kind;
    columns[SCHEMA_STATUS_ID] = row->id;
    columns[SCHEMA_STATUS_ISSUER] = row->issuer;
    if (row->serial)
        columns[SCHEMA_STATUS_CERTIFICATE] = *row->serial == '?'
            ? "3042zz"
            : head_hex(pool,
                       row->is_pem ? head_pem(pool, row->serial)
                                   : head_der(pool, row->serial));
    columns[SCHEMA_STATUS_END] = row->end ? row->end : "5E";
    columns[SCHEMA_STATUS_REVOKED] = row->revoked;
    columns[SCHEMA_STATUS_REASON] = row->reason;
    columns[SCHEMA_STATUS_REVOKED_AT] = row->revoked_at;
    columns[SCHEMA_STATUS_CREATED_AT] = row->created_at;
    columns[SCHEMA_STATUS_COMPROMISED_AT] = row->compromised_at;
    return columns;
}

/* A question about CA "CA5E" and its answer. */
typedef struct {
    ocsp_responder_status_t status;
    ocsp_responder_lookup_t result;
    const char *warning, *why;
} answer_t;

__attribute__((unused)) static answer_t ask_status(
    apr_pool_t *pool, const schema_t *schema, const zone_t *zone,
    const row_t *rows, const char *serial, int ca_self_issued)
{
    const status_rows_question_t question = {
        .schema = schema,
        .ca_serial = "CA5E",
        .serial = serial,
        .ca_certificate = { (const unsigned char *)".^", 2 },
        .ca_self_issued = ca_self_issued,
        .zone = zone
    };
    const char *const *made[ASK_ROWS];
    db_rows_t list = { made, 0, SCHEMA_STATUS_WIDTH };
    answer_t answer;

    memset(&answer, 0, sizeof(answer));
    while (list.count < ASK_ROWS && rows[list.count].kind) {
        made[list.count] = ask_row(pool, &rows[list.count]);
        list.count++;
    }
    answer.result =
        status_rows_read(&answer.status, pool, &question, list, &answer.why);
    answer.warning = answer.status.warning;
    return answer;
}

#endif
