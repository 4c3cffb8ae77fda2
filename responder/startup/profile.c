/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/profile.h"

#include "apr_strings.h"
#include <openssl/x509v3.h>

#define HOURS 3600
#define DAYS  (24 * HOURS)

/* Longer than any rule allows, of an answer that never expires, in seconds. */
#define FOR_EVER APR_INT64_C(253402300799)

/* What is compared with the rules; times are in seconds. */
typedef struct {
    apr_pool_t *pool;
    const ocsp_responder_call_t *call;
    const config_t *config;
    const registry_source_t *source;
    const authority_t *authority;
    X509 *certificate;    /* the signer's */
    apr_int64_t interval; /* from thisUpdate to nextUpdate, both included */
    apr_int64_t age;      /* that an answer has at most when it is sent */
} case_t;

/* What is wrong, in pool or static; NULL: nothing. */
typedef const char *(*test_t)(const case_t *tested);

static const char *in_seconds(const case_t *tested, const char *what,
                              apr_int64_t seconds)
{
    return apr_psprintf(tested->pool, "%s %" APR_INT64_T_FMT " seconds", what,
                        seconds);
}

/* -- times ----------------------------------------------------------------- */

static const char *interval_short(const case_t *tested)
{
    return tested->interval < 8 * HOURS
        ? in_seconds(tested, "OCSPResponderExpires: eight hours at least, not",
                     tested->interval)
        : NULL;
}

static const char *interval_long(const case_t *tested)
{
    return tested->interval > 10 * DAYS
        ? in_seconds(tested,
                     "OCSPResponderExpires: ten days at most, with the first "
                     "and the last second and OCSPResponderBackdate, not",
                     tested->interval)
        : NULL;
}

static const char *interval_week(const case_t *tested)
{
    return tested->interval > 7 * DAYS
        ? in_seconds(tested, "OCSPResponderExpires: seven days at most, not",
                     tested->interval)
        : NULL;
}

static const char *renewed_late(const case_t *tested)
{
    apr_int64_t most = tested->interval < 16 * HOURS
        ? tested->interval / 2
        : tested->interval - 8 * HOURS;

    if (most > 4 * DAYS)
        most = 4 * DAYS;
    return tested->age > most
        ? apr_psprintf(tested->pool,
                       "OCSPResponderReuse: an answer is renewed when it is "
                       "%" APR_INT64_T_FMT " seconds old at the latest, not "
                       "%" APR_INT64_T_FMT,
                       most, tested->age)
        : NULL;
}

static const char *older_than_37_seconds(const case_t *tested)
{
    return tested->age > 37
        ? in_seconds(tested,
                     "OCSPResponderReuse: an answer is 37 seconds old at most "
                     "when it is sent, not",
                     tested->age)
        : NULL;
}

static const char *not_live(const case_t *tested)
{
    return tested->age > 0 ? "OCSPResponderReuse: answers are live; set it off"
        : config_max_age(tested->config) > 0
        ? "OCSPResponderMaxAge: answers are live, and no cache keeps them; set "
          "it to 0"
        : NULL;
}

/* -- the responder certificate --------------------------------------------- */

/* A location may have several. */
static const char *of_signer(const case_t *tested, const char *text)
{
    return apr_psprintf(tested->pool, "OCSPResponderCert, certificate %s: %s",
                        tested->authority->signer->serial, text);
}

static int has_extension(const case_t *tested, int nid)
{
    return X509_get_ext_by_NID(tested->certificate, nid, -1) >= 0;
}

static const char *usage_extended(const case_t *tested)
{
    EXTENDED_KEY_USAGE *usages =
        X509_get_ext_d2i(tested->certificate, NID_ext_key_usage, NULL, NULL);
    int count = sk_ASN1_OBJECT_num(usages);

    sk_ASN1_OBJECT_pop_free(usages, ASN1_OBJECT_free);
    return tested->authority->delegated && count != 1
        ? of_signer(tested, "its extended key usage is OCSPSigning alone")
        : NULL;
}

static const char *no_check(const case_t *tested)
{
    return tested->authority->delegated
            && !has_extension(tested, NID_id_pkix_OCSP_noCheck)
        ? of_signer(tested, "it has the extension id-pkix-ocsp-nocheck")
        : NULL;
}

static const char *usage(const case_t *tested)
{
    return (X509_get_extension_flags(tested->certificate) & EXFLAG_KUSAGE)
            && (X509_get_key_usage(tested->certificate) & KU_DIGITAL_SIGNATURE)
        ? NULL
        : of_signer(tested,
                    "its key usage has digitalSignature, also where it is the "
                    "CA's own");
}

static const char *key_identifier(const case_t *tested)
{
    return tested->authority->delegated
            && !has_extension(tested, NID_authority_key_identifier)
        ? of_signer(tested, "it has an authorityKeyIdentifier")
        : NULL;
}

static const char *alternative_name(const case_t *tested)
{
    return tested->authority->delegated
            && has_extension(tested, NID_subject_alt_name)
        ? of_signer(tested, "it has no subjectAltName")
        : NULL;
}

/* The CA's own is sent only by a root. */
static const char *not_sent(const case_t *tested)
{
    const authority_t *authority = tested->authority;

    return authority->delegated || authority->issuer->self_issued
        ? NULL
        : of_signer(tested,
                    "answers hold the certificate of who signs, which an "
                    "intermediate CA's own is not; let a responder sign for "
                    "it");
}

static const char *lifetime(const case_t *tested)
{
    const signer_t *signer = tested->authority->signer;

    return tested->authority->delegated
            && signer->not_after - signer->not_before
                > apr_time_from_sec(45 * DAYS)
        ? of_signer(tested, "it lives for 45 days at most")
        : NULL;
}

static const char *strength(const case_t *tested)
{
    EVP_PKEY *own = X509_get0_pubkey(tested->certificate);
    EVP_PKEY *ca = X509_get0_pubkey(tested->authority->issuer->certificate);

    return own && ca
            && EVP_PKEY_get_security_bits(own) < EVP_PKEY_get_security_bits(ca)
        ? of_signer(tested, "its key is no weaker than the CA's")
        : NULL;
}

/* -- what answers say ------------------------------------------------------ */

static const char *digest(const case_t *tested)
{
    static const char *const allowed[] = { "auto",   "sha256",  "sha384",
                                           "sha512", "sha-256", "sha-384",
                                           "sha-512" };
    const char *name = config_digest(tested->config);
    unsigned i;

    for (i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
        if (strcasecmp(name, allowed[i]) == 0)
            return NULL;
    return apr_psprintf(
        tested->pool,
        "OCSPResponderDigest: signatures are made with SHA-256, "
        "SHA-384 or SHA-512, not %s",
        name);
}

static const char *hold(const case_t *tested)
{
    return config_unknown(tested->config) == CONFIG_UNKNOWN_REVOKED
        ? "OCSPResponderUnknown: no answer says certificateHold, as revoked "
          "does of serials never issued"
        : NULL;
}

/* A certificate of the CA's that its source has so; NULL: there is none, or
 * nobody can tell. */
static const char *find(const case_t *tested, ocsp_responder_objection_t what)
{
    const ocsp_responder_source_t *source = tested->source->source;
    const request_certid_t none = { .serial = { NULL, 0 } };
    const ocsp_responder_query_t query =
        authority_query(tested->authority, &none);
    const char *serial = NULL, *why;

    return source->find_objection
            && source->find_objection(tested->source->instance, tested->call,
                                      &query, what, &serial, &why)
                == OCSP_RESPONDER_LOOKUP_DONE
        ? serial
        : NULL;
}

static const char *held(const case_t *tested)
{
    const char *serial = find(tested, OCSP_RESPONDER_ON_HOLD);

    return serial ? apr_pstrcat(tested->pool,
                                "OCSPResponderSource: no certificate is on "
                                "hold, as ",
                                serial, " is", NULL)
                  : NULL;
}

static const char *unexplained(const case_t *tested)
{
    const char *serial = find(tested, OCSP_RESPONDER_CA_WITHOUT_REASON);

    return serial ? apr_pstrcat(tested->pool,
                                "OCSPResponderSource: a CA is revoked for a "
                                "reason; ",
                                serial, " is for none", NULL)
                  : NULL;
}

static const char *never_issued(const case_t *tested)
{
    return strstr(config_source_arguments(tested->config), "absent=good")
        ? "OCSPResponderSource: a serial never issued is never good; take "
          "absent=good away"
        : NULL;
}

static const char *hash(const case_t *tested)
{
    return config_cert_hash(tested->config)
        ? NULL
        : "OCSPResponderCertHash: answers hold the certificate's hash; set it "
          "on";
}

static const char *cutoff(const case_t *tested)
{
    return config_archive_cutoff(tested->config) == CONFIG_CUTOFF_CA
        ? NULL
        : "OCSPResponderArchiveCutoff: answers tell that statuses are kept "
          "since the CA's notBefore; set it on";
}

static const char *retention(const case_t *tested)
{
    int kept = config_archive_cutoff(tested->config);

    return kept > 0 && kept < 10 * 365 * DAYS
        ? "OCSPResponderArchiveCutoff: statuses are kept for ten years at least"
        : NULL;
}

static const char *nonce(const case_t *tested)
{
    return config_nonce(tested->config)
        ? NULL
        : "OCSPResponderNonce: a nonce is echoed; set it on";
}

/* -- the rules ------------------------------------------------------------- */

#define BR          "CA/Browser Forum Baseline Requirements "
#define INTERVALS   BR "4.9.10"
#define CERTIFICATE BR "7.1.2.8"
#define FORUM       "br smime codesigning"

static const struct {
    const char *profiles; /* the names of those that have it */
    const char *id;
    test_t test;
    const char *section; /* of the profile's text */
} rules[] = {
    { FORUM, "interval-min", interval_short, INTERVALS },
    { FORUM, "interval-max", interval_long, INTERVALS },
    { FORUM, "renewal", renewed_late, INTERVALS },
    { FORUM, "never-issued", never_issued, INTERVALS },
    { FORUM, "extended-key-usage", usage_extended, CERTIFICATE },
    { FORUM, "nocheck", no_check, BR "4.9.9" },
    { FORUM, "key-usage", usage, CERTIFICATE },
    { FORUM, "authority-key-identifier", key_identifier, CERTIFICATE },
    { FORUM, "subject-alt-name", alternative_name, CERTIFICATE },
    { FORUM, "digest", digest, BR "7.1.3.2" },
    { "br codesigning", "no-hold", hold, BR "4.9.13" },
    { "br codesigning", "held", held, BR "4.9.13" },
    { FORUM, "ca-reason", unexplained, BR "7.2.2" },
    { "codesigning", "retention", retention,
      "CA/Browser Forum Code Signing Requirements 4.10.2" },
    { "etsi", "archive-cutoff", cutoff, "ETSI EN 319 411-2, 6.3.10" },
    { "gematik", "cert-hash", hash, "gemSpec_PKI, OCSP responses" },
    { "gematik", "answer-age", older_than_37_seconds,
      "gemSpec_PKI, OCSP responses" },
    { "gematik", "certificate-sent", not_sent, "gemSpec_PKI, OCSP responses" },
    { "gematik", "nocheck", no_check, "gemSpec_PKI, OCSP signer" },
    { "fpki", "interval-max", interval_week,
      "FPKI Common Policy, OCSP response profile" },
    { "fpki", "nocheck", no_check,
      "FPKI Common Policy, OCSP responder certificate profile" },
    { "fpki", "certificate-life", lifetime,
      "FPKI Common Policy, OCSP responder certificate profile" },
    { "fpki", "strength", strength, "FPKI Common Policy 6.1.5" },
    { "fpki", "never-issued", never_issued, "FPKI Common Policy 4.9.9" },
    { "eudi", "nonce", nonce, "EUDI wallet, revocation by OCSP" },
    { "eudi", "live", not_live, "EUDI wallet, revocation by OCSP" },
};

/* Whether a list of names has one. */
static int names(const char *list, const char *name)
{
    apr_size_t length = strlen(name);
    const char *at;

    for (at = list; (at = strstr(at, name)); at += length)
        if ((at == list || at[-1] == ' ')
            && (at[length] == ' ' || at[length] == '\0'))
            return 1;
    return 0;
}

apr_array_header_t *profile_faults(const ocsp_responder_call_t *call,
                                   const config_t *config,
                                   const registry_source_t *source,
                                   const authority_t *authority)
{
    apr_pool_t *pool = call->pool;
    apr_array_header_t *faults = apr_array_make(pool, 0, sizeof(char *));
    const char *profile = config_profile(config);
    apr_int64_t expires = config_never_expires(config)
        ? FOR_EVER
        : config_expires(config, authority->ca.validity);
    const case_t tested = {
        .pool = pool,
        .call = call,
        .config = config,
        .source = source,
        .authority = authority,
        .certificate = authority->signer->certificate,
        .interval = expires + config_backdate(config) + 1,
        .age = apr_time_sec(config_reuse(config, apr_time_from_sec(expires)))
    };
    unsigned i;

    for (i = 0; profile && i < sizeof(rules) / sizeof(*rules); i++) {
        const char *fault =
            names(rules[i].profiles, profile) ? rules[i].test(&tested) : NULL;

        if (fault)
            APR_ARRAY_PUSH(faults, const char *) =
                apr_psprintf(pool,
                             "OCSPResponderProfile %s, rule %s: CA %s: %s (%s)",
                             profile, rules[i].id, authority->issuer->serial,
                             fault, rules[i].section);
    }
    return faults;
}
