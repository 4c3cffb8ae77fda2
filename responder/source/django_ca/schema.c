/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/schema.h"

#include <string.h>
#include "apr_escape.h"
#include "apr_strings.h"

#include "ocsp/serial.h"
#include "source/django_ca/columns.h"
#include "source/django_ca/select.h"
#include "source/django_ca/spellings.h"

#define LEAVES TABLE_CERTIFICATES
#define CAS    TABLE_AUTHORITIES

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

/* The queries for a status, by how many spellings the serials have. */
static void write_status(const char *status[2][2], const select_maker_t *maker,
                         int colons, int whole)
{
    const int counts[] = { spellings_count(0, colons),
                           spellings_count(1, colons) };
    const char *leaf = select_leaf_status(maker, whole);
    const char *ca = select_ca_status(maker, whole);
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

static void make_queries(schema_t *schema, const select_maker_t *maker)
{
    write_status(schema->status[0], maker, schema->colons, 0);
    write_status(schema->status[1], maker, schema->colons, 1);
    schema->certificate[0] = select_certificate(maker, LEAVES);
    schema->certificate[1] = select_certificate(maker, CAS);
    schema->authority = select_authority(maker, SELECT_CA);
    schema->listed = select_authority(maker, SELECT_CA_LISTED);
    schema->known = select_authority(maker, SELECT_CA_KNOWN);
    schema->presigned[0] = select_presigned(maker, LEAVES);
    schema->presigned[1] = select_presigned(maker, CAS);
}

const schema_t *schema_recognise(apr_pool_t *pool, const dialect_t *dialect,
                                 db_rows_t columns, const char **why)
{
    const select_maker_t maker = { pool, dialect, columns };
    schema_t *schema = apr_pcalloc(pool, sizeof(*schema));

    *why = columns_fault(pool, columns);
    if (*why)
        return NULL;
    schema->dialect = dialect;
    schema->colons = columns_have_colons(columns);
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
