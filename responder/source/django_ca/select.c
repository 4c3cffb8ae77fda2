/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/select.h"

#include <string.h>
#include "apr_strings.h"

#include "source/django_ca/columns.h"
#include "source/django_ca/schema.h"

#define LEAVES TABLE_CERTIFICATES
#define CAS    TABLE_AUTHORITIES

/* Bytes of a certificate that hold the longest serial, in DER and in PEM. */
#define HEAD_OF_DER "64"
#define HEAD_OF_PEM "128"

/* … and that are its signature's, at least in part. */
#define TAIL_OF_DER "32"
#define TAIL_OF_PEM "96"

/* The columns of a status row from SCHEMA_STATUS_REVOKED on, and what stands
 * in for one that is not there yet. */
typedef struct {
    const char *name;
    dialect_way_t way;
    const char *without;
} fact_t;

static const fact_t facts[] = {
    { "revoked", DIALECT_FLAG, "'0'" },
    { "revoked_reason", DIALECT_TEXT, "NULL" },
    { "revoked_date", DIALECT_TIME, "NULL" },
    { "created", DIALECT_TIME, "NULL" },
    { "compromised", DIALECT_TIME, "NULL" },
};

#define FACTS (sizeof(facts) / sizeof(*facts))

static const char *express(const select_maker_t *maker, dialect_way_t way,
                           const char *column)
{
    return dialect_write(maker->pool, maker->dialect, way, column);
}

/* How much of a certificate is read. */
typedef enum {
    PUB_WHOLE = 0,
    PUB_HEAD, /* as much as tells its serial */
    PUB_TAIL  /* as much as tells it from all others */
} pub_part_t;

/* Hex of a table's certificates, of those in DER and of those in PEM. */
static const char *write_pub(const select_maker_t *maker, const char *table,
                             pub_part_t part)
{
    static const char *const parts[][2] = {
        [PUB_WHOLE] = { "pub", "pub" },
        [PUB_HEAD] = { "substr(pub, 1, " HEAD_OF_DER ")",
                       "substr(pub, 1, " HEAD_OF_PEM ")" },
        [PUB_TAIL] = { "substr(pub, length(pub) + 1 - " TAIL_OF_DER ")",
                       "substr(pub, length(pub) + 1 - " TAIL_OF_PEM ")" }
    };
    int text = columns_is_text(columns_type(maker->columns, table, "pub"));

    return express(maker, text ? DIALECT_HEX_OF_PEM : DIALECT_HEX,
                   parts[part][text]);
}

/* Times are slow to write, and those of a certificate that is not revoked mean
 * nothing. */
static const char *write_fact(const select_maker_t *maker, const char *table,
                              const fact_t *fact)
{
    const char *text = express(maker, fact->way, fact->name);

    if (!columns_type(maker->columns, table, fact->name))
        return fact->without;
    return fact->way != DIALECT_TIME
            || !columns_type(maker->columns, table, "revoked")
        ? text
        : apr_pstrcat(maker->pool, "CASE WHEN ",
                      express(maker, DIALECT_IS_SET, "revoked"), " THEN ", text,
                      " END", NULL);
}

/* A table that statuses are in. kind and id are literals or expressions, issuer
 * is a column. */
typedef struct {
    const char *name, *kind, *id, *issuer;
} table_t;

static const char *select_status(const select_maker_t *maker,
                                 const table_t *table, int whole)
{
    const char *sql =
        apr_pstrcat(maker->pool, "SELECT ", table->kind, ", ", table->id, ", ",
                    express(maker, DIALECT_TEXT, table->issuer), ", ",
                    write_pub(maker, table->name, whole ? PUB_WHOLE : PUB_HEAD),
                    NULL);
    apr_size_t i;

    for (i = 0; i < FACTS; i++)
        sql = apr_pstrcat(maker->pool, sql, ", ",
                          write_fact(maker, table->name, &facts[i]), NULL);
    return apr_pstrcat(
        maker->pool, sql, ", ",
        strcmp(table->name, CAS) ? "NULL" : write_pub(maker, CAS, PUB_TAIL),
        " FROM ", NULL);
}

const char *select_leaf_status(const select_maker_t *maker, int whole)
{
    const table_t leaves = { LEAVES, "'" SCHEMA_ROW_LEAF "'", "NULL", "ca_id" };

    return select_status(maker, &leaves, whole);
}

const char *select_ca_status(const select_maker_t *maker, int whole)
{
    const table_t cas = { CAS, "'" SCHEMA_ROW_CA "'",
                          express(maker, DIALECT_TEXT, "id"),
                          "COALESCE(parent_id, id)" };

    return select_status(maker, &cas, whole);
}

/* A CA is not good for want of a column that has come meanwhile. */
const char *select_added(const select_maker_t *maker)
{
    const char *sql = columns_missing(maker->pool, maker->columns);

    return !*sql
        ? sql
        : apr_pstrcat(maker->pool,
                      " UNION ALL SELECT '" SCHEMA_ROW_ADDED "', NULL, "
                      "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM (",
                      columns_query(maker->pool, maker->dialect),
                      ") known WHERE ", sql, NULL);
}

static int is_readable(const select_maker_t *maker, const char *table,
                       const char *name)
{
    const char *type = columns_type(maker->columns, table, name);

    return type && strcmp(type, DIALECT_FORBIDDEN) != 0;
}

/* What django-ca does for its own responder; to do without is no fault. */
static const char *write_options(const select_maker_t *maker, dialect_way_t way)
{
    static const char *const name = "ocsp_key_backend_options";

    if (is_readable(maker, CAS, name))
        return express(maker, way, express(maker, DIALECT_TEXT, name));
    return columns_type(maker->columns, CAS, name) ? "'" SCHEMA_FORBIDDEN "'"
                                                   : "NULL";
}

/* One of CAs' columns that may be missed. */
static const char *write_extra(const select_maker_t *maker, dialect_way_t way,
                               const char *name)
{
    return is_readable(maker, CAS, name) ? express(maker, way, name) : "NULL";
}

static const char *select_pub(const select_maker_t *maker, const char *table,
                              pub_part_t part, const char *more)
{
    return apr_pstrcat(maker->pool, "SELECT ",
                       express(maker, DIALECT_TEXT, "serial"), ", ",
                       write_pub(maker, table, part), more, " FROM ", table,
                       NULL);
}

const char *select_certificate(const select_maker_t *maker, const char *table)
{
    return select_pub(maker, table, PUB_WHOLE, "");
}

const char *select_authority(const select_maker_t *maker, select_ca_t what)
{
    const char *options =
        what == SELECT_CA ? write_options(maker, DIALECT_HEX_OF_TEXT) : "NULL";

    return select_pub(
        maker, CAS, what == SELECT_CA_KNOWN ? PUB_TAIL : PUB_WHOLE,
        apr_pstrcat(maker->pool, ", ", express(maker, DIALECT_TEXT, "id"), ", ",
                    express(maker, DIALECT_HEX_OF_TEXT, "name"), ", ",
                    express(maker, DIALECT_HEX_OF_TEXT, "cn"), ", ",
                    write_extra(maker, DIALECT_TEXT, "ocsp_response_validity"),
                    ", ", write_options(maker, DIALECT_REVISION), ", ", options,
                    ", ", write_extra(maker, DIALECT_FLAG, "enabled"), NULL));
}

const char *select_presigned(const select_maker_t *maker, const char *table)
{
    if (!is_readable(maker, table, "ocsp_response")
        || !is_readable(maker, table, "ocsp_response_expires"))
        return NULL;
    return apr_pstrcat(maker->pool, "SELECT ",
                       express(maker, DIALECT_HEX, "ocsp_response"), ", ",
                       express(maker, DIALECT_TIME, "ocsp_response_expires"),
                       " FROM ", table,
                       " WHERE ocsp_response IS NOT NULL"
                       " AND serial IN (",
                       NULL);
}
