/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/schema.h"

#include <string.h>
#include "apr_escape.h"
#include "apr_strings.h"

#include "source/django_ca/columns.h"
#include "ocsp/serial.h"
#include "source/django_ca/spellings.h"

#define LEAVES TABLE_CERTIFICATES
#define CAS    TABLE_AUTHORITIES

/* Bytes of a certificate that hold the longest serial, in DER and in PEM. */
#define HEAD_OF_DER "64"
#define HEAD_OF_PEM "128"

/* … and that are its signature's, at least in part. */
#define TAIL_OF_DER "32"
#define TAIL_OF_PEM "96"

struct schema_t {
    const dialect_t *dialect;
    int colons; /* stored serials may have them */
    /* With placeholders for the certificate's spellings, the CA's
     * and the certificate's again. By whether each has an odd number of digits
     * and so more spellings, and whether certificates are whole. */
    const char *status[2][2][2];
    /* Queries without a condition. */
    const char *authority;      /* with the options of its keys */
    const char *listed;         /* … with their revision instead */
    const char *known;          /* … and only the ends of certificates */
    const char *certificate[2]; /* of leaves, of CAs */
    const char *presigned[2];   /* likewise; NULL: there are none */
};

const dialect_t *schema_dialect(const schema_t *schema)
{
    return schema->dialect;
}

const zone_t *schema_zone(const schema_t *schema, const zone_t *zone)
{
    return schema->dialect->has_instants ? NULL : zone;
}

/* -- the queries, as far as they are the same each time -------------------- */

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

/* What queries are made from. */
typedef struct {
    apr_pool_t *pool;
    const dialect_t *dialect;
    db_rows_t columns;
    int colons;
} maker_t;

static const char *express(const maker_t *maker, dialect_way_t way,
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
static const char *write_pub(const maker_t *maker, const char *table,
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
static const char *write_fact(const maker_t *maker, const char *table,
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

/* Ends in FROM. whole: with certificates, not only what tells their serials. */
static const char *select_status(const maker_t *maker, const table_t *table,
                                 int whole)
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

/* A row for each column that an upgrade has brought since: a CA is not good
 * for want of a column that has come meanwhile. */
static const char *select_added(const maker_t *maker)
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

static int is_readable(const maker_t *maker, const char *table,
                       const char *name)
{
    const char *type = columns_type(maker->columns, table, name);

    return type && strcmp(type, DIALECT_FORBIDDEN) != 0;
}

/* What django-ca does for its own responder; to do without is no fault. */
static const char *write_options(const maker_t *maker, dialect_way_t way)
{
    static const char *const name = "ocsp_key_backend_options";

    if (is_readable(maker, CAS, name))
        return express(maker, way, express(maker, DIALECT_TEXT, name));
    return columns_type(maker->columns, CAS, name) ? "'" SCHEMA_FORBIDDEN "'"
                                                   : "NULL";
}

/* One of CAs' columns that may be missed. */
static const char *write_extra(const maker_t *maker, dialect_way_t way,
                               const char *name)
{
    return is_readable(maker, CAS, name) ? express(maker, way, name) : "NULL";
}

static const char *select_certificate(const maker_t *maker, const char *table,
                                      pub_part_t part, const char *more)
{
    return apr_pstrcat(maker->pool, "SELECT ",
                       express(maker, DIALECT_TEXT, "serial"), ", ",
                       write_pub(maker, table, part), more, " FROM ", table,
                       NULL);
}

/* Of CAs, with all that is said of them. */
static const char *select_authority(const maker_t *maker, pub_part_t part,
                                    const char *options)
{
    return select_certificate(
        maker, CAS, part,
        apr_pstrcat(maker->pool, ", ", express(maker, DIALECT_TEXT, "id"), ", ",
                    express(maker, DIALECT_HEX_OF_TEXT, "name"), ", ",
                    express(maker, DIALECT_HEX_OF_TEXT, "cn"), ", ",
                    write_extra(maker, DIALECT_TEXT, "ocsp_response_validity"),
                    ", ", write_options(maker, DIALECT_REVISION), ", ", options,
                    ", ", write_extra(maker, DIALECT_FLAG, "enabled"), NULL));
}

static const char *select_presigned(const maker_t *maker, const char *table)
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

/* The queries for a status, by how many spellings the serials have. */
static void write_status(const char *status[2][2], const maker_t *maker,
                         int whole)
{
    const int counts[] = { spellings_count(0, maker->colons),
                           spellings_count(1, maker->colons) };
    const table_t leaves = { LEAVES, "'" SCHEMA_ROW_LEAF "'", "NULL", "ca_id" };
    const table_t cas = { CAS, "'" SCHEMA_ROW_CA "'",
                          express(maker, DIALECT_TEXT, "id"),
                          "COALESCE(parent_id, id)" };
    const char *leaf = select_status(maker, &leaves, whole);
    const char *ca = select_status(maker, &cas, whole);
    int i;

    for (i = 0; i < 4; i++) {
        int odd = i / 2, ca_odd = i % 2;

        status[odd][ca_odd] = apr_pstrcat(
            maker->pool, leaf,
            spellings_rows(maker->pool, maker->dialect, LEAVES, counts[odd]),
            " UNION ALL ", ca,
            spellings_rows(maker->pool, maker->dialect, CAS,
                           counts[ca_odd] + counts[odd]),
            select_added(maker), NULL);
    }
}

static void make_queries(schema_t *schema, const maker_t *maker)
{
    write_status(schema->status[0], maker, 0);
    write_status(schema->status[1], maker, 1);
    schema->certificate[0] = select_certificate(maker, LEAVES, PUB_WHOLE, "");
    schema->certificate[1] = select_certificate(maker, CAS, PUB_WHOLE, "");
    schema->authority = select_authority(
        maker, PUB_WHOLE, write_options(maker, DIALECT_HEX_OF_TEXT));
    schema->listed = select_authority(maker, PUB_WHOLE, "NULL");
    schema->known = select_authority(maker, PUB_TAIL, "NULL");
    schema->presigned[0] = select_presigned(maker, LEAVES);
    schema->presigned[1] = select_presigned(maker, CAS);
}

const schema_t *schema_recognise(apr_pool_t *pool, const dialect_t *dialect,
                                 db_rows_t columns, const char **why)
{
    const maker_t maker = { pool, dialect, columns,
                            columns_have_colons(columns) };
    schema_t *schema = apr_pcalloc(pool, sizeof(*schema));

    *why = columns_fault(pool, columns);
    if (*why)
        return NULL;
    schema->dialect = dialect;
    schema->colons = maker.colons;
    make_queries(schema, &maker);
    return schema;
}

/* -- the queries, with serials --------------------------------------------- */

db_query_t schema_status_query(apr_pool_t *pool, const schema_t *schema,
                               const char *ca_serial, const char *serial,
                               int whole)
{
    db_query_t query = {
        .text =
            schema->status[!!whole][strlen(serial) % 2][strlen(ca_serial) % 2],
        .columns = SCHEMA_STATUS_WIDTH,
        .is_kept = 1
    };

    query.count = spellings_arguments(pool, ca_serial, serial, schema->colons,
                                      &query.arguments);
    return query;
}

int schema_has_changed(db_rows_t rows)
{
    int i;

    for (i = 0; i < rows.count; i++) {
        const char *kind = rows.rows[i][SCHEMA_STATUS_KIND];

        if (kind && strcmp(kind, SCHEMA_ROW_ADDED) == 0)
            return 1;
    }
    return 0;
}

/* One that is asked once in a while. */
static db_query_t once(const char *text, int columns)
{
    const db_query_t query = { .text = text, .columns = columns };

    return query;
}

db_query_t schema_authorities_query(apr_pool_t *pool, const schema_t *schema,
                                    const void *ca)
{
    const char *serial = serial_parse(pool, ca);
    const char *name = dialect_write(pool, schema->dialect, DIALECT_TEXT_OF_HEX,
                                     apr_pescape_hex(pool, ca, strlen(ca), 0));

    return once(
        apr_pstrcat(
            pool, schema->listed, " WHERE serial IN (",
            serial ? spellings_quoted(pool, serial, schema->colons) : "NULL",
            ") OR name = ", name, " OR cn = ", name, " ORDER BY id", NULL),
        SCHEMA_AUTHORITIES_WIDTH);
}

/* About an id; NULL: about none. */
static db_query_t with_id(apr_pool_t *pool, const char *text, const char *id)
{
    db_query_t query = once(text, SCHEMA_AUTHORITIES_WIDTH);

    query.arguments = apr_pmemdup(pool, &id, sizeof(id));
    query.count = id != NULL;
    return query;
}

static db_query_t page_after(apr_pool_t *pool, const char *select,
                             const char *after)
{
    return with_id(pool,
                   apr_psprintf(pool, "%s%s ORDER BY id LIMIT %d", select,
                                after ? " WHERE id > ?" : "",
                                SCHEMA_AUTHORITIES_PAGE),
                   after);
}

db_query_t schema_all_authorities_query(
    apr_pool_t *pool, const schema_t *schema, const void *after)
{
    return page_after(pool, schema->listed, after);
}

db_query_t schema_known_authorities_query(
    apr_pool_t *pool, const schema_t *schema, const void *after)
{
    return page_after(pool, schema->known, after);
}

db_query_t schema_authority_query(apr_pool_t *pool, const schema_t *schema,
                                  const void *id)
{
    return with_id(
        pool, apr_pstrcat(pool, schema->authority, " WHERE id = ?", NULL), id);
}

db_query_t schema_certificate_query(apr_pool_t *pool, const schema_t *schema,
                                    const void *serial)
{
    const char *list = spellings_quoted(pool, serial, schema->colons);

    return once(apr_pstrcat(pool, schema->certificate[0], " WHERE serial IN (",
                            list, ") UNION ALL ", schema->certificate[1],
                            " WHERE serial IN (", list, ")", NULL),
                SCHEMA_CERTIFICATE_WIDTH);
}

db_query_t schema_presigned_query(apr_pool_t *pool, const schema_t *schema,
                                  const void *serial)
{
    const char *list = spellings_quoted(pool, serial, schema->colons);

    if (!schema->presigned[0] || !schema->presigned[1])
        return once("SELECT NULL, NULL FROM " CAS " WHERE 1 = 0",
                    SCHEMA_PRESIGNED_WIDTH);
    return once(apr_pstrcat(pool, schema->presigned[0], list, ") UNION ALL ",
                            schema->presigned[1], list, ")", NULL),
                SCHEMA_PRESIGNED_WIDTH);
}
