/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/presigned.h"

#include "apr_strings.h"

#include "ocsp/stored_response.h"

/* How many there are that may be meant. */
static int ask(const exchange_t *exchange,
               const ocsp_responder_stored_t **stored, const char **why)
{
    const registry_source_t *source = exchange->source;
    const request_certid_t *certid = &exchange->request->certids[0];
    ocsp_responder_query_t query = authority_query(exchange->authority, certid);
    int count = 0;

    if (!source->source->stored_response || certid->serial_negative
        || source->source->stored_response(source->instance, &exchange->call,
                                           &query, stored, &count, why)
            != OCSP_RESPONDER_LOOKUP_DONE)
        return 0;
    return count;
}

int presigned_find(const exchange_t *exchange, response_cache_answer_t *answer,
                   const char **why)
{
    apr_pool_t *pool = exchange->r->pool;
    const stored_response_wanted_t wanted = {
        .certid = &exchange->request->certids[0],
        .issuer = exchange->authority->issuer,
        .status = &exchange->sent.statuses[0],
        .now = exchange->now
    };
    const ocsp_responder_stored_t *stored = NULL;
    response_times_t times;
    int count, i;

    *why = "there is no presigned answer";
    count = ask(exchange, &stored, why);
    for (i = 0; i < count; i++) {
        const char *fault =
            stored_response_check(&times, pool, &stored[i], &wanted);

        if (!fault) {
            answer->der = stored[i].der;
            answer->times = times;
            return 1;
        }
        *why = apr_pstrcat(pool, "the presigned answer cannot be sent: ", fault,
                           NULL);
    }
    return 0;
}
