/* SPDX-License-Identifier: Apache-2.0 */
#include "source/index/index_file.h"

#include "apr_strings.h"
#include "apr_tables.h"

#include "base/serial_map.h"
#include "ocsp/crl_reason.h"
#include "source/index/index_row.h"

/* What does not fit into an entry. */
typedef struct {
    apr_uint32_t row; /* from 1 */
    index_row_fault_t fault;
    int has_invalidity_date;
    apr_time_t invalidity_date;
} detail_t;

struct index_file_t {
    serial_map_t *serials;       /* an entry's state is index_row_state_t */
    apr_array_header_t *details; /* of detail_t; an entry counts from 1 */
    apr_size_t rows;
    apr_size_t faults;   /* rows that cannot be read */
    detail_t first;      /* ... the first of them */
    apr_size_t nameless; /* ... whose serial cannot be read either */
    detail_t first_nameless;
    int is_cut;        /* no line feed at the end */
    apr_uint32_t held; /* the first row of a certificate on hold; 0 for none */
};

/* -- parsed ---------------------------------------------------------------- */

/* Takes the first line, without its end, off *rest. */
static bytes_t take_line(bytes_t *rest)
{
    const unsigned char *end = memchr(rest->data, '\n', rest->len);
    bytes_t line = *rest;

    if (end)
        line.len = (apr_size_t)(end - rest->data);
    rest->data += line.len + (end != NULL);
    rest->len -= line.len + (end != NULL);
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* How many lines there are, and how long the longest is. */
static apr_size_t count_lines(bytes_t text, apr_size_t *longest)
{
    apr_size_t count = 0;

    *longest = 0;
    while (text.len > 0) {
        const bytes_t line = take_line(&text);

        count++;
        if (line.len > *longest)
            *longest = line.len;
    }
    return count;
}

static void count_fault(index_file_t *index, const detail_t *detail,
                        int has_serial)
{
    if (index->faults++ == 0)
        index->first = *detail;
    if (!has_serial && index->nameless++ == 0)
        index->first_nameless = *detail;
}

/* Makes the entry of a row's serial. 0 when out of memory. */
static int enter(index_file_t *index, const index_row_t *row, detail_t *detail)
{
    int is_new;
    serial_map_entry_t *entry =
        serial_map_add(index->serials, row->serial, &is_new);

    if (!entry)
        return 0;
    entry->state = (apr_byte_t)row->state;
    entry->time = row->revocation_time;
    entry->reason = row->reason;
    if (!is_new) {
        entry->state = INDEX_ROW_BROKEN;
        detail->fault = INDEX_ROW_TWICE;
    }
    if (detail->fault != INDEX_ROW_FINE || detail->has_invalidity_date) {
        APR_ARRAY_PUSH(index->details, detail_t) = *detail;
        entry->detail = (apr_uint32_t)index->details->nelts;
    }
    return 1;
}

/* room is for a serial. 0 when out of memory. */
static int add(index_file_t *index, bytes_t line, apr_uint32_t number,
               unsigned char *room)
{
    detail_t detail = { .row = number };
    index_row_t row;

    index->rows++;
    index_row_parse(&row, (const char *)line.data, line.len, room);
    detail.fault = row.fault;
    detail.has_invalidity_date = row.has_invalidity_date;
    detail.invalidity_date = row.invalidity_date;
    /* Nobody can ask for a negative serial. */
    if (row.has_serial && !row.is_negative && !enter(index, &row, &detail))
        return 0;
    if (!index->held && row.state == INDEX_ROW_REVOKED
        && row.reason == CRL_REASON_CERTIFICATE_HOLD)
        index->held = number;
    if (!index_row_is_safe(detail.fault))
        count_fault(index, &detail, row.has_serial);
    return 1;
}

/* 0 when out of memory. OpenSSL skips lines that begin with '#'. */
static int add_all(index_file_t *index, bytes_t text, unsigned char *room)
{
    apr_uint32_t number = 0;

    while (text.len > 0) {
        const bytes_t line = take_line(&text);

        number++;
        if (line.len > 0 && *line.data != '#'
            && !add(index, line, number, room))
            return 0;
    }
    return 1;
}

const index_file_t *index_file_parse(apr_pool_t *pool, bytes_t text)
{
    index_file_t *index = apr_pcalloc(pool, sizeof(*index));
    apr_size_t longest;
    const apr_size_t lines = count_lines(text, &longest);

    index->serials = serial_map_create(pool, lines);
    index->details = apr_array_make(pool, 1, sizeof(detail_t));
    index->is_cut = text.len > 0 && text.data[text.len - 1] != '\n';
    return index->serials
            && add_all(index, text, apr_palloc(pool, longest / 2 + 1))
        ? index
        : NULL;
}

/* -- what it says ---------------------------------------------------------- */

apr_size_t index_file_rows(const index_file_t *index)
{
    return index->rows;
}

int index_file_is_whole(const index_file_t *index)
{
    return !index->is_cut && index->faults == 0;
}

static const char *tell(apr_pool_t *pool, const detail_t *detail)
{
    return apr_psprintf(pool, "row %u: %s", detail->row,
                        index_row_fault(detail->fault));
}

const char *index_file_fault(const index_file_t *index, apr_pool_t *pool)
{
    if (!index->faults)
        return NULL;
    return apr_psprintf(pool,
                        "%s (rows that cannot be read: %" APR_SIZE_T_FMT ")",
                        tell(pool, &index->first), index->faults);
}

const char *index_file_held(const index_file_t *index, apr_pool_t *pool)
{
    return index->held ? apr_psprintf(pool, "row %u", index->held) : NULL;
}

static ocsp_responder_lookup_t never_issued(const index_file_t *index,
                                            apr_pool_t *pool, const char **why)
{
    if (!index->nameless)
        return OCSP_RESPONDER_LOOKUP_DONE;
    *why = apr_pstrcat(pool, "no row has its serial, but it may be that of ",
                       tell(pool, &index->first_nameless), NULL);
    return OCSP_RESPONDER_LOOKUP_FAILED;
}

static void say_revoked(const serial_map_entry_t *entry, const detail_t *detail,
                        apr_pool_t *pool, ocsp_responder_status_t *status)
{
    status->cert_status = OCSP_RESPONDER_REVOKED;
    status->revocation_time = entry->time;
    status->reason = entry->reason;
    if (!detail)
        return;
    status->has_invalidity_date = detail->has_invalidity_date;
    status->invalidity_date = detail->invalidity_date;
    if (detail->fault != INDEX_ROW_FINE)
        status->warning = tell(pool, detail);
}

ocsp_responder_lookup_t index_file_status(const index_file_t *index,
                                          apr_pool_t *pool, bytes_t serial,
                                          ocsp_responder_status_t *status,
                                          const char **why)
{
    const serial_map_entry_t *entry = serial_map_find(index->serials, serial);
    const detail_t *detail = NULL;

    if (!entry)
        return never_issued(index, pool, why);
    if (entry->detail != SERIAL_MAP_NONE)
        detail = &APR_ARRAY_IDX(index->details, entry->detail - 1, detail_t);
    switch (entry->state) {
    case INDEX_ROW_GOOD:
        status->cert_status = OCSP_RESPONDER_GOOD;
        return OCSP_RESPONDER_LOOKUP_DONE;
    case INDEX_ROW_REVOKED:
        say_revoked(entry, detail, pool, status);
        return OCSP_RESPONDER_LOOKUP_DONE;
    default:
        *why = detail ? tell(pool, detail) : "its row cannot be read";
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
}
