/* SPDX-License-Identifier: Apache-2.0
 * Files of CRLs, and what they say of a CA's certificates, as text. */
#ifndef T_UNIT_CRL_FILES_H
#define T_UNIT_CRL_FILES_H

#include <apr_general.h>
#include <apr_strings.h>
#include "crls.h"
#include "source/crl/crl_file.h"
#include "source/crl/crl_pairs.h"
#include "source/crl/crl_view.h"

/* What is left out is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NOW          apr_time_from_sec(PKI_NOW)
#define UNKNOWN      OCSP_RESPONDER_UNKNOWN
#define GOOD         OCSP_RESPONDER_GOOD
#define IS_GOOD      ((crl_absent_t){ GOOD, 0 })

static apr_pool_t *pool;
static EVP_PKEY *root_key, *other_key;
static X509 *root;

/* -- files and questions --------------------------------------------------- */

static apr_array_header_t *begin(void)
{
    return apr_array_make(pool, 4, sizeof(crl_source_t));
}

static const crl_file_t *parse(bytes_t bytes, const char **why)
{
    const bytes_t der = crl_file_convert(pool, bytes, why);

    return der.data ? crl_file_parse(pool, der, why) : NULL;
}

static void add(apr_array_header_t *files, const char *path, bytes_t bytes)
{
    crl_source_t *source = apr_array_push(files);
    const char *why = NULL;

    source->path = path;
    source->file = bytes.data ? parse(bytes, &why) : NULL;
    if (!source->file)
        printf("# %s: %s\n", path, why ? why : "not read");
}

static apr_array_header_t *one(crls_t is)
{
    apr_array_header_t *files = begin();

    add(files, "one.crl", crls_make(pool, is));
    return files;
}

static apr_array_header_t *two(crls_t is, crls_t other)
{
    apr_array_header_t *files = one(is);

    add(files, "two.crl", crls_make(pool, other));
    return files;
}

/* What is said of a serial, as text. */
static const char *ask_view(const crl_view_t *view, const char *hex,
                            crl_absent_t absent, apr_time_t now)
{
    ocsp_responder_status_t status = { UNKNOWN };
    const char *why = NULL, *text;
    crl_question_t question = { .absent = absent, .now = now };
    ocsp_responder_lookup_t lookup;

    question.serial.data =
        apr_punescape_hex(pool, hex, 0, &question.serial.len);
    lookup = crl_view_status(view, pool, &question, &status, &why);
    if (ERR_peek_error())
        return "an error is left";
    if (lookup == OCSP_RESPONDER_LOOKUP_UNAVAILABLE)
        return apr_pstrcat(pool, "later: ", why, NULL);
    if (lookup != OCSP_RESPONDER_LOOKUP_DONE)
        return apr_pstrcat(pool, "failed: ", why, NULL);
    if (status.this_update > now || status.next_update <= now)
        return "it promises too much";
    if (status.cert_status != OCSP_RESPONDER_REVOKED)
        return status.cert_status == GOOD ? "good" : "unknown";
    text = apr_psprintf(
        pool, "revoked %dh ago, %d",
        (int)((PKI_NOW - apr_time_sec(status.revocation_time)) / 3600),
        status.reason);
    if (status.has_invalidity_date)
        text = apr_psprintf(pool, "%s, since %ld", text,
                            (long)apr_time_sec(status.invalidity_date));
    return text;
}

static const char *ask_absent(X509 *ca, const apr_array_header_t *files,
                              const char *hex, crl_absent_t absent,
                              apr_time_t now)
{
    return ask_view(crl_view_create(pool, ca, files), hex, absent, now);
}

static const char *ask_of(X509 *ca, const apr_array_header_t *files,
                          const char *hex, ocsp_responder_cert_status_t absent,
                          apr_time_t now)
{
    return ask_absent(ca, files, hex, (crl_absent_t){ absent, 0 }, now);
}

static const char *ask(const apr_array_header_t *files, const char *hex)
{
    return ask_of(root, files, hex, UNKNOWN, NOW);
}

static const char *ask_full(const apr_array_header_t *files, const char *hex)
{
    return ask_of(root, files, hex, GOOD, NOW);
}

/* The usual one. */
#define ROOT_CRL .issuer = "root", .key = root_key

/* The root's certificate for its next key, signed with the one before. */
#define ROOT_NEXT \
    .cn = "root", .key = other_key, .issuer_cn = "root", \
    .issuer_key = root_key, .ca = "critical,CA:TRUE"

static void begin_tests(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    root_key = pki_key(pool, "EC:P-256");
    other_key = pki_key(pool, "EC:P-256");
    root = pki_root(pool, root_key);
}

static int end_tests(void)
{
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}

#pragma GCC diagnostic pop

#endif
