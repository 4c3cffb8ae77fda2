/* SPDX-License-Identifier: Apache-2.0
 * ca_name.h: which CA the argument of OCSPResponderCA means. */
#include <apr_general.h>
#include <apr_strings.h>
#include "tap.h"
#include "ocsp/ca_name.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static apr_pool_t *pool;

static const ocsp_responder_ca_t cas[] = {
    { .id = "1", .stored = "AB:CD", .name = "Root", .cn = "Twice" },
    { .id = "2", .stored = "ABCD", .name = "Root CA", .cn = "Twice" },
    { .id = "3", .stored = "12:34", .name = "Z\xC3\xBCrich", .cn = "Only" },
    { .id = "4", .stored = "77", .name = "FEED", .cn = "BEEF" },
    { .id = "5", .stored = "", .name = "", .cn = "" },
};

static const ca_name_candidate_t candidates[] = {
    { &cas[0], "ABCDE" }, { &cas[1], "ABCD" }, { &cas[2], "12345" },
    { &cas[3], "77" },    { &cas[4], "99" },
};

static void test_choose(void)
{
    static const struct {
        const char *ca, *id;
    } rows[] = {
        { "ABCDE", "1" },    { "ab:cd:e", "1" }, { "00:0A:BC:DE", "1" },
        { "AB:CD:EL", "1" }, { "ABCD", "2" },    { "AB:CD", "2" },
        { "12:34", "3" },    { "1234", "3" },    { "12345", "3" },
        { "Root", "1" },     { "Root CA", "2" }, { "root", NULL },
        { "Only", "3" },     { "Twice", NULL },  { "FEED", "4" },
        { "BEEF", "4" },     { "", NULL },       { "Z\xC3\xBCrich", "3" },
        { "F", NULL },       { "99", "5" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const char *why = NULL;
        const ca_name_candidate_t *chosen = ca_name_choose(
            pool, candidates, COUNT(candidates), rows[i].ca, &why);

        is(chosen ? chosen->ca->id : NULL, rows[i].id,
           apr_psprintf(pool, "\"%s\" %s", rows[i].ca, why ? why : ""));
        ok(!chosen == !!why, "and why");
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_choose();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
