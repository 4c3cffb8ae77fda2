/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/status_table.h"

#include "apr_hash.h"
#include "apr_strings.h"
#include <openssl/err.h>

#include "base/intervals.h"
#include "ocsp/key_file.h"
#include "serve/responders.h"

/* -- in words -------------------------------------------------------------- */

/* "CN=Root,O=Example" (RFC 2253, in UTF-8), in pool; "" for an empty name, or
 * when OpenSSL fails. */
static const char *describe_name(apr_pool_t *pool, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = "";
    char *data;
    long length;

    if (bio
        && X509_NAME_print_ex(bio, name, 0,
                              XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB)
            >= 0) {
        length = BIO_get_mem_data(bio, &data);
        text = apr_pstrmemdup(pool, data, (apr_size_t)length);
    }
    BIO_free(bio);
    ERR_clear_error();
    return text;
}

/* "RSA 2048", "EC prime256v1", "ED25519", in pool; never NULL. */
static const char *describe_key(apr_pool_t *pool, const EVP_PKEY *key)
{
    const char *type = EVP_PKEY_get0_type_name(key);
    char group[64];
    size_t length;

    if (!type)
        return "unknown";
    if (EVP_PKEY_get_group_name(key, group, sizeof(group), &length))
        return apr_pstrcat(pool, type, " ", group, NULL);
    ERR_clear_error();
    if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS")
        || EVP_PKEY_is_a(key, "DSA"))
        return apr_psprintf(pool, "%s %d", type, EVP_PKEY_get_bits(key));
    return apr_pstrdup(pool, type);
}

/* -- who answers for whom -------------------------------------------------- */

typedef struct {
    apr_hash_t *seen;    /* CAs with their signers, in words */
    apr_time_t deadline; /* after it, what is known counts */
    status_family_t *ca, *ready, *not_after, *signer, *renewed, *looked_at;
} view_t;

/* title: of a column, or NULL. */
static status_family_t *status_cas_family(apr_array_header_t *table,
                                          const char *title, const char *name,
                                          status_type_t type,
                                          status_unit_t unit, const char *help)
{
    status_family_t *made =
        status_add_family(table, STATUS_SECTION_CAS, name, type, unit, help);

    made->title = title;
    return made;
}

static void status_cas_add_families(apr_array_header_t *table, view_t *view)
{
    view->ca = status_cas_family(table, NULL, "ca", STATUS_INFO, STATUS_PLAIN,
                                 "A CA that is answered for.");
    view->ready = status_cas_family(
        table, "can sign", "signer_ready", STATUS_GAUGE, STATUS_YES,
        "1 where a CA has a key and a certificate that is valid now, 0 "
        "where not.");
    view->not_after =
        status_cas_family(table, "ends", "signer_not_after", STATUS_GAUGE,
                          STATUS_DEADLINE,
                          "When the responder's certificate ends.");
    view->signer =
        status_cas_family(table, "responder's certificate", "signer",
                          STATUS_INFO, STATUS_PLAIN,
                          "Who signs for a CA: serial, issuer and key.");
    view->renewed =
        status_cas_family(table, "renewed", "signer_not_before", STATUS_GAUGE,
                          STATUS_TIMESTAMP,
                          "When the responder's certificate began, which is "
                          "when it was last renewed.");
    view->looked_at = status_cas_family(
        table, NULL, "ca_looked_at", STATUS_GAUGE, STATUS_TIMESTAMP,
        "When this process last read the CA from its source.");
}

/* A sample about a CA and who signs for it. */
static status_sample_t *status_cas_add(status_family_t *family, double value,
                                       const authority_t *authority)
{
    status_sample_t *sample =
        status_add_sample(family, value, "ca", authority->issuer->serial);

    if (authority->signer)
        status_add_label(sample, "certificate", authority->signer->serial);
    return sample;
}

static double status_cas_seconds(apr_time_t time)
{
    return (double)apr_time_sec(time);
}

static void status_cas_add_signer(view_t *view, apr_pool_t *pool,
                                  const authority_t *authority)
{
    const signer_t *signer = authority->signer;
    status_sample_t *sample = status_cas_add(view->signer, 1, authority);

    status_add_label(sample, "issuer",
                     describe_name(pool,
                                   X509_get_issuer_name(signer->certificate)));
    status_add_label(sample, "key", describe_key(pool, signer->key));
    status_cas_add(view->not_after, status_cas_seconds(signer->not_after),
                   authority);
    status_cas_add(view->renewed, status_cas_seconds(signer->not_before),
                   authority);
}

/* Whether it is the first time, of several locations that say the same. */
static int status_cas_is_new(view_t *view, apr_pool_t *pool,
                             const authority_t *authority)
{
    const char *key =
        apr_pstrcat(pool, authority->issuer->serial, " ",
                    authority->signer ? authority->signer->serial : "", NULL);

    if (apr_hash_get(view->seen, key, APR_HASH_KEY_STRING))
        return 0;
    apr_hash_set(view->seen, key, APR_HASH_KEY_STRING, key);
    return 1;
}

static const char *status_cas_name_of(apr_pool_t *pool, const ca_entry_t *entry)
{
    const char *why;
    X509 *certificate = key_file_certificate(pool, entry->ca.certificate, &why);

    return certificate ? describe_name(pool, X509_get_subject_name(certificate))
                       : entry->ca.name;
}

static void add_ca(view_t *view, apr_pool_t *pool, const ca_entry_t *entry,
                   apr_time_t taken_at)
{
    status_sample_t *sample;
    const char *serial = entry->serial;

    if (apr_hash_get(view->seen, serial, APR_HASH_KEY_STRING))
        return;
    apr_hash_set(view->seen, serial, APR_HASH_KEY_STRING, serial);
    sample = status_add_sample(view->ca, 1, "ca", serial);
    status_add_label(sample, "name", status_cas_name_of(pool, entry));
    status_add_sample(view->looked_at, status_cas_seconds(taken_at), "ca",
                      serial);
}

static void status_cas_add_entry(view_t *view, apr_pool_t *pool,
                                 const ca_entry_t *entry,
                                 const authority_t *authority,
                                 apr_time_t taken_at)
{
    add_ca(view, pool, entry, taken_at);
    if (!authority || !authority->issuer
        || !status_cas_is_new(view, pool, authority))
        return;
    status_cas_add(view->ready, authority_may_sign(authority, apr_time_now()),
                   authority);
    if (authority->signer)
        status_cas_add_signer(view, pool, authority);
}

/* Who signs for a CA is found out when it is first asked for. */
static const authority_t *authority_of(const view_t *view, request_rec *r,
                                       responder_t *responder,
                                       const ocsp_responder_call_t *call,
                                       const ca_entry_t *entry)
{
    authorities_t *authorities = responder_authorities(responder);
    ocsp_responder_lookup_t result;
    const char *why;

    return apr_time_now() < view->deadline
        ? authorities_get(authorities, call, entry, &result, &why)
        : authorities_known(authorities, r->pool, entry);
}

static void status_cas_visit(void *context, request_rec *r,
                             responder_t *responder)
{
    view_t *view = context;
    const ocsp_responder_call_t call = { .pool = r->pool,
                                         .server = r->server,
                                         .deadline = view->deadline };
    ocsp_responder_lookup_t result;
    const char *why;
    apr_time_t taken_at;
    const ca_set_t *set;
    int i;

    if (!responder_cas(responder, &call, 0, &result, &why))
        return;
    set = responder_known_cas(responder, r->pool, &taken_at);
    for (i = 0; set && i < set->count; i++)
        status_cas_add_entry(view, r->pool, &set->entries[i],
                             authority_of(view, r, responder, &call,
                                          &set->entries[i]),
                             taken_at);
}

/* -- what was counted ------------------------------------------------------ */

static void add_counted(apr_array_header_t *table)
{
    status_family_t *answers =
        status_cas_family(table, "answers", "answers", STATUS_COUNTER,
                          STATUS_PLAIN, "Statuses that were sent.");
    status_family_t *never_issued = status_cas_family(
        table, "never issued", "never_issued", STATUS_COUNTER, STATUS_PLAIN,
        "Serials asked for that the CA has never issued: guesses, or "
        "certificates that the CA does not know of.");
    const struct {
        status_family_t *family;
        counter_ca_t counter;
        const char *status;
    } rows[] = { { answers, COUNTER_CA_GOOD, "good" },
                 { answers, COUNTER_CA_REVOKED, "revoked" },
                 { answers, COUNTER_CA_UNKNOWN, "unknown" },
                 { never_issued, COUNTER_CA_NEVER_ISSUED, NULL } };
    const apr_array_header_t *cas = counters_list_cas(table->pool);
    int i;
    unsigned j;

    for (i = 0; i < cas->nelts; i++) {
        const counters_ca_t *ca = &APR_ARRAY_IDX(cas, i, counters_ca_t);

        for (j = 0; j < sizeof(rows) / sizeof(*rows); j++)
            status_add_label(
                status_add_sample(rows[j].family,
                                  (double)ca->counts[rows[j].counter], "ca",
                                  ca->serial),
                "status", rows[j].status);
    }
}

void status_add_cas(apr_array_header_t *table, request_rec *r, int is_short)
{
    view_t view = { .seen = apr_hash_make(r->pool),
                    .deadline = apr_time_now() + INTERVALS_PAGE_CAS };

    add_counted(table);
    if (is_short)
        return;
    status_cas_add_families(table, &view);
    responders_each(r, status_cas_visit, &view);
}
