/* SPDX-License-Identifier: Apache-2.0
 * The CAs that a responder answers for, as its source has them at one time, to
 * be found by what a CertID says of them. */
#ifndef RESPONDER_CA_SET_H
#define RESPONDER_CA_SET_H

#include "apr_tables.h"

#include "mod_ocsp_responder.h"
#include "httpd/config.h"
#include "ocsp/issuer.h"
#include "ocsp/request.h"
#include "source/registry.h"

/* One of them. Not written once made. */
typedef struct ca_entry_t ca_entry_t;
struct ca_entry_t {
    ocsp_responder_ca_t ca;
    const char *serial; /* the true one, as serial_parse() has it */
    int is_file;        /* named by its certificate's file; the source does
                         * not know it */
    issuer_name_t name; /* in its certificate */
    apr_time_t end;     /* where OCSPResponderExpires is never: of the validity
                         * of the last CA with this name and key that the source
                         * lists, whose certificates have the same CertIDs;
                         * else 0 */
    int has_twin;       /* it is the `next` of another */
    ca_entry_t *next;   /* renewed with the same name and key; NULL at the
                         * last */
};

/* Not written once made, but for its index. */
typedef struct {
    ca_entry_t *entries;
    int count;
    apr_array_header_t *unreadable; /* const char *: which and why */
    struct ca_index_t *index;       /* ca_index.h */
    apr_time_t renewed_until;       /* the end of the last of those CAs that are
                                     * listed, but not in the set; 0: none */
} ca_set_t;

/* Makes, in pool, the set of the CAs that config means and its source lists.
 * One that cannot be read harms no other. *set is the one before, which may be
 * NULL, and stays if nothing has changed. DONE, or why not, in the call's pool:
 * FAILED also if config and source do not go together. */
ocsp_responder_lookup_t ca_set_load(const ca_set_t **set, apr_pool_t *pool,
                                    const config_t *config,
                                    const registry_source_t *source,
                                    const ocsp_responder_call_t *call,
                                    const char **why);

/* Tells the source, in a call, what a set knows. The set lives as long as the
 * call. */
void ca_set_tell(ocsp_responder_call_t *call, const ca_set_t *set);

/* Finds the first CA that a CertID seems to name, by parts of its hashes: the
 * others with the same name and key follow it. issuer_match() tells for sure.
 * *entry is NULL if there is none. 0 if there is no telling now, as the CAs
 * cannot be hashed. */
int ca_set_find(const ca_set_t *set, const request_certid_t *certid,
                const ca_entry_t **entry);

/* A copy of a CA, in pool. */
ocsp_responder_ca_t ca_set_copy(apr_pool_t *pool,
                                const ocsp_responder_ca_t *ca);

/* The CA with that id; NULL if there is none. */
const ca_entry_t *ca_set_by_id(const ca_set_t *set, const char *id);

#endif
