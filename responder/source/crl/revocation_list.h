/* SPDX-License-Identifier: Apache-2.0
 * One certificate revocation list (CRL), RFC 5280 §5, full or delta, of its
 * issuer's certificates or of others', too (indirect). */
#ifndef RESPONDER_REVOCATION_LIST_H
#define RESPONDER_REVOCATION_LIST_H

#include "apr_pools.h"
#include "apr_tables.h"
#include "apr_time.h"
#include "base/bytes.h"
#include "base/serial_map.h"
#include "source/crl/crl_extension.h"

/* An entry. */
typedef struct {
    bytes_t serial; /* magnitude without leading zero bytes */
    int is_negative;
    crl_entry_extensions_t says; /* with the time of the revocation, as REVOKED,
                                  * also where its reason is removeFromCRL */
} revocation_list_entry_t;

typedef struct {
    bytes_t der;       /* all of it */
    bytes_t tbs;       /* what is signed: these elements, whole, of der */
    bytes_t algorithm; /* AlgorithmIdentifier */
    bytes_t signature; /* BIT STRING */
    bytes_t issuer;    /* Name */
    apr_time_t this_update;
    apr_time_t next_update;      /* 0: none */
    crl_extensions_t says;       /* what its extensions do; unusable: a text
                                  * that begins with "it", also where entries
                                  * make it so */
    bytes_t entries;             /* all of them */
    apr_array_header_t *issuers; /* of bytes_t, Names: whose certificates its
                                  * entries are about; the first is its own */
    apr_array_header_t *runs;    /* of entries with one issuer, in order */
    serial_map_t *places;        /* of entries in der; groups are issuers */
    apr_size_t count;            /* entries */
} revocation_list_t;

/* Parses the DER that *rest begins with, and takes it off. The bytes must live
 * as long as pool. NULL with *why, static, when they do not begin with one, or
 * when there is not enough memory. Whether it is signed is not looked at. */
const revocation_list_t *revocation_list_parse(apr_pool_t *pool, bytes_t *rest,
                                               const char **why);

/* Finds the entry of a serial, a magnitude without leading zero bytes, of the
 * n-th of issuers; the first in time, if there are several. 0 if there is none.
 */
int revocation_list_find(const revocation_list_t *list, int n, bytes_t serial,
                         revocation_list_entry_t *entry);

/* Takes the entry that *rest, of entries, begins with off it; of any issuer. 0
 * at the end. */
int revocation_list_take(bytes_t *rest, revocation_list_entry_t *entry);

/* Orders two numbers of lists as strcmp() does text; none is the least. */
int revocation_list_compare(bytes_t one, bytes_t other);

#endif
