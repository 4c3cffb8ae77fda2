/* SPDX-License-Identifier: Apache-2.0
 * A section's settings: create, merge and defaults. */
#include "httpd/config.h"

#include "ocsp/key_uri.h"

extern module AP_MODULE_DECLARE_DATA ocsp_responder_module;

#define DEFAULT_EXPIRES     600 /* seconds */
#define DEFAULT_MAX_AGE     600 /* seconds */
#define DEFAULT_BACKDATE    60  /* seconds */
#define DEFAULT_SOURCE      "django-ca"
#define DEFAULT_MAX_CERTIDS 16
#define DEFAULT_MAX_REQUEST 8192

/* -- create, merge, defaults ----------------------------------------------- */

void *config_create_dir(apr_pool_t *pool, char *dir)
{
    config_t *config = apr_pcalloc(pool, sizeof(*config));

    (void)dir;
    config->ca = NULL;
    config->location = NULL;
    config->key = NULL;
    config->key_passphrase = NULL;
    config->cert = NULL;
    config->keys = NULL;
    config->certs = NULL;
    config->chain = NULL;
    config->digest = NULL;
    config->time_zone = NULL;
    config->time_zone_name = NULL;
    config->source = NULL;
    config->source_arguments = NULL;
    config->profile = NULL;
    config->expires = -1;
    config->max_age = -1;
    config->reuse = -1;
    config->backdate = -1;
    config->unknown = CONFIG_UNKNOWN_UNSET;
    config->nonce = -1;
    config->max_certids = -1;
    config->max_request = -1;
    config->archive_cutoff = -1;
    config->cert_hash = -1;
    config->dual_certid = -1;
    config->storage = NULL;
    config->presigned = -1;
    config->enabled = -1;
    config->section_at = NULL;
    config->ca_at = NULL;
    config->key_at = NULL;
    config->cert_at = NULL;
    config->chain_at = NULL;
    config->source_at = NULL;
    config->storage_at = NULL;
    config->profile_at = NULL;
    return config;
}

#define MERGE_POINTER(field) \
    merged->field = inner->field ? inner->field : outer->field
#define MERGE_NUMBER(field) \
    merged->field = inner->field != -1 ? inner->field : outer->field

/* Setting a CA turns a location into a responder, so it also undoes an outer
 * OCSPResponder off. */
static void merge_enabled(config_t *merged, const config_t *outer,
                          const config_t *inner)
{
    MERGE_NUMBER(enabled);
    if (inner->enabled == -1 && inner->ca)
        merged->enabled = -1;
}

void *config_merge_dir(apr_pool_t *pool, void *base, void *add)
{
    const config_t *outer = base, *inner = add;
    config_t *merged = apr_pcalloc(pool, sizeof(*merged));

    MERGE_POINTER(ca);
    MERGE_POINTER(location);
    MERGE_POINTER(key);
    MERGE_POINTER(key_passphrase);
    MERGE_POINTER(cert);
    MERGE_POINTER(keys);
    MERGE_POINTER(certs);
    MERGE_POINTER(chain);
    MERGE_POINTER(digest);
    /* The two are one value; "UTC" is a zone, not its absence. */
    MERGE_POINTER(time_zone);
    MERGE_POINTER(time_zone_name);
    /* So are these: a source always comes with arguments, be they empty. */
    MERGE_POINTER(source);
    MERGE_POINTER(source_arguments);
    MERGE_POINTER(profile);
    MERGE_NUMBER(expires);
    MERGE_NUMBER(max_age);
    MERGE_NUMBER(reuse);
    MERGE_NUMBER(backdate);
    MERGE_NUMBER(unknown);
    MERGE_NUMBER(nonce);
    MERGE_NUMBER(max_certids);
    MERGE_NUMBER(max_request);
    MERGE_NUMBER(archive_cutoff);
    MERGE_NUMBER(cert_hash);
    MERGE_NUMBER(dual_certid);
    MERGE_POINTER(storage);
    MERGE_NUMBER(presigned);
    merge_enabled(merged, outer, inner);
    MERGE_POINTER(section_at);
    MERGE_POINTER(ca_at);
    MERGE_POINTER(key_at);
    MERGE_POINTER(cert_at);
    MERGE_POINTER(chain_at);
    MERGE_POINTER(source_at);
    MERGE_POINTER(storage_at);
    MERGE_POINTER(profile_at);
    return merged;
}

const config_t *config_of_vector(const ap_conf_vector_t *vector)
{
    return ap_get_module_config(vector, &ocsp_responder_module);
}

const config_t *config_of_request(const request_rec *r)
{
    return config_of_vector(r->per_dir_config);
}

int config_responds(const config_t *config)
{
    return config->ca && config->enabled != 0;
}

int config_ca_is_all(const config_t *config)
{
    return strcmp(config->ca, "*") == 0;
}

int config_ca_is_path(const config_t *config)
{
    return *config->ca == '/';
}

/* -- pairs of key and certificate ------------------------------------------ */

static int count_of(const apr_array_header_t *values)
{
    return values ? values->nelts : 0;
}

int config_pairs(const config_t *config)
{
    int keys = count_of(config->keys), certs = count_of(config->certs);
    int most = keys > certs ? keys : certs;

    return most ? most : 1;
}

static config_value_t value_of(const apr_array_header_t *values, int index)
{
    const config_value_t none = { NULL, NULL };

    return index < count_of(values)
        ? APR_ARRAY_IDX(values, index, config_value_t)
        : none;
}

const config_t *config_with_pair(apr_pool_t *pool, const config_t *config,
                                 int index)
{
    config_t *one = apr_pmemdup(pool, config, sizeof(*one));
    config_value_t key = value_of(config->keys, index);
    config_value_t cert = value_of(config->certs, index);

    one->key = key.value;
    one->key_at = key.at;
    one->cert = cert.value;
    one->cert_at = cert.at;
    return one;
}

/* Unset and a CA of "*": django-ca's own. */
static int is_auto(const config_t *config, const char *value)
{
    return value ? strcmp(value, CONFIG_AUTO) == 0 : config_ca_is_all(config);
}

int config_key_is_auto(const config_t *config)
{
    return is_auto(config, config->key);
}

int config_key_is_uri(const config_t *config)
{
    return config->key && key_uri_is(config->key);
}

int config_cert_is_auto(const config_t *config)
{
    return is_auto(config, config->cert);
}

int config_presigned(const config_t *config)
{
    return config->presigned == 1;
}

int config_expires(const config_t *config, int own)
{
    if (config->expires > 0)
        return config->expires;
    return config_ca_is_all(config) && own ? own : DEFAULT_EXPIRES;
}

int config_never_expires(const config_t *config)
{
    return config->expires == CONFIG_EXPIRES_NEVER;
}

int config_max_age(const config_t *config)
{
    return config->max_age == -1 ? DEFAULT_MAX_AGE : config->max_age;
}

apr_interval_time_t config_reuse(const config_t *config,
                                 apr_interval_time_t validity)
{
    if (config->reuse == -1 || config->reuse == CONFIG_REUSE_HALF)
        return validity / 2;
    return apr_time_from_sec(config->reuse);
}

int config_backdate(const config_t *config)
{
    return config->backdate == -1 ? DEFAULT_BACKDATE : config->backdate;
}

config_unknown_t config_unknown(const config_t *config)
{
    return config->unknown == CONFIG_UNKNOWN_UNSET
        ? CONFIG_UNKNOWN_UNKNOWN
        : (config_unknown_t)config->unknown;
}

int config_nonce(const config_t *config)
{
    return config->nonce != 0;
}

int config_max_certids(const config_t *config)
{
    return config->max_certids == -1 ? DEFAULT_MAX_CERTIDS
                                     : config->max_certids;
}

int config_max_request(const config_t *config)
{
    return config->max_request == -1 ? DEFAULT_MAX_REQUEST
                                     : config->max_request;
}

int config_archive_cutoff(const config_t *config)
{
    return config->archive_cutoff == -1 ? CONFIG_CUTOFF_OFF
                                        : config->archive_cutoff;
}

int config_cert_hash(const config_t *config)
{
    return config->cert_hash == 1;
}

int config_dual_certid(const config_t *config)
{
    return config->dual_certid == 1;
}

const char *config_chain(const config_t *config)
{
    return config->chain && *config->chain ? config->chain : NULL;
}

const char *config_source(const config_t *config)
{
    return config->source ? config->source : DEFAULT_SOURCE;
}

const char *config_source_arguments(const config_t *config)
{
    return config->source_arguments ? config->source_arguments : "";
}

const char *const config_profiles[] = { "br",   "smime",   "codesigning",
                                        "etsi", "gematik", "fpki",
                                        "eudi", NULL };

const char *config_profile(const config_t *config)
{
    return config->profile && *config->profile ? config->profile : NULL;
}

const char *config_digest(const config_t *config)
{
    return config->digest ? config->digest : "auto";
}

int config_cert_is_path(const config_t *config)
{
    return config->cert && config->cert[0] == '/';
}

int config_cert_is_pem(const config_t *config)
{
    return config->cert && ap_strstr_c(config->cert, "-----BEGIN");
}
