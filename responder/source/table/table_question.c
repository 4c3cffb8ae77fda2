/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_question.h"

#include "apr_strings.h"
#include "db/dialect.h"
#include "source/table/table_query.h"
#include "source/table/table_value.h"

/* Whether the database takes the serial for what Serial does not say. */
static int has_other_kind(const table_t *table, const char *const *row)
{
    const char *kind = row[TABLE_QUERY_SERIAL_KIND];

    return table->serial_form == TABLE_SERIAL_BYTES ? !dialect_is_bytes(kind)
                                                    : dialect_is_number(kind);
}

bytes_t table_question_certificate(const table_question_t *question,
                                   apr_pool_t *pool, const char *const *row)
{
    const table_t *table = question->table;
    const char *text = table_value_text(pool, &table->certificate,
                                        row[TABLE_QUERY_CERTIFICATE]);
    const bytes_t none = { NULL, 0 };

    return text ? table_value_certificate(pool, text, table->certificate_form)
                : none;
}

/* Where SQL has rounded it, the certificate has it. */
bytes_t table_question_serial(const table_question_t *question,
                              apr_pool_t *pool, const char *const *row)
{
    const table_t *table = question->table;
    const char *text =
        table_value_text(pool, &table->serial, row[TABLE_QUERY_SERIAL]);
    bytes_t serial = { NULL, 0 };

    if (!text || has_other_kind(table, row))
        return serial;
    serial = table_value_serial(pool, text, table->serial_form);
    if (serial.data || table->serial_form != TABLE_SERIAL_NUMERIC
        || !table_description_has_certificate(table))
        return serial;
    return table_value_serial_in(
        pool, table_question_certificate(question, pool, row));
}

/* What the database takes for one may be two: MariaDB disregards case, and all
 * compare numbers by what they are worth. */
static int is_cas(const table_question_t *question, apr_pool_t *pool,
                  const char *const *row)
{
    const table_t *table = question->table;
    const char *text = question->ca_value
        ? table_value_text(pool, &table->ca, row[TABLE_QUERY_CA])
        : NULL;

    return !question->ca_value
        || (text
            && table_ca_is_value(
                table->ca_form,
                table_value_text(pool, &table->ca, question->ca_value), text));
}

/* As table_question_is_about(), of a row with the right serial. */
static int is_of_certificate(const table_question_t *question, apr_pool_t *pool,
                             const char *const *row, const char **why)
{
    const bytes_t certificate = table_question_certificate(question, pool, row);
    int is_it = -1;

    if (certificate.data)
        is_it = table_ca_has_issued(question->ca, pool, certificate,
                                    question->serial);
    if (is_it < 0)
        *why = apr_psprintf(pool, "%s has no certificate that can be read",
                            question->table->certificate.sql);
    return is_it;
}

/* What is wrong with a serial that cannot be trusted. */
static const char *fault_of_serial(const table_t *table, apr_pool_t *pool,
                                   const char *const *row)
{
    const char *text =
        table_value_text(pool, &table->serial, row[TABLE_QUERY_SERIAL]);
    const char *column = table->serial.sql;

    if (!text || !has_other_kind(table, row))
        return apr_psprintf(pool,
                            "%s has \"%.64s\", which is not a serial that can "
                            "be read",
                            column, text ? text : "NULL");
    return table->serial_form == TABLE_SERIAL_BYTES
        ? apr_psprintf(pool,
                       "%s is %s in the database, where Serial says bytes",
                       column, row[TABLE_QUERY_SERIAL_KIND])
        : apr_psprintf(pool,
                       "%s is a number in the database, where Serial says hex: "
                       "its digits are decimal, or have been rewritten",
                       column);
}

int table_question_is_about(const table_question_t *question, apr_pool_t *pool,
                            const char *const *row, const char **why)
{
    const bytes_t serial = table_question_serial(question, pool, row);

    if (!is_cas(question, pool, row))
        return 0;
    if (!serial.data) {
        *why = fault_of_serial(question->table, pool, row);
        return -1;
    }
    if (!bytes_equal(question->serial, serial))
        return 0;
    return question->table->ca_form == TABLE_CA_CERTIFICATE
        ? is_of_certificate(question, pool, row, why)
        : 1;
}
