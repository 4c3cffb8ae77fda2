/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check.h"

#include "apr_strings.h"
#include "http_core.h"
#include <openssl/x509v3.h>

#include "db/database.h"
#include "db/query.h"
#include "httpd/findings.h"
#include "httpd/log.h"
#include "httpd/overlaps.h"
#include "serve/credentials.h"
#include "startup/check_pages.h"
#include "startup/preflight.h"
#include "serve/responders.h"
#include "source/django_ca/dialect.h"
#include "httpd/sections.h"

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

static void check_dates(apr_array_header_t *findings, const config_t *config,
                        const signer_t *signer)
{
    apr_time_t now = apr_time_now();

    if (now > signer->not_after)
        findings_add(findings, APLOG_WARNING, "OCSP0104", config->cert_at,
                     "OCSPResponderCert: the certificate has expired; requests "
                     "are answered internalError");
    if (now < signer->not_before)
        findings_add(findings, APLOG_WARNING, "OCSP0105", config->cert_at,
                     "OCSPResponderCert: the certificate is not yet valid; "
                     "until then requests are answered internalError");
}

/* A server that is not to have a key sends presigned answers only. */
static int is_keyless(const config_t *config)
{
    return config_presigned(config) && !config->key && !config->cert;
}

static const credentials_t *check_pair(apr_array_header_t *findings,
                                       apr_pool_t *pconf,
                                       const config_t *config, const char **why)
{
    const config_place_t *at = config->ca_at;
    const credentials_t *pair = NULL;

    if (!config->key && !config_key_is_auto(config) && !is_keyless(config))
        *why = "OCSPResponderCA without OCSPResponderKey";
    else if (!config->cert && !config_cert_is_auto(config)
             && !is_keyless(config))
        *why = "OCSPResponderCA without OCSPResponderCert";
    else
        pair = credentials_load(pconf, config, &at, why);
    if (!pair)
        findings_add(findings, APLOG_ERR, "OCSP0101", at, *why);
    else if (pair->certificate)
        check_usage(findings, config, pair->certificate);
    if (pair && pair->signer)
        check_dates(findings, config, pair->signer);
    return pair;
}

/* -- database -------------------------------------------------------------- */

/* What makes mod_dbd fail for ever. */
static void check_pool(apr_array_header_t *findings, const config_place_t *at,
                       const database_settings_t *settings)
{
    if (settings->max < settings->keep || settings->max < settings->min)
        findings_add(findings, APLOG_ERR, "OCSP0109", at,
                     apr_psprintf(findings->pool,
                                  "DBDMax %d is less than "
                                  "DBDKeep %d or DBDMin %d: mod_dbd opens no "
                                  "connection",
                                  settings->max, settings->keep,
                                  settings->min));
}

/* 1 when there is a database to be probed. */
static int check_database(apr_array_header_t *findings,
                          const section_t *section)
{
    database_settings_t settings;
    const char *text = NULL;

    if (!database_settings(section->server, &settings))
        text = "OCSPResponderCA needs mod_dbd, which is not loaded (a2enmod "
               "dbd, or LoadModule dbd_module)";
    else if (!settings.driver)
        text = "OCSPResponderCA needs a database, and DBDriver is not set for "
               "this server";
    else if (!dialect_find(settings.driver))
        text = apr_psprintf(findings->pool,
                            "DBDriver %s is not one that "
                            "OCSPResponderCA can use: %s",
                            settings.driver, dialect_names());
    if (text)
        findings_add(findings, APLOG_ERR, "OCSP0102", section->config->ca_at,
                     text);
    else
        check_pool(findings, section->config->ca_at, &settings);
    return !text;
}

/* -------------------------------------------------------------------------- */

/* Whether what has been found so far must stop httpd. */
static int must_stop(int is_test, int pair_errors, int errors)
{
    if (is_test)
        return errors > 0;
    return pair_errors > 0 && ap_state_query(AP_SQ_CONFIG_GEN) == 0;
}

int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                 server_rec *servers)
{
    int mode = ap_state_query(AP_SQ_RUN_MODE);
    int is_test = mode == AP_SQ_RM_CONFIG_TEST;
    apr_array_header_t *findings = findings_begin(ptemp);
    apr_array_header_t *probes = preflight_begin(ptemp);
    const apr_array_header_t *sections = sections_list(pconf, servers);
    int i, pair_errors = 0, errors;

    (void)plog;
    if (mode == AP_SQ_RM_CONFIG_DUMP)
        return OK;
    for (i = 0; i < sections->nelts; i++) {
        const section_t *section = &APR_ARRAY_IDX(sections, i, section_t);
        const char *why = NULL;
        const credentials_t *pair =
            check_pair(findings, pconf, section->config, &why);

        pair_errors += !pair;
        responders_add(section->server, section->config, pair, why);
        database_connect_late(servers, section->server);
        if (check_database(findings, section) && is_test)
            preflight_add(probes, section, pair);
    }
    check_pages(findings);
    overlaps_check(findings, servers);
    preflight_run(probes, servers, findings);
    errors = findings_print(findings);
    return must_stop(is_test, pair_errors, errors) ? !OK : OK;
}
