/* SPDX-License-Identifier: Apache-2.0
 * schema.h: which tables are django-ca's, and what is asked of them. */
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include "db/placeholder.h"
#include "source/django_ca/columns.h"
#include "source/django_ca/schema.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define LEAVES TABLE_CERTIFICATES
#define CAS    TABLE_AUTHORITIES

static apr_pool_t *pool;

/* -- columns of releases --------------------------------------------------- */

typedef struct {
    const char *name;
    const char *pub;          /* its type on SQLite */
    const char *leaves, *cas; /* the other columns, as far as they matter */
    int added;                /* columns that may yet come */
} release_t;

#define LEAF_1_0 \
    "id serial ca_id created expires cn csr revoked " \
    "revoked_date revoked_reason"
#define CA_1_0 "id serial parent_id name cn created expires enabled"
#define CA_1_7 CA_1_0 " revoked revoked_date revoked_reason"

static const release_t releases[] = {
    { "1.0", "text", LEAF_1_0, CA_1_0, 5 },
    { "1.7", "text", LEAF_1_0, CA_1_7, 2 },
    { "1.11", "text", LEAF_1_0 " valid_from", CA_1_7 " valid_from", 2 },
    { "1.13", "text", LEAF_1_0 " valid_from compromised",
      CA_1_7 " valid_from compromised", 0 },
    { "1.16", "text", LEAF_1_0 " valid_from compromised profile",
      CA_1_7 " valid_from compromised", 0 },
    { "1.18", "BLOB", LEAF_1_0 " valid_from compromised profile",
      CA_1_7 " valid_from compromised", 0 },
    { "2.1", "BLOB", LEAF_1_0 " not_before not_after compromised profile",
      CA_1_7 " not_before not_after compromised", 0 },
    { "3.1", "BLOB",
      LEAF_1_0 " not_before not_after compromised profile "
               "ocsp_response ocsp_response_expires",
      CA_1_7 " not_before not_after compromised ocsp_response_validity "
             "ocsp_key_backend_options ocsp_response ocsp_response_expires",
      0 },
};

#define NEWEST (&releases[COUNT(releases) - 1])

static void add_column(apr_array_header_t *rows, const char *table,
                       const char *name, const char *type)
{
    const char **row = apr_palloc(pool, SCHEMA_COLUMNS_WIDTH * sizeof(*row));

    row[0] = table;
    row[1] = name;
    row[2] = type;
    APR_ARRAY_PUSH(rows, const char *const *) = row;
}

static void add_table(apr_array_header_t *rows, const char *table,
                      const char *names, const char *pub)
{
    char *rest = apr_pstrdup(pool, names), *name, *state;

    add_column(rows, table, "pub", pub);
    for (name = apr_strtok(rest, " ", &state); name;
         name = apr_strtok(NULL, " ", &state))
        add_column(rows, table, name, "varchar(32)");
}

/* The one query for a status, with the serials in it. */
static const char *status_sql(apr_pool_t *in, const schema_t *schema,
                              const char *ca_serial, const char *serial)
{
    const db_query_t query =
        schema_status_query(in, schema, ca_serial, serial, 0);

    return placeholder_fill(in, &query, NULL, NULL);
}

static db_rows_t rows_of(const apr_array_header_t *list)
{
    db_rows_t rows = { (const char *const *const *)list->elts, list->nelts,
                       SCHEMA_COLUMNS_WIDTH };

    return rows;
}

static apr_array_header_t *columns_of(const release_t *release, const char *pub)
{
    apr_array_header_t *list =
        apr_array_make(pool, 32, sizeof(const char *const *));

    add_table(list, LEAVES, release->leaves, pub);
    add_table(list, CAS, release->cas, pub);
    return list;
}

/* What a driver calls pub's type. */
static const char *pub_type(const char *driver, const char *pub)
{
    if (strcmp(driver, "sqlite3") == 0)
        return pub;
    if (strcmp(driver, "pgsql") == 0)
        return *pub == 't' ? "text" : "bytea";
    return *pub == 't' ? "longtext" : "longblob";
}

static const schema_t *recognise(const char *driver, const release_t *release,
                                 const char **why)
{
    const char *pub = pub_type(driver, release->pub);

    *why = NULL;
    return schema_recognise(pool, dialect_find(driver),
                            rows_of(columns_of(release, pub)), why);
}

static const char *const drivers[] = { "sqlite3", "pgsql", "mysql" };

/* -- engines --------------------------------------------------------------- */

static void test_engines(void)
{
    size_t i;

    for (i = 0; i < COUNT(drivers); i++) {
        const dialect_t *engine = dialect_find(drivers[i]);

        ok(engine && strcmp(engine->driver, drivers[i]) == 0, "%s", drivers[i]);
        ok(strstr(dialect_names(), drivers[i]) != NULL, "%s is named",
           drivers[i]);
        ok(strstr(columns_query(pool, engine), "'" LEAVES "'")
               && strstr(columns_query(pool, engine), "'" CAS "'"),
           "%s: both tables", drivers[i]);
    }
    ok(!dialect_find("oracle") && !dialect_find("") && !dialect_find("sqlite"),
       "others are not");
    is(dialect_write(pool, dialect_find("pgsql"), DIALECT_FLAG, "a"),
       "CAST(CAST(a AS integer) AS text)", "a column is written");
}

/* -- recognising ----------------------------------------------------------- */

static int count_of(const char *text, const char *part)
{
    int count = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

static void test_releases(void)
{
    const char *why;
    size_t i, j;

    for (i = 0; i < COUNT(drivers); i++) {
        for (j = 0; j < COUNT(releases); j++) {
            const schema_t *schema = recognise(drivers[i], &releases[j], &why);
            const char *sql =
                schema ? status_sql(pool, schema, "ABC", "DEF") : "";

            ok(schema != NULL, "%s, %s: %s", drivers[i], releases[j].name,
               why ? why : "is known");
            ok(count_of(sql, "(tab = ") == releases[j].added,
               "%s, %s: looks for %d columns that may come", drivers[i],
               releases[j].name, releases[j].added);
        }
    }
}

/* The row of a column in a list; -1: none. */
static int find_column(const apr_array_header_t *list, const char *table,
                       const char *name)
{
    int i;

    for (i = 0; i < list->nelts; i++) {
        const char *const *row = APR_ARRAY_IDX(list, i, const char *const *);

        if (strcmp(row[0], table) == 0 && strcmp(row[1], name) == 0)
            return i;
    }
    return -1;
}

static void take_out(apr_array_header_t *list, int index)
{
    APR_ARRAY_IDX(list, index, const char *const *) =
        APR_ARRAY_IDX(list, list->nelts - 1, const char *const *);
    list->nelts--;
}

static const struct {
    const char *table, *column;
} needed[] = {
    { LEAVES, "serial" },
    { LEAVES, "pub" },
    { LEAVES, "ca_id" },
    { LEAVES, "created" },
    { LEAVES, "revoked" },
    { LEAVES, "revoked_date" },
    { LEAVES, "revoked_reason" },
    { CAS, "id" },
    { CAS, "serial" },
    { CAS, "pub" },
    { CAS, "parent_id" },
    { CAS, "name" },
    { CAS, "cn" },
    { CAS, "created" },
    { CAS, "revoked" },
    { CAS, "revoked_date" },
    { CAS, "revoked_reason" },
};

/* A needed column that is missing is named, with its table. */
static void test_missing(const release_t *release)
{
    size_t i;

    for (i = 0; i < COUNT(needed); i++) {
        apr_array_header_t *list = columns_of(release, release->pub);
        int index = find_column(list, needed[i].table, needed[i].column);
        const schema_t *schema;
        const char *why;

        if (index < 0)
            continue;
        take_out(list, index);
        schema = schema_recognise(pool, dialect_find("sqlite3"), rows_of(list),
                                  &why);
        ok(!schema && strstr(why, needed[i].table)
               && strstr(why, needed[i].column),
           "%s without %s.%s: %s", release->name, needed[i].table,
           needed[i].column, schema ? "is known" : why);
    }
}

/* A column that may not be read is not one that is missing. */
static void test_forbidden(void)
{
    size_t i;

    for (i = 0; i < COUNT(needed) + 1; i++) {
        apr_array_header_t *list = columns_of(NEWEST, "bytea");
        int last = i == COUNT(needed);
        const char *table = last ? LEAVES : needed[i].table;
        const char *column = last ? "compromised" : needed[i].column;
        const schema_t *schema;
        const char *why;

        take_out(list, find_column(list, table, column));
        add_column(list, table, column, DIALECT_FORBIDDEN);
        schema =
            schema_recognise(pool, dialect_find("pgsql"), rows_of(list), &why);
        ok(!schema && strstr(why, "may not SELECT") && strstr(why, table)
               && strstr(why, column),
           "%s.%s may not be read: %s", table, column,
           schema ? "is known" : why);
    }
}

static void test_tables(void)
{
    const dialect_t *engine = dialect_find("sqlite3");
    apr_array_header_t *list =
        apr_array_make(pool, 32, sizeof(const char *const *));
    const char *why = NULL;

    ok(!schema_recognise(pool, engine, rows_of(list), &why), "no tables");
    is(why,
       "there is no table " LEAVES ", or the database user may not SELECT "
       "from it",
       "says so");
    add_table(list, LEAVES, NEWEST->leaves, NEWEST->pub);
    ok(!schema_recognise(pool, engine, rows_of(list), &why), "one table");
    is(why,
       "there is no table " CAS ", or the database user may not SELECT "
       "from it",
       "says so");
    add_column(list, NULL, NULL, NULL);
    add_column(list, CAS, NULL, NULL);
    ok(!schema_recognise(pool, engine, rows_of(list), &why), "NULLs");
}

/* An upgrade between two of its steps. */
static void test_half_upgraded(void)
{
    release_t half = releases[0];
    const char *why;

    half.cas = CA_1_0 " revoked";
    ok(!recognise("mysql", &half, &why) && strstr(why, "revoked_date"),
       "revoked without a date");
    half.cas = CA_1_0 " revoked_date";
    ok(!recognise("mysql", &half, &why) && strstr(why, "revoked,"),
       "a date without revoked");
    half.cas = CA_1_0;
    half.pub = "BLOB";
    ok(!recognise("mysql", &half, &why) && strstr(why, "revoked,"),
       "bytes, and CAs that cannot be revoked");
}

/* -- queries --------------------------------------------------------------- */

static void test_pub(void)
{
    static const struct {
        const char *driver;
        int release;
        const char *part;
    } rows[] = {
        { "sqlite3", 0, "hex(substr(pub, 1, 128))" },
        { "sqlite3", 5, "hex(substr(pub, 1, 64))" },
        { "pgsql", 0,
          "encode(convert_to(substr(pub, 1, 128), 'UTF8'), 'hex')" },
        { "pgsql", 5, "encode(substr(pub, 1, 64), 'hex')" },
        { "mysql", 0, "HEX(substr(pub, 1, 128))" },
        { "mysql", 5, "HEX(substr(pub, 1, 64))" },
    };
    const char *why;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const release_t *release = &releases[rows[i].release];
        const schema_t *schema = recognise(rows[i].driver, release, &why);

        ok(count_of(status_sql(pool, schema, "AB", "CD"), rows[i].part) == 2,
           "%s, %s: %s", rows[i].driver, release->name, rows[i].part);
    }
}

#define IF_REVOKED(name) \
    "CASE WHEN CAST(revoked AS INTEGER) = 1" \
    " THEN CAST(" name " AS TEXT) END"
#define FACTS \
    " CAST(revoked AS TEXT), CAST(revoked_reason AS TEXT), " IF_REVOKED( \
        "revoked_date") ", " IF_REVOKED("created") ", " IF_REVOKED("compromis" \
                                                                   "ed")

static void test_status_sql(void)
{
    const char *why, *sql;

    is(status_sql(pool, recognise("sqlite3", NEWEST, &why), "ABCD", "12345"),
       "SELECT 'leaf', NULL, CAST(ca_id AS TEXT), hex(substr(pub, 1, "
       "64))," FACTS ", NULL FROM (SELECT '12345' AS wanted UNION ALL SELECT"
       " '1234' UNION ALL SELECT '12345L') spellings"
       " CROSS JOIN django_ca_certificate WHERE serial = wanted UNION ALL "
       "SELECT 'ca', CAST(id AS TEXT), CAST(COALESCE(parent_id, id) AS TEXT),"
       " hex(substr(pub, 1, 64))," FACTS ","
       " hex(substr(pub, length(pub) + 1 - 32)) FROM (SELECT 'ABCD' AS wanted"
       " UNION ALL SELECT '12345' UNION ALL SELECT '1234' UNION ALL"
       " SELECT '12345L') spellings CROSS JOIN"
       " django_ca_certificateauthority WHERE serial = wanted",
       "the one query for a status");
    sql = status_sql(pool, recognise("sqlite3", &releases[0], &why), "ABCD",
                     "12");
    ok(strstr(sql, "'0', NULL, NULL, CAST(created AS TEXT), NULL, hex(")
           != NULL,
       "a CA that cannot be revoked is not");
    ok(strstr(sql, "SELECT 'added', NULL") != NULL, "unless it can by now");
}

/* Certain to be gone once there are columns of a later release. */
static void test_colons(void)
{
    size_t i;

    for (i = 0; i < COUNT(releases); i++) {
        const char *why;
        const schema_t *schema = recognise("pgsql", &releases[i], &why);

        ok(strstr(status_sql(pool, schema, "ABCD", "1234"),
                  strstr(releases[i].leaves, "profile")
                      ? "('ABCD','1234')"
                      : "('ABCD','AB:CD','1234','12:34')")
               != NULL,
           "serials of %s", releases[i].name);
    }
}

static void test_authorities_sql(void)
{
    const char *why;
    const schema_t *schema = recognise("sqlite3", NEWEST, &why);

    is(schema_all_authorities_query(pool, schema, NULL).text,
       "SELECT CAST(serial AS TEXT), hex(pub), CAST(id AS TEXT), hex(name), "
       "hex(cn), CAST(ocsp_response_validity AS TEXT), "
       "CAST(ocsp_key_backend_options AS TEXT), NULL, CAST(enabled AS TEXT) "
       "FROM " CAS " ORDER BY id LIMIT 500",
       "the first CAs");
    ok(strstr(schema_known_authorities_query(pool, schema, NULL).text,
              "hex(substr(pub, length(pub) + 1 - 32))")
           != NULL,
       "by the ends of their certificates");
    ok(strstr(schema_authority_query(pool, schema, "7").text,
              "hex(CAST(ocsp_key_backend_options AS TEXT))")
           != NULL,
       "and one with its options");
    is(strstr(schema_all_authorities_query(pool, schema, "7").text, " WHERE"),
       " WHERE id > ? ORDER BY id LIMIT 500", "and those behind them");
    is(strstr(schema_authorities_query(pool, schema, "AB:CD").text, " WHERE"),
       " WHERE serial IN ('ABCD') OR name = CAST(x'41423a4344' AS TEXT)"
       " OR cn = CAST(x'41423a4344' AS TEXT) ORDER BY id",
       "by a serial");
    is(strstr(schema_authorities_query(pool, schema, "x' OR '1'='1").text,
              " WHERE"),
       " WHERE serial IN (NULL) OR name = "
       "CAST(x'7827204f52202731273d2731' AS TEXT) OR cn = "
       "CAST(x'7827204f52202731273d2731' AS TEXT) ORDER BY id",
       "by a name, which is never SQL");
    is(schema_certificate_query(pool, schema, "AB").text,
       "SELECT CAST(serial AS TEXT), hex(pub) FROM " LEAVES
       " WHERE serial IN ('AB') UNION ALL "
       "SELECT CAST(serial AS TEXT), hex(pub) FROM " CAS
       " WHERE serial IN ('AB')",
       "a certificate");
}

static void test_presigned_sql(void)
{
    const char *why;

    const schema_t *newest = recognise("sqlite3", NEWEST, &why);
    const schema_t *older = recognise("sqlite3", NEWEST - 1, &why);

    ok(strstr(schema_presigned_query(pool, newest, "AB").text, "ocsp_response")
           != NULL,
       "presigned answers");
    ok(strstr(schema_presigned_query(pool, older, "AB").text, "WHERE 1 = 0")
           != NULL,
       "none before 3.1");
}

static void test_zone(void)
{
    const char *why = NULL;
    const zone_t *utc = zone_load(pool, "UTC", &why);

    ok(schema_zone(recognise("sqlite3", NEWEST, &why), utc) == utc
           && schema_zone(recognise("mysql", NEWEST, &why), utc) == utc,
       "SQLite and MariaDB store wall-clock times");
    ok(!schema_zone(recognise("pgsql", NEWEST, &why), utc),
       "PostgreSQL stores instants");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_engines();
    test_releases();
    test_missing(&releases[0]);
    test_missing(&releases[2]);
    test_missing(NEWEST);
    test_forbidden();
    test_tables();
    test_half_upgraded();
    test_pub();
    test_status_sql();
    test_colons();
    test_authorities_sql();
    test_presigned_sql();
    test_zone();
    apr_terminate();
    return done_testing();
}
