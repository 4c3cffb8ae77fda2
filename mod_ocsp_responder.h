/* SPDX-License-Identifier: Apache-2.0
 * The public seam: what a source of certificate statuses is, what it is asked
 * and what it answers. Needs APR's headers only. */
#ifndef MOD_OCSP_RESPONDER_H
#define MOD_OCSP_RESPONDER_H

#include "apu.h" /* which apr_optional_hooks.h leaves out */

#include "apr_hooks.h"
#include "apr_optional_hooks.h"
#include "apr_pools.h"
#include "apr_time.h"

#ifdef __cplusplus
extern "C" {
#endif

struct server_rec;

/* The module's version. It stands nowhere else. */
#define OCSP_RESPONDER_VERSION "1.0.0"

/* What this header describes. */
#define OCSP_RESPONDER_SOURCE_VERSION "1"

/* Bytes and their number, as one value. Borrowed: who made it says how long it
 * lives. data NULL: absent, which is not the same as empty. */
typedef struct {
    const unsigned char *data;
    apr_size_t len;
} ocsp_responder_bytes_t;

/* -- what is asked --------------------------------------------------------- */

/* A CA as a source knows it. Strings are never NULL unless said. */
typedef struct {
    const char *id;     /* unique in its source, and constant while the CA
                         * lives: not the CA's serial, where two CAs may have
                         * one */
    const char *name;   /* what OCSPResponderCA may call it besides its
                         * serial; "" if nothing */
    const char *cn;     /* a second such name, tried after every CA's first;
                         * "" if there is none */
    const char *stored; /* its serial as the source spells it, hex with or
                         * without colons; "" if it does not */
    ocsp_responder_bytes_t certificate; /* PEM or DER */
    int validity;             /* of its answers, in seconds; 0 if not said */
    const char *key_revision; /* text that changes whenever signing_key() would
                               * give another key or certificate; NULL if the
                               * source keeps no keys */
    int is_retired; /* its source makes no new keys for it, so that it is not
                     * missed when its last certificate has expired */
} ocsp_responder_ca_t;

/* What surrounds a call: made once for a request, or for a check at start. */
typedef struct {
    apr_pool_t *pool; /* results live here */
    struct server_rec *server;
    apr_time_t deadline; /* an instant: by then a source that may have to wait
                          * returns UNAVAILABLE */
    const ocsp_responder_ca_t *known; /* to list_cas() of all: those that it
                                       * gave a short while ago, so that it need
                                       * not read their certificates again. It
                                       * may take no notice. NULL for none */
    int known_count;
} ocsp_responder_call_t;

/* One question: the status of one certificate. Borrowed; lives as long as the
 * call's pool. */
typedef struct {
    const ocsp_responder_ca_t *ca; /* as list_cas() gave it, maybe seconds ago;
                                    * NULL where the CA is a file that
                                    * OCSPResponderCA names */
    const char *ca_serial;         /* the CA's true serial, upper-case hex
                                    * without leading zeros */
    int ca_self_issued;            /* the CA is its own issuer: a root */
    const unsigned char *serial;   /* magnitude of the serial asked for, big
                                    * endian, without leading zero bytes; never
                                    * negative */
    apr_size_t serial_len;         /* bytes; 0 for the serial zero */
    int wants_cert_hash;           /* status->cert_hash is of use */
    ocsp_responder_bytes_t ca_certificate; /* the CA's, in DER: another CA may
                                            * have the same serial */
} ocsp_responder_query_t;

/* -- what is answered ------------------------------------------------------ */

/* How a call ended. Zero is the failure that a forgotten value means. On any
 * other end than DONE, *why says what went wrong, for the log: a phrase in the
 * call's pool, or static. */
typedef enum {
    OCSP_RESPONDER_LOOKUP_FAILED = 0,      /* answered internalError */
    OCSP_RESPONDER_LOOKUP_UNAVAILABLE = 1, /* answered tryLater */
    OCSP_RESPONDER_LOOKUP_DONE = 2         /* the answer is true */
} ocsp_responder_lookup_t;

/* RFC 6960 §2.2. Zero is unknown, so that a forgotten value never says good
 * (OpenSSL's V_OCSP_CERTSTATUS_GOOD is 0). */
typedef enum {
    OCSP_RESPONDER_UNKNOWN = 0,
    OCSP_RESPONDER_GOOD = 1,
    OCSP_RESPONDER_REVOKED = 2
} ocsp_responder_cert_status_t;

/* What a source says of one serial. All zero: never issued. */
typedef struct {
    ocsp_responder_cert_status_t cert_status;
    apr_time_t revocation_time; /* whole seconds, in microseconds since 1970;
                                 * read only when revoked */
    int reason;                 /* CRLReason, RFC 5280 §5.3.1; 0
                                 * (unspecified) is left out of the answer;
                                 * read only when revoked */
    int has_invalidity_date;    /* RFC 5280 §5.3.2; only when revoked */
    apr_time_t invalidity_date; /* whole seconds, in microseconds */
    ocsp_responder_bytes_t cert_hash; /* SHA-256 of the certificate's DER, 32
                                       * bytes; data NULL: not wanted, or not
                                       * known */
    apr_time_t this_update; /* what the source itself promises, as a CRL does:
                             * an answer's thisUpdate is not later than this;
                             * 0 for no bound */
    apr_time_t next_update; /* ... and its nextUpdate not later than this; 0
                             * for no bound */
    const char *warning_id; /* "OCSPnnnn", static, if the record is odd but its
                             * meaning safe; else NULL */
    const char *warning;    /* what is odd, for the log, in the call's pool:
                             * "its revocation reason …"; read only with an
                             * id */
    const char *other_ca;   /* the id of another CA, of which a certificate has
                             * the serial: it may be new, and have the name and
                             * key that were asked for. In the call's pool; read
                             * only when unknown; NULL: none is known */
} ocsp_responder_status_t;

/* What is wanted of a signing key. With FILES nothing is read: only the files
 * are named that would be, so that a change meanwhile is noticed. */
enum {
    OCSP_RESPONDER_WANTS_KEY = 1,
    OCSP_RESPONDER_WANTS_CERTIFICATE = 2,
    OCSP_RESPONDER_WANTS_FILES = 4
};

/* The key and certificate that a source keeps for a CA's answers. Zeroed by
 * the caller. */
#define OCSP_RESPONDER_KEY_FILES 2
typedef struct {
    ocsp_responder_bytes_t key;         /* PEM or DER, maybe encrypted … */
    ocsp_responder_bytes_t passphrase;  /* … with this, which may hold NUL;
                                         * data NULL: with none */
    ocsp_responder_bytes_t certificate; /* PEM or DER */
    const char *files[OCSP_RESPONDER_KEY_FILES]; /* that were read, or should
                                                  * have been, in the call's
                                                  * pool: when one changes, the
                                                  * key is asked for again.
                                                  * NULL for none */
    int lacks_storage; /* FAILED as OCSPResponderStorage is not set, which the
                        * administrator has to mend */
    const char *revision; /* what key_revision of the CA was when this was read,
                           * in the call's pool; NULL: what the caller knows */
} ocsp_responder_key_t;

/* An answer that was signed beforehand. The source need not look into it. */
typedef struct {
    ocsp_responder_bytes_t der; /* an OCSPResponse */
    apr_time_t expires;         /* not sent from then on; 0: the source does
                                 * not know, and it is not sent */
} ocsp_responder_stored_t;

/* Certificates of a CA that some profiles object to. */
typedef enum {
    OCSP_RESPONDER_ON_HOLD = 1,       /* revoked for certificateHold */
    OCSP_RESPONDER_CA_WITHOUT_REASON, /* a CA's, revoked without a reason or for
                                       * unspecified */
    OCSP_RESPONDER_WITHOUT_HASH       /* its status never has a cert_hash: as
                                       * any's, where the source keeps no
                                       * certificates */
} ocsp_responder_objection_t;

/* -- what a source is ------------------------------------------------------ */

/* What the directives of one responder location say to its source. Strings
 * live as long as the configuration. */
typedef struct {
    const char *arguments; /* behind the name in OCSPResponderSource; "" */
    const char *ca;        /* OCSPResponderCA as written: "*", a serial, a name
                            * or the absolute path of a certificate */
    const char *storage;   /* OCSPResponderStorage; NULL if unset */
    const char *time_zone; /* OCSPResponderTimeZone; NULL for UTC */
    const char **fault_at; /* where configure() that fails may say which of
                            * another module's directives is wrong ("DBDParams",
                            * static): its finding is told with the place of
                            * that. Not NULL */
} ocsp_responder_settings_t;

/* What a finding of check() is: an error keeps httpd from starting, so it is
 * for what the administrator wrote; what data or time did is a warning. */
typedef enum {
    OCSP_RESPONDER_ERROR = 0,
    OCSP_RESPONDER_WARNING
} ocsp_responder_severity_t;

/* The directive that a finding is about; it is told by file and line. */
typedef enum {
    OCSP_RESPONDER_AT_SOURCE = 0, /* OCSPResponderSource, or where that is
                                   * unset, OCSPResponderCA */
    OCSP_RESPONDER_AT_CA,
    OCSP_RESPONDER_AT_STORAGE,
    OCSP_RESPONDER_AT_DATABASE /* DBDParams of mod_dbd, or what stands in its
                                * place above where that is unset */
} ocsp_responder_place_t;

/* Where check() says what it finds. text is one plain sentence, which names
 * the cause and the cure; it is copied. */
typedef struct ocsp_responder_reporter_t ocsp_responder_reporter_t;
struct ocsp_responder_reporter_t {
    void (*report)(const ocsp_responder_reporter_t *reporter,
                   ocsp_responder_severity_t severity,
                   ocsp_responder_place_t at, const char *text);
};

/* A source. Static, or in the configuration's pool. What is not marked
 * optional is not NULL; calls that have an instance may be made by many threads
 * at once. */
typedef struct {
    const char *name; /* what OCSPResponderSource calls it: letters, digits and
                       * '-' */

    /* Reads settings while the configuration is read: in the parent process,
     * as root. Returns NULL and *instance, in pool, which lives as long as the
     * configuration; otherwise what is wrong, in pool, for httpd -t to tell
     * with file and line. What gives the same answers gives the same instance:
     * CAs and keys are shared by it. Called for each responder location and
     * server, but not again where the settings are those of the one before. */
    const char *(*configure)(apr_pool_t *pool, struct server_rec *server,
                             const ocsp_responder_settings_t *settings,
                             void **instance);

    /* Whether it can work. Runs before the start, in a process of its own, as
     * the user that httpd runs as, in which the other calls may follow without
     * child_init; it is killed when it does not end in time. Optional. */
    void (*check)(void *instance, const ocsp_responder_call_t *call,
                  const ocsp_responder_reporter_t *reporter);

    /* Prepares the instance in a child process; pool lives as long as that.
     * Optional. */
    void (*child_init)(void *instance, apr_pool_t *pool,
                       struct server_rec *server);

    /* Lists the CAs that it has certificates of. ca is OCSPResponderCA, by
     * which a source may list less: at least every CA that it can mean, as a
     * serial or a name; NULL for all. Optional: then OCSPResponderCA is the
     * path of the CA's certificate. */
    ocsp_responder_lookup_t (*list_cas)(
        void *instance, const ocsp_responder_call_t *call, const char *ca,
        const ocsp_responder_ca_t **cas, int *count, const char **why);

    /* Looks up one certificate. Fills *status, which comes zeroed, only when
     * it returns DONE; a serial that was never issued is DONE with UNKNOWN. */
    ocsp_responder_lookup_t (*look_up)(void *instance,
                                       const ocsp_responder_call_t *call,
                                       const ocsp_responder_query_t *query,
                                       ocsp_responder_status_t *status,
                                       const char **why);

    /* The certificate with a serial (upper-case hex without leading zeros),
     * for OCSPResponderCert. FAILED if there is none. Optional. */
    ocsp_responder_lookup_t (*certificate)(
        void *instance, const ocsp_responder_call_t *call, const char *serial,
        ocsp_responder_bytes_t *certificate, const char **why);

    /* The key that the source keeps for a CA's answers, for OCSPResponderKey
     * and -Cert auto. wanted: what of it. DONE with nothing of what is wanted
     * if none was ever made, and then *why says so, too. key->files is filled
     * in however it ends. Optional. */
    ocsp_responder_lookup_t (*signing_key)(
        void *instance, const ocsp_responder_call_t *call,
        const ocsp_responder_ca_t *ca, int wanted, ocsp_responder_key_t *key,
        const char **why);

    /* The answers signed beforehand that may be about a certificate, for
     * OCSPResponderPresigned. None of them is trusted. Optional. */
    ocsp_responder_lookup_t (*stored_response)(
        void *instance, const ocsp_responder_call_t *call,
        const ocsp_responder_query_t *query,
        const ocsp_responder_stored_t **responses, int *count,
        const char **why);

    /* Finds one certificate that OCSPResponderProfile objects to, among those
     * of the query's CA; the query's serial is not read. DONE with *serial, for
     * people to read, in the call's pool; NULL if there is none. FAILED with
     * *why if the source cannot know, which httpd -t then tells. Called by
     * httpd -t alone. Optional. */
    ocsp_responder_lookup_t (*find_objection)(
        void *instance, const ocsp_responder_call_t *call,
        const ocsp_responder_query_t *query, ocsp_responder_objection_t what,
        const char **serial, const char **why);
} ocsp_responder_source_t;

/* -- how it is registered -------------------------------------------------- */

/* Who collects the sources each time that the configuration is read. */
typedef struct ocsp_responder_registry_t ocsp_responder_registry_t;
struct ocsp_responder_registry_t {
    /* Adds one. version is OCSP_RESPONDER_SOURCE_VERSION. A name that was
     * added before, or another version, is an error of httpd -t. */
    void (*add)(ocsp_responder_registry_t *registry,
                const ocsp_responder_source_t *source, const char *version);
};

/* A module adds its sources in such a function, which it names where it
 * registers its hooks, as
 *   static void add_sources(ocsp_responder_registry_t *registry)
 *   {
 *       registry->add(registry, &my_source, OCSP_RESPONDER_SOURCE_VERSION);
 *   }
 *   OCSP_RESPONDER_ADD_SOURCES(add_sources);
 * whatever the order of LoadModule. */
typedef void ocsp_responder_HOOK_ocsp_responder_sources_t(
    ocsp_responder_registry_t *registry);

#define OCSP_RESPONDER_ADD_SOURCES(function) \
    APR_OPTIONAL_HOOK(ocsp_responder, ocsp_responder_sources, function, NULL, \
                      NULL, APR_HOOK_MIDDLE)

#ifdef __cplusplus
}
#endif

#endif
