/* SPDX-License-Identifier: Apache-2.0 */
#include "source/index/index_file.h"

#include "apr_strings.h"
#include "apr_tables.h"

#include "base/serial_map.h"
#include "ocsp/crl_reason.h"
#include "source/index/index_row.h"

/* A place in the map is that of a row in the text, from 1, and says whether the
 * serial has more rows. */
#define TWICE      0x80000000u
#define PLACE_MASK 0x7FFFFFFFu

/* How many rows there are from one to the next whose place is known. */
#define ROWS_APART 4096

typedef struct {
    apr_uint32_t row; /* from 1 */
    index_row_fault_t fault;
} fault_t;

struct index_file_t {
    bytes_t text;
    serial_map_t *serials;
    apr_array_header_t *marks; /* of apr_uint32_t: where row 1 begins, and row
                                * 1 + ROWS_APART, and so on */
    apr_size_t rows;
    apr_size_t faults;   /* rows that cannot be read */
    fault_t first;       /* ... the first of them */
    apr_size_t nameless; /* ... whose serial cannot be read either */
    fault_t first_nameless;
    int is_cut;        /* no line feed at the end */
    int lacks_reason;  /* a row that is revoked has none */
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

/* The line that begins at an offset. */
static bytes_t line_at(const index_file_t *index, apr_uint32_t offset)
{
    bytes_t rest = { index->text.data + offset, index->text.len - offset };

    return take_line(&rest);
}

static apr_uint32_t offset_of(apr_uint32_t place)
{
    return (place & PLACE_MASK) - 1;
}

static int index_file_has_serial(const void *data, apr_uint32_t place,
                                 apr_uint32_t group, bytes_t serial)
{
    const bytes_t line = line_at(data, offset_of(place));

    (void)group;
    return index_row_has_serial((const char *)line.data, line.len, serial);
}

static void count_fault(index_file_t *index, apr_uint32_t row,
                        index_row_fault_t fault, int is_named)
{
    const fault_t found = { row, fault };

    if (index->faults++ == 0)
        index->first = found;
    if (!is_named && index->nameless++ == 0)
        index->first_nameless = found;
}

/* room is for a serial. */
static void index_file_add(index_file_t *index, bytes_t line,
                           apr_uint32_t number, unsigned char *room)
{
    index_row_fault_t fault;
    index_row_t row;

    index->rows++;
    index_row_parse(&row, (const char *)line.data, line.len, room);
    fault = row.fault;
    /* Nobody can ask for a negative serial. */
    if (row.has_serial && !row.is_negative) {
        apr_uint32_t *place = serial_map_put(index->serials, 0, row.serial);

        if (*place != SERIAL_MAP_NONE) {
            *place |= TWICE;
            fault = INDEX_ROW_TWICE;
        }
        else
            *place = (apr_uint32_t)(line.data - index->text.data) + 1;
    }
    if (row.status.cert_status == OCSP_RESPONDER_REVOKED
        && row.status.reason == CRL_REASON_UNSPECIFIED)
        index->lacks_reason = 1;
    if (!index->held && row.status.reason == CRL_REASON_CERTIFICATE_HOLD)
        index->held = number;
    if (!index_row_is_safe(fault))
        count_fault(index, number, fault, row.has_serial);
}

/* OpenSSL skips lines that begin with '#'. */
static void index_file_add_all(index_file_t *index, unsigned char *room)
{
    bytes_t rest = index->text;
    apr_uint32_t number = 0;

    while (rest.len > 0) {
        const bytes_t line = take_line(&rest);

        if (number++ % ROWS_APART == 0)
            APR_ARRAY_PUSH(index->marks, apr_uint32_t) =
                (apr_uint32_t)(line.data - index->text.data);
        if (line.len > 0 && *line.data != '#')
            index_file_add(index, line, number, room);
    }
}

const index_file_t *index_file_parse(apr_pool_t *pool, bytes_t text)
{
    index_file_t *index = apr_pcalloc(pool, sizeof(*index));
    apr_size_t longest;
    const apr_size_t lines = count_lines(text, &longest);

    if (text.len >= PLACE_MASK)
        return NULL;
    index->text = text;
    index->serials =
        serial_map_create(pool, lines, index_file_has_serial, index);
    index->marks = apr_array_make(pool, 1, sizeof(apr_uint32_t));
    index->is_cut = text.len > 0 && text.data[text.len - 1] != '\n';
    if (!index->serials)
        return NULL;
    index_file_add_all(index, apr_palloc(pool, longest / 2 + 1));
    return index;
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

int index_file_is_other(const index_file_t *index)
{
    return index->rows > 0 && index->nameless == index->rows;
}

static const char *index_file_tell(apr_pool_t *pool, const fault_t *fault)
{
    return apr_psprintf(pool, "row %u: %s", fault->row,
                        index_row_fault(fault->fault));
}

const char *index_file_fault(const index_file_t *index, apr_pool_t *pool)
{
    if (!index->faults)
        return NULL;
    return apr_psprintf(pool,
                        "%s (rows that cannot be read: %" APR_SIZE_T_FMT ")",
                        index_file_tell(pool, &index->first), index->faults);
}

int index_file_has_reasons(const index_file_t *index)
{
    return !index->lacks_reason;
}

const char *index_file_held(const index_file_t *index, apr_pool_t *pool)
{
    return index->held ? apr_psprintf(pool, "row %u", index->held) : NULL;
}

static ocsp_responder_lookup_t index_file_never_issued(
    const index_file_t *index, apr_pool_t *pool, const char **why)
{
    if (!index->nameless)
        return OCSP_RESPONDER_LOOKUP_DONE;
    *why = apr_pstrcat(pool, "no row has its serial, but it may be that of ",
                       index_file_tell(pool, &index->first_nameless), NULL);
    return OCSP_RESPONDER_LOOKUP_FAILED;
}

/* The number of the row that begins at an offset, from 1. */
static apr_uint32_t number_of(const index_file_t *index, apr_uint32_t offset)
{
    int mark = index->marks->nelts - 1;
    apr_uint32_t number;
    bytes_t rest;

    while (APR_ARRAY_IDX(index->marks, mark, apr_uint32_t) > offset)
        mark--;
    number = 1 + (apr_uint32_t)mark * ROWS_APART;
    rest.data =
        index->text.data + APR_ARRAY_IDX(index->marks, mark, apr_uint32_t);
    rest.len = (apr_size_t)(index->text.data + offset - rest.data);
    for (; rest.len > 0; number++)
        take_line(&rest);
    return number;
}

static const char *tell_at(const index_file_t *index, apr_pool_t *pool,
                           apr_uint32_t offset, index_row_fault_t fault)
{
    const fault_t found = { number_of(index, offset), fault };

    return index_file_tell(pool, &found);
}

ocsp_responder_lookup_t index_file_status(const index_file_t *index,
                                          apr_pool_t *pool, bytes_t serial,
                                          ocsp_responder_status_t *status,
                                          const char **why)
{
    const apr_uint32_t place = serial_map_find(index->serials, 0, serial);
    apr_uint32_t offset;
    index_row_t row;
    bytes_t line;

    if (place == SERIAL_MAP_NONE)
        return index_file_never_issued(index, pool, why);
    offset = offset_of(place);
    line = line_at(index, offset);
    index_row_parse(&row, (const char *)line.data, line.len,
                    apr_palloc(pool, line.len / 2 + 1));
    if (place & TWICE)
        row.fault = INDEX_ROW_TWICE;
    if (!index_row_is_safe(row.fault)) {
        *why = tell_at(index, pool, offset, row.fault);
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    *status = row.status;
    if (row.fault != INDEX_ROW_FINE)
        status->warning = tell_at(index, pool, offset, row.fault);
    return OCSP_RESPONDER_LOOKUP_DONE;
}
