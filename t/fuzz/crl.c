/* SPDX-License-Identifier: Apache-2.0
 * source/crl/: what libcrypto finds in a CRL is found here, and nothing else;
 * and of a CA whose certificate is with its CRLs, nothing is good without one
 * that somebody there has signed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include "source/crl/crl_file.h"
#include "source/crl/crl_view.h"
#include "source/crl/revocation_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

/* Whether an entry is the one that libcrypto has. */
static void check_reason(const X509_REVOKED *revoked,
                         const revocation_list_entry_t *entry)
{
    ASN1_ENUMERATED *reason =
        X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, NULL, NULL);

    if (reason)
        require(ASN1_ENUMERATED_get(reason) == entry->says.status.reason);
    ASN1_ENUMERATED_free(reason);
}

/* Whether the serial of another entry is the same. */
static int is_twice(const STACK_OF(X509_REVOKED) * all, int at)
{
    const ASN1_INTEGER *serial =
        X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(all, at));
    int i;

    for (i = 0; i < sk_X509_REVOKED_num(all); i++)
        if (i != at
            && !ASN1_INTEGER_cmp(
                serial,
                X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(all, i))))
            return 1;
    return 0;
}

static void check_entry(apr_pool_t *pool, const revocation_list_t *list,
                        const STACK_OF(X509_REVOKED) * all, int at)
{
    const X509_REVOKED *revoked = sk_X509_REVOKED_value(all, at);
    const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(revoked);
    BIGNUM *bn = ASN1_INTEGER_to_BN(serial, NULL);
    unsigned char *room = apr_palloc(pool, (apr_size_t)BN_num_bytes(bn) + 1);
    const bytes_t bytes = { room, (apr_size_t)BN_bn2bin(bn, room) };
    revocation_list_entry_t entry;

    if (!BN_is_negative(bn)) {
        require(revocation_list_find(list, 0, bytes, &entry));
        if (!is_twice(all, at))
            check_reason(revoked, &entry);
    }
    BN_free(bn);
}

/* Compares a direct list, whose entries are all of one issuer. */
static void compare(apr_pool_t *pool, const revocation_list_t *list,
                    X509_CRL *crl)
{
    STACK_OF(X509_REVOKED) *all = X509_CRL_get_REVOKED(crl);
    const int count = all ? sk_X509_REVOKED_num(all) : 0;
    int i;

    require((apr_size_t)count >= list->count);
    for (i = 0; i < count; i++)
        check_entry(pool, list, all, i);
}

static void check(apr_pool_t *pool, bytes_t der)
{
    const unsigned char *at = der.data;
    bytes_t rest = der;
    const char *why = NULL;
    const revocation_list_t *list = revocation_list_parse(pool, &rest, &why);
    X509_CRL *crl;

    require((list != NULL) == !why);
    if (!list)
        return;
    require(list->der.len + rest.len == der.len);
    crl = d2i_X509_CRL(NULL, &at, (long)list->der.len);
    if (crl && list->issuers->nelts == 1 && !list->says.is_indirect)
        compare(pool, list, crl);
    X509_CRL_free(crl);
    ERR_clear_error();
}

/* Whether libcrypto has it that one whose certificate is in the file has signed
 * the list, and it is full. */
static int is_signed(const revocation_list_t *list, const crl_file_t *file)
{
    const unsigned char *at = list->der.data;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)list->der.len);
    int i, is = 0;

    for (i = 0; crl && !is && i < file->certificates->nelts; i++) {
        EVP_PKEY *key =
            X509_get0_pubkey(APR_ARRAY_IDX(file->certificates, i, X509 *));

        is = key && X509_CRL_verify(crl, key) == 1;
    }
    X509_CRL_free(crl);
    ERR_clear_error();
    return is && !list->says.base_number.data;
}

/* Asks about a few serials, with the first certificate as the CA's, at the time
 * at which the first list begins. */
static void check_view(apr_pool_t *pool, const crl_file_t *file)
{
    const apr_array_header_t sources = { pool, sizeof(crl_source_t), 1, 1,
                                         (char *)&(crl_source_t){ "x", file } };
    X509 *ca = APR_ARRAY_IDX(file->certificates, 0, X509 *);
    const crl_view_t *view = crl_view_create(pool, ca, &sources);
    const apr_time_t now =
        APR_ARRAY_IDX(file->lists, 0, const revocation_list_t *)->this_update;
    int i, signed_lists = 0;
    unsigned char serial;

    for (i = 0; i < file->lists->nelts; i++)
        signed_lists += is_signed(
            APR_ARRAY_IDX(file->lists, i, const revocation_list_t *), file);
    for (serial = 1; serial < 16; serial++) {
        ocsp_responder_status_t status = { OCSP_RESPONDER_UNKNOWN };
        const char *why = NULL;
        const crl_question_t question = { { &serial, 1 },
                                          { OCSP_RESPONDER_GOOD, serial % 3 },
                                          now };
        const ocsp_responder_lookup_t found =
            crl_view_status(view, pool, &question, &status, &why);

        require(found == OCSP_RESPONDER_LOOKUP_DONE ? !why : why && *why);
        require(status.cert_status != OCSP_RESPONDER_GOOD
                || (signed_lists && status.next_update > now));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *global;
    const bytes_t bytes = { data, size };
    const crl_file_t *file;
    const char *why = NULL;
    apr_pool_t *pool;
    bytes_t der;

    if (!global) {
        apr_initialize();
        apr_pool_create(&global, NULL);
    }
    apr_pool_create(&pool, global);
    check(pool, bytes);
    der = crl_file_convert(pool, bytes, &why);
    file = der.data ? crl_file_parse(pool, der, &why) : NULL;
    require(file ? file->lists->nelts + file->certificates->nelts > 0
                 : why && *why);
    if (file && file->lists->nelts && file->certificates->nelts)
        check_view(pool, file);
    require(ERR_peek_error() == 0);
    apr_pool_destroy(pool);
    return 0;
}
