/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "apr_strings.h"
#include "http_core.h"
#include <openssl/x509v3.h>

#include "base/text_hash.h"
#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/log.h"
#include "httpd/overlaps.h"
#include "serve/credentials.h"
#include "startup/preflight.h"
#include "startup/monitor.h"
#include "serve/responders.h"
#include "source/registry.h"
#include "httpd/sections.h"

/* What is checked, and what was found so far. */
typedef struct {
    apr_array_header_t *findings;
    preflight_t *preflight;
    apr_hash_t *pairs;     /* const credentials_t *, by pair_said_t */
    const section_t *last; /* whose source was configured; NULL: none yet */
    const registry_source_t *source; /* its source; NULL: it has none */
    apr_pool_t *pconf;
    apr_pool_t *temporary;
    int is_test;  /* httpd -t */
    int is_first; /* of the two times that httpd reads the configuration when
                   * it starts: what must stop it is told on the terminal */
} checked_t;

/* -- key and certificate --------------------------------------------------- */

/* What can be told without the CA's certificate: it is in the database. */
static void check_usage(apr_array_header_t *findings, const config_t *config,
                        X509 *certificate)
{
    int may_sign = (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE)
        && (X509_get_extended_key_usage(certificate) & XKU_OCSP_SIGN);

    if (!may_sign && !X509_check_ca(certificate))
        findings_add(findings, APLOG_ERR, "OCSP0103", config->cert_at,
                     "OCSPResponderCert: the certificate has no OCSPSigning "
                     "usage (id-kp-OCSPSigning), and is not a CA's");
}

/* A server that is not to have a key sends pre-signed responses only. */
static int is_keyless(const config_t *config)
{
    return config_presigned(config) && !config->key && !config->cert;
}

/* What the files and settings of a pair are. The same text is the same pointer;
 * it must hold no padding. */
typedef struct {
    const char *key, *cert, *key_passphrase, *chain, *digest;
    int key_is_auto, cert_is_auto;
} pair_said_t;

/* Each distinct key and certificate is loaded once, however many locations have
 * it. */
static const credentials_t *load_pair(checked_t *checked,
                                      const config_t *config,
                                      const config_place_t **at,
                                      const char **why)
{
    const pair_said_t said = { config->key,
                               config->cert,
                               config->key_passphrase,
                               config_chain(config),
                               config_digest(config),
                               config_key_is_auto(config),
                               config_cert_is_auto(config) };
    const credentials_t *pair =
        apr_hash_get(checked->pairs, &said, sizeof(said));

    if (pair)
        return pair;
    pair = credentials_load(checked->pconf, config, at, why);
    if (pair)
        apr_hash_set(checked->pairs,
                     apr_pmemdup(checked->temporary, &said, sizeof(said)),
                     sizeof(said), pair);
    return pair;
}

/* Those of an outer section may be more than a section's own. */
static const char *lacking(apr_pool_t *pool, const config_t *config,
                           const char *directive)
{
    return apr_pstrcat(pool, "OCSPResponderCA without ", directive,
                       config_pairs(config) > 1
                           ? " for each pair: there must be as many "
                             "OCSPResponderKey as OCSPResponderCert"
                           : ": say which, or auto for django-ca's own",
                       NULL);
}

static const credentials_t *check_pair(checked_t *checked,
                                       const config_t *config, const char **why)
{
    apr_array_header_t *findings = checked->findings;
    const config_place_t *at = config->ca_at;
    const credentials_t *pair = NULL;

    if (!config->key && !config_key_is_auto(config) && !is_keyless(config))
        *why = lacking(checked->pconf, config, "OCSPResponderKey");
    else if (!config->cert && !config_cert_is_auto(config)
             && !is_keyless(config))
        *why = lacking(checked->pconf, config, "OCSPResponderCert");
    else
        pair = load_pair(checked, config, &at, why);
    if (!pair)
        findings_add(findings, APLOG_ERR, "OCSP0101", at, "%s", *why);
    else if (pair->certificate)
        check_usage(findings, config, pair->certificate);
    return pair;
}

/* -- the source ------------------------------------------------------------ */

static int same_settings(const section_t *one, const section_t *other)
{
    const config_t *config = one->config, *before = other->config;

    return one->server == other->server && config->source == before->source
        && config->source_arguments == before->source_arguments
        && config->ca == before->ca && config->storage == before->storage
        && config->time_zone_name == before->time_zone_name;
}

/* directive: another module's that is wrong, NULL if it is none: the fault is
 * told where that stands. */
static void add_source_fault(checked_t *checked, const section_t *section,
                             const char *directive, const char *why)
{
    const config_t *config = section->config;
    const config_place_t *place = directive
        ? directive_place(checked->pconf, section->server, directive)
        : NULL;

    if (place)
        why = directive_place_fault(checked->pconf, config, why);
    else
        place = config->source_at ? config->source_at : config->ca_at;
    findings_add(checked->findings, APLOG_ERR, "OCSP0102", place, "%s", why);
}

static const registry_source_t *check_source(
    checked_t *checked, const section_t *section, const char **why)
{
    const config_t *config = section->config;
    const char *fault_at = NULL;
    const ocsp_responder_settings_t settings = {
        .arguments = config_source_arguments(config),
        .ca = config->ca,
        .storage = config->storage,
        .time_zone = config->time_zone_name,
        .fault_at = &fault_at
    };
    const registry_source_t *source;

    if (checked->source && same_settings(section, checked->last))
        return checked->source;
    source = registry_configure(section->server, config_source(config),
                                &settings, why);
    checked->source = source;
    checked->last = section;
    if (!source)
        add_source_fault(checked, section, fault_at, *why);
    return source;
}

/* A CRL does not say who was issued. */
static void check_absent(apr_array_header_t *findings, const config_t *config)
{
    static const char good[] = "absent=good";

    if (config_unknown(config) == CONFIG_UNKNOWN_REVOKED
        && strcmp(config_source(config), "crl") == 0
        && strncmp(config_source_arguments(config), good, strlen(good)) != 0)
        findings_add(findings, APLOG_ERR, "OCSP0114", config->source_at,
                     "OCSPResponderSource crl: OCSPResponderUnknown revoked "
                     "has every certificate that is in none of the CRLs "
                     "answered as revoked, as they do not say which were "
                     "issued; set OCSPResponderUnknown unknown or "
                     "unauthorized here, or write absent=good");
}

/* How many sources cannot be used. */
static int collect_sources(apr_array_header_t *findings, apr_pool_t *pconf)
{
    const apr_array_header_t *faults = registry_collect(pconf);
    int i;

    for (i = 0; i < faults->nelts; i++)
        findings_add(findings, APLOG_ERR, "OCSP0112", NULL, "%s",
                     APR_ARRAY_IDX(faults, i, const char *));
    return faults->nelts;
}

/* -------------------------------------------------------------------------- */

/* 1 when its key and certificate are as they should be. */
static int check_section(checked_t *checked, const section_t *section)
{
    responder_parts_t parts = { .server = section->server,
                                .config = section->config };

    parts.credentials = check_pair(checked, section->config, &parts.why);
    parts.source = check_source(checked, section, &parts.why);
    check_absent(checked->findings, section->config);
    if (!checked->is_test && !checked->is_first)
        responders_add(&parts);
    if (parts.source && !checked->is_first)
        preflight_add(checked->preflight, &parts);
    return parts.credentials != NULL;
}

/* What all lines of the configuration say, seen once: there may be many. */
static void check_lines(apr_array_header_t *findings,
                        const apr_array_header_t *sections)
{
    const ap_directive_t *line;

    for (line = ap_conftree; line; line = directive_place_next(line)) {
        check_handler(findings, line);
        check_table(findings, sections, line);
    }
    check_around(findings);
}

/* Whether what has been found so far must stop httpd. */
static int must_stop(int is_test, int bad, int errors)
{
    if (is_test)
        return errors > 0;
    return bad > 0 && ap_state_query(AP_SQ_CONFIG_GEN) == 0;
}

/* What httpd -t and the log tell of all sections. */
static void check_rest(const checked_t *checked, const sections_t *sections)
{
    check_lines(checked->findings, sections->responders);
    check_unused(checked->findings, sections->unused);
    overlaps_check(checked->findings, sections->overlaps);
    check_urls(checked->findings, sections->responders);
    if (checked->is_test)
        preflight_run(checked->preflight, checked->findings);
    else
        monitor_prepare(checked->preflight);
}

int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                 server_rec *servers)
{
    int mode = ap_state_query(AP_SQ_RUN_MODE);
    int state = ap_state_query(AP_SQ_MAIN_STATE);
    const sections_t *sections = sections_list(pconf, ptemp, servers);
    const apr_array_header_t *list = sections->responders;
    checked_t checked = { .findings = findings_begin(ptemp),
                          .preflight = preflight_begin(pconf, list->nelts),
                          .pairs = text_hash_make(ptemp),
                          .pconf = pconf,
                          .temporary = ptemp,
                          .is_test = mode == AP_SQ_RM_CONFIG_TEST,
                          .is_first = mode == AP_SQ_RM_NORMAL
                              && state == AP_SQ_MS_CREATE_PRE_CONFIG };
    int i, bad, errors;

    (void)plog;
    if (mode == AP_SQ_RM_CONFIG_DUMP)
        return OK;
    bad = collect_sources(checked.findings, pconf);
    for (i = 0; i < list->nelts; i++)
        bad += !check_section(&checked, &APR_ARRAY_IDX(list, i, section_t));
    if (!checked.is_first)
        check_rest(&checked, sections);
    errors = findings_print(checked.findings);
    return must_stop(checked.is_test, bad, errors) ? !OK : OK;
}
