/* SPDX-License-Identifier: Apache-2.0
 * ocsp/certificate, ocsp/issuer, ocsp/key_file, ocsp/signer and source/crl/:
 * what is said while libcrypto gets no memory is what is right, or that nothing
 * can be said: never what an older CRL says, nor one whose signer is revoked,
 * nor that a certificate is another CA's, nor a part of a chain. */
#include <apr_escape.h>
#include "crl_files.h"
#include "ocsp/certificate.h"
#include "ocsp/issuer.h"
#include "ocsp/key_file.h"
#include "ocsp/signer.h"

/* -- memory ---------------------------------------------------------------- */

static unsigned long calls;
static unsigned long fails_at; /* the first that fails; 0: none */
static int fails_on;           /* and all behind it */

static int fails(void)
{
    calls++;
    return fails_at && (fails_on ? calls >= fails_at : calls == fails_at);
}

static void *take(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(size);
}

static void *take_again(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(old, size);
}

static void give(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    free(old);
}

/* -- each call ------------------------------------------------------------- */

/* What is said, which may be in the pool. */
typedef const char *(*asked_t)(const void *data);

/* Asks again and again, while one call after the other fails, alone or with all
 * behind it. Tells what is said that is wrong; NULL: nothing. *count: of the
 * calls. */
static const char *ask_each(asked_t asked, const void *data, const char *right,
                            unsigned long *count)
{
    static char wrong[200];
    apr_pool_t *whole = pool;
    unsigned long n;

    apr_pool_create(&pool, whole);
    wrong[0] = '\0';
    *count = 1;
    for (n = 0; n <= *count && !wrong[0]; n++) {
        const char *says;

        calls = 0;
        fails_at = n;
        says = asked(data);
        fails_at = 0;
        ERR_clear_error();
        if (n == 0)
            *count = calls;
        if (strcmp(says, right) != 0 && (n == 0 || strcmp(says, "nothing")))
            apr_snprintf(wrong, sizeof(wrong), "%lu: %s", n, says);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    pool = whole;
    return wrong[0] ? wrong : NULL;
}

static void check_each(asked_t asked, const void *data, const char *right,
                       const char *name)
{
    unsigned long count;

    for (fails_on = 0; fails_on < 2; fails_on++) {
        is(ask_each(asked, data, right, &count), NULL, name);
        printf("# %lu calls, %s\n", count, fails_on ? "and all behind" : "one");
        ok(count > 1, "  there are calls that can fail");
    }
}

/* -- CRLs ------------------------------------------------------------------ */

/* DER; data NULL: the end. */
typedef struct {
    bytes_t files[3];
} files_t;

/* What they say of 01; a file that cannot be read has nothing to say, nor have
 * those that will be looked at again. */
static const char *ask_files(const void *data)
{
    const files_t *is = data;
    apr_array_header_t *files = begin();
    const crl_view_t *view;
    const char *says;
    int i;

    for (i = 0; i < 3 && is->files[i].data; i++) {
        crl_source_t *source = apr_array_push(files);
        const char *why = NULL;

        source->path = "file";
        source->file = crl_file_parse(pool, is->files[i], &why);
        if (!source->file)
            return "nothing";
    }
    view = crl_view_create(pool, root, files);
    says = ask_view(view, "01", (crl_absent_t){ GOOD, 0 }, NOW);
    if (strncmp(says, "failed", 6) != 0)
        return says;
    return crl_view_is_unsure(view) ? "nothing" : "failed";
}

static void test_newer(void)
{
    const crls_t old = { ROOT_CRL, .number = 5 };
    crls_t new = { ROOT_CRL, .number = 6, .from = -60, .to = 60,
                   .entries = { { "01" } } };
    files_t files = { { crls_make(pool, old), crls_make(pool, new) } };

    check_each(ask_files, &files, "revoked 0h ago, 0", "a newer CRL");
    new.base = 5;
    files.files[1] = crls_make(pool, new);
    check_each(ask_files, &files, "revoked 0h ago, 0", "a delta");
}

/* The delegate's certificate is C0; revoked is what the root's CRL has, entry
 * what the delegate's has. */
static void test_delegate(const char *revoked, crls_entry_t entry,
                          const char *right, const char *name)
{
    const crls_t own = { ROOT_CRL, .scope = "critical,onlyCA:TRUE", .number = 3,
                         .entries = { { revoked, 1 } } };
    const crls_t list = { .issuer = "delegate",
                          .key = other_key,
                          .scope = "critical,indirectCRL:TRUE",
                          .entries = { entry } };
    const pki_cert_t may = { .cn = "delegate",
                             .key = other_key,
                             .issuer_cn = "root",
                             .issuer_key = root_key,
                             .serial = "C0",
                             .usage = "critical,cRLSign" };
    const files_t files = { { crls_make(pool, own), crls_make(pool, list),
                              crls_certificate(pool, pki_cert(pool, may)) } };

    check_each(ask_files, &files, right, name);
}

/* -- certificates ---------------------------------------------------------- */

static const char *ask_signed(const void *data)
{
    switch (certificate_is_signed_by((X509 *)data, root)) {
    case 1:
        return "signed";
    case 0:
        return "not signed";
    default:
        return "nothing";
    }
}

static void test_signed(void)
{
    pki_cert_t is = { .cn = "leaf",
                      .key = other_key,
                      .issuer_cn = "root",
                      .issuer_key = root_key,
                      .serial = "0ABC" };

    check_each(ask_signed, pki_cert(pool, is), "signed", "its CA's");
    is.issuer_key = pki_key(pool, "EC:P-256");
    check_each(ask_signed, pki_cert(pool, is), "not signed",
               "of another CA of its name");
    is.issuer_key = pki_key(pool, "RSA:2048");
    check_each(ask_signed, pki_cert(pool, is), "not signed",
               "of one with another kind of key");
}

/* What hashes fit is told by unit/issuer. */
static const char *ask_issuer(const void *data)
{
    const char *why = NULL;
    const issuer_t *issuer = issuer_create(pool, (X509 *)data, &why);

    if (!issuer)
        return "nothing";
    return issuer->self_issued ? "self-issued" : "issued by another";
}

/* How many bytes of DER a file has for a chain. */
static const char *ask_chain(const void *data)
{
    const char *why = NULL;
    const bytes_t chain = key_file_chain(pool, *(const bytes_t *)data, &why);

    if (!chain.data)
        return why ? "nothing" : "nothing, and not why";
    return apr_psprintf(pool, "%d", (int)chain.len);
}

static void test_chain(void)
{
    const bytes_t der = crls_certificate(pool, root);
    const bytes_t pem = crls_pem(pool, "CERTIFICATE", der);
    const bytes_t two = bytes_join(pool, pem, pem);

    check_each(ask_chain, &der, apr_psprintf(pool, "%d", (int)der.len),
               "a chain of one in DER");
    check_each(ask_chain, &two, apr_psprintf(pool, "%d", (int)der.len * 2),
               "one of two in PEM");
}

/* -- signers --------------------------------------------------------------- */

typedef struct {
    X509 *certificate;
    EVP_PKEY *key;
} pair_t;

static X509 *copy_of(X509 *certificate)
{
    MUST(X509_up_ref(certificate));
    return pki_decoded(pool, certificate);
}

/* What the algorithm is called. */
static const char *ask_signer(const void *data)
{
    const pair_t *is = data;
    const char *why = NULL;
    signer_t *signer = NULL;

    if (signer_create(&signer, pool, is->certificate, is->key, "auto", &why)
        != SIGNER_OK)
        return "nothing";
    return apr_pescape_hex(pool, signer->algorithm.data, signer->algorithm.len,
                           0);
}

static void test_signers(void)
{
    static const struct {
        const char *kind, *algorithm;
    } rows[] = {
        { "EC:P-256", "300a06082a8648ce3d040302" },
        { "RSA:2048", "300d06092a864886f70d01010b0500" },
        { "ED25519", "300506032b6570" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        EVP_PKEY *key = pki_key(pool, rows[i].kind);
        const pair_t pair = { pki_root(pool, key), key };

        check_each(ask_signer, &pair, rows[i].algorithm, rows[i].kind);
    }
}

/* Of certificates of which nothing is known yet, as of those that are read. */
static const char *ask_may_sign(const void *data)
{
    static const char *const says[] = {
        [SIGNER_ERROR] = "nothing",
        [SIGNER_NOT_ISSUED] = "not issued",
        [SIGNER_REFUSED] = "refused",
        [SIGNER_NO_USAGE] = "no usage",
    };
    const pair_t *is = data;
    const unsigned long at = fails_at;
    const issuer_t *issuer;
    const char *why = NULL;
    signer_t *signer;
    signer_check_t check;
    int delegated;

    fails_at = 0;
    issuer = pki_must((void *)issuer_create(pool, copy_of(root), &why), "CA");
    MUST(signer_create(&signer, pool, copy_of(is->certificate), is->key, "auto",
                       &why)
         == SIGNER_OK);
    calls = 0;
    fails_at = at;
    check = signer_may_sign_for(signer, issuer, &delegated, pool, &why);
    return check != SIGNER_OK ? says[check] : delegated ? "delegated" : "own";
}

static void check_may_sign(pki_cert_t is, const char *right, const char *name)
{
    const pair_t pair = { pki_cert(pool, is), is.key };

    check_each(ask_may_sign, &pair, right, name);
}

static void test_may_sign(void)
{
    pki_cert_t is = { .cn = "delegate",
                      .key = other_key,
                      .issuer_cn = "root",
                      .issuer_key = root_key,
                      .serial = "0ABC",
                      .usage = "digitalSignature",
                      .extended = "OCSPSigning" };
    const pki_cert_t own = { .cn = "root", .key = root_key };

    check_may_sign(own, "own", "the CA itself");
    check_may_sign(is, "delegated", "a delegate");
    is.extended = NULL;
    check_may_sign(is, "no usage", "one without the usage");
    is.unknown = 2;
    check_may_sign(is, "refused", "one that clients refuse");
    is.unknown = 0;
    is.issuer_key = pki_key(pool, "EC:P-256");
    check_may_sign(is, "not issued", "one of another CA of its name");
    is.issuer_key = root_key;
    is.issuer_cn = "another";
    check_may_sign(is, "refused", "one that names another CA");
}

int main(void)
{
    const crls_entry_t other = { "02", .issuer = "root" };
    const crls_entry_t spelled = { "01", .issuer = "root", .is_printable = 1 };

    MUST(CRYPTO_set_mem_functions(take, take_again, give));
    begin_tests();
    test_newer();
    test_delegate("C0", other, "failed", "a delegate that is revoked");
    test_delegate("C1", other, "good", "one that is not");
    test_delegate("C1", spelled, "revoked 0h ago, 0",
                  "who spells the CA's name in another way");
    test_signed();
    check_each(ask_issuer, root, "self-issued", "a root");
    test_chain();
    test_signers();
    test_may_sign();
    return end_tests();
}
