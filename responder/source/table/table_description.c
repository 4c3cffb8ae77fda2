/* SPDX-License-Identifier: Apache-2.0 */
#include "source/table/table_description.h"

#include <stdlib.h>
#include <string.h>

#include "apr_strings.h"

/* Digits of a serial at most, with leading zeros. */
#define MAX_WIDTH 128

typedef struct {
    const char *name;
    int value;
} word_t;

static const word_t serial_forms[] = {
    { "decimal", TABLE_SERIAL_DECIMAL }, { "numeric", TABLE_SERIAL_NUMERIC },
    { "hex", TABLE_SERIAL_LOWER },       { "HEX", TABLE_SERIAL_UPPER },
    { "bytes", TABLE_SERIAL_BYTES },     { NULL, 0 },
};

static const word_t ca_forms[] = {
    { "argument", TABLE_CA_ARGUMENT },
    { "ski-hex", TABLE_CA_SKI_HEX },
    { "sha1-hex", TABLE_CA_SHA1_HEX },
    { "sha1-base64url", TABLE_CA_SHA1_BASE64URL },
    { "base64", TABLE_CA_BASE64 },
    { NULL, 0 },
};

static const word_t time_forms[] = {
    { "seconds", TABLE_TIME_SECONDS },
    { "milliseconds", TABLE_TIME_MILLISECONDS },
    { "timestamp", TABLE_TIME_TIMESTAMP },
    { "datetime", TABLE_TIME_DATETIME },
    { "asn1", TABLE_TIME_ASN1 },
    { NULL, 0 },
};

static const word_t certificate_forms[] = {
    { "pem", TABLE_CERTIFICATE_PEM },
    { "base64", TABLE_CERTIFICATE_BASE64 },
    { "der", TABLE_CERTIFICATE_DER },
    { "sha256-hex", TABLE_CERTIFICATE_SHA256_HEX },
    { "sha256-base64", TABLE_CERTIFICATE_SHA256_BASE64 },
    { NULL, 0 },
};

static const word_t meanings[] = {
    { "good", TABLE_MEANS_GOOD },
    { "revoked", TABLE_MEANS_REVOKED },
    { "never-issued", TABLE_MEANS_UNKNOWN },
    { "by-reason", TABLE_MEANS_BY_REASON },
    { NULL, 0 },
};

static const word_t *table_description_find(const word_t *words,
                                            const char *name)
{
    while (words->name && strcmp(words->name, name) != 0)
        words++;
    return words->name ? words : NULL;
}

/* Every name, for messages. */
static const char *names_of(apr_pool_t *pool, const word_t *words)
{
    const char *names = words->name;

    for (words++; words->name; words++)
        names = apr_pstrcat(pool, names, words[1].name ? ", " : " or ",
                            words->name, NULL);
    return names;
}

/* -- the words of a line --------------------------------------------------- */

/* One line, as it is taken apart. */
typedef struct {
    apr_pool_t *pool;
    const char *directive;
    char **words; /* ended by NULL; those taken are left behind */
} line_t;

static const char *take_word(line_t *line)
{
    return *line->words ? *line->words++ : NULL;
}

static const char *take_column(line_t *line, table_column_t *column)
{
    column->sql = take_word(line);
    column->json = NULL;
    column->none = apr_array_make(line->pool, 1, sizeof(const char *));
    return column->sql
        ? NULL
        : apr_pstrcat(line->pool, line->directive, " needs a column", NULL);
}

/* What the word behind a column means; 0 with *why. Does nothing where there is
 * a *why already. */
static int take_form(line_t *line, const word_t *forms, const char **why)
{
    const char *name = *why ? NULL : take_word(line);
    const word_t *word = name ? table_description_find(forms, name) : NULL;

    if (!word && !*why)
        *why = apr_psprintf(line->pool, "%s must say %s behind the column",
                            line->directive, names_of(line->pool, forms));
    return word ? word->value : 0;
}

/* The value behind "name="; NULL when the word is another. */
static const char *table_description_value_of(const char *word,
                                              const char *name)
{
    const size_t length = strlen(name);

    return strncmp(word, name, length) == 0 && word[length] == '='
        ? word + length + 1
        : NULL;
}

/* Takes "none=VALUE", again and again, and "json=MEMBER". */
static const char *take_options(line_t *line, table_column_t *column)
{
    const char *word;

    while ((word = take_word(line))) {
        const char *none = table_description_value_of(word, "none");
        const char *json = table_description_value_of(word, "json");

        if (none)
            APR_ARRAY_PUSH(column->none, const char *) = none;
        else if (json && *json)
            column->json = json;
        else
            return apr_psprintf(
                line->pool, "%s takes none=VALUE and json=MEMBER, not \"%s\"",
                line->directive, word);
    }
    return NULL;
}

static const char *take_end(line_t *line)
{
    const char *word = take_word(line);

    return word ? apr_psprintf(line->pool, "%s takes nothing more: \"%s\"",
                               line->directive, word)
                : NULL;
}

/* -- the directives -------------------------------------------------------- */

static const char *set_width(line_t *line, table_t *table)
{
    const char *word = take_word(line);
    const char *width = word ? table_description_value_of(word, "width") : NULL;

    if (width)
        table->serial_width = atoi(width);
    else if (word && strcmp(word, "even") == 0)
        table->serial_width = -1;
    else if (word)
        return apr_psprintf(
            line->pool, "Serial takes even or width=DIGITS, not \"%s\"", word);
    if (table->serial_width > MAX_WIDTH || (width && table->serial_width < 1))
        return "Serial's width must be of 1 to 128 digits";
    return take_end(line);
}

static const char *set_serial(line_t *line, table_t *table)
{
    const char *why = take_column(line, &table->serial);

    table->serial_form = take_form(line, serial_forms, &why);
    if (why)
        return why;
    return table->serial_form == TABLE_SERIAL_LOWER
            || table->serial_form == TABLE_SERIAL_UPPER
        ? set_width(line, table)
        : take_end(line);
}

static const char *table_set_ca(line_t *line, table_t *table)
{
    const char *why = take_column(line, &table->ca);

    if (why)
        return "CA needs a column, or the word any or certificate";
    if (!*line->words && strcmp(table->ca.sql, "any") == 0)
        table->ca_form = TABLE_CA_ANY;
    else if (!*line->words && strcmp(table->ca.sql, "certificate") == 0)
        table->ca_form = TABLE_CA_CERTIFICATE;
    else
        table->ca_form = take_form(line, ca_forms, &why);
    return why ? why : take_end(line);
}

static int fits(const table_value_t *value, const char *text)
{
    return value->value && text
        ? strcmp(value->value, "*") == 0 || strcmp(value->value, text) == 0
        : value->value == text;
}

table_meaning_t table_description_meaning(const table_t *table,
                                          const char *text)
{
    const table_value_t *value = (const table_value_t *)table->values->elts;
    const table_value_t *end = value + table->values->nelts;

    while (value < end && !fits(value, text))
        value++;
    return value < end ? value->meaning : TABLE_MEANS_NOTHING;
}

/* Others than NULL, which a join has that finds nothing. */
static int names_values(const table_t *table)
{
    return table->values->nelts
        > (table_description_meaning(table, NULL) != TABLE_MEANS_NOTHING);
}

static const char *table_description_add_value(line_t *line, table_t *table,
                                               char *word)
{
    char *name = strrchr(word, '=');
    const word_t *meaning =
        name ? table_description_find(meanings, name + 1) : NULL;
    table_value_t value = { NULL, TABLE_MEANS_NOTHING };

    if (!meaning)
        return apr_psprintf(line->pool,
                            "Status takes VALUE=MEANING, of which MEANING is "
                            "%s: \"%s\" is not",
                            names_of(line->pool, meanings), word);
    *name = '\0';
    value.value = strcmp(word, "NULL") == 0 ? NULL : word;
    value.meaning = (table_meaning_t)meaning->value;
    if (table_description_meaning(table, value.value) != TABLE_MEANS_NOTHING)
        return apr_psprintf(line->pool,
                            "Status says before what %s means, and the first "
                            "that fits counts: name each value once, and * "
                            "last",
                            word);
    if (strcmp(word, "*") == 0 && value.meaning != TABLE_MEANS_REVOKED
        && value.meaning != TABLE_MEANS_UNKNOWN && names_values(table))
        return "Status says that what it does not name is good, as would be "
               "what the CA adds or respells: name each value that is good";
    APR_ARRAY_PUSH(table->values, table_value_t) = value;
    return NULL;
}

static const char *set_status(line_t *line, table_t *table)
{
    const char *why = take_column(line, &table->status);

    apr_array_clear(table->values);
    while (!why && *line->words)
        why = table_description_add_value(line, table, *line->words++);
    if (!why && table->values->nelts == 0)
        why = "Status needs to know what its column's values mean: "
              "VALUE=MEANING";
    return why;
}

static const char *set_reason(line_t *line, table_t *table)
{
    const char *why = take_column(line, &table->reason);

    return why ? why : take_options(line, &table->reason);
}

static const char *table_set_time(line_t *line, table_column_t *column,
                                  table_time_t *form)
{
    const char *why = take_column(line, column);

    *form = take_form(line, time_forms, &why);
    return why ? why : take_options(line, column);
}

static const char *set_revoked_at(line_t *line, table_t *table)
{
    return table_set_time(line, &table->revoked_at, &table->revoked_at_form);
}

static const char *set_invalid_at(line_t *line, table_t *table)
{
    return table_set_time(line, &table->invalid_at, &table->invalid_at_form);
}

static const char *set_certificate(line_t *line, table_t *table)
{
    const char *why = take_column(line, &table->certificate);

    table->certificate_form = take_form(line, certificate_forms, &why);
    return why ? why : take_end(line);
}

static const char *set_absent(line_t *line, table_t *table)
{
    const char *word = take_word(line);

    table->absent_is_good = word && strcmp(word, "good") == 0;
    return table->absent_is_good || (word && strcmp(word, "never-issued") == 0)
        ? take_end(line)
        : "Absent must say never-issued or good";
}

static const struct {
    const char *name;
    const char *(*set)(line_t *line, table_t *table);
} directives[] = {
    { "Serial", set_serial },           { "CA", table_set_ca },
    { "Status", set_status },           { "Reason", set_reason },
    { "RevokedAt", set_revoked_at },    { "InvalidAt", set_invalid_at },
    { "Certificate", set_certificate }, { "Absent", set_absent },
};

#define DIRECTIVES (sizeof(directives) / sizeof(*directives))

/* -- the description ------------------------------------------------------- */

table_t *table_description_create(apr_pool_t *pool, const char *name)
{
    table_t *table = apr_pcalloc(pool, sizeof(*table));

    table->name = apr_pstrdup(pool, name);
    table->values = apr_array_make(pool, 4, sizeof(table_value_t));
    return table;
}

const char *table_description_set(table_t *table, apr_pool_t *pool,
                                  const char *word, const char *text)
{
    line_t line = { pool, word, NULL };
    apr_size_t i;

    if (strcasecmp(word, "From") == 0) {
        table->from = apr_pstrdup(pool, text);
        return *text ? NULL : "From needs a table";
    }
    if (apr_tokenize_to_argv(text, &line.words, pool) != APR_SUCCESS)
        return "its words cannot be taken apart";
    for (i = 0; i < DIRECTIVES; i++) {
        if (strcasecmp(directives[i].name, word) == 0) {
            line.directive = directives[i].name;
            /* cppcheck-suppress returnDanglingLifetime */
            return directives[i].set(&line, table);
        }
    }
    return apr_psprintf(pool,
                        "%s is none of From, Serial, CA, Status, Reason, "
                        "RevokedAt, InvalidAt, Certificate and Absent",
                        word);
}

/* Where no reason can be found, what counts by its reason is good: so one that
 * cannot be read must not look like none. */
static const char *fault_of_reason(const table_t *table)
{
    int i, counts = 0;

    for (i = 0; i < table->values->nelts; i++)
        counts |= APR_ARRAY_IDX(table->values, i, table_value_t).meaning
            == TABLE_MEANS_BY_REASON;
    if (counts && !table->reason.sql)
        return "by-reason needs Reason: which column has it";
    return counts && table->reason.json
        ? "by-reason needs a column of its own for Reason, not JSON"
        : NULL;
}

const char *table_description_fault(const table_t *table)
{
    if (!table->from)
        return "From is missing: which table it is";
    if (!table->serial.sql)
        return "Serial is missing: which column has the serial, and how";
    if (!table->ca.sql)
        return "CA is missing: how a row says whose certificate it is about; "
               "\"CA any\" where the table is of one CA";
    if (!table->status.sql)
        return "Status is missing: which column says what is revoked";
    if (!table->revoked_at.sql)
        return "RevokedAt is missing: which column says since when";
    if (table->ca_form == TABLE_CA_CERTIFICATE
        && !table_description_has_certificate(table))
        return "\"CA certificate\" needs Certificate: which column has it";
    return fault_of_reason(table);
}
