/* SPDX-License-Identifier: Apache-2.0
 * Why OpenSSL failed, for the end of a message. */
#ifndef RESPONDER_OPENSSL_ERROR_H
#define RESPONDER_OPENSSL_ERROR_H

#include "apr_pools.h"
#include "apr_strings.h"
#include <openssl/err.h>

/* what, and OpenSSL's first reason where it has one, in pool. Leaves the
 * thread's error queue empty. */
static inline const char *openssl_error(apr_pool_t *pool, const char *what)
{
    const char *reason = NULL;
    unsigned long code;

    while (!reason && (code = ERR_get_error()) != 0) {
        /* "EVP lib" and the like only say who passed the error on. */
        if ((ERR_GET_REASON(code) & ~0xFF) != ERR_RFLAG_COMMON)
            reason = ERR_reason_error_string(code);
    }
    ERR_clear_error();
    return reason ? apr_pstrcat(pool, what, ": ", reason, NULL) : what;
}

/* Whether there was no memory for what has just failed, with the thread's error
 * queue empty before: the queue says so, or says nothing, as not even a reason
 * could be kept. Leaves it empty. */
static inline int openssl_error_lacks_memory(void)
{
    int lacks = ERR_peek_error() == 0;
    unsigned long code;

    while ((code = ERR_get_error()) != 0)
        lacks |= ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    return lacks;
}

#endif
