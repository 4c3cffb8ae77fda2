/* SPDX-License-Identifier: Apache-2.0
 * status_rows.h: a certificate's status out of the rows of django-ca's tables.
 */
#include <apr_general.h>
#include <apr_tables.h>
#include "ask.h"
#include "base/zone.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static apr_pool_t *pool;
static const schema_t *naive, *instants; /* SQLite's, PostgreSQL's */
static const zone_t *vienna;

static answer_t ask(const schema_t *schema, const row_t *rows,
                    const char *serial, int ca_self_issued)
{
    return ask_status(pool, schema, vienna, rows, serial, ca_self_issued);
}

/* The CA as a root, below another, and a leaf of it that is not revoked. */
/* clang-format's versions differ in how they lay these out. */
/* clang-format off */
#define ROOT \
    { \
        .kind = "ca", .id = "7", .issuer = "7", .serial = "00CA5E", \
        .revoked = "0", .created_at = "2017-01-01 00:00:00" \
    }
#define CHILD \
    { \
        .kind = "ca", .id = "7", .issuer = "1", .serial = "00CA5E", \
        .revoked = "0" \
    }
/* clang-format on */
#define LEAF .kind = "leaf", .issuer = "7", .serial = "0ABCDE"

#define GOOD    OCSP_RESPONDER_GOOD
#define REVOKED OCSP_RESPONDER_REVOKED
#define UNKNOWN OCSP_RESPONDER_UNKNOWN

/* -- whose rows ------------------------------------------------------------ */

typedef struct {
    const char *name;
    const char *asked;
    row_t rows[ASK_ROWS];
    ocsp_responder_cert_status_t status;
    int self_issued;
} whose_t;

static const whose_t whose[] = {
    { "a leaf", "ABCDE", { ROOT, { LEAF, .revoked = "0" } }, GOOD, 1 },
    { "a leaf in PEM",
      "ABCDE",
      { ROOT, { LEAF, .is_pem = 1, .revoked = "0" } },
      GOOD,
      1 },
    { "a leaf of a CA below another",
      "ABCDE",
      { CHILD, { LEAF, .revoked = "0" } },
      GOOD,
      0 },
    { "the CA's row after the leaf's",
      "ABCDE",
      { { LEAF, .revoked = "0" }, ROOT },
      GOOD,
      1 },
    { "none", "ABCDE", { ROOT }, UNKNOWN, 1 },
    { "one more digit",
      "ABCDEF",
      { ROOT, { LEAF, .revoked = "0" } },
      UNKNOWN,
      1 },
    { "another last digit",
      "ABCDF",
      { ROOT, { LEAF, .revoked = "0" } },
      UNKNOWN,
      1 },
    { "one digit less",
      "ABCD",
      { ROOT, { LEAF, .revoked = "0" } },
      UNKNOWN,
      1 },
    { "another's leaf",
      "ABCDE",
      { ROOT,
        { .kind = "leaf", .issuer = "8", .serial = "0ABCDE", .revoked = "0" } },
      UNKNOWN,
      1 },
    { "nobody's leaf",
      "ABCDE",
      { ROOT, { .kind = "leaf", .serial = "0ABCDE", .revoked = "0" } },
      UNKNOWN,
      1 },
    { "another's that is broken",
      "ABCDE",
      { ROOT, { LEAF, .revoked = "0" }, { .kind = "leaf", .issuer = "8" } },
      GOOD,
      1 },
    { "two leaves of one spelling",
      "ABCDE",
      { ROOT,
        { LEAF, .revoked = "0" },
        { .kind = "leaf",
          .issuer = "7",
          .serial = "00ABCD",
          .revoked = "1",
          .created_at = "2017-01-01 00:00:00" } },
      GOOD,
      1 },
    { "another kind of row",
      "ABCDE",
      { ROOT,
        { .kind = "LEAF", .issuer = "7", .serial = "0ABCDE", .revoked = "0" } },
      UNKNOWN,
      1 },
    { "a CA below it",
      "ABCDE",
      { ROOT,
        { .kind = "ca",
          .id = "9",
          .issuer = "7",
          .serial = "0ABCDE",
          .revoked = "0" } },
      GOOD,
      1 },
    { "a CA below another",
      "ABCDE",
      { ROOT,
        { .kind = "ca",
          .id = "9",
          .issuer = "8",
          .serial = "0ABCDE",
          .revoked = "0" } },
      UNKNOWN,
      1 },
    { "another root",
      "ABCDE",
      { ROOT,
        { .kind = "ca",
          .id = "9",
          .issuer = "9",
          .serial = "0ABCDE",
          .revoked = "0" } },
      UNKNOWN,
      1 },
    { "itself, a root", "CA5E", { ROOT }, GOOD, 1 },
    { "itself, a root whose certificate is another's",
      "CA5E",
      { ROOT },
      UNKNOWN,
      0 },
    { "itself, below another", "CA5E", { CHILD }, UNKNOWN, 0 },
    { "itself, below another, which its certificate does not say",
      "CA5E",
      { CHILD },
      UNKNOWN,
      1 },
    { "a leaf with the CA's serial",
      "CA5E",
      { CHILD,
        { .kind = "leaf", .issuer = "7", .serial = "00CA5E", .revoked = "0" } },
      GOOD,
      0 },
    { "a neighbour of the CA",
      "ABCDE",
      { { .kind = "ca", .id = "6", .issuer = "6", .serial = "0CA5E7" },
        ROOT,
        { LEAF, .revoked = "0" } },
      GOOD,
      1 },
    { "a leaf of the CA's neighbour",
      "ABCDE",
      { { .kind = "ca", .id = "6", .issuer = "6", .serial = "0CA5E7" },
        ROOT,
        { .kind = "leaf", .issuer = "6", .serial = "0ABCDE", .revoked = "0" } },
      UNKNOWN,
      1 },
};

static void test_whose(void)
{
    size_t i;

    for (i = 0; i < COUNT(whose); i++) {
        answer_t answer =
            ask(naive, whose[i].rows, whose[i].asked, whose[i].self_issued);

        ok(answer.result == OCSP_RESPONDER_LOOKUP_DONE
               && answer.status.cert_status == whose[i].status
               && !answer.warning,
           "%s%s%s", whose[i].name, answer.why ? ": " : "",
           answer.why ? answer.why : "");
    }
}

/* -- what is no answer ----------------------------------------------------- */

static void test_no_answer(void)
{
    static const struct {
        const char *name;
        row_t rows[ASK_ROWS];
        ocsp_responder_lookup_t result;
    } tests[] = {
        { "no rows", { { .kind = NULL } }, OCSP_RESPONDER_LOOKUP_FAILED },
        { "another CA with the CA's serial",
          { { .kind = "ca",
              .id = "7",
              .issuer = "7",
              .serial = "00CA5E",
              .end = "5F" },
            { LEAF, .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "no row of the CA",
          { { LEAF, .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "the CA's neighbour only",
          { { .kind = "ca",
              .id = "7",
              .issuer = "7",
              .serial = "0CA5E7",
              .revoked = "0" },
            { LEAF, .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "a CA without id",
          { { .kind = "ca", .issuer = "7", .serial = "00CA5E" },
            { LEAF, .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "the CA twice",
          { ROOT,
            { .kind = "ca", .id = "8", .issuer = "8", .serial = "00CA5E" },
            { LEAF, .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "the leaf twice",
          { ROOT, { LEAF, .revoked = "0" }, { LEAF, .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "good and revoked",
          { ROOT, { LEAF, .revoked = "0" }, { LEAF, .revoked = "1" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "a leaf and a CA",
          { ROOT,
            { LEAF, .revoked = "0" },
            { .kind = "ca",
              .id = "9",
              .issuer = "7",
              .serial = "0ABCDE",
              .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "no certificate",
          { ROOT, { .kind = "leaf", .issuer = "7", .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "rubbish for a certificate",
          { ROOT,
            { .kind = "leaf", .issuer = "7", .serial = "?", .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "rubbish for the CA's",
          { { .kind = "ca", .id = "7", .issuer = "7", .serial = "?" },
            { LEAF, .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "a column that has come",
          { ROOT, { LEAF, .revoked = "0" }, { .kind = "added" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "a column that has come, first",
          { { .kind = "added" }, ROOT, { LEAF, .revoked = "0" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "a column that has come, alone",
          { { .kind = "added" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "revoked, with no date at all",
          { ROOT, { LEAF, .revoked = "1" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
        { "revoked, with dates that are none",
          { ROOT,
            { LEAF, .revoked = "1", .revoked_at = "yesterday",
              .created_at = "" } },
          OCSP_RESPONDER_LOOKUP_FAILED },
    };
    size_t i;

    for (i = 0; i < COUNT(tests); i++) {
        answer_t answer = ask(naive, tests[i].rows, "ABCDE", 1);

        ok(answer.result == tests[i].result
               && answer.status.cert_status == UNKNOWN && !answer.warning
               && answer.why
               && strstr(answer.why, "certificate ABCDE of CA CA5E: "),
           "%s: %s", tests[i].name, answer.why ? answer.why : "answered");
    }
}

/* Only "0" is good, only "1" is revoked. */
static void test_revoked_column(void)
{
    static const char *const values[] = {
        NULL, "",   "2", "-1", "00",   "01",    "0.0", "1.0",
        " 0", "0 ", "t", "f",  "true", "false", "O",   "x",
    };
    row_t rows[ASK_ROWS] = { ROOT,
                             { LEAF, .created_at = "2017-01-01 00:00:00" } };
    size_t i;

    for (i = 0; i < COUNT(values); i++) {
        answer_t answer;

        rows[1].revoked = values[i];
        answer = ask(naive, rows, "ABCDE", 1);
        ok(answer.result == OCSP_RESPONDER_LOOKUP_FAILED
               && answer.status.cert_status == UNKNOWN,
           "revoked: %s", values[i] ? values[i] : "NULL");
    }
}

/* -- revoked --------------------------------------------------------------- */

static void test_reasons(void)
{
    static const struct {
        const char *word;
        int reason;
    } reasons[] = {
        { NULL, 0 },
        { "", 0 },
        { "unspecified", 0 },
        /* 1.0 to 1.4 */
        { "keyCompromise", 1 },
        { "CACompromise", 2 },
        { "affiliationChanged", 3 },
        { "superseded", 4 },
        { "cessationOfOperation", 5 },
        { "certificateHold", 6 },
        { "removeFromCRL", 8 },
        { "privilegeWithdrawn", 9 },
        { "aACompromise", 10 },
        /* 1.5 and later */
        { "key_compromise", 1 },
        { "ca_compromise", 2 },
        { "affiliation_changed", 3 },
        { "cessation_of_operation", 5 },
        { "certificate_hold", 6 },
        { "remove_from_crl", 8 },
        { "privilege_withdrawn", 9 },
        { "aa_compromise", 10 },
        /* written by hand */
        { "caCompromise", 2 },
        { "cACompromise", 2 },
        { "AACompromise", 10 },
        { "aaCompromise", 10 },
        /* what no release knows */
        { "some Free text", -1 },
        { "superseded.", -1 },
        { "1", -1 },
        { "NULL", -1 },
        { "\xFF\xFE", -1 },
    };
    row_t rows[ASK_ROWS] = {
        ROOT, { LEAF, .revoked = "1", .revoked_at = "2017-07-01 00:30:00" }
    };
    size_t i;

    for (i = 0; i < COUNT(reasons); i++) {
        int is_known = reasons[i].reason >= 0;
        answer_t answer;

        rows[1].reason = reasons[i].word;
        answer = ask(naive, rows, "ABCDE", 1);
        ok(answer.result == OCSP_RESPONDER_LOOKUP_DONE
               && answer.status.cert_status == REVOKED
               && answer.status.reason == (is_known ? reasons[i].reason : 0)
               && (answer.warning == NULL) == is_known,
           "reason %s: %s", reasons[i].word ? reasons[i].word : "NULL",
           answer.warning ? answer.warning : "known");
    }
}

static void test_times(void)
{
    static const struct {
        const char *name, *revoked_at, *created_at;
        apr_int64_t naive, instant;
        int warned;
    } times[] = {
        { "summer", "2017-07-01 00:30:00.674688", NULL, 1498861800, 1498869000,
          0 },
        { "winter", "2017-01-20 04:04:05", NULL, 1484881445, 1484885045, 0 },
        { "never rounded", "2017-01-20 04:04:05.999999", NULL, 1484881445,
          1484885045, 0 },
        { "the first of two hours", "2017-10-29 02:30:00", NULL, 1509237000,
          1509244200, 0 },
        { "before 1970", "1969-06-01 01:00:00", NULL, -18489600, -18486000, 0 },
        { "not the creation", "2017-01-20 04:04:05", "2016-01-01 00:00:00",
          1484881445, 1484885045, 0 },
        { "no date", NULL, "2017-01-20 04:04:05", 1484881445, 1484885045, 1 },
        { "an empty date", "", "2017-01-20 04:04:05", 1484881445, 1484885045,
          1 },
        { "no day", "2017-02-30 00:00:00", "2017-01-20 04:04:05", 1484881445,
          1484885045, 1 },
        { "rubbish", "infinity", "2017-01-20 04:04:05", 1484881445, 1484885045,
          1 },
    };
    row_t rows[ASK_ROWS] = { ROOT, { LEAF, .revoked = "1" } };
    size_t i;

    for (i = 0; i < COUNT(times); i++) {
        answer_t answer;

        rows[1].revoked_at = times[i].revoked_at;
        rows[1].created_at = times[i].created_at;
        answer = ask(naive, rows, "ABCDE", 1);
        ok(answer.status.cert_status == REVOKED
               && answer.status.revocation_time
                   == apr_time_from_sec(times[i].naive)
               && !!answer.warning == times[i].warned,
           "%s, local time: %s", times[i].name,
           answer.warning ? answer.warning : "no warning");
        answer = ask(instants, rows, "ABCDE", 1);
        ok(answer.status.cert_status == REVOKED
               && answer.status.revocation_time
                   == apr_time_from_sec(times[i].instant),
           "%s, an instant", times[i].name);
    }
}

static void test_compromised(void)
{
    row_t rows[ASK_ROWS] = {
        ROOT, { LEAF, .revoked = "1", .revoked_at = "2017-07-01 00:30:00" }
    };
    answer_t answer = ask(naive, rows, "ABCDE", 1);

    ok(!answer.status.has_invalidity_date && !answer.warning,
       "not compromised");
    rows[1].compromised_at = "";
    answer = ask(naive, rows, "ABCDE", 1);
    ok(!answer.status.has_invalidity_date && !answer.warning, "nor by \"\"");
    rows[1].compromised_at = "2017-01-20 04:04:05.5";
    answer = ask(naive, rows, "ABCDE", 1);
    ok(answer.status.has_invalidity_date && !answer.warning
           && answer.status.invalidity_date == apr_time_from_sec(1484881445),
       "compromised");
    rows[1].compromised_at = "in May";
    rows[1].reason = "who knows";
    answer = ask(naive, rows, "ABCDE", 1);
    ok(!answer.status.has_invalidity_date
           && answer.status.cert_status == REVOKED,
       "compromised at some time");
    is(answer.warning,
       "its revocation reason \"who knows\" is none that is "
       "known; OCSP0303: its compromise date cannot be read",
       "both are said");
}

/* What a lifted hold leaves behind. */
static void test_left_over(void)
{
    row_t rows[ASK_ROWS] = { ROOT,
                             { LEAF, .revoked = "0",
                               .reason = "certificate_hold",
                               .revoked_at = "2017-07-01 00:30:00",
                               .compromised_at = "2017-07-01 00:30:00" } };
    answer_t answer = ask(naive, rows, "ABCDE", 1);

    ok(answer.status.cert_status == GOOD && !answer.status.reason
           && !answer.status.revocation_time
           && !answer.status.has_invalidity_date && !answer.warning,
       "left-over dates and reasons mean nothing");
}

int main(void)
{
    const char *why;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    naive = ask_schema(pool, "sqlite3");
    instants = ask_schema(pool, "pgsql");
    vienna = zone_load(pool, "Europe/Vienna", &why);
    if (!ok(naive && instants && vienna, "schemas and zone"))
        return done_testing();
    test_whose();
    test_no_answer();
    test_revoked_column();
    test_reasons();
    test_times();
    test_compromised();
    test_left_over();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
