/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/objection.h"

#include <string.h>

#include "apr_strings.h"

const char *objection_find(const ocsp_responder_call_t *call,
                           const registry_source_t *source,
                           const authority_t *authority,
                           ocsp_responder_objection_t what,
                           const char **unclear)
{
    const ocsp_responder_source_t *asked = source->source;
    const request_certid_t none = { .serial = { NULL, 0 } };
    const ocsp_responder_query_t query = authority_query(authority, &none);
    const char *serial = NULL, *why = "the source has no such search";

    *unclear = NULL;
    if (asked->find_objection
        && asked->find_objection(source->instance, call, &query, what, &serial,
                                 &why)
            == OCSP_RESPONDER_LOOKUP_DONE)
        return serial;
    *unclear = apr_pstrcat(call->pool, "OCSPResponderSource: not judged: ", why,
                           "; see to it yourself that the rule is kept", NULL);
    return NULL;
}

const char *objection_to_hashes(const ocsp_responder_call_t *call,
                                const config_t *config,
                                const registry_source_t *source,
                                const authority_t *authority)
{
    const char *unclear,
        *serial = config_cert_hash(config)
        ? objection_find(call, source, authority, OCSP_RESPONDER_WITHOUT_HASH,
                         &unclear)
        : NULL;

    return serial && strcmp(serial, "any") != 0
        ? apr_pstrcat(call->pool, "OCSPResponderCertHash on: CA ",
                      authority->issuer->serial,
                      ": the source has no certificate that can be read for ",
                      serial, ", and answers about that hold no hash", NULL)
        : NULL;
}
