/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_query.h"

#include "apr_escape.h"
#include "apr_strings.h"
#include <openssl/bn.h>
#include <openssl/crypto.h>

/* Ways to write an expression; all results are text. In each '@' stands for
 * it. */
typedef enum { AS_TEXT = 0, AS_HEX, AS_INSTANT, AS_CLOCK, WAYS } way_t;

typedef struct {
    const char *driver;
    const char *ways[WAYS];
    const char *text_is;    /* compares with a text, which a column of bytes may
                             * hold, too: each "?" stands for it */
    int texts;              /* … and how many these are */
    const char *numeric_is; /* compares with a number */
    const char *bytes_are;  /* compares with bytes, whose hex '#' stands for */
    int rounds;             /* numbers of more than 64 bits */
    int casts_to_hex;       /* bytes are "\\x…" when they are made text of */
} dialect_t;

static const dialect_t dialects[] = {
    {
        .driver = "sqlite3",
        .ways = { "CAST(@ AS TEXT)", "hex(@)", "CAST(@ AS TEXT)",
                  "CAST(@ AS TEXT)" },
        .text_is = "@ IN (?, CAST(? AS BLOB))",
        .texts = 2,
        .numeric_is = "@ = CAST(? AS NUMERIC)",
        .bytes_are = "x'#'",
        .rounds = 1,
    },
    {
        .driver = "pgsql",
        .ways = { "CAST(@ AS text)", "encode(@, 'hex')",
                  "CAST(CAST(FLOOR(EXTRACT(EPOCH FROM @)) AS bigint) AS text)",
                  "CAST(CAST(FLOOR(EXTRACT(EPOCH FROM @)) AS bigint) AS "
                  "text)" },
        .text_is = "@ = ?",
        .texts = 1,
        .numeric_is = "@ = CAST(? AS numeric)",
        .bytes_are = "decode('#', 'hex')",
        .casts_to_hex = 1,
    },
    {
        .driver = "mysql",
        .ways = { "CAST(@ AS CHAR)", "HEX(@)",
                  "CAST(FLOOR(UNIX_TIMESTAMP(@)) AS CHAR)",
                  "CAST(TIMESTAMPDIFF(SECOND, '1970-01-01', @) AS CHAR)" },
        .text_is = "@ = ?",
        .texts = 1,
        .numeric_is = "@ = CAST(? AS DECIMAL(65, 0))",
        .bytes_are = "x'#'",
    },
};

#define DIALECTS (sizeof(dialects) / sizeof(*dialects))

static const dialect_t *dialect_of(const char *driver)
{
    apr_size_t i;

    for (i = 0; i < DIALECTS; i++) {
        if (strcmp(dialects[i].driver, driver) == 0)
            return &dialects[i];
    }
    return NULL;
}

int table_query_knows(const char *driver)
{
    return dialect_of(driver) != NULL;
}

/* form with text in the place of its one hole. */
static const char *fill(apr_pool_t *pool, const char *form, char hole,
                        const char *text)
{
    const char *at = strchr(form, hole);

    return apr_pstrcat(pool,
                       apr_pstrmemdup(pool, form, (apr_size_t)(at - form)),
                       text, at + 1, NULL);
}

/* -- what is selected ------------------------------------------------------ */

static const char *write_column(apr_pool_t *pool, const dialect_t *dialect,
                                const table_column_t *column, way_t way)
{
    return column->sql ? fill(pool, dialect->ways[way], '@', column->sql)
                       : "NULL";
}

static way_t way_of_time(const table_column_t *column, table_time_t form)
{
    if (column->json
        || (form != TABLE_TIME_TIMESTAMP && form != TABLE_TIME_DATETIME))
        return AS_TEXT;
    return form == TABLE_TIME_TIMESTAMP ? AS_INSTANT : AS_CLOCK;
}

static const char *select_all(apr_pool_t *pool, const dialect_t *dialect,
                              const table_t *table, int wants_certificate)
{
    const int is_bytes = table->serial_form == TABLE_SERIAL_BYTES;
    const int is_der = table->certificate_form == TABLE_CERTIFICATE_DER;

    return apr_pstrcat(
        pool, "SELECT ",
        write_column(pool, dialect, &table->serial,
                     is_bytes ? AS_HEX : AS_TEXT),
        ", ", write_column(pool, dialect, &table->status, AS_TEXT), ", ",
        write_column(pool, dialect, &table->reason, AS_TEXT), ", ",
        write_column(pool, dialect, &table->revoked_at,
                     way_of_time(&table->revoked_at, table->revoked_at_form)),
        ", ",
        write_column(pool, dialect, &table->invalid_at,
                     way_of_time(&table->invalid_at, table->invalid_at_form)),
        ", ",
        wants_certificate ? write_column(pool, dialect, &table->certificate,
                                         is_der ? AS_HEX : AS_TEXT)
                          : "NULL",
        NULL);
}

/* -- what it is compared with ---------------------------------------------- */

static const char *decimal_of(apr_pool_t *pool, bytes_t serial)
{
    BIGNUM *number = BN_bin2bn(serial.data, (int)serial.len, NULL);
    char *text = number ? BN_bn2dec(number) : NULL;
    const char *decimal = text ? apr_pstrdup(pool, text) : "";

    OPENSSL_free(text);
    BN_free(number);
    return decimal;
}

/* Digits without leading zeros, or with as many as the table has. */
static const char *hex_of(apr_pool_t *pool, bytes_t serial,
                          const table_t *table)
{
    const char *hex =
        serial.len ? apr_pescape_hex(pool, serial.data, serial.len, 0) : "00";
    const int width = table->serial_width;

    if (width >= 0 && *hex == '0')
        hex++;
    if ((int)strlen(hex) < width)
        hex =
            apr_pstrcat(pool,
                        apr_psprintf(pool, "%0*d", width - (int)strlen(hex), 0),
                        hex, NULL);
    return hex;
}

static const char *spelling_of(apr_pool_t *pool, bytes_t serial,
                               const table_t *table)
{
    const char *hex;
    char *upper, *c;

    if (table->serial_form == TABLE_SERIAL_DECIMAL
        || table->serial_form == TABLE_SERIAL_NUMERIC)
        return decimal_of(pool, serial);
    hex = hex_of(pool, serial, table);
    if (table->serial_form == TABLE_SERIAL_LOWER)
        return hex;
    upper = apr_pstrdup(pool, hex);
    for (c = upper; *c; c++)
        *c = *c >= 'a' ? (char)(*c - 'a' + 'A') : *c;
    return upper;
}

/* Bytes stand in the text itself: with a zero byte before them, too, as DER has
 * where the top bit is set. */
static const char *compare_bytes(apr_pool_t *pool, const dialect_t *dialect,
                                 const char *column, bytes_t serial)
{
    const char *hex =
        serial.len ? apr_pescape_hex(pool, serial.data, serial.len, 0) : "00";

    return apr_pstrcat(
        pool, column, " IN (", fill(pool, dialect->bytes_are, '#', hex), ", ",
        fill(pool, dialect->bytes_are, '#', apr_pstrcat(pool, "00", hex, NULL)),
        ")", NULL);
}

static const char *compare_serial(apr_pool_t *pool, const dialect_t *dialect,
                                  const table_t *table, bytes_t serial)
{
    const char *column = table->serial.sql;

    if (table->serial_form == TABLE_SERIAL_BYTES)
        return compare_bytes(pool, dialect, column, serial);
    return fill(pool,
                table->serial_form == TABLE_SERIAL_NUMERIC ? dialect->numeric_is
                                                           : dialect->text_is,
                '@', column);
}

static int add(const char **arguments, int count, const char *text, int times)
{
    while (times-- > 0)
        arguments[count++] = text;
    return count;
}

/* In the room of the texts that the query is asked with; returns how many. */
static int list_arguments(const char **arguments, apr_pool_t *pool,
                          const dialect_t *dialect, const table_t *table,
                          bytes_t serial, const char *ca)
{
    int count = 0;

    if (table->serial_form == TABLE_SERIAL_NUMERIC)
        count = add(arguments, 0, spelling_of(pool, serial, table), 1);
    else if (table->serial_form != TABLE_SERIAL_BYTES)
        count =
            add(arguments, 0, spelling_of(pool, serial, table), dialect->texts);
    return ca ? add(arguments, count, ca, dialect->texts) : count;
}

db_query_t table_query_make(apr_pool_t *pool, const table_t *table,
                            const char *driver, bytes_t serial, const char *ca,
                            int wants_certificate)
{
    const dialect_t *dialect = dialect_of(driver);
    db_query_t query = { .text = "", .columns = TABLE_QUERY_WIDTH };
    const char **arguments;

    if (!dialect)
        return query;
    arguments =
        apr_palloc(pool, 2 * (apr_size_t)dialect->texts * sizeof(*arguments));
    query.arguments = arguments;
    query.count = list_arguments(arguments, pool, dialect, table, serial, ca);
    query.is_kept = table->serial_form != TABLE_SERIAL_BYTES;
    /* Then the certificate has the true serial. */
    if (dialect->rounds && table->serial_form == TABLE_SERIAL_NUMERIC)
        wants_certificate = 1;
    query.text =
        apr_pstrcat(pool, select_all(pool, dialect, table, wants_certificate),
                    " FROM ", table->from, " WHERE ",
                    compare_serial(pool, dialect, table, serial),
                    ca ? " AND " : "",
                    ca ? fill(pool, dialect->text_is, '@', table->ca.sql) : "",
                    apr_psprintf(pool, " LIMIT %d", TABLE_QUERY_ROWS), NULL);
    return query;
}

/* -- what profiles object to ----------------------------------------------- */

/* What stands behind WHERE, as it is written. */
typedef struct {
    apr_pool_t *pool;
    const dialect_t *dialect;
    const char *text;
    apr_array_header_t *arguments; /* of const char * */
} where_t;

static void append(where_t *where, const char *before, const char *column,
                   const char *after)
{
    where->text = apr_pstrcat(where->pool, where->text, before,
                              fill(where->pool, where->dialect->ways[AS_TEXT],
                                   '@', column),
                              after, NULL);
}

static void append_argument(where_t *where, const char *text)
{
    APR_ARRAY_PUSH(where->arguments, const char *) = text;
}

static const char *hex_of_text(apr_pool_t *pool, const char *text)
{
    return apr_pescape_hex(pool, text, strlen(text), 0);
}

/* Whether the status column has a value. */
static void append_value(where_t *where, const char *column, const char *value)
{
    if (!value || strcmp(value, "*") == 0) {
        append(where, " OR ", column, value ? " IS NOT NULL" : " IS NULL");
        return;
    }
    append(where, " OR ", column, " = ?");
    append_argument(where, value);
    if (!where->dialect->casts_to_hex)
        return;
    append(where, " OR ", column, " = ?");
    append_argument(where,
                    apr_pstrcat(where->pool, "\\x",
                                hex_of_text(where->pool, value), NULL));
}

static void append_revoked(where_t *where, const table_t *table)
{
    int i;

    where->text = "(1 = 0";
    for (i = 0; i < table->values->nelts; i++) {
        const table_value_t *value =
            &APR_ARRAY_IDX(table->values, i, table_value_t);

        if (value->meaning == TABLE_MEANS_REVOKED
            || value->meaning == TABLE_MEANS_BY_REASON)
            append_value(where, table->status.sql, value->value);
    }
    where->text = apr_pstrcat(where->pool, where->text, ")", NULL);
}

/* A member of a JSON object is looked for in its text, or in its hex. */
static void append_held(where_t *where, const table_column_t *reason)
{
    const char *member;

    if (!reason->json) {
        append(where, " AND LOWER(REPLACE(", reason->sql,
               ", '_', '')) IN ('6', 'certificatehold')");
        return;
    }
    member = apr_pstrcat(where->pool, "\"", reason->json, "\":6", NULL);
    append(where, " AND (", reason->sql, " LIKE ?");
    append(where, " OR ", reason->sql, " LIKE ?)");
    append_argument(where, apr_pstrcat(where->pool, "%", member, "%", NULL));
    append_argument(where,
                    apr_pstrcat(where->pool, "%",
                                hex_of_text(where->pool, member), "%", NULL));
}

db_query_t table_query_objections(apr_pool_t *pool, const table_t *table,
                                  const char *driver, const char *ca,
                                  ocsp_responder_objection_t what)
{
    const dialect_t *dialect = dialect_of(driver);
    where_t where = { pool, dialect, "",
                      apr_array_make(pool, 8, sizeof(const char *)) };
    db_query_t query = { .text = "", .columns = TABLE_QUERY_WIDTH };
    int i;

    if (!dialect)
        return query;
    append_revoked(&where, table);
    if (what == OCSP_RESPONDER_ON_HOLD && table->reason.sql)
        append_held(&where, &table->reason);
    for (i = 0; ca && i < dialect->texts; i++)
        append_argument(&where, ca);
    query.arguments = (const char *const *)where.arguments->elts;
    query.count = where.arguments->nelts;
    query.text =
        apr_psprintf(pool, "%s FROM %s WHERE %s%s%s LIMIT %d",
                     select_all(pool, dialect, table, 1), table->from,
                     where.text, ca ? " AND " : "",
                     ca ? fill(pool, dialect->text_is, '@', table->ca.sql) : "",
                     TABLE_QUERY_OBJECTIONS);
    return query;
}
