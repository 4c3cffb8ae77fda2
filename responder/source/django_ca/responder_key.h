/* SPDX-License-Identifier: Apache-2.0
 * The responder key and certificate that django-ca itself makes for a CA and
 * renews: in a storage folder, in the CA's row, or in both. */
#ifndef RESPONDER_RESPONDER_KEY_H
#define RESPONDER_RESPONDER_KEY_H

#include "apr_pools.h"
#include "base/bytes.h"
#include "source/django_ca/rows.h"
#include "base/file_stamp.h"

#define RESPONDER_KEY_FILES 2

/* Octets live in the pool the own was opened with. data NULL: absent. */
typedef struct {
    bytes_t key;         /* PEM or DER, maybe encrypted … */
    bytes_t passphrase;  /* … with this; may hold NUL */
    bytes_t certificate; /* PEM */
    file_stamp_t
        files[RESPONDER_KEY_FILES]; /* that were read, or should have been */
} responder_key_t;

/* What is wanted of it. */
enum { RESPONDER_KEY_KEY = 1, RESPONDER_KEY_CERTIFICATE = 2 };

typedef enum {
    RESPONDER_KEY_BROKEN = 0, /* what should be there cannot be read */
    RESPONDER_KEY_EMPTY,      /* django-ca has made no pair for the CA */
    RESPONDER_KEY_READ
} responder_key_result_t;

/* Reads what is wanted for the CA of a row. storage is django-ca's folder,
 * NULL: not known. On any other result than OPEN *why is in pool; files are
 * filled in any case. */
responder_key_result_t responder_key_read(responder_key_t *own,
                                          apr_pool_t *pool, const char *storage,
                                          const rows_authority_t *row,
                                          int wanted, const char **why);

#endif
