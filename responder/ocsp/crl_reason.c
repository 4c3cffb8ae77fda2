/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/crl_reason.h"

#include <stddef.h>
#include "apr_lib.h"

static const char *const names[] = {
    "unspecified",     "keyCompromise",
    "cACompromise",    "affiliationChanged",
    "superseded",      "cessationOfOperation",
    "certificateHold", NULL,
    "removeFromCRL",   "privilegeWithdrawn",
    "aACompromise",
};

#define NAMES ((int)(sizeof(names) / sizeof(*names)))

const char *crl_reason_name(int reason)
{
    return reason >= 0 && reason < NAMES ? names[reason] : NULL;
}

static int is_name(const char *text, apr_size_t length, const char *name)
{
    for (; length; text++, length--) {
        if (*text == '_' || *text == ' ')
            continue;
        if (!*name || apr_tolower(*text) != apr_tolower(*name))
            return 0;
        name++;
    }
    return !*name;
}

int crl_reason_of(const char *text, apr_size_t length)
{
    int i;

    if (!length)
        return CRL_REASON_UNSPECIFIED;
    for (i = 0; i < NAMES; i++)
        if (names[i] && is_name(text, length, names[i]))
            return i;
    return -1;
}

int crl_reason_is_sent(int reason)
{
    return reason != CRL_REASON_UNSPECIFIED && crl_reason_name(reason);
}
