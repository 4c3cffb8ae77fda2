/* SPDX-License-Identifier: Apache-2.0
 * response_times.h: producedAt, thisUpdate and nextUpdate. */
#include <string.h>
#include "ocsp/response_times.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SEC(n)       apr_time_from_sec(n)
#define NOW          SEC(1893456000) /* 2030-01-01T00:00:00Z */
#define FOREVER      SEC(APR_INT64_C(253402300799))

/* Instants are seconds from NOW. */
typedef struct {
    const char *name;
    apr_int64_t issuer_from, issuer_to, from, to;
    apr_time_t fraction; /* of now, microseconds */
    apr_int64_t validity, backdate, this_bound, next_bound;
    apr_int64_t this_update, next_update; /* next_update 0: no answer */
} row_t;

#define DAYS 86400

static const row_t rows[] = {
    { "validity", -DAYS, DAYS, -DAYS, DAYS, 0, 600, 60, 0, 0, -60, 600 },
    { "no backdating", -DAYS, DAYS, -DAYS, DAYS, 0, 600, 0, 0, 0, 0, 600 },
    { "fractions are cut", -DAYS, DAYS, -DAYS, DAYS, 999999, 600, 60, 0, 0, -60,
      600 },
    { "not past the signer's end", -DAYS, DAYS, -DAYS, 10, 0, 600, 60, 0, 0,
      -60, 10 },
    { "not past the issuer's end", -DAYS, 10, -DAYS, DAYS, 0, 600, 60, 0, 0,
      -60, 10 },
    { "exactly the signer's end", -DAYS, DAYS, -DAYS, 600, 0, 600, 60, 0, 0,
      -60, 600 },
    { "a second past the signer's end", -DAYS, DAYS, -DAYS, 600, 0, 601, 60, 0,
      0, -60, 600 },
    { "an issuer that is past", -DAYS, -1, -DAYS, DAYS, 0, 50, 60, 0, 0, -60,
      50 },
    { "an issuer that ends now", -DAYS, 0, -DAYS, DAYS, 0, 50, 60, 0, 0, -60,
      50 },
    { "an issuer that is past, and the signer's end", -DAYS, -1, -DAYS, 20, 0,
      50, 60, 0, 0, -60, 20 },
    { "not before the signer's start", -DAYS, DAYS, -10, DAYS, 0, 600, 60, 0, 0,
      -10, 600 },
    { "not before the issuer's start", -30, DAYS, -DAYS, DAYS, 0, 600, 60, 0, 0,
      -30, 600 },
    { "an issuer that is not yet valid", 30, DAYS, -DAYS, DAYS, 0, 600, 60, 0,
      0, -60, 600 },
    { "the signer's first second", -DAYS, DAYS, 0, DAYS, 0, 5, 60, 0, 0, 0, 5 },
    { "a signer that is not yet valid", -DAYS, DAYS, 1, DAYS, 999999, 5, 60, 0,
      0, 0, 0 },
    { "a signer that has expired", -DAYS, DAYS, -DAYS, -1, 0, 5, 60, 0, 0, 0,
      0 },
    { "the signer's last second", -DAYS, DAYS, -DAYS, 0, 0, 5, 60, 0, 0, 0, 0 },
    { "the second before it", -DAYS, DAYS, -DAYS, 1, 1, 5, 60, 0, 0, -60, 1 },
    { "a source's thisUpdate", -DAYS, DAYS, -DAYS, DAYS, 0, 600, 60, -3600, 0,
      -3600, 600 },
    { "a source's thisUpdate that is later", -DAYS, DAYS, -DAYS, DAYS, 0, 600,
      60, -1, 0, -60, 600 },
    { "a source's thisUpdate before the signer's start", -DAYS, DAYS, -10, DAYS,
      0, 600, 60, -3600, 0, -3600, 600 },
    { "a source's nextUpdate", -DAYS, DAYS, -DAYS, DAYS, 0, 600, 60, 0, 300,
      -60, 300 },
    { "a source's nextUpdate that is later", -DAYS, DAYS, -DAYS, DAYS, 0, 600,
      60, 0, 900, -60, 600 },
    { "a source's nextUpdate that is past", -DAYS, DAYS, -DAYS, DAYS, 0, 600,
      60, 0, -5, 0, 0 },
    { "a validity without end", -DAYS, 999 * DAYS, -DAYS, 9 * DAYS, 0,
      APR_INT64_C(0x7FFFFFFFFFFFFFFF), 60, 0, 0, -60, 9 * DAYS },
};

static void test_rows(void)
{
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const row_t *row = &rows[i];
        issuer_t issuer = { .not_before = NOW + SEC(row->issuer_from),
                            .not_after = NOW + SEC(row->issuer_to) };
        signer_t signer = { .not_before = NOW + SEC(row->from),
                            .not_after = NOW + SEC(row->to) };
        response_span_t span = { NOW + row->fraction, row->validity,
                                 row->backdate };
        ocsp_responder_status_t statuses[2] = { { 0 } };
        response_times_t times;
        const char *why;

        statuses[1].this_update =
            row->this_bound ? NOW + SEC(row->this_bound) : 0;
        statuses[1].next_update =
            row->next_bound ? NOW + SEC(row->next_bound) : 0;
        why = response_times(&times, &issuer, &signer, &span, statuses, 2);
        if (!row->next_update) {
            ok(why && *why, "%s: no answer: %s", row->name, why);
            continue;
        }
        ok(!why && times.produced_at == NOW, "%s: producedAt", row->name);
        ok(times.this_update == NOW + SEC(row->this_update), "… thisUpdate");
        ok(times.next_update == NOW + SEC(row->next_update), "… nextUpdate");
    }
}

static void test_for_ever(void)
{
    issuer_t issuer = { .not_after = NOW + SEC(1) };
    signer_t signer = { .not_after = NOW + SEC(10) };
    response_span_t span = { NOW, RESPONSE_FOR_EVER, 0 };
    ocsp_responder_status_t status = { 0 };
    response_times_t times;

    ok(!response_times(&times, &issuer, &signer, &span, &status, 1)
           && times.next_update == FOREVER,
       "the last answer of all");
    status.next_update = NOW + SEC(99);
    ok(!response_times(&times, &issuer, &signer, &span, &status, 1)
           && times.next_update == NOW + SEC(99),
       "but a source's bound holds");
}

int main(void)
{
    test_rows();
    test_for_ever();
    return done_testing();
}
