/* SPDX-License-Identifier: Apache-2.0
 * What the directives say, and what that means where sections are merged. */
#ifndef RESPONDER_CONFIG_H
#define RESPONDER_CONFIG_H

#include "httpd.h"
#include "http_config.h"
#include "apr_tables.h"
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

/* OCSPResponderReuse half: until half of an answer's validity has passed. */
#define CONFIG_REUSE_HALF (-2)

/* OCSPResponderExpires never: once the CA has ended, answers have no end. */
#define CONFIG_EXPIRES_NEVER (-2)

/* OCSPResponderArchiveCutoff: off, the CA's notBefore, or else how long
 * revocations are kept, in seconds. */
#define CONFIG_CUTOFF_OFF 0
#define CONFIG_CUTOFF_CA  (-2)

/* One OCSPResponderKey or OCSPResponderCert of several. */
typedef struct {
    const char *value;
    const config_place_t *at;
} config_value_t;

/* One per section, merged by httpd from the outer to the inner one. Written
 * while the configuration is read, read-only after. Strings are UNSET as NULL,
 * numbers as -1. */
typedef struct {
    const char *ca;                  /* serial, name, "*" or absolute path */
    const char *location;            /* path of the section that names the CA */
    const char *key;                 /* absolute path, store URI or "auto" */
    const char *key_passphrase;      /* "exec:/path" or "file:/path" */
    const char *cert;                /* absolute path, serial, PEM or "auto" */
    const apr_array_header_t *keys;  /* config_value_t: those behind the first,
                                      * in order; NULL: there are none */
    const apr_array_header_t *certs; /* likewise; pairs by their order */
    const char *chain;               /* absolute path; "": none */
    const char *digest;              /* "auto" or a name that OpenSSL knows */
    const zone_t *time_zone; /* of times that the database stores without
                              * a zone; NULL: UTC */
    const char *time_zone_name;
    const char *source;           /* name of a status source */
    const char *source_arguments; /* as written behind it; "" for none */
    const char *profile;          /* in lower case; "": none */
    int expires;                  /* seconds, or CONFIG_EXPIRES_NEVER */
    int max_age;                  /* seconds */
    int reuse;                    /* seconds, 0: off, or CONFIG_REUSE_HALF */
    int backdate;                 /* seconds */
    int unknown;                  /* config_unknown_t */
    int nonce;                    /* flag */
    int max_certids;              /* CertIDs in one request */
    int max_request;              /* bytes of DER in one request */
    int archive_cutoff;           /* seconds, or a CONFIG_CUTOFF_... */
    int cert_hash;                /* flag */
    int dual_certid;              /* flag */
    const char *storage;          /* absolute path of django-ca's files */
    int presigned;                /* flag */
    int enabled;                  /* flag: OCSPResponder */
    const ap_directive_t *section_at; /* the section; NULL: the server */
    const config_place_t *ca_at;
    const config_place_t *key_at;
    const config_place_t *cert_at;
    const config_place_t *chain_at;
    const config_place_t *source_at;
    const config_place_t *storage_at;
    const config_place_t *profile_at;
} config_t;

/* A field of config_t. */
typedef struct {
    const char *directive; /* that sets it; NULL: it comes with another */
    apr_size_t offset;
    int is_number; /* an int; else a pointer, to text where there is a
                    * directive; -1: the end */
} config_field_t;

/* All of them. */
extern const config_field_t config_fields[];

int config_is_set(const config_t *config, const config_field_t *field);

/* Whether two sections, in which it is set by a directive, say the same. */
int config_is_same(const config_t *one, const config_t *other,
                   const config_field_t *field);

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

/* How many pairs of key and certificate a section has, at least 1: what stands
 * more often of the two counts. */
int config_pairs(const config_t *config);

/* The section as it would be with nothing but its pair number index, from 1:
 * key, cert, key_at and cert_at say it, and are NULL for what stands less
 * often. config itself has those of pair 0. Lives in pool. */
const config_t *config_with_pair(apr_pool_t *pool, const config_t *config,
                                 int index);

/* The values, or their defaults where unset. config_ca_is_all(), -is_path() and
 * those that say "auto" want a section that responds. */
int config_ca_is_all(const config_t *config);  /* the CA is "*" */
int config_ca_is_path(const config_t *config); /* a certificate's file */
int config_key_is_auto(const config_t *config);
int config_key_is_uri(const config_t *config);
int config_cert_is_auto(const config_t *config);
int config_presigned(const config_t *config);

/* Seconds; own is what the CA's row says, 0: nothing. With never it is what
 * holds until the CA has ended. */
int config_expires(const config_t *config, int own);

/* Whether the answers of a CA that has ended are to be its last. */
int config_never_expires(const config_t *config);

/* Seconds that HTTP caches may keep an answer at most, 0: not at all. */
int config_max_age(const config_t *config);

/* How old, in microseconds, a signed answer may be when it is sent again;
 * validity is that of the answer, from producedAt on, as its age. 0: it is
 * never sent again. */
apr_interval_time_t config_reuse(const config_t *config,
                                 apr_interval_time_t validity);

/* Seconds that thisUpdate lies before producedAt. */
int config_backdate(const config_t *config);
int config_unknown(const config_t *config); /* config_unknown_t */
int config_nonce(const config_t *config);
int config_max_certids(const config_t *config);
int config_max_request(const config_t *config); /* bytes */

/* CONFIG_CUTOFF_OFF, CONFIG_CUTOFF_CA, or the retention in seconds. */
int config_archive_cutoff(const config_t *config);
int config_cert_hash(const config_t *config);
int config_dual_certid(const config_t *config);
const char *config_digest(const config_t *config);

/* The absolute path of certificates to send; NULL: none. */
const char *config_chain(const config_t *config);

/* The status source's name, and its arguments as they are written: words, which
 * may be quoted (ap_getword_conf() takes them apart). Never NULL. */
const char *config_source(const config_t *config);
const char *config_source_arguments(const config_t *config);

/* One of the names in config_profiles, the very pointer; NULL: none. */
const char *config_profile(const config_t *config);

/* What OCSPResponderProfile takes; ends with NULL. */
enum {
    CONFIG_BR = 0,
    CONFIG_SMIME,
    CONFIG_CODESIGNING,
    CONFIG_ETSI,
    CONFIG_GEMATIK,
    CONFIG_FPKI,
    CONFIG_EUDI,
    CONFIG_PROFILES
};
extern const char *const config_profiles[CONFIG_PROFILES + 1];

/* Whether the certificate is a path, or PEM text; else it is named by its
 * serial, or chosen. */
int config_cert_is_path(const config_t *config);
int config_cert_is_pem(const config_t *config);

#endif
