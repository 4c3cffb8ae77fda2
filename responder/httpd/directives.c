/* SPDX-License-Identifier: Apache-2.0
 * One setter a directive. */
#include "httpd/directives.h"

#include "apr_lib.h"
#include "apr_strings.h"
#include "http_core.h"
#include <openssl/evp.h>

#include "serve/response_cache.h"
#include "httpd/config.h"
#include "ocsp/serial.h"
#include "ocsp/key_uri.h"

/* Ranges, each with its reason. */
#define EXPIRES_MAX (10 * 365 * 24 * 3600) /* seconds: ten years */
#define CERTIDS_MAX 1000
#define REQUEST_MIN 128 /* octets: one SHA-512 CertID */
#define REQUEST_MAX (1024 * 1024)
#define DIGEST_MIN  28 /* octets: weaker ones are forged */

#define FORBIDDEN (NOT_IN_FILES | NOT_IN_LIMIT | NOT_IN_HTACCESS | NOT_IN_PROXY)

/* -- what all setters share ------------------------------------------------ */

static int is_regex_section(const ap_directive_t *section)
{
    const char *name = section->directive;
    apr_size_t length = strlen(name);

    if (length > 5 && strcasecmp(name + length - 5, "Match") == 0)
        return 1;
    return *name == '<' && section->args && *section->args == '~';
}

/* The payload of a GET could not be told from a path that a regular expression
 * matched. */
static const char *check_context(cmd_parms *cmd)
{
    const ap_directive_t *section;
    const char *error = ap_check_cmd_context(cmd, FORBIDDEN);

    for (section = cmd->directive->parent; !error && section;
         section = section->parent) {
        if (is_regex_section(section))
            error =
                apr_psprintf(cmd->pool,
                             "%s cannot be used in a section "
                             "with a regular expression (%s %s)",
                             cmd->cmd->name, section->directive, section->args);
    }
    return error;
}

static const config_place_t *place_of(cmd_parms *cmd)
{
    config_place_t *place = apr_palloc(cmd->pool, sizeof(*place));

    place->file = apr_pstrdup(cmd->pool, cmd->directive->filename);
    place->line = cmd->directive->line_num;
    return place;
}

static const char *wrong(cmd_parms *cmd, const char *value, const char *wanted)
{
    return apr_psprintf(cmd->pool, "%s: '%s' is not %s", cmd->cmd->name, value,
                        wanted);
}

/* Takes a whole decimal number between min and max; nothing else. */
static const char *set_number(cmd_parms *cmd, int *slot, const char *value,
                              int min, int max, const char *unit)
{
    const char *error = check_context(cmd);
    char *end;
    apr_int64_t number;

    if (error)
        return error;
    number = apr_strtoi64(value, &end, 10);
    if (!apr_isdigit(*value) || *end || strlen(value) > 10 || number < min
        || number > max)
        return wrong(cmd, value,
                     apr_psprintf(cmd->pool,
                                  "a number of %s from "
                                  "%d to %d",
                                  unit, min, max));
    *slot = (int)number;
    return NULL;
}

static const char *set_flag(cmd_parms *cmd, int *slot, int value)
{
    *slot = value ? 1 : 0;
    return check_context(cmd);
}

/* -- one setter a directive ------------------------------------------------ */

static const char *set_ca(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const char *error = check_context(cmd);

    if (error)
        return error;
    if (!*value
        || (!serial_parse(cmd->temp_pool, value) && serial_was_meant(value)))
        return wrong(cmd, value,
                     "the serial (hexadecimal) or the name of a "
                     "CA");
    config->ca = value;
    config->ca_at = place_of(cmd);
    return NULL;
}

static const char *set_key(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const char *error = check_context(cmd);

    if (error)
        return error;
    if (!*value || ap_strchr_c(value, '\n'))
        return wrong(cmd, value, "auto, the path or the URI of a private key");
    if (strcasecmp(value, CONFIG_AUTO) == 0)
        config->key = CONFIG_AUTO;
    else if (key_uri_is(value))
        config->key = value;
    else
        config->key = ap_server_root_relative(cmd->pool, value);
    if (!config->key)
        return wrong(cmd, value, "a valid path");
    config->key_at = place_of(cmd);
    return NULL;
}

static const char *set_key_passphrase(cmd_parms *cmd, void *dir,
                                      const char *value)
{
    config_t *config = dir;

    if (strncmp(value, "exec:/", 6) && strncmp(value, "file:/", 6))
        return wrong(cmd, value, "exec:/path/to/program or file:/path");
    config->key_passphrase = value;
    return check_context(cmd);
}

static const char *set_cert(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const char *error = check_context(cmd);

    if (error)
        return error;
    config->cert = strcasecmp(value, CONFIG_AUTO) == 0 ? CONFIG_AUTO : value;
    config->cert_at = place_of(cmd);
    if (config_cert_is_path(config) || config_cert_is_pem(config)
        || config_cert_is_auto(config) || serial_parse(cmd->temp_pool, value))
        return NULL;
    return wrong(cmd, value,
                 "auto, the absolute path, the serial "
                 "(hexadecimal) or the PEM text of a certificate");
}

/* That it exists is looked at by httpd -t, as the user that will read it. */
static const char *set_storage(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    char *path;

    if (*value != '/'
        || apr_filepath_merge(&path, "/", value, 0, cmd->pool) != APR_SUCCESS)
        return wrong(cmd, value, "the absolute path of a folder");
    config->storage = path;
    config->storage_at = place_of(cmd);
    return check_context(cmd);
}

static const char *set_presigned(cmd_parms *cmd, void *dir, int value)
{
    return set_flag(cmd, &((config_t *)dir)->presigned, value);
}

static const char *set_expires(cmd_parms *cmd, void *dir, const char *value)
{
    static const char *const units[] = { "", "s", "min", "h" };
    config_t *config = dir;
    apr_interval_time_t interval;
    const char *unit = value + strspn(value, "0123456789");
    const char *error = check_context(cmd);
    unsigned i;

    for (i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (strcasecmp(unit, units[i]) == 0)
            break;
    if (error)
        return error;
    if (i == sizeof(units) / sizeof(*units) || unit == value
        || unit - value > 10
        || ap_timeout_parameter_parse(value, &interval, "s") != APR_SUCCESS
        || interval < apr_time_from_sec(1)
        || interval > apr_time_from_sec(EXPIRES_MAX))
        return wrong(cmd, value,
                     "a time from 1 second to 10 years, like 600, "
                     "10min or 1h");
    config->expires = (int)apr_time_sec(interval);
    return NULL;
}

static const char *set_unknown(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;

    if (strcasecmp(value, "unknown") == 0)
        config->unknown = CONFIG_UNKNOWN_UNKNOWN;
    else if (strcasecmp(value, "unauthorized") == 0)
        config->unknown = CONFIG_UNKNOWN_UNAUTHORIZED;
    else if (strcasecmp(value, "revoked") == 0)
        config->unknown = CONFIG_UNKNOWN_REVOKED;
    else
        return wrong(cmd, value, "unknown, unauthorized or revoked");
    return check_context(cmd);
}

static const char *set_nonce(cmd_parms *cmd, void *dir, int value)
{
    return set_flag(cmd, &((config_t *)dir)->nonce, value);
}

static const char *set_digest(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const EVP_MD *digest = EVP_get_digestbyname(value);

    if (strcasecmp(value, "auto") != 0
        && (!digest || EVP_MD_get_size(digest) < DIGEST_MIN))
        return wrong(cmd, value,
                     "auto or the name of a digest of 224 bits or "
                     "more, like sha256");
    config->digest = value;
    return check_context(cmd);
}

static const char *set_max_certids(cmd_parms *cmd, void *dir, const char *value)
{
    return set_number(cmd, &((config_t *)dir)->max_certids, value, 1,
                      CERTIDS_MAX, "CertIDs");
}

static const char *set_max_request(cmd_parms *cmd, void *dir, const char *value)
{
    return set_number(cmd, &((config_t *)dir)->max_request, value, REQUEST_MIN,
                      REQUEST_MAX, "octets");
}

static const char *set_archive_cutoff(cmd_parms *cmd, void *dir, int value)
{
    return set_flag(cmd, &((config_t *)dir)->archive_cutoff, value);
}

static const char *set_time_zone(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const char *why, *error = check_context(cmd);

    if (error)
        return error;
    config->time_zone = zone_load(cmd->pool, value, &why);
    if (!config->time_zone)
        return apr_psprintf(cmd->pool, "%s: '%s': %s", cmd->cmd->name, value,
                            why);
    config->time_zone_name = value;
    return NULL;
}

static const char *set_enabled(cmd_parms *cmd, void *dir, int value)
{
    return set_flag(cmd, &((config_t *)dir)->enabled, value);
}

#define WHERE (RSRC_CONF | ACCESS_CONF)

const command_rec directives[] = {
    AP_INIT_TAKE1("OCSPResponderCA", set_ca, NULL, WHERE,
                  "the CA to answer for: its serial in hexadecimal, its name, "
                  "or * for every CA of the database; makes the location an "
                  "OCSP responder"),
    AP_INIT_TAKE1("OCSPResponderKey", set_key, NULL, WHERE,
                  "the responder's private key: path of a PEM or DER file, a "
                  "URI like pkcs11:…, or auto for django-ca's own (default "
                  "where the CA is *)"),
    AP_INIT_TAKE1("OCSPResponderKeyPassPhrase", set_key_passphrase, NULL, WHERE,
                  "where the private key's pass phrase comes from: "
                  "exec:/path/to/program or file:/path"),
    AP_INIT_TAKE1("OCSPResponderCert", set_cert, NULL, WHERE,
                  "the responder's certificate: an absolute path, its serial "
                  "in the database, the PEM text in quotes, or auto for "
                  "django-ca's own (default where the CA is *)"),
    AP_INIT_TAKE1("OCSPResponderExpires", set_expires, NULL, WHERE,
                  "how long an answer is valid: seconds, or like 10min or 1h; "
                  "default 600, or the CA's own where the CA is *"),
    AP_INIT_TAKE1("OCSPResponderUnknown", set_unknown, NULL, WHERE,
                  "the answer for a serial never issued: unknown (default), "
                  "unauthorized, or revoked"),
    AP_INIT_FLAG("OCSPResponderNonce", set_nonce, NULL, WHERE,
                 "on (default): echo the request's nonce; off: answer without "
                 "it"),
    AP_INIT_TAKE1("OCSPResponderDigest", set_digest, NULL, WHERE,
                  "the digest of signatures: auto (default: what suits the "
                  "key) or a name like sha256"),
    AP_INIT_TAKE1("OCSPResponderMaxCertIDs", set_max_certids, NULL, WHERE,
                  "most CertIDs in one request, 1 to 1000; default 16"),
    AP_INIT_TAKE1("OCSPResponderMaxRequest", set_max_request, NULL, WHERE,
                  "most octets in one request, 128 to 1048576; default 8192"),
    AP_INIT_FLAG("OCSPResponderArchiveCutoff", set_archive_cutoff, NULL, WHERE,
                 "on: add the archive cutoff, the CA's notBefore; default off"),
    AP_INIT_TAKE1("OCSPResponderStorage", set_storage, NULL, WHERE,
                  "the folder of django-ca's storage, below which auto finds "
                  "ocsp/…: an absolute path"),
    AP_INIT_FLAG("OCSPResponderPresigned", set_presigned, NULL, WHERE,
                 "on: send the answers that django-ca has signed beforehand "
                 "while they are true; default off"),
    AP_INIT_TAKE1("OCSPResponderTimeZone", set_time_zone, NULL, WHERE,
                  "what times without a zone in SQLite and MariaDB mean: UTC "
                  "(default) or the site's TIME_ZONE where USE_TZ = False"),
    AP_INIT_TAKE1("OCSPResponderCache", cache_configure, NULL, RSRC_CONF,
                  "where signed answers are kept: none, or a socache provider "
                  "like shmcb:/path(size); default shmcb where it is loaded"),
    AP_INIT_FLAG("OCSPResponder", set_enabled, NULL, WHERE,
                 "off: make this location inside a responder's an ordinary "
                 "one again; default on where a CA is set"),
    { .name = NULL }
};
