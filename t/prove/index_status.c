/* SPDX-License-Identifier: Apache-2.0
 * read_fields(): whatever stands in the fields of a row of index.txt, good is
 * taken only of V or E with no revocation, revoked only of R with its time; the
 * reason is one of RFC 5280's. That a field is a time, or a word a reason, is
 * taken to be anything here: asn1_time.c has the times. */
#include "prove.h"
#include "../../responder/source/index/index_row.c"

int asn1_time_read(const char *text, apr_size_t length, apr_time_t *time)
{
    if (length > 0)
        PROVED(*text == text[0] && text[length - 1] == text[length - 1],
               "a time is looked for in the row's memory");
    if (length == 0 || nondet_int())
        return 0;
    *time = 1;
    return 1;
}

int crl_reason_of(const char *text, apr_size_t length)
{
    const int reason = nondet_int();

    if (length > 0)
        PROVED(text[length - 1] == text[length - 1], "and a reason, too");
    ASSUME(reason >= -1 && reason <= 10 && reason != 7);
    return reason;
}

/* unwind: 18
 * each: 10
 * with: responder/base/hex.c t/prove/pools.c */
int main(void)
{
    field_t fields[FIELDS];
    index_row_t row = { .fault = INDEX_ROW_FIELDS };
    index_row_fault_t fault;
    const field_t *status = &fields[FIELD_STATUS];
    int i;

    for (i = 0; i < FIELDS; i++) {
        const bytes_t any =
            i == FIELD_REVOCATION ? any_bytes_of(LENGTH) : any_bytes(2);

        fields[i] = (field_t){ (const char *)any.data, any.len };
    }
    fault = read_fields(&row, fields);
    if (!index_row_is_safe(fault))
        return 0;
    PROVED(status->length == 1, "a status is one letter");
    PROVED(fields[FIELD_EXPIRY].length > 0, "there is an expiry");
    if (row.status.cert_status == OCSP_RESPONDER_GOOD)
        PROVED((*status->text == 'V' || *status->text == 'E')
                   && fields[FIELD_REVOCATION].length == 0,
               "good is not revoked");
    else
        PROVED(row.status.cert_status == OCSP_RESPONDER_REVOKED
                   && *status->text == 'R' && row.status.revocation_time == 1,
               "revoked has its time");
    PROVED(row.status.reason <= 10 && row.status.reason != 7,
           "a reason that there is");
    PROVED(!row.status.has_invalidity_date || row.status.invalidity_date == 1,
           "a time of compromise is one");
    return 0;
}
