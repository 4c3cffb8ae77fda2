/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/lookup.h"

#include "apr_strings.h"

#include "httpd/log.h"
#include "ocsp/serial.h"

/* -- what is odd about a status -------------------------------------------- */

static void warn(const exchange_t *exchange,
                 const ocsp_responder_query_t *query, const char *id,
                 const char *text)
{
    apr_pool_t *pool = exchange->call.pool;
    const char *serial = serial_text(pool, query->serial, query->serial_len);

    /* What is odd in another way than before is told anew. */
    log_fault(exchange->r, APLOG_WARNING, id,
              apr_pstrcat(pool, serial, " ", text, NULL),
              "certificate %s of CA %s: %s", serial, query->ca_serial, text);
}

/* The response cuts such times; what is kept of it goes by the row's own, so
 * that it is not made anew each second. */
static void warn_of_future(const exchange_t *exchange,
                           const ocsp_responder_query_t *query,
                           const ocsp_responder_status_t *status)
{
    if (status->cert_status == OCSP_RESPONDER_REVOKED
        && (status->revocation_time > exchange->now
            || (status->has_invalidity_date
                && status->invalidity_date > exchange->now)))
        warn(exchange, query, "OCSP0304",
             "its revocation or invalidity date lies in the future and is "
             "sent as now; set OCSPResponderTimeZone if a database has local "
             "times (of django-ca, with USE_TZ = False), or set the clocks");
}

/* -- one serial ------------------------------------------------------------ */

static ocsp_responder_lookup_t look_up(const exchange_t *exchange,
                                       const authority_t *authority,
                                       const request_certid_t *certid,
                                       ocsp_responder_status_t *status,
                                       const char **why)
{
    const registry_source_t *source = exchange->source;
    ocsp_responder_query_t query = authority_query(authority, certid);
    ocsp_responder_lookup_t result;

    query.wants_cert_hash = config_cert_hash(exchange->config);
    memset(status, 0, sizeof(*status));
    if (certid->serial_negative)
        return OCSP_RESPONDER_LOOKUP_DONE;
    result = source->source->look_up(source->instance, &exchange->call, &query,
                                     status, why);
    if (result == OCSP_RESPONDER_LOOKUP_DONE && status->warning_id)
        warn(exchange, &query, status->warning_id, status->warning);
    warn_of_future(exchange, &query, status);
    return result;
}

/* Which record it is that is wrong. */
static const char *name_serial(apr_pool_t *pool, const request_certid_t *certid,
                               const char *why)
{
    return apr_pstrcat(pool, "certificate ",
                       serial_text(pool, certid->serial.data,
                                   certid->serial.len),
                       ": ", why, NULL);
}

/* Whether two CAs with the same name and key say the same of a serial, as those
 * do that a source tells apart by their certificates alone. */
static int says_same(const ocsp_responder_status_t *one,
                     const ocsp_responder_status_t *other)
{
    if (one->cert_status != other->cert_status
        || !bytes_equal(one->cert_hash, other->cert_hash))
        return 0;
    return one->cert_status != OCSP_RESPONDER_REVOKED
        || (one->revocation_time == other->revocation_time
            && one->reason == other->reason
            && one->has_invalidity_date == other->has_invalidity_date
            && one->invalidity_date == other->invalidity_date);
}

static ocsp_responder_lookup_t lookup_status(const exchange_t *exchange,
                                             const request_certid_t *certid,
                                             ocsp_responder_status_t *status,
                                             const authority_t **owner,
                                             const char **why)
{
    const apr_array_header_t *authorities = exchange->authorities;
    ocsp_responder_status_t found;
    int i;

    memset(status, 0, sizeof(*status));
    for (i = 0; i < authorities->nelts; i++) {
        const authority_t *authority =
            APR_ARRAY_IDX(authorities, i, const authority_t *);
        ocsp_responder_lookup_t result =
            look_up(exchange, authority, certid, &found, why);

        if (result == OCSP_RESPONDER_LOOKUP_FAILED)
            *why = name_serial(exchange->call.pool, certid, *why);
        if (result != OCSP_RESPONDER_LOOKUP_DONE)
            return result;
        if (found.cert_status == OCSP_RESPONDER_UNKNOWN)
            status->other_ca = found.other_ca;
        if (found.cert_status == OCSP_RESPONDER_UNKNOWN
            || says_same(status, &found))
            continue;
        if (status->cert_status != OCSP_RESPONDER_UNKNOWN) {
            *why = apr_psprintf(exchange->call.pool,
                                "two CAs with the same name and key (one is "
                                "%s) do not say the same of that serial",
                                authority->issuer->serial);
            *why = name_serial(exchange->call.pool, certid, *why);
            return OCSP_RESPONDER_LOOKUP_FAILED;
        }
        *status = found;
        *owner = authority;
    }
    return OCSP_RESPONDER_LOOKUP_DONE;
}

/* -- all of them ----------------------------------------------------------- */

/* The CertID before `index` with the same serial, whatever its hashes: all name
 * the same CA. -1: there is none. */
static int find_same(const request_t *request, int index)
{
    const request_certid_t *certid = &request->certids[index];
    int i;

    for (i = 0; i < index; i++) {
        const request_certid_t *other = &request->certids[i];

        if (certid->serial_negative == other->serial_negative
            && bytes_equal(certid->serial, other->serial))
            return i;
    }
    return -1;
}

ocsp_responder_lookup_t lookup_statuses(const exchange_t *exchange,
                                        ocsp_responder_status_t *statuses,
                                        const authority_t **owner,
                                        const char **why)
{
    const request_t *request = exchange->request;
    int i;

    for (i = 0; i < request->certid_count; i++) {
        ocsp_responder_lookup_t result;
        int same = find_same(request, i);

        if (same >= 0) {
            statuses[i] = statuses[same];
            continue;
        }
        result = lookup_status(exchange, &request->certids[i], &statuses[i],
                               owner, why);
        if (result != OCSP_RESPONDER_LOOKUP_DONE)
            return result;
    }
    return OCSP_RESPONDER_LOOKUP_DONE;
}
