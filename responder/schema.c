/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#include <string.h>
#include "apr_cstr.h"
#include "apr_escape.h"
#include "apr_strings.h"

#include "serial.h"

#define LEAVES ENGINE_LEAVES
#define CAS    ENGINE_CAS

/* Octets of a certificate that hold its serial, in DER and in PEM. */
#define HEAD "160"

/* -- columns --------------------------------------------------------------- */

/* A release as a number that sorts. */
#define RELEASE(major, minor) ((major) * 100 + (minor))

/* What is read, and what only tells how old the tables are. A NEEDED column
 * may be missing from tables that are older than it; from newer ones it was
 * taken away or not granted, and to do without it could make a revoked CA
 * good. A WELCOME one may always be missing. */
static const struct column {
    const char *table;
    const char *name;
    int since;
    enum { ONLY_TELLS = 0, NEEDED, WELCOME } use;
} columns[] = {
    { LEAVES, "serial",         RELEASE(1, 0), NEEDED },
    { LEAVES, "pub",            RELEASE(1, 0), NEEDED },
    { LEAVES, "ca_id",          RELEASE(1, 0), NEEDED },
    { LEAVES, "created",        RELEASE(1, 0), NEEDED },
    { LEAVES, "revoked",        RELEASE(1, 0), NEEDED },
    { LEAVES, "revoked_date",   RELEASE(1, 0), NEEDED },
    { LEAVES, "revoked_reason", RELEASE(1, 0), NEEDED },
    { LEAVES, "compromised",    RELEASE(1, 13), WELCOME },
    { CAS,    "id",             RELEASE(1, 0), NEEDED },
    { CAS,    "serial",         RELEASE(1, 0), NEEDED },
    { CAS,    "pub",            RELEASE(1, 0), NEEDED },
    { CAS,    "parent_id",      RELEASE(1, 0), NEEDED },
    { CAS,    "name",           RELEASE(1, 0), NEEDED },
    { CAS,    "cn",             RELEASE(1, 0), NEEDED },
    { CAS,    "created",        RELEASE(1, 0), NEEDED },
    { CAS,    "revoked",        RELEASE(1, 7), NEEDED },
    { CAS,    "revoked_date",   RELEASE(1, 7), NEEDED },
    { CAS,    "revoked_reason", RELEASE(1, 7), NEEDED },
    { CAS,    "compromised",    RELEASE(1, 13), WELCOME },
    { LEAVES, "valid_from",     RELEASE(1, 11), ONLY_TELLS },
    { CAS,    "valid_from",     RELEASE(1, 11), ONLY_TELLS },
    { LEAVES, "profile",        RELEASE(1, 16), ONLY_TELLS },
    { LEAVES, "not_before",     RELEASE(2, 1), ONLY_TELLS },
    { CAS,    "not_before",     RELEASE(2, 1), ONLY_TELLS },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

/* Since this release certificates are stored as octets. */
#define OCTETS_SINCE RELEASE(1, 18)

struct schema_t {
    const engine_t *engine;
    /* Queries up to the table that they are FROM. */
    const char *leaf;
    const char *ca;
    const char *added;           /* all of it; "" when no column can come */
    /* The whole, with placeholders for the certificate's spellings, the CA's
     * and the certificate's again. By whether each has an odd number of digits
     * and so more spellings. */
    const char *prepared[2][2];
    /* Queries without a condition. */
    const char *authorities;
    const char *certificate[2];  /* of leaves, of CAs */
    const char *presigned[2];    /* likewise; NULL: there are none */
};

const zone_t *schema_zone(const schema_t *schema, const zone_t *zone)
{
    return schema->engine->has_instants ? NULL : zone;
}

/* The type of a column; NULL: there is no such column. name NULL: of any. */
static const char *type_of(schema_rows_t rows, const char *table,
                           const char *name)
{
    int i;

    for (i = 0; i < rows.count; i++) {
        const char *const *row = rows.rows[i];

        if (row[0] && row[1] && strcmp(row[0], table) == 0
            && (!name || strcmp(row[1], name) == 0))
            return row[2] ? row[2] : "";
    }
    return NULL;
}

/* "text", "longtext". */
static int is_text(const char *type)
{
    apr_size_t length = type ? strlen(type) : 0;

    return length >= 4 && apr_cstr_casecmp(type + length - 4, "text") == 0;
}

/* The oldest release whose tables these can be. */
static int release_of(schema_rows_t rows)
{
    const char *pub = type_of(rows, LEAVES, "pub");
    int release = pub && !is_text(pub) && strcmp(pub, ENGINE_FORBIDDEN) != 0
                      ? OCTETS_SINCE : RELEASE(1, 0);
    apr_size_t i;

    for (i = 0; i < COLUMNS; i++) {
        if (columns[i].since > release
            && type_of(rows, columns[i].table, columns[i].name))
            release = columns[i].since;
    }
    return release;
}

/* What is wrong with a column, in pool; NULL: nothing. */
static const char *fault_of(apr_pool_t *pool, const struct column *column,
                            schema_rows_t rows, int release)
{
    const char *type = type_of(rows, column->table, column->name);

    if (type && strcmp(type, ENGINE_FORBIDDEN) == 0)
        return apr_psprintf(pool, "the database user may not SELECT column %s "
                            "of table %s", column->name, column->table);
    if (type || column->use != NEEDED || column->since > release)
        return NULL;
    if (!type_of(rows, column->table, NULL))
        return apr_psprintf(pool, "there is no table %s, or the database user "
                            "may not SELECT from it", column->table);
    return apr_psprintf(pool, "table %s has no column %s, or the database user "
                        "may not SELECT it", column->table, column->name);
}

/* -- the queries, as far as they are the same each time -------------------- */

/* The columns of a status row from SCHEMA_STATUS_REVOKED on, and what stands
 * in for one that is not there yet. */
static const struct {
    const char *name;
    engine_way_t way;
    const char *without;
} facts[] = {
    { "revoked",        ENGINE_FLAG, "'0'" },
    { "revoked_reason", ENGINE_TEXT, "NULL" },
    { "revoked_date",   ENGINE_TIME, "NULL" },
    { "created",        ENGINE_TIME, "NULL" },
    { "compromised",    ENGINE_TIME, "NULL" },
};

#define FACTS (sizeof(facts) / sizeof(*facts))

/* What queries are made from. */
typedef struct {
    apr_pool_t *pool;
    const engine_t *engine;
    schema_rows_t rows;
} maker_t;

static const char *express(const maker_t *maker, engine_way_t way,
                           const char *column)
{
    return engine_write(maker->pool, maker->engine, way, column);
}

/* Hex of a table's certificates, or of the part that pub names. */
static const char *write_pub(const maker_t *maker, const char *table,
                             const char *pub)
{
    int text = is_text(type_of(maker->rows, table, "pub"));

    return express(maker, text ? ENGINE_HEX_OF_PEM : ENGINE_HEX, pub);
}

/* kind and id are literals or expressions, issuer a column. Ends in FROM. */
static const char *select_status(const maker_t *maker, const char *table,
                                 const char *kind, const char *id,
                                 const char *issuer)
{
    const char *sql =
        apr_pstrcat(maker->pool, "SELECT ", kind, ", ", id, ", ",
                    express(maker, ENGINE_TEXT, issuer), ", ",
                    write_pub(maker, table, "substr(pub, 1, " HEAD ")"), NULL);
    apr_size_t i;

    for (i = 0; i < FACTS; i++)
        sql = apr_pstrcat(maker->pool, sql, ", ",
                          type_of(maker->rows, table, facts[i].name)
                              ? express(maker, facts[i].way, facts[i].name)
                              : facts[i].without, NULL);
    return apr_pstrcat(maker->pool, sql, " FROM ", NULL);
}

/* A row for each column that an upgrade has brought since: a CA is not good
 * for want of a column that has come meanwhile. */
static const char *select_added(const maker_t *maker)
{
    const char *sql = "";
    apr_size_t i;

    for (i = 0; i < COLUMNS; i++) {
        if (columns[i].use != ONLY_TELLS
            && !type_of(maker->rows, columns[i].table, columns[i].name))
            sql = apr_pstrcat(maker->pool, sql, *sql ? " OR " : "", "(tab = '",
                              columns[i].table, "' AND col = '",
                              columns[i].name, "')", NULL);
    }
    return !*sql ? sql :
        apr_pstrcat(maker->pool, " UNION ALL SELECT '" SCHEMA_ROW_ADDED "', "
                    "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM (",
                    maker->engine->columns, ") known WHERE ", sql, NULL);
}

static const char *select_certificate(const maker_t *maker, const char *table,
                                      const char *more)
{
    return apr_pstrcat(maker->pool, "SELECT ",
                       express(maker, ENGINE_TEXT, "serial"), ", ",
                       write_pub(maker, table, "pub"), more, " FROM ", table,
                       NULL);
}

static int is_readable(const maker_t *maker, const char *table,
                       const char *name)
{
    const char *type = type_of(maker->rows, table, name);

    return type && strcmp(type, ENGINE_FORBIDDEN) != 0;
}

/* What django-ca does for its own responder; to do without is no fault. */
static const char *write_options(const maker_t *maker)
{
    static const char *const name = "ocsp_key_backend_options";

    if (is_readable(maker, CAS, name))
        return express(maker, ENGINE_HEX_OF_TEXT,
                       express(maker, ENGINE_TEXT, name));
    return type_of(maker->rows, CAS, name) ? "'" SCHEMA_FORBIDDEN "'" : "NULL";
}

static const char *write_validity(const maker_t *maker)
{
    static const char *const name = "ocsp_response_validity";

    return is_readable(maker, CAS, name)
        ? express(maker, ENGINE_TEXT, name) : "NULL";
}

static const char *select_presigned(const maker_t *maker, const char *table)
{
    if (!is_readable(maker, table, "ocsp_response")
        || !is_readable(maker, table, "ocsp_response_expires"))
        return NULL;
    return apr_pstrcat(maker->pool, "SELECT ",
                       express(maker, ENGINE_HEX, "ocsp_response"), ", ",
                       express(maker, ENGINE_TIME, "ocsp_response_expires"),
                       " FROM ", table, " WHERE ocsp_response IS NOT NULL"
                       " AND serial IN (", NULL);
}

/* IN (…) would have SQLite build two tables for each query. */
static const char *prepare(apr_pool_t *pool, const schema_t *schema,
                           int odd, int ca_odd)
{
    const char *placeholder = schema->engine->placeholder;
    int leaves = odd ? SERIAL_SPELLINGS : SERIAL_SPELLINGS_EVEN;
    int cas = ca_odd ? SERIAL_SPELLINGS : SERIAL_SPELLINGS_EVEN;

    if (!placeholder)
        return NULL;
    return apr_pstrcat(pool, schema->leaf,
                       serial_table(pool, placeholder, leaves),
                       " CROSS JOIN " LEAVES " WHERE serial = wanted"
                       " UNION ALL ", schema->ca,
                       serial_table(pool, placeholder, cas + leaves),
                       " CROSS JOIN " CAS " WHERE serial = wanted",
                       schema->added, NULL);
}

static void make_queries(schema_t *schema, const maker_t *maker)
{
    const char *id = express(maker, ENGINE_TEXT, "id");
    const char *name = express(maker, ENGINE_HEX_OF_TEXT, "name");
    const char *cn = express(maker, ENGINE_HEX_OF_TEXT, "cn");
    int odd;

    schema->leaf = select_status(maker, LEAVES, "'" SCHEMA_ROW_LEAF "'",
                                 "NULL", "ca_id");
    schema->ca = select_status(maker, CAS, "'" SCHEMA_ROW_CA "'", id,
                               "COALESCE(parent_id, id)");
    schema->added = select_added(maker);
    for (odd = 0; odd < 2; odd++) {
        schema->prepared[odd][0] = prepare(maker->pool, schema, odd, 0);
        schema->prepared[odd][1] = prepare(maker->pool, schema, odd, 1);
    }
    schema->certificate[0] = select_certificate(maker, LEAVES, "");
    schema->certificate[1] = select_certificate(maker, CAS, "");
    schema->authorities =
        select_certificate(maker, CAS, apr_pstrcat(maker->pool, ", ", id, ", ",
                                                   name, ", ", cn, ", ",
                                                   write_validity(maker), ", ",
                                                   write_options(maker), NULL));
    schema->presigned[0] = select_presigned(maker, LEAVES);
    schema->presigned[1] = select_presigned(maker, CAS);
}

const schema_t *schema_recognise(apr_pool_t *pool, const engine_t *engine,
                                 schema_rows_t rows, const char **why)
{
    const maker_t maker = { pool, engine, rows };
    schema_t *schema = apr_pcalloc(pool, sizeof(*schema));
    int release = release_of(rows);
    apr_size_t i;

    for (i = 0; i < COLUMNS; i++) {
        *why = columns[i].use == ONLY_TELLS
                   ? NULL : fault_of(pool, &columns[i], rows, release);
        if (*why)
            return NULL;
    }
    schema->engine = engine;
    make_queries(schema, &maker);
    return schema;
}

/* -- the queries, with serials --------------------------------------------- */

const char *schema_status_sql(apr_pool_t *pool, const schema_t *schema,
                              const char *ca_serial, const char *serial)
{
    const char *list = serial_spellings(pool, serial);

    return apr_pstrcat(pool, schema->leaf, LEAVES " WHERE serial IN (", list,
                       ") UNION ALL ", schema->ca, CAS " WHERE serial IN (",
                       serial_spellings(pool, ca_serial), ",", list, ")",
                       schema->added, NULL);
}

schema_query_t schema_status_query(apr_pool_t *pool, const schema_t *schema,
                                   const char *ca_serial, const char *serial)
{
    schema_query_t query = {
        .text = schema_status_sql(pool, schema, ca_serial, serial)
    };

    query.count = serial_arguments(pool, ca_serial, serial, &query.arguments);
    if (query.count)
        query.prepared =
            schema->prepared[strlen(serial) % 2][strlen(ca_serial) % 2];
    return query;
}

const char *schema_authorities_sql(apr_pool_t *pool, const schema_t *schema,
                                   const char *ca)
{
    const char *serial, *name;

    if (!ca)
        return apr_pstrcat(pool, schema->authorities, " ORDER BY id", NULL);
    serial = serial_parse(pool, ca);
    name = engine_write(pool, schema->engine, ENGINE_TEXT_OF_HEX,
                        apr_pescape_hex(pool, ca, strlen(ca), 0));
    return apr_pstrcat(pool, schema->authorities, " WHERE serial IN (",
                       serial ? serial_spellings(pool, serial) : "NULL",
                       ") OR name = ", name, " OR cn = ", name, " ORDER BY id",
                       NULL);
}

const char *schema_certificate_sql(apr_pool_t *pool, const schema_t *schema,
                                   const char *serial)
{
    const char *list = serial_spellings(pool, serial);

    return apr_pstrcat(pool, schema->certificate[0], " WHERE serial IN (",
                       list, ") UNION ALL ", schema->certificate[1],
                       " WHERE serial IN (", list, ")", NULL);
}

const char *schema_presigned_sql(apr_pool_t *pool, const schema_t *schema,
                                 const char *serial)
{
    const char *list = serial_spellings(pool, serial);

    if (!schema->presigned[0] || !schema->presigned[1])
        return NULL;
    return apr_pstrcat(pool, schema->presigned[0], list, ") UNION ALL ",
                       schema->presigned[1], list, ")", NULL);
}
