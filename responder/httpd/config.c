/* SPDX-License-Identifier: Apache-2.0
 * A section's settings: create, merge and defaults. */
#include "httpd/config.h"

#include "ocsp/key_uri.h"

extern module AP_MODULE_DECLARE_DATA ocsp_responder_module;

#define DEFAULT_EXPIRES 600 /* seconds */
#define DEFAULT_SOURCE  "django-ca"

/* -- create and merge ------------------------------------------------------ */

#define TEXT(name, field) "OCSPResponder" name, APR_OFFSETOF(config_t, field), 0
#define NUMBER(name, field) \
    "OCSPResponder" name, APR_OFFSETOF(config_t, field), 1
#define BESIDE(field) NULL, APR_OFFSETOF(config_t, field), 0

const config_field_t config_fields[] = {
    { TEXT("CA", ca) },
    { TEXT("Key", key) },
    { TEXT("KeyPassPhrase", key_passphrase) },
    { TEXT("Cert", cert) },
    { TEXT("Chain", chain) },
    { TEXT("Digest", digest) },
    { TEXT("TimeZone", time_zone_name) },
    { TEXT("Source", source) },
    { TEXT("Profile", profile) },
    { TEXT("Storage", storage) },
    { NUMBER("Expires", expires) },
    { NUMBER("MaxAge", max_age) },
    { NUMBER("Reuse", reuse) },
    { NUMBER("Backdate", backdate) },
    { NUMBER("Unknown", unknown) },
    { NUMBER("Nonce", nonce) },
    { NUMBER("MaxCertIDs", max_certids) },
    { NUMBER("MaxRequest", max_request) },
    { NUMBER("ArchiveCutoff", archive_cutoff) },
    { NUMBER("CertHash", cert_hash) },
    { NUMBER("DualCertID", dual_certid) },
    { NUMBER("Presigned", presigned) },
    { NUMBER("", enabled) },
    { BESIDE(location) },
    { BESIDE(keys) },
    { BESIDE(certs) },
    { BESIDE(time_zone) }, /* "UTC" is a zone, not its absence */
    { BESIDE(source_arguments) },
    { BESIDE(section_at) },
    { BESIDE(ca_at) },
    { BESIDE(key_at) },
    { BESIDE(cert_at) },
    { BESIDE(chain_at) },
    { BESIDE(source_at) },
    { BESIDE(storage_at) },
    { BESIDE(profile_at) },
    { NULL, 0, -1 }
};

static int *number_in(const config_t *config, const config_field_t *field)
{
    return (int *)((char *)config + field->offset);
}

static const void **pointer_in(const config_t *config,
                               const config_field_t *field)
{
    return (const void **)((char *)config + field->offset);
}

int config_is_set(const config_t *config, const config_field_t *field)
{
    return field->is_number ? *number_in(config, field) != -1
                            : *pointer_in(config, field) != NULL;
}

int config_is_same(const config_t *one, const config_t *other,
                   const config_field_t *field)
{
    return field->is_number
        ? *number_in(one, field) == *number_in(other, field)
        : strcmp(*pointer_in(one, field), *pointer_in(other, field)) == 0;
}

void *config_create_dir(apr_pool_t *pool, char *dir)
{
    config_t *config = apr_pcalloc(pool, sizeof(*config));
    const config_field_t *field;

    (void)dir;
    for (field = config_fields; field->is_number >= 0; field++)
        if (field->is_number)
            *number_in(config, field) = -1;
    return config;
}

/* Setting a CA turns a location into a responder, so it also undoes an outer
 * OCSPResponder off. */
void *config_merge_dir(apr_pool_t *pool, void *base, void *add)
{
    const config_t *outer = base, *inner = add;
    config_t *merged = apr_pmemdup(pool, inner, sizeof(*merged));
    const config_field_t *field;

    for (field = config_fields; field->is_number >= 0; field++) {
        if (config_is_set(inner, field))
            continue;
        if (field->is_number)
            *number_in(merged, field) = *number_in(outer, field);
        else
            *pointer_in(merged, field) = *pointer_in(outer, field);
    }
    if (inner->enabled == -1 && inner->ca)
        merged->enabled = -1;
    /* None of the outer ones stands behind an inner one. */
    if (inner->key)
        merged->keys = inner->keys;
    if (inner->cert)
        merged->certs = inner->certs;
    return merged;
}

/* -- what it means --------------------------------------------------------- */

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

    return 1 + (keys > certs ? keys : certs);
}

static config_value_t config_value_of(const apr_array_header_t *values,
                                      int index)
{
    const config_value_t none = { NULL, NULL };

    return index <= count_of(values)
        ? APR_ARRAY_IDX(values, index - 1, config_value_t)
        : none;
}

const config_t *config_with_pair(apr_pool_t *pool, const config_t *config,
                                 int index)
{
    config_t *one = apr_pmemdup(pool, config, sizeof(*one));
    config_value_t key = config_value_of(config->keys, index);
    config_value_t cert = config_value_of(config->certs, index);

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

/* Numbers, and what they are where nothing sets them. */
#define NUMBER_OR(field, unset) \
    int config_##field(const config_t *config) \
    { \
        return config->field == -1 ? (unset) : config->field; \
    }

NUMBER_OR(max_age, 600) /* seconds */
NUMBER_OR(backdate, 60) /* seconds */
NUMBER_OR(unknown, CONFIG_UNKNOWN_UNKNOWN)
NUMBER_OR(nonce, 1)
NUMBER_OR(max_certids, 16)
NUMBER_OR(max_request, 8192) /* bytes */
NUMBER_OR(archive_cutoff, CONFIG_CUTOFF_OFF)
NUMBER_OR(cert_hash, 0)
NUMBER_OR(dual_certid, 0)
NUMBER_OR(presigned, 0)

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

apr_interval_time_t config_reuse(const config_t *config,
                                 apr_interval_time_t validity)
{
    apr_interval_time_t earlier =
        apr_time_from_sec(config_backdate(config)) / 2;

    if (config->reuse >= 0)
        return apr_time_from_sec(config->reuse);
    /* Half of the time from thisUpdate on, which lies before; but about half of
     * what is left when it is signed, too. */
    if (earlier > validity / 32)
        earlier = validity / 32;
    return validity / 2 - earlier;
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

const char *const config_profiles[CONFIG_PROFILES + 1] = {
    [CONFIG_BR] = "br",
    [CONFIG_SMIME] = "smime",
    [CONFIG_CODESIGNING] = "codesigning",
    [CONFIG_ETSI] = "etsi",
    [CONFIG_GEMATIK] = "gematik",
    [CONFIG_FPKI] = "fpki",
    [CONFIG_EUDI] = "eudi",
};

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
