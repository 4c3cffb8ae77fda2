/* SPDX-License-Identifier: Apache-2.0
 * source/table/: descriptions of tables, and the queries that they make. */
/* What is left out is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#include <apr_general.h>
#include "source/table/table_query.h"
#include "tables.h"

static apr_pool_t *pool;

/* -- descriptions ---------------------------------------------------------- */

static void test_wrong_lines(void)
{
    static const struct {
        directive_t line;
        const char *why;
    } rows[] = {
        { { "Serial", "" }, "Serial needs a column" },
        { { "Serial", "serial" },
          "Serial must say decimal, numeric, hex, HEX or bytes behind the "
          "column" },
        { { "Serial", "serial octal" },
          "Serial must say decimal, numeric, hex, HEX or bytes behind the "
          "column" },
        { { "Serial", "serial hex odd" },
          "Serial takes even or width=DIGITS, not \"odd\"" },
        { { "Serial", "serial hex width=0" },
          "Serial's width must be of 1 to 128 digits" },
        { { "Serial", "serial hex width=129" },
          "Serial's width must be of 1 to 128 digits" },
        { { "Serial", "serial hex even more" },
          "Serial takes nothing more: \"more\"" },
        { { "Serial", "serial decimal even" },
          "Serial takes nothing more: \"even\"" },
        { { "CA", "" }, "CA needs a column, or the word any or certificate" },
        { { "CA", "aki" },
          "CA must say argument, ski-hex, sha1-hex, sha1-base64url or base64 "
          "behind the column" },
        { { "Status", "state" },
          "Status needs to know what its column's values mean: "
          "VALUE=MEANING" },
        { { "Status", "state V=fine" },
          "Status takes VALUE=MEANING, of which MEANING is good, revoked, "
          "never-issued or by-reason: \"V=fine\" is not" },
        { { "Status", "state good" },
          "Status takes VALUE=MEANING, of which MEANING is good, revoked, "
          "never-issued or by-reason: \"good\" is not" },
        { { "Status", "state *=good R=revoked" },
          "Status says before what R means, and the first that fits counts: "
          "name each value once, and * last" },
        { { "Status", "state V=good V=revoked" },
          "Status says before what V means, and the first that fits counts: "
          "name each value once, and * last" },
        { { "Status", "state *=good NULL=revoked" }, NULL },
        { { "Status", "state NULL=revoked *=by-reason" }, NULL },
        { { "Status", "state R=revoked *=never-issued" }, NULL },
        { { "Status", "state R=revoked *=good" },
          "Status says that what it does not name is good, as would be what "
          "the CA adds or respells: name each value that is good" },
        { { "Status", "state NULL=good R=revoked *=by-reason" },
          "Status says that what it does not name is good, as would be what "
          "the CA adds or respells: name each value that is good" },
        { { "Reason", "reason int" },
          "Reason takes none=VALUE and json=MEMBER, not \"int\"" },
        { { "RevokedAt", "at" },
          "RevokedAt must say seconds, milliseconds, timestamp, datetime or "
          "asn1 behind the column" },
        { { "Certificate", "pem text" },
          "Certificate must say pem, base64, der, sha256-hex or "
          "sha256-base64 behind the column" },
        { { "Absent", "revoked" }, "Absent must say never-issued or good" },
        { { "From", "" }, "From needs a table" },
        { { "Serail", "x" },
          "Serail is none of From, Serial, CA, Status, Reason, RevokedAt, "
          "InvalidAt, Certificate and Absent" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(table_description_set(table_description_create(pool, "x"), pool,
                                 rows[i].line.word, rows[i].line.text),
           rows[i].why,
           apr_pstrcat(pool, rows[i].line.word, " ", rows[i].line.text, NULL));
}

static void test_missing(void)
{
    static const struct {
        directive_t line;
        const char *why;
    } rows[] = {
        { { NULL, NULL }, "From is missing: which table it is" },
        { { "From", "certs" },
          "Serial is missing: which column has the serial, and how" },
        { { "Serial", "serial hex" },
          "CA is missing: how a row says whose certificate it is about; \"CA "
          "any\" where the table is of one CA" },
        { { "CA", "certificate" },
          "Status is missing: which column says what is revoked" },
        { { "Status", "state V=good" },
          "RevokedAt is missing: which column says since when" },
        { { "RevokedAt", "at seconds" },
          "\"CA certificate\" needs Certificate: which column has it" },
        { { "Certificate", "hash sha256-hex" },
          "\"CA certificate\" needs Certificate: which column has it" },
        { { "Certificate", "pem pem" }, NULL },
        { { "Status", "state V=good R=by-reason" },
          "by-reason needs Reason: which column has it" },
        { { "Reason", "reason json=Code" },
          "by-reason needs a column of its own for Reason, not JSON" },
        { { "Reason", "reason none=-1" }, NULL },
    };
    table_t *table = table_description_create(pool, "test");
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        if (rows[i].line.word)
            table_description_set(table, pool, rows[i].line.word,
                                  rows[i].line.text);
        is(table_description_fault(table), rows[i].why,
           rows[i].line.word ? rows[i].line.word : "nothing");
    }
}

/* -- queries --------------------------------------------------------------- */

/* What stands behind WHERE, and what it is asked with. */
static const char *where_of(db_query_t query)
{
    const char *text = strstr(query.text, " WHERE ") + 7;
    int i;

    for (i = 0; i < query.count; i++)
        text = apr_pstrcat(pool, text, " [", query.arguments[i], "]", NULL);
    return text;
}

static const char *query_of(const directive_t *more, const char *driver,
                            const char *serial, const char *ca)
{
    return where_of(table_query_make(pool, describe(pool, more), driver,
                                     number(pool, serial), ca, 0));
}

static void test_serials(void)
{
    static const struct {
        const char *form, *driver, *serial, *text;
    } rows[] = {
        { "s hex", "pgsql", "0ABC", "s = ? LIMIT 100 [abc]" },
        { "s hex", "pgsql", "", "s = ? LIMIT 100 [0]" },
        { "s HEX", "mysql", "0ABC", "s = ? LIMIT 100 [ABC]" },
        { "s HEX even", "pgsql", "0ABC", "s = ? LIMIT 100 [0ABC]" },
        { "s HEX even", "pgsql", "", "s = ? LIMIT 100 [00]" },
        { "s hex width=6", "pgsql", "0ABC", "s = ? LIMIT 100 [000abc]" },
        { "s hex width=6", "pgsql", "ABCDEF01", "s = ? LIMIT 100 [abcdef01]" },
        { "s decimal", "pgsql", "0ABC", "s = ? LIMIT 100 [2748]" },
        { "s decimal", "pgsql", "", "s = ? LIMIT 100 [0]" },
        { "s decimal", "pgsql", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
          "s = ? LIMIT 100 "
          "[1461501637330902918203684832716283019655932542975]" },
        { "s decimal", "pgsql", "0DE0B6B3A7640000",
          "s = ? LIMIT 100 [1000000000000000000]" },
        { "s decimal", "sqlite3", "0ABC",
          "s IN (?, CAST(? AS BLOB)) LIMIT 100 [2748] [2748]" },
        { "s numeric", "pgsql", "0ABC",
          "s = CAST(? AS numeric) LIMIT 100 [2748]" },
        { "s numeric", "mysql", "0ABC",
          "s = CAST(? AS DECIMAL(65, 0)) LIMIT 100 [2748]" },
        { "s bytes", "pgsql", "80",
          "s IN (decode('80', 'hex'), decode('0080', 'hex')) LIMIT 100" },
        { "s bytes", "sqlite3", "0ABC", "s IN (x'0abc', x'000abc') LIMIT 100" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(query_of(WITH({ "Serial", rows[i].form }), rows[i].driver,
                    rows[i].serial, NULL),
           rows[i].text,
           apr_pstrcat(pool, rows[i].form, " on ", rows[i].driver, NULL));
    is(query_of(WITH({ "CA", "ca sha1-hex" }), "sqlite3", "01", "beef"),
       "serial IN (?, CAST(? AS BLOB)) AND (ca IN (?, CAST(? AS BLOB)) OR "
       "ca IN (?, CAST(? AS BLOB))) LIMIT 100 "
       "[1] [1] [beef] [beef] [BEEF] [BEEF]",
       "with the CA");
}

static void test_columns(void)
{
    static const struct {
        const char *driver, *text;
    } rows[] = {
        { "sqlite3",
          "SELECT CAST(serial AS TEXT), CAST(state AS TEXT), CAST(reason AS "
          "TEXT), CAST(at AS TEXT), CAST(since AS TEXT), hex(der), NULL, "
          "typeof(serial) FROM certs WHERE serial IN (?, CAST(? AS BLOB)) "
          "LIMIT 100" },
        { "pgsql",
          "SELECT CAST(serial AS text), CAST(state AS text), CAST(reason AS "
          "text), CASE WHEN isfinite(at) THEN CAST(CAST(FLOOR(EXTRACT(EPOCH "
          "FROM at)) AS bigint) AS text) ELSE CAST(at AS text) END, "
          "CASE WHEN isfinite(since) THEN CAST(CAST(FLOOR(EXTRACT(EPOCH FROM "
          "since)) AS bigint) AS text) ELSE CAST(since AS text) END, "
          "encode(der, 'hex'), NULL, CAST(pg_typeof(serial) AS text) FROM "
          "certs WHERE serial = ? LIMIT 100" },
        { "mysql",
          "SELECT CAST(serial AS CHAR), IFNULL(CAST(state AS CHAR), "
          "HEX(state)), IFNULL(CAST(reason AS CHAR), HEX(reason)), "
          "IFNULL(IF(CAST(at AS CHAR) REGEXP ':[0-9.]+ *([-+][0-9]|[A-Z])', "
          "NULL, CAST(TIMESTAMPDIFF(SECOND, '1970-01-01', at) AS CHAR)), "
          "CAST(at AS CHAR)), "
          "IFNULL(IF(CAST(since AS CHAR) REGEXP ':[0-9.]+ *([-+][0-9]|[A-Z])', "
          "NULL, CAST(TIMESTAMPDIFF(SECOND, '1970-01-01', since) AS CHAR)), "
          "CAST(since AS CHAR)), "
          "HEX(der), "
          "NULL, CAST(JSON_TYPE(JSON_EXTRACT(JSON_ARRAY(serial), '$[0]')) AS "
          "CHAR) FROM certs WHERE serial = "
          "? LIMIT 100" },
    };
    const table_t *table = describe(pool,
                                    WITH({ "RevokedAt", "at timestamp" },
                                         { "InvalidAt", "since datetime" },
                                         { "Certificate", "der der" }));
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(table_query_make(pool, table, rows[i].driver, number(pool, "01"),
                            NULL, 1)
               .text,
           rows[i].text, rows[i].driver);
    ok(strstr(table_query_make(pool, table, "mysql", number(pool, "01"), NULL,
                               0)
                  .text,
              ", NULL, NULL, CAST(JSON_TYPE(JSON_EXTRACT(JSON_ARRAY(serial), "
              "'$[0]')) AS CHAR) FROM "),
       "a certificate only where it is wanted");
    ok(strstr(table_query_make(pool,
                               describe(pool,
                                        WITH({ "CA", "ca argument" },
                                             { "Serial", "s decimal" })),
                               "pgsql", number(pool, "01"), "7", 0)
                  .text,
              ", CAST(ca AS text), NULL FROM "),
       "and the CA where one is compared");
}

/* -- what profiles object to ----------------------------------------------- */

static void test_objections(void)
{
    static const struct {
        const char *driver, *status, *reason;
        ocsp_responder_objection_t what;
        const char *text;
    } rows[] = {
        { "sqlite3", "state V=good R=revoked", "reason", OCSP_RESPONDER_ON_HOLD,
          "(1 = 0 OR CAST(state AS TEXT) = ?) AND LOWER(REPLACE(CAST(reason AS "
          "TEXT), '_', '')) IN ('6', 'certificatehold') AND (ca IN (?, CAST(? "
          "AS BLOB)) OR ca IN (?, CAST(? AS BLOB))) LIMIT 1000 "
          "[R] [beef] [beef] [BEEF] [BEEF]" },
        { "pgsql", "state V=good R=revoked", "reason",
          OCSP_RESPONDER_CA_WITHOUT_REASON,
          "(1 = 0 OR CAST(state AS text) = ? OR CAST(state AS text) = ?) AND "
          "(ca = ? OR ca = ?) LIMIT 1000 [R] [\\x52] [beef] [BEEF]" },
        { "mysql", "r.k NULL=good *=revoked", "r.v json=Code",
          OCSP_RESPONDER_ON_HOLD,
          "(1 = 0 OR CAST(r.k AS CHAR) IS NOT NULL) AND (CAST(r.v AS CHAR) "
          "LIKE ? OR CAST(r.v AS CHAR) LIKE ?) AND (ca = ? OR ca = ?) LIMIT "
          "1000 [%\"Code\":6%] [%22436f6465223a36%] [beef] [BEEF]" },
        { "mysql", "r.k NULL=revoked *=good", "reason",
          OCSP_RESPONDER_CA_WITHOUT_REASON,
          "(1 = 0 OR CAST(r.k AS CHAR) IS NULL) AND (ca = ? OR ca = ?) LIMIT "
          "1000 [beef] [BEEF]" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const table_t *table =
            describe(pool,
                     WITH({ "CA", "ca sha1-hex" }, { "Status", rows[i].status },
                          { "Reason", rows[i].reason }));

        is(where_of(table_query_objections(pool, table, rows[i].driver, "beef",
                                           rows[i].what)),
           rows[i].text, rows[i].text);
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_wrong_lines();
    test_missing();
    test_serials();
    test_columns();
    test_objections();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
