/* SPDX-License-Identifier: Apache-2.0
 * revocation_list_parse(): what libcrypto finds in a CRL is found here, and
 * nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include "source/crl/crl_file.h"
#include "source/crl/revocation_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

/* Whether an entry is the one that libcrypto has. */
static void check_reason(const X509_REVOKED *revoked,
                         const serial_map_entry_t *entry)
{
    ASN1_ENUMERATED *reason =
        X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, NULL, NULL);

    if (reason)
        require(ASN1_ENUMERATED_get(reason) == entry->reason);
    ASN1_ENUMERATED_free(reason);
}

static void check_entry(apr_pool_t *pool, const revocation_list_t *list,
                        const serial_map_t *map, const X509_REVOKED *revoked)
{
    const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(revoked);
    BIGNUM *bn = ASN1_INTEGER_to_BN(serial, NULL);
    unsigned char *room = apr_palloc(pool, (apr_size_t)BN_num_bytes(bn) + 1);
    const bytes_t bytes = { room, (apr_size_t)BN_bn2bin(bn, room) };
    const serial_map_entry_t *entry = serial_map_find(map, bytes);

    if (!BN_is_negative(bn)) {
        require(entry != NULL);
        if (list->count == serial_map_count(map))
            check_reason(revoked, entry);
    }
    BN_free(bn);
}

/* Compares a direct list, whose entries are all of one issuer. */
static void compare(apr_pool_t *pool, const revocation_list_t *list,
                    X509_CRL *crl)
{
    STACK_OF(X509_REVOKED) *all = X509_CRL_get_REVOKED(crl);
    const revocation_list_part_t *part =
        &APR_ARRAY_IDX(list->parts, 0, revocation_list_part_t);
    int i;

    require((apr_size_t)(sk_X509_REVOKED_num(all) > 0 ? sk_X509_REVOKED_num(all)
                                                      : 0)
            >= list->count);
    for (i = 0; i < sk_X509_REVOKED_num(all); i++)
        check_entry(pool, list, part->revoked, sk_X509_REVOKED_value(all, i));
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
    if (crl && list->parts->nelts == 1 && !list->is_indirect)
        compare(pool, list, crl);
    X509_CRL_free(crl);
    ERR_clear_error();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *global;
    const bytes_t bytes = { data, size };
    const crl_file_t *file;
    const char *why = NULL;
    apr_pool_t *pool;

    if (!global) {
        apr_initialize();
        apr_pool_create(&global, NULL);
    }
    apr_pool_create(&pool, global);
    check(pool, bytes);
    file = crl_file_parse(pool, bytes, &why);
    require(file ? file->lists->nelts + file->certificates->nelts > 0
                 : why && *why);
    require(ERR_peek_error() == 0);
    apr_pool_destroy(pool);
    return 0;
}
