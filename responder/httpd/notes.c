/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/notes.h"

#include "apr_strings.h"

#include "httpd/facts.h"
#include "httpd/log.h"
#include "ocsp/crl_reason.h"
#include "ocsp/serial.h"

static void notes_set(request_rec *r, const char *name, const char *value)
{
    apr_table_setn(r->notes, name, value);
    apr_table_setn(r->subprocess_env, name, value);
}

static void notes_append(request_rec *r, const char *name, const char *value)
{
    const char *before = apr_table_get(r->notes, name);

    notes_set(r, name,
              before ? apr_pstrcat(r->pool, before, ",", value, NULL) : value);
}

static const char *serial_of(request_rec *r, const request_certid_t *certid)
{
    const char *text =
        serial_text(r->pool, certid->serial.data, certid->serial.len);

    return certid->serial_negative ? apr_pstrcat(r->pool, "-", text, NULL)
                                   : text;
}

void notes_request(request_rec *r, const request_t *request)
{
    apr_array_header_t *serials =
        apr_array_make(r->pool, request->certid_count, sizeof(char *));
    int i;

    /* Joined at once, as they may be many and long. */
    for (i = 0; i < request->certid_count; i++)
        APR_ARRAY_PUSH(serials, const char *) =
            serial_of(r, &request->certids[i]);
    facts_of(r)->request = request;
    notes_set(r, "OCSP_SERIAL", apr_array_pstrcat(r->pool, serials, ','));
}

void notes_authority(request_rec *r, const char *ca, const char *signer)
{
    facts_t *facts = facts_of(r);

    facts->ca = apr_pstrdup(r->pool, ca);
    notes_set(r, "OCSP_CA", facts->ca);
    if (signer)
        notes_set(r, "OCSP_SIGNER", apr_pstrdup(r->pool, signer));
}

static const char *status_name(ocsp_responder_cert_status_t status)
{
    switch (status) {
    case OCSP_RESPONDER_GOOD:
        return "good";
    case OCSP_RESPONDER_REVOKED:
        return "revoked";
    default:
        return "unknown";
    }
}

void notes_status(request_rec *r, const request_t *request, int index,
                  ocsp_responder_cert_status_t found,
                  const ocsp_responder_status_t *sent)
{
    const char *name = status_name(sent->cert_status);

    facts_add_status(r, found, sent->cert_status);
    notes_append(r, "OCSP_STATUS", name);
    if (sent->cert_status == OCSP_RESPONDER_REVOKED
        && crl_reason_is_sent(sent->reason))
        notes_append(r, "OCSP_REASON", crl_reason_name(sent->reason));
    if (log_is_tracing(r))
        log_debug(r, "serial %s is %s", serial_of(r, &request->certids[index]),
                  name);
}

void notes_error(request_rec *r, response_error_t error)
{
    facts_of(r)->error = notes_error_name(error);
    notes_set(r, "OCSP_STATUS", facts_of(r)->error);
    apr_table_unset(r->notes, "OCSP_REASON");
    apr_table_unset(r->subprocess_env, "OCSP_REASON");
}

const char *notes_error_name(response_error_t error)
{
    switch (error) {
    case RESPONSE_MALFORMED_REQUEST:
        return "malformedRequest";
    case RESPONSE_TRY_LATER:
        return "tryLater";
    case RESPONSE_UNAUTHORIZED:
        return "unauthorized";
    default:
        return "internalError";
    }
}
