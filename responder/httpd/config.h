/* SPDX-License-Identifier: Apache-2.0
 * What the directives say, and what that means where sections are merged. */
#ifndef RESPONDER_CONFIG_H
#define RESPONDER_CONFIG_H

#include "httpd.h"
#include "http_config.h"
#include "base/zone.h"

/* Where a directive stands, for messages. */
typedef struct {
    const char *file;
    int line;
} config_place_t;

/* OCSPResponderKey's and -Cert's word for django-ca's own. */
#define CONFIG_AUTO "auto"

/* What OCSPResponderUnknown has a serial answered with that was never issued.
 */
typedef enum {
    CONFIG_UNKNOWN_UNSET = -1,
    CONFIG_UNKNOWN_UNKNOWN,      /* certStatus unknown */
    CONFIG_UNKNOWN_UNAUTHORIZED, /* responseStatus unauthorized */
    CONFIG_UNKNOWN_REVOKED       /* extended revoke, RFC 6960 §2.2 */
} config_unknown_t;

/* One per section, merged by httpd from the outer to the inner one. Written
 * while the configuration is read, read-only after. Strings are UNSET as NULL,
 * numbers as -1. */
typedef struct {
    const char *ca;             /* serial, name or "*" as written */
    const char *key;            /* absolute path, store URI or "auto" */
    const char *key_passphrase; /* "exec:/path" or "file:/path" */
    const char *cert;           /* absolute path, serial, PEM or "auto" */
    const char *digest;         /* "auto" or a name that OpenSSL knows */
    const zone_t *time_zone;    /* of times that the database stores without
                                 * a zone; NULL: UTC */
    const char *time_zone_name;
    int expires;         /* seconds */
    int unknown;         /* config_unknown_t */
    int nonce;           /* flag */
    int max_certids;     /* CertIDs in one request */
    int max_request;     /* octets of DER in one request */
    int archive_cutoff;  /* flag */
    const char *storage; /* absolute path of django-ca's files */
    int presigned;       /* flag */
    int enabled;         /* flag: OCSPResponder */
    const config_place_t *ca_at;
    const config_place_t *key_at;
    const config_place_t *cert_at;
    const config_place_t *storage_at;
} config_t;

/* The create and merge slots of the module record. */
void *config_create_dir(apr_pool_t *pool, char *dir);
void *config_merge_dir(apr_pool_t *pool, void *base, void *add);

/* The section that a request or a configuration vector resolves to. Lives as
 * long as what it is taken from; never NULL. */
const config_t *config_of_request(const request_rec *r);
const config_t *config_of_vector(const ap_conf_vector_t *vector);

/* Whether such a section makes its location a responder: it has a CA, and no
 * OCSPResponder off. */
int config_responds(const config_t *config);

/* The values, or their defaults where unset. config_ca_is_all() and those that
 * say "auto" want a section that responds. */
int config_ca_is_all(const config_t *config); /* the CA is "*" */
int config_key_is_auto(const config_t *config);
int config_key_is_uri(const config_t *config);
int config_cert_is_auto(const config_t *config);
int config_presigned(const config_t *config);

/* Seconds; own is what the CA's row says, 0: nothing. */
int config_expires(const config_t *config, int own);
config_unknown_t config_unknown(const config_t *config);
int config_nonce(const config_t *config);
int config_max_certids(const config_t *config);
int config_max_request(const config_t *config); /* octets */
int config_archive_cutoff(const config_t *config);
const char *config_digest(const config_t *config);

/* Whether the certificate is named by its serial in the database; otherwise it
 * is a path, or PEM text. */
int config_cert_is_path(const config_t *config);
int config_cert_is_pem(const config_t *config);

#endif
