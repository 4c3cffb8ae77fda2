/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_query.h"

#include "apr_escape.h"
#include "apr_lib.h"
#include "apr_strings.h"
#include "base/calendar.h"
#include "db/dialect.h"
#include "source/table/table_spelling.h"

/* -- what is selected ------------------------------------------------------ */

static const char *write_column(apr_pool_t *pool, const dialect_t *dialect,
                                const table_column_t *column, dialect_way_t way)
{
    return column->sql ? dialect_write(pool, dialect, way, column->sql)
                       : "NULL";
}

static dialect_way_t way_of_time(const table_column_t *column,
                                 table_time_t form)
{
    return !column->json
            && (form == TABLE_TIME_TIMESTAMP || form == TABLE_TIME_DATETIME)
        ? DIALECT_SECONDS
        : DIALECT_TEXT;
}

/* Where each row is about the CA that is asked for, or has no word for it. */
static int compares_ca(const table_t *table)
{
    return table->ca_form > TABLE_CA_CERTIFICATE;
}

static int has_two_cases(const table_t *table)
{
    return table->ca_form == TABLE_CA_SKI_HEX
        || table->ca_form == TABLE_CA_SHA1_HEX;
}

/* Decimal digits are text and numbers alike. */
static int has_kind(const table_t *table)
{
    return table->serial_form == TABLE_SERIAL_BYTES
        || table->serial_form == TABLE_SERIAL_LOWER
        || table->serial_form == TABLE_SERIAL_UPPER;
}

/* The columns in the order of table_query.h. */
static const char *select_all(apr_pool_t *pool, const dialect_t *dialect,
                              const table_t *table, int wants_certificate)
{
    static const table_column_t nothing = { NULL, NULL, NULL };
    const struct {
        const table_column_t *column;
        dialect_way_t way;
    } all[TABLE_QUERY_WIDTH] = {
        { &table->serial,
          table->serial_form == TABLE_SERIAL_BYTES ? DIALECT_HEX
                                                   : DIALECT_TEXT },
        { &table->status, DIALECT_VALUE },
        { &table->reason, DIALECT_VALUE },
        { &table->revoked_at,
          way_of_time(&table->revoked_at, table->revoked_at_form) },
        { &table->invalid_at,
          way_of_time(&table->invalid_at, table->invalid_at_form) },
        { wants_certificate ? &table->certificate : &nothing,
          table->certificate_form == TABLE_CERTIFICATE_DER ? DIALECT_HEX
                                                           : DIALECT_TEXT },
        { compares_ca(table) ? &table->ca : &nothing, DIALECT_TEXT },
        { has_kind(table) ? &table->serial : &nothing,
          table->serial_form == TABLE_SERIAL_BYTES ? DIALECT_KIND_OF_BYTES
                                                   : DIALECT_KIND },
    };
    const char *text = "SELECT ";
    int i;

    for (i = 0; i < TABLE_QUERY_WIDTH; i++)
        text =
            apr_pstrcat(pool, text, i ? ", " : "",
                        write_column(pool, dialect, all[i].column, all[i].way),
                        NULL);
    return text;
}

/* -- what it is compared with ---------------------------------------------- */

/* Bytes stand in the text itself: with a zero byte before them, too, as DER has
 * where the top bit is set. */
static const char *compare_bytes(apr_pool_t *pool, const dialect_t *dialect,
                                 const table_t *table, bytes_t serial)
{
    const char *hex = table_spelling(pool, serial, table);

    return apr_pstrcat(pool, table->serial.sql, " IN (",
                       dialect_fill(pool, dialect->bytes, hex), ", ",
                       dialect_fill(pool, dialect->bytes,
                                    apr_pstrcat(pool, "00", hex, NULL)),
                       ")", NULL);
}

static const char *compare_serial(apr_pool_t *pool, const dialect_t *dialect,
                                  const table_t *table, bytes_t serial)
{
    if (table->serial_form == TABLE_SERIAL_BYTES)
        return compare_bytes(pool, dialect, table, serial);
    return dialect_fill(pool,
                        table->serial_form == TABLE_SERIAL_NUMERIC
                            ? dialect->numeric_is
                            : dialect->text_is,
                        table->serial.sql);
}

/* As one condition more; ca NULL: none. Programs write hex in one case or the
 * other, and where absence is good, a row that is not found would be. What has
 * both in one value is not looked for, as no index leads there. */
static const char *compare_ca(apr_pool_t *pool, const dialect_t *dialect,
                              const table_t *table, const char *ca)
{
    const char *is =
        ca ? dialect_fill(pool, dialect->text_is, table->ca.sql) : NULL;

    if (!ca)
        return "";
    return has_two_cases(table)
        ? apr_pstrcat(pool, " AND (", is, " OR ", is, ")", NULL)
        : apr_pstrcat(pool, " AND ", is, NULL);
}

static const char *upper_case(apr_pool_t *pool, const char *text)
{
    char *upper = apr_pstrdup(pool, text), *c;

    for (c = upper; *c; c++)
        *c = (char)apr_toupper(*c);
    return upper;
}

static int table_query_add(const char **arguments, int count, const char *text,
                           int times)
{
    while (times-- > 0)
        arguments[count++] = text;
    return count;
}

static int table_query_add_ca(const char **arguments, int count,
                              apr_pool_t *pool, const dialect_t *dialect,
                              const table_t *table, const char *ca)
{
    if (!ca)
        return count;
    count = table_query_add(arguments, count, ca, dialect->texts);
    return has_two_cases(table)
        ? table_query_add(arguments, count, upper_case(pool, ca),
                          dialect->texts)
        : count;
}

/* In the room of the texts that the query is asked with; returns how many. */
static int table_query_list_arguments(const char **arguments, apr_pool_t *pool,
                                      const dialect_t *dialect,
                                      const table_t *table, bytes_t serial,
                                      const char *ca)
{
    int count = 0;

    if (table->serial_form == TABLE_SERIAL_NUMERIC)
        count = table_query_add(arguments, 0,
                                table_spelling(pool, serial, table), 1);
    else if (table->serial_form != TABLE_SERIAL_BYTES)
        count = table_query_add(
            arguments, 0, table_spelling(pool, serial, table), dialect->texts);
    return table_query_add_ca(arguments, count, pool, dialect, table, ca);
}

db_query_t table_query_make(apr_pool_t *pool, const table_t *table,
                            const char *driver, bytes_t serial, const char *ca,
                            int wants_certificate)
{
    const dialect_t *dialect = dialect_find(driver);
    db_query_t query = { .text = "", .columns = TABLE_QUERY_WIDTH };
    const char **arguments;

    arguments =
        apr_palloc(pool, 3 * (apr_size_t)dialect->texts * sizeof(*arguments));
    query.arguments = arguments;
    query.count =
        table_query_list_arguments(arguments, pool, dialect, table, serial, ca);
    query.is_kept = table->serial_form != TABLE_SERIAL_BYTES;
    /* Then the certificate has the true serial. */
    if (dialect->rounds && table->serial_form == TABLE_SERIAL_NUMERIC)
        wants_certificate = 1;
    query.text =
        apr_pstrcat(pool, select_all(pool, dialect, table, wants_certificate),
                    " FROM ", table->from, " WHERE ",
                    compare_serial(pool, dialect, table, serial),
                    compare_ca(pool, dialect, table, ca),
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

static void table_query_append(where_t *where, const char *before,
                               const char *column, const char *after)
{
    where->text = apr_pstrcat(where->pool, where->text, before,
                              dialect_write(where->pool, where->dialect,
                                            DIALECT_TEXT, column),
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
        table_query_append(where, " OR ", column,
                           value ? " IS NOT NULL" : " IS NULL");
        return;
    }
    table_query_append(where, " OR ", column, " = ?");
    append_argument(where, value);
    if (!where->dialect->casts_to_hex)
        return;
    table_query_append(where, " OR ", column, " = ?");
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
        table_query_append(where, " AND LOWER(REPLACE(", reason->sql,
                           ", '_', '')) IN ('6', 'certificatehold')");
        return;
    }
    member = apr_pstrcat(where->pool, "\"", reason->json, "\":6", NULL);
    table_query_append(where, " AND (", reason->sql, " LIKE ?");
    table_query_append(where, " OR ", reason->sql, " LIKE ?)");
    append_argument(where, apr_pstrcat(where->pool, "%", member, "%", NULL));
    append_argument(where,
                    apr_pstrcat(where->pool, "%",
                                hex_of_text(where->pool, member), "%", NULL));
}

/* The query for so many of a CA's rows; where may be empty. */
static db_query_t make_where(where_t *where, const table_t *table,
                             const char *ca, int most)
{
    const dialect_t *dialect = where->dialect;
    apr_pool_t *pool = where->pool;
    db_query_t query = { .columns = TABLE_QUERY_WIDTH };
    const char **of_ca =
        apr_palloc(pool, 2 * (apr_size_t)dialect->texts * sizeof(*of_ca));
    const int count = table_query_add_ca(of_ca, 0, pool, dialect, table, ca);
    int i;

    for (i = 0; i < count; i++)
        append_argument(where, of_ca[i]);
    query.arguments = (const char *const *)where->arguments->elts;
    query.count = where->arguments->nelts;
    query.text = apr_psprintf(pool, "%s FROM %s WHERE %s%s LIMIT %d",
                              select_all(pool, dialect, table, 1), table->from,
                              *where->text ? where->text : "1 = 1",
                              compare_ca(pool, dialect, table, ca), most);
    return query;
}

static where_t begin_where(apr_pool_t *pool, const char *driver)
{
    return (where_t){ pool, dialect_find(driver), "",
                      apr_array_make(pool, 8, sizeof(const char *)) };
}

db_query_t table_query_objections(apr_pool_t *pool, const table_t *table,
                                  const char *driver, const char *ca,
                                  ocsp_responder_objection_t what)
{
    where_t where = begin_where(pool, driver);

    if (what != OCSP_RESPONDER_WITHOUT_HASH)
        append_revoked(&where, table);
    if (what == OCSP_RESPONDER_ON_HOLD && table->reason.sql)
        append_held(&where, &table->reason);
    return make_where(&where, table, ca, TABLE_QUERY_OBJECTIONS);
}

/* -- what httpd -t looks at ------------------------------------------------ */

db_query_t table_query_sample(apr_pool_t *pool, const table_t *table,
                              const char *driver, const char *ca)
{
    where_t where = begin_where(pool, driver);

    return make_where(&where, table, ca, TABLE_QUERY_SAMPLE);
}

/* A time as the table has it: about one, as nobody says of which zone. */
static const char *literal_of(apr_pool_t *pool, table_time_t form,
                              apr_time_t time)
{
    const apr_int64_t seconds = apr_time_sec(time);
    int part[CALENDAR_PARTS];

    calendar_parts(part, seconds);
    switch (form) {
    case TABLE_TIME_SECONDS:
        return apr_psprintf(pool, "%" APR_INT64_T_FMT, seconds);
    case TABLE_TIME_MILLISECONDS:
        return apr_psprintf(pool, "%" APR_INT64_T_FMT "000", seconds);
    case TABLE_TIME_ASN1:
        return apr_psprintf(pool, "'%04d%02d%02d%02d%02d%02dZ'", part[0],
                            part[1], part[2], part[3], part[4], part[5]);
    default:
        return apr_pstrcat(pool, "'", calendar_text(pool, seconds), "'", NULL);
    }
}

db_query_t table_query_later(apr_pool_t *pool, const table_t *table,
                             const char *driver, const char *ca,
                             apr_time_t time)
{
    where_t where = begin_where(pool, driver);

    append_revoked(&where, table);
    where.text =
        apr_pstrcat(pool, where.text, " AND ", table->revoked_at.sql, " > ",
                    literal_of(pool, table->revoked_at_form, time), NULL);
    return make_where(&where, table, ca, TABLE_QUERY_SAMPLE);
}
