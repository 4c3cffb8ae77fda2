/* SPDX-License-Identifier: Apache-2.0
 * source/index/index_file.h: what each form of row says. */
/* What is left out is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#include <stdlib.h>
#include <time.h>
#include <apr_allocator.h>
#include <apr_general.h>
#include <apr_escape.h>
#include <apr_strings.h>
#include "source/index/index_file.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static apr_pool_t *pool;

typedef struct {
    ocsp_responder_lookup_t lookup;
    ocsp_responder_status_t status;
    const char *why;
} answer_t;

static const index_file_t *parse(const char *text)
{
    const bytes_t bytes = { (const unsigned char *)text, strlen(text) };

    return index_file_parse(pool, bytes);
}

/* hex is of an even number of digits, "" for zero. */
static answer_t ask(const index_file_t *index, const char *hex)
{
    answer_t answer = { OCSP_RESPONDER_LOOKUP_FAILED };
    bytes_t serial;

    serial.data = apr_punescape_hex(pool, hex, 0, &serial.len);
    answer.lookup =
        index_file_status(index, pool, serial, &answer.status, &answer.why);
    return answer;
}

/* As one word of text, for comparing. */
static const char *say(const answer_t *answer)
{
    const ocsp_responder_status_t *status = &answer->status;
    const char *text;

    if (answer->lookup != OCSP_RESPONDER_LOOKUP_DONE)
        return answer->why;
    if (status->cert_status == OCSP_RESPONDER_GOOD)
        return "good";
    if (status->cert_status != OCSP_RESPONDER_REVOKED)
        return "unknown";
    text = apr_psprintf(pool, "revoked %" APR_TIME_T_FMT " %d",
                        apr_time_sec(status->revocation_time), status->reason);
    if (status->has_invalidity_date)
        text = apr_psprintf(pool, "%s since %" APR_TIME_T_FMT, text,
                            apr_time_sec(status->invalidity_date));
    if (status->warning)
        text = apr_pstrcat(pool, text, " (", status->warning, ")", NULL);
    return text;
}

/* A name for a test: one line. */
static const char *name_of(const char *row)
{
    char *name = apr_pstrdup(pool, row), *c;

    for (c = name; *c; c++)
        *c = *c == '\n' || *c == '\r' ? ' ' : *c;
    return name;
}

#define TAIL "\tunknown\t/CN=x\n"

static void test_rows(void)
{
    static const struct {
        const char *row, *serial, *says;
    } rows[] = {
        { "V\t261225202502Z\t\t01" TAIL, "01", "good" },
        { "V\t20510101000000Z\t\t01" TAIL, "01", "good" },
        { "E\t240101000000Z\t\t01" TAIL, "01", "good" },
        { "V\t261225202502Z\t\t00" TAIL, "", "good" },
        { "V\t261225202502Z\t\t0" TAIL, "", "good" },
        { "V\t261225202502Z\t\tABC" TAIL, "0ABC", "good" },
        { "V\t261225202502Z\t\t000ABC" TAIL, "0ABC", "good" },
        { "V\t261225202502Z\t\t0abc" TAIL, "0ABC", "good" },
        { "V\t261225202502Z\t\t01\tunknown\t/CN=a\\x09b\\\n", "01", "good" },
        { "V\t261225202502Z\t\t01\tunknown\t\n", "01", "good" },
        { "V\t261225202502Z\t\t01\tunknown\t/CN=dos\r\n", "01", "good" },
        { "V\t261225202502Z\t\t01\tunknown\t/CN=no line feed", "01", "good" },
        { "# V\t261225202502Z\t\t01" TAIL, "01", "unknown" },
        { "\n\nV\t261225202502Z\t\t01" TAIL "\n", "01", "good" },
        { "V\t261225202502Z\t\t-01" TAIL, "01", "unknown" },
        { "V\t261225202502Z\t\t01" TAIL, "02", "unknown" },
        { "V\t261225202502Z\t\t0100" TAIL, "01", "unknown" },
        { "R\t261225202502Z\t261125202502Z\t01" TAIL, "01",
          "revoked 1795638302 0" },
        { "R\t261225202502Z\t20511125202502Z\t01" TAIL, "01",
          "revoked 2584556702 0" },
        { "R\t261225202502Z\t261125202502Z,\t01" TAIL, "01",
          "revoked 1795638302 0" },
        { "R\t261225202502Z\t261125202502Z,keyCompromise\t01" TAIL, "01",
          "revoked 1795638302 1" },
        { "R\t261225202502Z\t261125202502Z,KEYCOMPROMISE\t01" TAIL, "01",
          "revoked 1795638302 1" },
        { "R\t261225202502Z\t261125202502Z,key_compromise\t01" TAIL, "01",
          "revoked 1795638302 1" },
        { "R\t261225202502Z\t261125202502Z,superseded,more,still\t01" TAIL,
          "01", "revoked 1795638302 4" },
        { "R\t261225202502Z\t261125202502Z,holdInstruction,"
          "holdInstructionReject\t01" TAIL,
          "01", "revoked 1795638302 6" },
        { "R\t261225202502Z\t261125202502Z,keyTime,20240102030405Z\t01" TAIL,
          "01", "revoked 1795638302 1 since 1704164645" },
        { "R\t261225202502Z\t261125202502Z,CAkeyTime,20240102030405Z\t01" TAIL,
          "01", "revoked 1795638302 2 since 1704164645" },
        { "R\t261225202502Z\t261125202502Z,keyTime,yesterday\t01" TAIL, "01",
          "revoked 1795638302 1 (row 1: field 3 (revocation) has no time of "
          "compromise that can be read; it is left out)" },
        { "R\t261225202502Z\t261125202502Z,keyTime\t01" TAIL, "01",
          "revoked 1795638302 1 (row 1: field 3 (revocation) has no time of "
          "compromise that can be read; it is left out)" },
        { "R\t261225202502Z\t261125202502Z,some Free text\t01" TAIL, "01",
          "revoked 1795638302 0 (row 1: field 3 (revocation) has a reason that "
          "is none of RFC 5280's; it is left out)" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const answer_t answer = ask(parse(rows[i].row), rows[i].serial);

        is(say(&answer), rows[i].says, name_of(rows[i].row));
    }
}

static void test_reasons(void)
{
    static const struct {
        const char *word;
        int reason;
    } rows[] = {
        { "unspecified", 0 },        { "keyCompromise", 1 },
        { "CACompromise", 2 },       { "affiliationChanged", 3 },
        { "superseded", 4 },         { "cessationOfOperation", 5 },
        { "certificateHold", 6 },    { "removeFromCRL", 8 },
        { "privilegeWithdrawn", 9 }, { "AACompromise", 10 },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const answer_t answer =
            ask(parse(apr_pstrcat(pool, "R\t261225202502Z\t261125202502Z,",
                                  rows[i].word, "\t01" TAIL, NULL)),
                "01");

        ok(answer.status.cert_status == OCSP_RESPONDER_REVOKED
               && answer.status.reason == rows[i].reason
               && !answer.status.warning,
           "%s", rows[i].word);
    }
}

/* A row that cannot be read costs its own certificate only. */
static void test_broken(void)
{
    static const struct {
        const char *row, *why;
    } rows[] = {
        { "V\t261225202502Z\t\t01\tunknown\n",
          "row 2: it does not have six fields set apart by tabs" },
        { "V\t261225202502Z\t\t01\tunknown\t/CN=x\tseven\n",
          "row 2: it does not have six fields set apart by tabs" },
        { "v\t261225202502Z\t\t01" TAIL,
          "row 2: field 1 (status) is none of V, R and E" },
        { "\t261225202502Z\t\t01" TAIL,
          "row 2: field 1 (status) is none of V, R and E" },
        { "VV\t261225202502Z\t\t01" TAIL,
          "row 2: field 1 (status) is none of V, R and E" },
        { "V\t\t\t01" TAIL, "row 2: field 2 (expiry) is not a time" },
        { "V\t261325202502Z\t\t01" TAIL,
          "row 2: field 2 (expiry) is not a time" },
        { "V\t261225202502Z\t261125202502Z\t01" TAIL,
          "row 2: field 3 (revocation) is not empty, though field 1 (status) "
          "is not R" },
        { "E\t261225202502Z\t261125202502Z\t01" TAIL,
          "row 2: field 3 (revocation) is not empty, though field 1 (status) "
          "is not R" },
        { "R\t261225202502Z\t\t01" TAIL,
          "row 2: field 3 (revocation) does not begin with a time, though "
          "field 1 (status) is R" },
        { "R\t261225202502Z\tkeyCompromise\t01" TAIL,
          "row 2: field 3 (revocation) does not begin with a time, though "
          "field 1 (status) is R" },
        { "V\t261225202502Z\t\t02" TAIL "V\t261225202502Z\t\t01" TAIL
          "R\t261225202502Z\t261125202502Z\t0001" TAIL,
          "row 3: field 4 (serial) is that of another row, too" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const index_file_t *index =
            parse(apr_pstrcat(pool, "V\t261225202502Z\t\tFF" TAIL, rows[i].row,
                              "V\t261225202502Z\t\tFE" TAIL, NULL));
        answer_t answer = ask(index, "01");

        ok(answer.lookup == OCSP_RESPONDER_LOOKUP_FAILED
               && answer.status.cert_status == OCSP_RESPONDER_UNKNOWN,
           "no answer about: %s", name_of(rows[i].row));
        is(say(&answer), rows[i].why, "  as it says");
        ok(!index_file_is_whole(index), "  and it may be half a file");
        answer = ask(index, "FF");
        is(say(&answer), "good", "  the row before is read");
        answer = ask(index, "FE");
        is(say(&answer), "good", "  and the one behind");
        answer = ask(index, "77");
        is(say(&answer), "unknown", "  nobody else's serial is in doubt");
    }
}

/* A serial that cannot be read could be any that is in no row. */
static void test_nameless(void)
{
    static const char *const rows[] = {
        "V",
        "V\t2612",
        "V\t261225202502Z\t",
        "V\t261225202502Z\t\t" TAIL,
        "V\t261225202502Z\t\t-" TAIL,
        "V\t261225202502Z\t\t0x01" TAIL,
        "V\t261225202502Z\t\t 01" TAIL,
        "V\t261225202502Z\t\t01 " TAIL,
        "\357\273\277R\t261225202502Z\t261125202502Z\t" TAIL,
        "V\t261225202502Z\t\t01:02" TAIL,
        "extra\tV\t261225202502Z\t\t01" TAIL,
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const index_file_t *index = parse(
            apr_pstrcat(pool, "V\t261225202502Z\t\tFF" TAIL, rows[i], NULL));
        answer_t answer = ask(index, "01");

        ok(answer.lookup == OCSP_RESPONDER_LOOKUP_FAILED, "%s",
           name_of(rows[i]));
        ok(answer.why && strstr(answer.why, "row 2"), "  names the row");
        answer = ask(index, "FF");
        is(say(&answer), "good", "  others are read");
    }
}

/* What other systems and a crash make of a file. NUL bytes are behind what
 * strlen() would count. */
static void test_bytes(void)
{
    static const char row[] = "V\t261225202502Z\t\tFE" TAIL;
    static const struct {
        const char *bytes;
        apr_size_t length;
        const char *says, *name;
    } rows[] = {
#define BYTES(text) text, sizeof(text) - 1
        { BYTES("V\t261225202502Z\t\tFF" TAIL "\0\0\0\0"),
          "no row has its serial, but it may be that of row 3: it does not "
          "have six fields set apart by tabs",
          "NUL bytes at the end" },
        { BYTES("V\t261225202502Z\t\t0\0001" TAIL),
          "no row has its serial, but it may be that of row 2: field 4 "
          "(serial) is not a hexadecimal number",
          "a NUL byte in a serial" },
        { BYTES("V\0\t261225202502Z\t\t01" TAIL),
          "row 2: field 1 (status) is none of V, R and E",
          "a NUL byte in the status" },
        { BYTES("\357\273\277V\t261225202502Z\t\t01" TAIL),
          "row 2: field 1 (status) is none of V, R and E",
          "a byte order mark" },
        { BYTES("V\0\t\0002\0006\0\n\0"),
          "no row has its serial, but it may be that of row 2: it does not "
          "have six fields set apart by tabs",
          "UTF-16" },
        { BYTES("V\t261225202502Z\t\t01\tunknown\t/CN=a\\\tb\n"),
          "row 2: it does not have six fields set apart by tabs",
          "a tab behind a backslash" },
        { BYTES("V\t261225202502Z\t\t01\tunknown\t/CN=a\0b\n"), "good",
          "a NUL byte in the subject" },
        { BYTES("V\t261225202502Z\t\t01\tunknown\t/CN=a\rV\t2612\n"),
          "row 2: it does not have six fields set apart by tabs",
          "lines that end with a CR alone" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const bytes_t first = { (const unsigned char *)row, sizeof(row) - 1 };
        const bytes_t text = bytes_join(
            pool, first,
            (bytes_t){ (const unsigned char *)rows[i].bytes, rows[i].length });
        const answer_t answer = ask(index_file_parse(pool, text), "01");

        is(say(&answer), rows[i].says, rows[i].name);
    }
}

/* A serial of any length is compared as a number, and a line may have any. */
static void test_long(void)
{
    enum { LONG = 100000 };
    char *digits = apr_palloc(pool, 2 * LONG + 1);
    answer_t answer;
    const index_file_t *index;

    memset(digits, 'a', 2 * LONG);
    digits[2 * LONG] = '\0';
    index = parse(apr_pstrcat(pool, "V\t261225202502Z\t\t00", digits, TAIL,
                              "V\t261225202502Z\t\t02\tunknown\t/CN=", digits,
                              "\n", NULL));
    answer = ask(index, digits);
    is(say(&answer), "good", "a serial of many digits");
    answer = ask(index, digits + 2);
    is(say(&answer), "unknown", "  and no shorter one");
    answer = ask(index, "02");
    is(say(&answer), "good", "a line of many bytes");
}

/* A line that ends in the serial may have only half of it. */
static void test_cut_serial(void)
{
    static const char *const rows[] = { "R\t261225202502Z\t261125202502Z\t01",
                                        "V\t261225202502Z\t\t01\n" };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const index_file_t *index = parse(rows[i]);
        answer_t answer = ask(index, "01");

        is(say(&answer),
           "no row has its serial, but it may be that of row 1: it does not "
           "have six fields set apart by tabs",
           name_of(rows[i]));
        answer = ask(index, "0102");
        ok(answer.lookup == OCSP_RESPONDER_LOOKUP_FAILED,
           "  nor is there any telling of one that begins so");
    }
}

static void test_twice(void)
{
    const index_file_t *index = parse(
        "V\t261225202502Z\t\t0A" TAIL "R\t261225202502Z\t261125202502Z\t0a" TAIL
        "V\t261225202502Z\t\tA" TAIL "V\t261225202502Z\t\t0B" TAIL);
    answer_t answer = ask(index, "0A");

    is(say(&answer), "row 1: field 4 (serial) is that of another row, too",
       "three times, in three spellings");
    answer = ask(index, "0B");
    is(say(&answer), "good", "which costs no other");
}

static void test_whole(void)
{
    static const char row[] = "V\t261225202502Z\t\t01" TAIL
                              "R\t261225202502Z\t261125202502Z,superseded\t02"
                              "\tunknown\t/CN=a name\n";
    int i, wrong = 0;

    ok(index_file_is_whole(parse(row)), "a whole file");
    ok(index_file_is_whole(parse("")), "an empty one is whole");
    ok(!index_file_is_other(parse("")) && !index_file_is_other(parse(row)),
       "either is an index.txt");
    ok(index_file_is_other(parse("x\ny\n")), "two lines of text are none");
    ok(index_file_rows(parse(row)) == 2, "rows are counted");
    ok(index_file_rows(parse("# no row\n\n")) == 0, "comments are not");
    is(index_file_fault(parse(row), pool), NULL, "nothing is wrong");
    is(index_file_fault(parse("V\nV\n"), pool),
       "row 1: it does not have six fields set apart by tabs (rows that cannot "
       "be read: 2)",
       "the first fault is told");
    /* Cut anywhere it is not whole, or has fewer rows; never is a certificate
     * said to be good that the whole file has revoked. */
    for (i = 0; i < (int)sizeof(row) - 1; i++) {
        const index_file_t *index = parse(apr_pstrmemdup(pool, row, i));
        const answer_t answer = ask(index, "02");

        wrong += index_file_is_whole(index) && index_file_rows(index) == 2;
        wrong += answer.status.cert_status == OCSP_RESPONDER_GOOD;
    }
    ok(wrong == 0, "a cut file is seen to be one");
}

/* Seconds of CPU that it takes to look at each byte once. */
static double seconds_to_hash(bytes_t bytes)
{
    const clock_t began = clock();
    unsigned hash = 2166136261U;
    apr_size_t i;

    for (i = 0; i < bytes.len; i++)
        hash = (hash ^ bytes.data[i]) * 16777619U;
    printf("# hash %08x\n", hash);
    return (double)(clock() - began) / CLOCKS_PER_SEC;
}

/* What slows one down slows the other: sanitizers, counters, an emulated
 * processor. *index, in own, is what has been read. */
static int is_quick(const index_file_t **index, apr_pool_t *own, bytes_t bytes)
{
    const clock_t began = clock();
    double seconds, hashed;

    *index = index_file_parse(own, bytes);
    seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    hashed = seconds_to_hash(bytes);
    printf("# %.2f s to read, %.2f s to hash\n", seconds, hashed);
    return seconds < 16 * hashed;
}

/* A million rows are read within sixteen times what it takes to hash them, two
 * seconds where that takes an eighth of one, and each is found. Who shares the
 * processor's cache may slow the reading alone, but hardly three times. */
static void test_million(void)
{
    enum { ROWS = 1000000, LENGTH = 87 };
    char *text = malloc((size_t)ROWS * LENGTH + 1), *to = text;
    apr_pool_t *own;
    const index_file_t *index = NULL;
    bytes_t bytes;
    int i, wrong = 0, quick = 0;

    for (i = 0; i < ROWS; i++)
        to += sprintf(to,
                      "V\t391225202502Z\t\t%08X%024X\tunknown\t"
                      "/C=AT/O=Example/CN=%07d\n",
                      0x10000000U | (unsigned)i, (unsigned)i, i);
    bytes.data = (unsigned char *)text;
    bytes.len = (apr_size_t)(to - text);
    apr_pool_create_unmanaged_ex(&own, NULL, NULL);
    for (i = 0; i < 3 && !quick; i++) {
        apr_pool_clear(own);
        quick = is_quick(&index, own, bytes);
    }
    ok(index_file_rows(index) == ROWS && index_file_is_whole(index),
       "a million rows");
    ok(quick, "  in less than 16 hashes' time");
    for (i = 0; i < ROWS; i += 1000) {
        const answer_t answer =
            ask(index,
                apr_psprintf(pool, "%08X%024X", 0x10000000U | (unsigned)i,
                             (unsigned)i));

        wrong += answer.status.cert_status != OCSP_RESPONDER_GOOD;
    }
    ok(wrong == 0, "  each is found");
    apr_pool_destroy(own);
    free(text);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_rows();
    test_reasons();
    test_broken();
    test_nameless();
    test_bytes();
    test_long();
    test_twice();
    test_cut_serial();
    test_whole();
    test_million();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
