/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/token_reasons.h"

#include <string.h>

#include <openssl/err.h>

/* PKCS #11's return values about a PIN: incorrect, invalid, of a wrong length,
 * expired, locked. libp11 and pkcs11-provider use them as reasons. */
enum { CKR_PIN_FIRST = 0xA0, CKR_PIN_LAST = 0xA4 };

/* General error, function failed. */
enum { CKR_VAGUE_FIRST = 0x05, CKR_VAGUE_LAST = 0x06 };

/* Of a token whose PIN was right, or not looked at: what it lacks. */
static int is_missing(int reason)
{
    static const int others[] = {
        0x02,  /* CKR_HOST_MEMORY */
        0x30,  /* CKR_DEVICE_ERROR */
        0x31,  /* CKR_DEVICE_MEMORY */
        0x32,  /* CKR_DEVICE_REMOVED */
        0xB0,  /* CKR_SESSION_CLOSED */
        0xB1,  /* CKR_SESSION_COUNT */
        0xB3,  /* CKR_SESSION_HANDLE_INVALID */
        0xE0,  /* CKR_TOKEN_NOT_PRESENT */
        0xE1,  /* CKR_TOKEN_NOT_RECOGNIZED */
        0x190, /* CKR_CRYPTOKI_NOT_INITIALIZED */
    };
    unsigned i;

    for (i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (reason == others[i])
            return 1;
    return 0;
}

/* Whether a reason may be of an attempt that nobody needs: OpenSSL looks for
 * loaders, and tokens made of software for engines. That it looks for a file
 * leaves an error of the system's, which has no text. */
static int is_by_the_way(unsigned long code)
{
    const int lib = ERR_GET_LIB(code);

    return lib == ERR_LIB_DSO || lib == ERR_LIB_ENGINE
        || lib == ERR_LIB_OSSL_STORE;
}

static void note_text(token_reasons_t *reasons, const char *text, int guess)
{
    if (strstr(text, "PIN") || strstr(text, "pin ") || strstr(text, "Pin "))
        reasons->pin = 1;
    if (strstr(text, "not found") && !guess)
        reasons->missing = 1;
    if (*text
        && (!reasons->first || reasons->pin || (reasons->guess && !guess))) {
        reasons->first = text;
        reasons->guess = guess;
    }
}

static void note_reason(token_reasons_t *reasons, unsigned long code)
{
    const char *text = ERR_reason_error_string(code);
    int reason = ERR_GET_REASON(code);

    /* "EVP lib" and the like only say who passed the error on. */
    if ((reason & ~0xFF) == ERR_RFLAG_COMMON)
        return;
    /* OpenSSL's own libraries number their reasons as they like. */
    if (ERR_GET_LIB(code) >= ERR_LIB_USER) {
        reasons->pin |= reason >= CKR_PIN_FIRST && reason <= CKR_PIN_LAST;
        reasons->missing |= is_missing(reason);
        reasons->vague |= reason >= CKR_VAGUE_FIRST && reason <= CKR_VAGUE_LAST;
    }
    note_text(reasons, text ? text : "", is_by_the_way(code));
}

/* Which reason stands at the queue's head depends on the versions of OpenSSL
 * and of who knows the token. */
token_reasons_t token_reasons_read(void)
{
    token_reasons_t reasons = { NULL, 0, 0, 0, 0 };
    unsigned long code;

    while ((code = ERR_get_error()) != 0) {
        if (!reasons.pin)
            note_reason(&reasons, code);
    }
    return reasons;
}
