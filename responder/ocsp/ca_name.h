/* SPDX-License-Identifier: Apache-2.0
 * Which CA the argument of OCSPResponderCA means. */
#ifndef RESPONDER_CA_NAME_H
#define RESPONDER_CA_NAME_H

#include "apr_pools.h"
#include "mod_ocsp_responder.h"

/* A CA, and the true serial in its certificate, as serial_parse() has it. */
typedef struct {
    const ocsp_responder_ca_t *ca;
    const char *serial;
} ca_name_candidate_t;

/* The one of count candidates that name means: by serial, true or as stored,
 * else by name, else by CN. NULL with *why in pool if there is none or more
 * than one. */
const ca_name_candidate_t *ca_name_choose(apr_pool_t *pool,
                                          const ca_name_candidate_t *candidates,
                                          int count, const char *name,
                                          const char **why);

#endif
