/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/profile.h"

#include "apr_strings.h"

#include "base/calendar.h"
#include "startup/profile_case.h"

#define HOURS 3600
#define DAYS  (24 * HOURS)

/* What is wrong, in pool or static; NULL: nothing. */
typedef const char *(*test_t)(const profile_case_t *tested);

static int has_ended(const authority_t *authority)
{
    return authority->issuer->not_after <= apr_time_now();
}

static const char *in_seconds(const profile_case_t *tested, int is_wrong,
                              const char *what, apr_int64_t seconds)
{
    return is_wrong
        ? apr_psprintf(tested->pool, "%s %" APR_INT64_T_FMT " seconds", what,
                       seconds)
        : NULL;
}

/* -- times ----------------------------------------------------------------- */

static const char *interval_short(const profile_case_t *tested)
{
    return in_seconds(tested, tested->interval < 8 * HOURS,
                      "OCSPResponderExpires: eight hours at least, not",
                      tested->interval);
}

static const char *interval_long(const profile_case_t *tested)
{
    return in_seconds(tested, tested->interval > 10 * DAYS,
                      "OCSPResponderExpires: ten days at most, with the first "
                      "and the last second and OCSPResponderBackdate, not",
                      tested->interval);
}

static const char *interval_week(const profile_case_t *tested)
{
    return in_seconds(tested, tested->interval > 7 * DAYS,
                      "OCSPResponderExpires: seven days at most, not",
                      tested->interval);
}

/* Seconds from thisUpdate on. */
static const char *renewed_late(const profile_case_t *tested)
{
    const apr_int64_t age = tested->age + config_backdate(tested->config);
    apr_int64_t most = tested->interval - 1
        - (tested->interval < 16 * HOURS ? tested->interval / 2 : 8 * HOURS);

    if (most > 4 * DAYS)
        most = 4 * DAYS;
    return age > most
        ? apr_psprintf(tested->pool,
                       "OCSPResponderReuse and OCSPResponderBackdate: an "
                       "answer is renewed %" APR_INT64_T_FMT
                       " seconds after its thisUpdate at the latest, not "
                       "%" APR_INT64_T_FMT,
                       most, age)
        : NULL;
}

/* Whoever signs beforehand has done so long ago. */
static const char *signed_before(const profile_case_t *tested)
{
    return config_presigned(tested->config)
        ? "OCSPResponderPresigned: answers are signed when they are asked for; "
          "set it off"
        : NULL;
}

/* HTTP caches keep it for as long again as they may, and nobody for longer than
 * it is valid. */
static const char *older_than_37_seconds(const profile_case_t *tested)
{
    const apr_int64_t valid =
        tested->interval - config_backdate(tested->config) - 1;
    const apr_int64_t kept = tested->age + config_max_age(tested->config);
    const apr_int64_t age = kept < valid ? kept : valid;
    const char *fault =
        in_seconds(tested, age > 37,
                   "OCSPResponderReuse and OCSPResponderMaxAge: together they "
                   "let an answer be 37 seconds old at most, not",
                   age);

    return fault ? fault : signed_before(tested);
}

static const char *not_live(const profile_case_t *tested)
{
    return tested->age > 0 ? "OCSPResponderReuse: answers are live; set it off"
        : config_max_age(tested->config) > 0
        ? "OCSPResponderMaxAge: answers are live, and no cache keeps them; set "
          "it to 0"
        : signed_before(tested);
}

/* -- what answers say ------------------------------------------------------ */

static const char *digest(const profile_case_t *tested)
{
    static const char *const allowed[] = { "auto",   "sha256",  "sha384",
                                           "sha512", "sha-256", "sha-384",
                                           "sha-512" };
    const char *name = config_digest(tested->config);
    unsigned i;

    for (i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
        if (strcasecmp(name, allowed[i]) == 0)
            return profile_signer_salt(tested);
    return apr_psprintf(
        tested->pool,
        "OCSPResponderDigest: signatures are made with SHA-256, "
        "SHA-384 or SHA-512, not %s",
        name);
}

static const char *hold(const profile_case_t *tested)
{
    return config_unknown(tested->config) == CONFIG_UNKNOWN_REVOKED
        ? "OCSPResponderUnknown: no answer says certificateHold, as revoked "
          "does of serials never issued"
        : NULL;
}

static const char *cutoff(const profile_case_t *tested)
{
    return config_archive_cutoff(tested->config) == CONFIG_CUTOFF_CA
        ? NULL
        : "OCSPResponderArchiveCutoff: answers tell that statuses are kept "
          "since the CA's notBefore; set it on";
}

static const char *last_answers(const profile_case_t *tested)
{
    return has_ended(tested->authority) && !config_never_expires(tested->config)
        ? "OCSPResponderExpires: a CA that has ended is answered for the last "
          "time, with a nextUpdate of 99991231235959Z; set it to never"
        : NULL;
}

static const char *retention(const profile_case_t *tested)
{
    int kept = config_archive_cutoff(tested->config);

    return kept != CONFIG_CUTOFF_CA && kept < 10 * 365 * DAYS
        ? "OCSPResponderArchiveCutoff: statuses are kept for ten years at "
          "least, and answers tell; set it to on, or to 10y or more"
        : NULL;
}

static const char *nonce(const profile_case_t *tested)
{
    return config_nonce(tested->config)
        ? NULL
        : "OCSPResponderNonce: a nonce is echoed; set it on";
}

/* -- the rules ------------------------------------------------------------- */

/* Versions 2.2.6 of 2026-03, 1.0.10 of 2025-07 and 3.10.0 of 2025-11. What the
 * last does not say of itself it is held to by the first. */
#define TLS   "CA/Browser Forum TLS Baseline Requirements "
#define SMIME "CA/Browser Forum S/MIME Baseline Requirements "
#define CODE  "CA/Browser Forum Code Signing Baseline Requirements "

#define ETSI    "ETSI EN 319 411-2 "
#define GEMATIK "gemSpec_PKI "
#define FPKI    "FPKI Public Trust TLS Certificate Policy 1.0, "
#define COMMON  "FPKI Common Policy 1.32, "
#define EUDI \
    "EUDI, IT-Wallet specifications, Online Certificate Status Protocol, "

/* The sections of the three. */
#define BASELINE(tls, smime, code) \
    [CONFIG_BR] = tls, [CONFIG_SMIME] = smime, [CONFIG_CODESIGNING] = code

static const struct {
    const char *id;
    test_t test;
    const char *sections[CONFIG_PROFILES]; /* text and section, of those
                                            * profiles that have it */
} rules[] = {
    { "interval-min",
      interval_short,
      { BASELINE(TLS "4.9.9", SMIME "4.9.10", TLS "4.9.9") } },
    { "interval-max",
      interval_long,
      { BASELINE(TLS "4.9.9", SMIME "4.9.10", CODE "4.9.10") } },
    { "renewal",
      renewed_late,
      { BASELINE(TLS "4.9.9", SMIME "4.9.10", CODE "4.9.10") } },
    { "never-issued",
      profile_source_never_issued,
      { BASELINE(TLS "4.9.9", SMIME "4.9.10", CODE "4.9.10"),
        [CONFIG_FPKI] = FPKI "4.9.10" } },
    { "extended-key-usage",
      profile_signer_usage_extended,
      { BASELINE(TLS "7.1.2.8.5", SMIME "4.9.9", CODE "7.1.2.4") } },
    { "nocheck",
      profile_signer_no_check,
      { BASELINE(TLS "7.1.2.8.6", SMIME "4.9.9", CODE "4.9.9"),
        [CONFIG_GEMATIK] = GEMATIK "GS-A_4741",
        [CONFIG_FPKI] = FPKI "Delegated OCSP Responder Certificate Profile" } },
    { "key-usage",
      profile_signer_usage,
      { BASELINE(TLS "7.1.2.8.7 and 7.1.2.10.7", SMIME "7.1.2.2 and 7.1.2.4",
                 CODE "7.1.2.2 and 7.1.2.4") } },
    { "authority-key-identifier",
      profile_signer_key_identifier,
      { BASELINE(TLS "7.1.2.8.2", SMIME "7.1.2.4", CODE "7.1.2.4") } },
    { "subject-alt-name",
      profile_signer_alternative_name,
      { BASELINE(TLS "7.1.2.8.2", SMIME "7.1.2.4", CODE "7.1.2.4") } },
    { "digest",
      digest,
      { BASELINE(TLS "7.1.3.2", SMIME "7.1.3.2", CODE "7.1.3.2") } },
    { "no-hold",
      hold,
      { [CONFIG_BR] = TLS "4.9.13", [CONFIG_CODESIGNING] = CODE "4.9.13" } },
    { "held",
      profile_source_held,
      { [CONFIG_BR] = TLS "4.9.13", [CONFIG_CODESIGNING] = CODE "4.9.13" } },
    { "ca-reason",
      profile_source_unexplained,
      { BASELINE(TLS "7.3", SMIME "7.3", TLS "7.3") } },
    { "retention", retention, { [CONFIG_CODESIGNING] = CODE "4.9.10" } },
    { "archive-cutoff",
      cutoff,
      { [CONFIG_ETSI] = ETSI "6.3.10, CSS-6.3.10-08" } },
    { "last-answers", last_answers, { [CONFIG_ETSI] = ETSI "6.3.10" } },
    { "cert-hash",
      profile_source_hash,
      { [CONFIG_GEMATIK] = GEMATIK "GS-A_4693" } },
    { "answer-age",
      older_than_37_seconds,
      { [CONFIG_GEMATIK] = GEMATIK "GS-A_5215" } },
    { "certificate-sent",
      profile_signer_not_sent,
      { [CONFIG_GEMATIK] = GEMATIK "GS-A_4657" } },
    { "interval-max", interval_week, { [CONFIG_FPKI] = FPKI "4.9.10" } },
    { "certificate-life",
      profile_signer_lifetime,
      { [CONFIG_FPKI] = FPKI "6.3.2" } },
    { "strength", profile_signer_strength, { [CONFIG_FPKI] = COMMON "6.1.5" } },
    { "nonce", nonce, { [CONFIG_EUDI] = EUDI "Response Format: nonce" } },
    { "live", not_live, { [CONFIG_EUDI] = EUDI "Response Format: nonce" } },
};

#define RULES (sizeof(rules) / sizeof(*rules))

static void check_rule(const reporter_t *reporter, const profile_case_t *tested,
                       unsigned rule, const char *section)
{
    const char *fault = section ? rules[rule].test(tested) : NULL;

    if (fault)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_PROFILE,
                     "OCSPResponderProfile %s, rule %s: CA %s: %s (%s)",
                     config_profile(tested->config), rules[rule].id,
                     tested->authority->issuer->serial, fault, section);
}

/* Returns whether a rule of the profile demands hashes. */
static int check_rules(const reporter_t *reporter, const profile_case_t *tested)
{
    const char *profile = config_profile(tested->config);
    int place = 0, demands_hashes = 0;
    unsigned i;

    if (!profile)
        return 0;
    while (config_profiles[place] != profile)
        place++;
    for (i = 0; i < RULES; i++) {
        const char *section = rules[i].sections[place];

        check_rule(reporter, tested, i, section);
        demands_hashes |= section && rules[i].test == profile_source_hash;
    }
    return demands_hashes;
}

void profile_check(const reporter_t *reporter,
                   const ocsp_responder_call_t *call,
                   const authority_t *authority)
{
    const config_t *config = reporter->parts->config;
    /* A CA that lives has answers that end all the same. */
    apr_int64_t expires = authority_is_final(authority, apr_time_now())
        ? CALENDAR_LAST /* longer than any rule allows */
        : config_expires(config, authority->ca.validity);
    const profile_case_t tested = {
        .pool = call->pool,
        .call = call,
        .config = config,
        .source = reporter->parts->source,
        .authority = authority,
        .certificate = authority->signer->certificate,
        .interval = expires + config_backdate(config) + 1,
        .age = apr_time_sec(config_reuse(config, apr_time_from_sec(expires)))
    };
    /* The rule says so itself. */
    const char *hash = check_rules(reporter, &tested)
        ? NULL
        : profile_source_lacks_hash(&tested);

    if (hash)
        report_write(reporter, REPORT_IS_WARNING, REPORT_AT_SOURCE, "%s", hash);
}
