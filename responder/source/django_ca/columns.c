/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/columns.h"

#include <string.h>
#include "apr_cstr.h"
#include "apr_strings.h"

#define LEAVES TABLE_CERTIFICATES
#define CAS    TABLE_AUTHORITIES

/* A release as a number that sorts. */
#define RELEASE(major, minor) (100 * (major) + (minor))

/* What is read, and what only tells how old the tables are. A NEEDED column
 * may be missing from tables that are older than it; from newer ones it was
 * taken away or not granted, and to do without it could make a revoked CA
 * good. A WELCOME one may always be missing. */
typedef struct {
    const char *table;
    const char *name;
    int since;
    enum { ONLY_TELLS = 0, NEEDED, WELCOME } use;
} column_t;

static const column_t known[] = {
    { LEAVES, "serial", RELEASE(1, 0), NEEDED },
    { LEAVES, "pub", RELEASE(1, 0), NEEDED },
    { LEAVES, "ca_id", RELEASE(1, 0), NEEDED },
    { LEAVES, "created", RELEASE(1, 0), NEEDED },
    { LEAVES, "revoked", RELEASE(1, 0), NEEDED },
    { LEAVES, "revoked_date", RELEASE(1, 0), NEEDED },
    { LEAVES, "revoked_reason", RELEASE(1, 0), NEEDED },
    { LEAVES, "compromised", RELEASE(1, 13), WELCOME },
    { CAS, "id", RELEASE(1, 0), NEEDED },
    { CAS, "serial", RELEASE(1, 0), NEEDED },
    { CAS, "pub", RELEASE(1, 0), NEEDED },
    { CAS, "parent_id", RELEASE(1, 0), NEEDED },
    { CAS, "name", RELEASE(1, 0), NEEDED },
    { CAS, "cn", RELEASE(1, 0), NEEDED },
    { CAS, "created", RELEASE(1, 0), NEEDED },
    { CAS, "revoked", RELEASE(1, 7), NEEDED },
    { CAS, "revoked_date", RELEASE(1, 7), NEEDED },
    { CAS, "revoked_reason", RELEASE(1, 7), NEEDED },
    { CAS, "compromised", RELEASE(1, 13), WELCOME },
    { LEAVES, "valid_from", RELEASE(1, 11), ONLY_TELLS },
    { CAS, "valid_from", RELEASE(1, 11), ONLY_TELLS },
    { LEAVES, "profile", RELEASE(1, 16), ONLY_TELLS },
    { LEAVES, "not_before", RELEASE(2, 1), ONLY_TELLS },
    { CAS, "not_before", RELEASE(2, 1), ONLY_TELLS },
};

#define KNOWN (sizeof(known) / sizeof(*known))

/* Since this release certificates are stored as bytes. */
#define BYTES_SINCE RELEASE(1, 18)

/* The upgrade to 1.13 takes the colons out of the serials after it has added
 * its columns; those of this release come later. */
#define COLONS_UNTIL RELEASE(1, 16)

const char *columns_query(apr_pool_t *pool, const dialect_t *dialect)
{
    /* One table each: asked for two at once, MariaDB opens every table. */
    return apr_pstrcat(pool, dialect_fill(pool, dialect->columns, LEAVES),
                       " UNION ALL ", dialect_fill(pool, dialect->columns, CAS),
                       NULL);
}

/* name NULL: of any column. */
const char *columns_type(db_rows_t columns, const char *table, const char *name)
{
    int i;

    for (i = 0; i < columns.count; i++) {
        const char *const *row = columns.rows[i];

        if (row[0] && row[1] && strcmp(row[0], table) == 0
            && (!name || strcmp(row[1], name) == 0))
            return row[2] ? row[2] : "";
    }
    return NULL;
}

int columns_is_text(const char *type)
{
    apr_size_t length = type ? strlen(type) : 0;

    return length >= 4 && apr_cstr_casecmp(type + length - 4, "text") == 0;
}

/* The oldest release whose tables these can be. */
static int release_of(db_rows_t columns)
{
    const char *pub = columns_type(columns, LEAVES, "pub");
    int release =
        pub && !columns_is_text(pub) && strcmp(pub, DIALECT_FORBIDDEN) != 0
        ? BYTES_SINCE
        : RELEASE(1, 0);
    apr_size_t i;

    for (i = 0; i < KNOWN; i++) {
        if (known[i].since > release
            && columns_type(columns, known[i].table, known[i].name))
            release = known[i].since;
    }
    return release;
}

/* What is wrong with a column, in pool; NULL: nothing. */
static const char *columns_fault_of(apr_pool_t *pool, const column_t *column,
                                    db_rows_t columns, int release)
{
    const char *type = columns_type(columns, column->table, column->name);

    if (type && strcmp(type, DIALECT_FORBIDDEN) == 0)
        return apr_psprintf(
            pool, "the database user may not SELECT column %s of table %s",
            column->name, column->table);
    if (type || column->use != NEEDED || column->since > release)
        return NULL;
    if (!columns_type(columns, column->table, NULL))
        return apr_psprintf(pool,
                            "there is no table %s, or the database user "
                            "may not SELECT from it",
                            column->table);
    return apr_psprintf(pool,
                        "table %s has no column %s, or the database user "
                        "may not SELECT it",
                        column->table, column->name);
}

const char *columns_fault(apr_pool_t *pool, db_rows_t columns)
{
    int release = release_of(columns);
    const char *why = NULL;
    apr_size_t i;

    for (i = 0; i < KNOWN && !why; i++) {
        if (known[i].use != ONLY_TELLS)
            why = columns_fault_of(pool, &known[i], columns, release);
    }
    return why;
}

int columns_have_colons(db_rows_t columns)
{
    return release_of(columns) < COLONS_UNTIL;
}

const char *columns_missing(apr_pool_t *pool, db_rows_t columns)
{
    const char *sql = "";
    apr_size_t i;

    for (i = 0; i < KNOWN; i++) {
        if (known[i].use != ONLY_TELLS
            && !columns_type(columns, known[i].table, known[i].name))
            sql = apr_pstrcat(pool, sql, *sql ? " OR " : "", "(tab = '",
                              known[i].table, "' AND col = '", known[i].name,
                              "')", NULL);
    }
    return sql;
}
