/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/directives.h"

#include "httpd/cache_provider.h"
#include "httpd/setters.h"

#define FIELD(name) .offset = APR_OFFSETOF(config_t, name)

static const setters_field_t expires = {
    FIELD(expires),
    .range = { 1, 10 * ARGUMENTS_YEAR,
               "never or a time from 1 second to 10 years, like 600, 10min or "
               "1h" },
    .words = { { "never", CONFIG_EXPIRES_NEVER } }
};
static const setters_field_t max_age = {
    FIELD(max_age),
    .range = { 0, 10 * ARGUMENTS_YEAR,
               "a time from 0 to 10 years, like 600, 10min or 1h" }
};
static const setters_field_t reuse = {
    FIELD(reuse),
    .range = { 1, 10 * ARGUMENTS_YEAR,
               "half, off or a time from 1 second to 10 years, like 5min" },
    .words = { { "half", CONFIG_REUSE_HALF }, { "off", 0 } }
};
static const setters_field_t backdate = {
    FIELD(backdate),
    .range = { 0, 7 * ARGUMENTS_DAY,
               "a time from 0 to 7 days, like 60 or 5min" }
};
static const setters_field_t archive_cutoff = {
    FIELD(archive_cutoff),
    .range = { 1, 60 * ARGUMENTS_YEAR,
               "on, off or a time from 1 second to 60 years, like 7y" },
    .words = { { "on", CONFIG_CUTOFF_CA }, { "off", CONFIG_CUTOFF_OFF } }
};
static const setters_field_t max_certids = {
    FIELD(max_certids),
    .range = { 1, 1000, "a number of CertIDs from 1 to 1000" }
};
/* The least is a CertID of SHA-512. */
static const setters_field_t max_request = {
    FIELD(max_request),
    .range = { 128, 1024 * 1024, "a number of bytes from 128 to 1048576" }
};
static const setters_field_t nonce = { FIELD(nonce) };
static const setters_field_t cert_hash = { FIELD(cert_hash) };
static const setters_field_t dual_certid = { FIELD(dual_certid) };
static const setters_field_t presigned = { FIELD(presigned) };
static const setters_field_t enabled = { FIELD(enabled) };

#define INFO(field) (void *)&(field)
#define WHERE       (RSRC_CONF | ACCESS_CONF)

const command_rec directives[] = {
    AP_INIT_TAKE1("OCSPResponderCA", set_ca, NULL, WHERE,
                  "the CA to answer for: its serial in hexadecimal, its name, "
                  "* for every CA there is, or the absolute path of its "
                  "certificate; makes the location an OCSP responder"),
    AP_INIT_TAKE1("OCSPResponderKey", set_key, NULL, WHERE,
                  "the responder's private key: path of a PEM or DER file, a "
                  "URI like pkcs11:..., or auto for django-ca's own (default "
                  "where the CA is *)"),
    AP_INIT_TAKE1("OCSPResponderKeyPassPhrase", set_key_passphrase, NULL, WHERE,
                  "where the private key's pass phrase comes from: "
                  "exec:/path/to/program or file:/path"),
    AP_INIT_TAKE1("OCSPResponderCert", set_cert, NULL, WHERE,
                  "the responder's certificate: an absolute path, its serial "
                  "in the database, the PEM text in quotes, or auto for "
                  "django-ca's own (default where the CA is *)"),
    AP_INIT_TAKE1("OCSPResponderExpires", set_time, INFO(expires), WHERE,
                  "how long an answer is valid: seconds, or like 10min or 1h; "
                  "never: for ever, once the CA's certificate has expired; "
                  "default 600, or the CA's own where the CA is *"),
    AP_INIT_TAKE1("OCSPResponderUnknown", set_unknown, NULL, WHERE,
                  "the answer for a serial never issued: unknown (default), "
                  "unauthorized, or revoked"),
    AP_INIT_FLAG("OCSPResponderNonce", set_flag, INFO(nonce), WHERE,
                 "on (default): echo the request's nonce; off: answer without "
                 "it"),
    AP_INIT_TAKE1("OCSPResponderDigest", set_digest, NULL, WHERE,
                  "the digest of signatures: auto (default: what suits the "
                  "key) or a name like sha256"),
    AP_INIT_TAKE1("OCSPResponderMaxCertIDs", set_number, INFO(max_certids),
                  WHERE, "most CertIDs in one request, 1 to 1000; default 16"),
    AP_INIT_TAKE1("OCSPResponderMaxRequest", set_number, INFO(max_request),
                  WHERE,
                  "most bytes in one request, 128 to 1048576; default 8192"),
    AP_INIT_TAKE1(
        "OCSPResponderArchiveCutoff", set_time, INFO(archive_cutoff), WHERE,
        "the archive cutoff: on, the CA's notBefore; a time like 7y, for "
        "which revocations are kept; or off (default)"),
    AP_INIT_TAKE1("OCSPResponderStorage", set_storage, NULL, WHERE,
                  "the folder of django-ca's storage, below which auto finds "
                  "ocsp/...: an absolute path"),
    AP_INIT_FLAG("OCSPResponderPresigned", set_flag, INFO(presigned), WHERE,
                 "on: send the answers that django-ca has signed beforehand "
                 "while they are true; default off"),
    AP_INIT_TAKE1("OCSPResponderMaxAge", set_time, INFO(max_age), WHERE,
                  "how long HTTP caches may keep an answer at most; default "
                  "10min, and never more than 95 % of what is left of it"),
    AP_INIT_TAKE1("OCSPResponderReuse", set_time, INFO(reuse), WHERE,
                  "how old a signed answer may be when it is sent again: half "
                  "(default) of its validity, off, or a time like 5min"),
    AP_INIT_TAKE1("OCSPResponderBackdate", set_time, INFO(backdate), WHERE,
                  "how long before producedAt thisUpdate lies, for clients "
                  "whose clocks are slow; default 60"),
    AP_INIT_TAKE1("OCSPResponderChain", set_chain, NULL, WHERE,
                  "file with certificates to send behind the responder's, or "
                  "none (default)"),
    AP_INIT_FLAG("OCSPResponderCertHash", set_flag, INFO(cert_hash), WHERE,
                 "on: answers hold the hash of the certificate they are about; "
                 "default off"),
    AP_INIT_FLAG("OCSPResponderDualCertID", set_flag, INFO(dual_certid), WHERE,
                 "on: an answer that may be sent again holds the SHA-1 and the "
                 "SHA-256 CertID; default off"),
    AP_INIT_RAW_ARGS("OCSPResponderSource", set_source, NULL, WHERE,
                     "where statuses come from: django-ca (default), index "
                     "FILE, crl FILE..., sql NAME, or another module's"),
    AP_INIT_TAKE1("OCSPResponderProfile", set_profile, NULL, WHERE,
                  "what httpd -t judges the location by: br, smime, "
                  "codesigning, etsi, gematik, fpki, eudi, or none (default)"),
    AP_INIT_TAKE1("OCSPResponderTimeZone", set_time_zone, NULL, WHERE,
                  "what times without a zone in SQLite and MariaDB mean: UTC "
                  "(default) or the site's TIME_ZONE where USE_TZ = False"),
    AP_INIT_TAKE1("OCSPResponderCache", cache_provider_set, NULL, RSRC_CONF,
                  "where signed answers are kept: none, or a socache provider "
                  "like shmcb:/path(size); default shmcb where it is loaded"),
    AP_INIT_RAW_ARGS("<OCSPResponderTable", set_table, NULL, RSRC_CONF,
                     "another product's table of certificates, for "
                     "OCSPResponderSource sql NAME"),
    AP_INIT_FLAG("OCSPResponder", set_flag, INFO(enabled), WHERE,
                 "off: make this location inside a responder's an ordinary "
                 "one again; default on where a CA is set"),
    { .name = NULL }
};
