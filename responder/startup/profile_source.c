/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/profile_case.h"

#include <string.h>

#include "apr_strings.h"

/* The serial of one of the CA's that its source has so, or "any" where each is
 * so. NULL: there is none, or, as *unclear then says, nobody can tell. */
static const char *find_one(const profile_case_t *tested,
                            ocsp_responder_objection_t what,
                            const char **unclear)
{
    const registry_source_t *asked = tested->source;
    const request_certid_t none = { .serial = { NULL, 0 } };
    const ocsp_responder_query_t query =
        authority_query(tested->authority, &none);
    const char *serial = NULL, *why = "the source has no such search";

    *unclear = NULL;
    if (asked->source->find_objection
        && asked->source->find_objection(asked->instance, tested->call, &query,
                                         what, &serial, &why)
            == OCSP_RESPONDER_LOOKUP_DONE)
        return serial;
    *unclear =
        apr_pstrcat(tested->pool, "OCSPResponderSource: not judged: ", why,
                    "; see to it yourself that the rule is kept", NULL);
    return NULL;
}

/* A sentence around the serial of such a one. */
static const char *object_to(const profile_case_t *tested,
                             ocsp_responder_objection_t what,
                             const char *before, const char *behind)
{
    const char *unclear, *serial = find_one(tested, what, &unclear);

    return serial ? apr_pstrcat(tested->pool, "OCSPResponderSource: ", before,
                                serial, behind, NULL)
                  : unclear;
}

const char *profile_source_held(const profile_case_t *tested)
{
    return object_to(tested, OCSP_RESPONDER_ON_HOLD,
                     "no certificate is on hold, as ", " is");
}

const char *profile_source_unexplained(const profile_case_t *tested)
{
    return object_to(tested, OCSP_RESPONDER_CA_WITHOUT_REASON,
                     "a CA is revoked for a reason; ", " is for none");
}

/* Whatever makes the source call it good: it is asked. */
const char *profile_source_never_issued(const profile_case_t *tested)
{
    static const unsigned char nobodys[] = { 0x5D, 0x1E, 0x93, 0xC4, 0x2B,
                                             0xA7, 0x60, 0xF8, 0x39, 0xD2,
                                             0x74, 0x0B, 0xE5, 0x8C, 0x16,
                                             0xBF, 0x41, 0x9A, 0xD7, 0x63 };
    const registry_source_t *source = tested->source;
    const request_certid_t certid = { .serial = { nobodys, sizeof(nobodys) } };
    const ocsp_responder_query_t query =
        authority_query(tested->authority, &certid);
    ocsp_responder_status_t status = { .cert_status = OCSP_RESPONDER_UNKNOWN };
    const char *why;

    return source->source->look_up(source->instance, tested->call, &query,
                                   &status, &why)
                == OCSP_RESPONDER_LOOKUP_DONE
            && status.cert_status == OCSP_RESPONDER_GOOD
        ? "OCSPResponderSource: a serial never issued is never good; take "
          "absent=good, or \"Absent good\" of its <OCSPResponderTable>, away"
        : NULL;
}

const char *profile_source_hash(const profile_case_t *tested)
{
    const char *unclear, *serial;

    if (!config_cert_hash(tested->config))
        return "OCSPResponderCertHash: answers hold the certificate's hash; "
               "set it on";
    serial = find_one(tested, OCSP_RESPONDER_WITHOUT_HASH, &unclear);
    if (!serial)
        return unclear;
    return strcmp(serial, "any") == 0
        ? "OCSPResponderSource: answers hold the certificate's hash; take a "
          "source that keeps certificates, as an <OCSPResponderTable> does "
          "with Certificate"
        : apr_pstrcat(tested->pool,
                      "OCSPResponderSource: answers hold the certificate's "
                      "hash; the source has no certificate that can be read "
                      "for ",
                      serial, NULL);
}

const char *profile_source_lacks_hash(const profile_case_t *tested)
{
    const char *unclear,
        *serial = config_cert_hash(tested->config)
        ? find_one(tested, OCSP_RESPONDER_WITHOUT_HASH, &unclear)
        : NULL;

    if (!serial)
        return NULL;
    return apr_pstrcat(
        tested->pool, "OCSPResponderCertHash on: CA ",
        tested->authority->issuer->serial, ": ",
        strcmp(serial, "any") == 0
            ? "the source keeps no certificates, so that answers"
            : apr_pstrcat(tested->pool,
                          "the source has no certificate that can be read for ",
                          serial, ", and answers about that", NULL),
        " hold no hash", NULL);
}
