/* SPDX-License-Identifier: Apache-2.0
 * crl_reason.h: reasons by code and by word. */
#include <string.h>
#include "ocsp/crl_reason.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void test_words(void)
{
    static const struct {
        const char *word;
        int reason;
    } rows[] = {
        { "", 0 },
        { "unspecified", 0 },
        { "keyCompromise", 1 },
        { "key_compromise", 1 },
        { "KEYCOMPROMISE", 1 },
        { "Key Compromise", 1 },
        { "CACompromise", 2 },
        { "cACompromise", 2 },
        { "ca_compromise", 2 },
        { "affiliation_changed", 3 },
        { "superseded", 4 },
        { "cessation_of_operation", 5 },
        { "certificateHold", 6 },
        { "remove_from_crl", 8 },
        { "privilegeWithdrawn", 9 },
        { "aACompromise", 10 },
        { "aa_compromise", 10 },
        { "keyCompromis", -1 },
        { "keyCompromised", -1 },
        { "superseded.", -1 },
        { "_", -1 },
        { " ", -1 },
        { "1", -1 },
        { "\xFF\xFE", -1 },
        { "some free text", -1 },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        ok(crl_reason_of(rows[i].word, strlen(rows[i].word)) == rows[i].reason,
           "\"%s\" is %d", rows[i].word, rows[i].reason);
    ok(crl_reason_of("superseded,more", 10) == 4, "the length counts");
    ok(crl_reason_of(NULL, 0) == 0, "nothing at all");
}

static void test_codes(void)
{
    int reason;

    for (reason = -2; reason < 14; reason++) {
        const char *name = crl_reason_name(reason);
        int known = reason >= 0 && reason <= 10 && reason != 7;

        ok(!name == !known
               && (!name || crl_reason_of(name, strlen(name)) == reason),
           "%d is %s", reason, name ? name : "nothing");
        ok(!crl_reason_is_sent(reason) == !(known && reason > 0),
           "… and is %ssent", known && reason > 0 ? "" : "not ");
    }
}

int main(void)
{
    test_words();
    test_codes();
    return done_testing();
}
