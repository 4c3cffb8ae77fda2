/* SPDX-License-Identifier: Apache-2.0
 * Octets and their number, as one value. */
#ifndef RESPONDER_BYTES_H
#define RESPONDER_BYTES_H

#include "apr.h"

/* Borrowed: who made it says how long it lives. data NULL: absent, which is
 * not the same as empty. */
typedef struct {
    const unsigned char *data;
    apr_size_t len;
} bytes_t;

#endif
