/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/lookup.h"

#include "apr_strings.h"

#include "serve/status_dbd.h"

static ocsp_responder_lookup_t look_up(request_rec *r, const issuer_t *issuer,
                                       const request_certid_t *certid,
                                       ocsp_responder_status_t *status,
                                       const char **why)
{
    const ocsp_responder_query_t query = { .ca_serial = issuer->serial,
                                           .ca_self_issued =
                                               issuer->self_issued,
                                           .serial = certid->serial.data,
                                           .serial_len = certid->serial.len };

    memset(status, 0, sizeof(*status));
    if (certid->serial_negative)
        return OCSP_RESPONDER_LOOKUP_DONE;
    return status_dbd_look_up(r, &query, status, why);
}

ocsp_responder_lookup_t lookup_status(
    request_rec *r, const apr_array_header_t *authorities,
    const request_certid_t *certid, ocsp_responder_status_t *status,
    const authority_t **owner, const char **why)
{
    ocsp_responder_status_t found;
    int i, known = 0;

    memset(status, 0, sizeof(*status));
    for (i = 0; i < authorities->nelts; i++) {
        const authority_t *authority =
            APR_ARRAY_IDX(authorities, i, const authority_t *);
        ocsp_responder_lookup_t result =
            look_up(r, authority->issuer, certid, &found, why);

        if (result != OCSP_RESPONDER_LOOKUP_DONE)
            return result;
        if (found.cert_status == OCSP_RESPONDER_UNKNOWN)
            continue;
        if (known++) {
            *why = apr_psprintf(r->pool,
                                "two CAs with the same name and key "
                                "(one is %s) have issued that serial",
                                authority->issuer->serial);
            return OCSP_RESPONDER_LOOKUP_FAILED;
        }
        *status = found;
        *owner = authority;
    }
    return OCSP_RESPONDER_LOOKUP_DONE;
}

const authority_t *lookup_signing(const apr_array_header_t *authorities,
                                  const authority_t *owner, apr_time_t now)
{
    const authority_t *first =
        APR_ARRAY_IDX(authorities, 0, const authority_t *);
    int i;

    if (!owner)
        owner = first;
    if (authority_may_sign(owner, now))
        return owner;
    for (i = 0; i < authorities->nelts; i++) {
        const authority_t *other =
            APR_ARRAY_IDX(authorities, i, const authority_t *);

        if (authority_may_sign(other, now))
            return other;
    }
    return owner;
}
