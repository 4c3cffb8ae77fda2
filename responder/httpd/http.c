/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/http.h"

#include "apr_date.h"
#include "apr_strings.h"
#include "apr_poll.h"
#include "http_core.h"
#include "http_protocol.h"
#include "util_filter.h"

#include "base/calendar.h"
#include "httpd/config.h"
#include "httpd/filters.h"
#include "ocsp/request.h"

#define ALLOWED       "GET, HEAD, POST, OPTIONS"
#define RESPONSE_TYPE "application/ocsp-response"

/* -- reading --------------------------------------------------------------- */

static int read_path(request_rec *r, apr_size_t max, bytes_t *der)
{
    int status = ap_discard_request_body(r);

    if (status != OK)
        return status;
    /* httpd has merged and decoded slashes in r->uri; this is as sent. */
    if (get_path_read(der, r->pool, r->unparsed_uri, max) == GET_PATH_TOO_LARGE)
        return HTTP_REQUEST_URI_TOO_LARGE;
    return OK;
}

static int holds_end(apr_bucket_brigade *brigade)
{
    apr_bucket *bucket = APR_BRIGADE_FIRST(brigade);

    while (bucket != APR_BRIGADE_SENTINEL(brigade)
           && !APR_BUCKET_IS_EOS(bucket))
        bucket = APR_BUCKET_NEXT(bucket);
    return bucket != APR_BRIGADE_SENTINEL(brigade);
}

/* Before the first read, which sends 100 Continue. */
static int check_length(request_rec *r, apr_size_t max)
{
    const char *text = apr_table_get(r->headers_in, "Content-Length");
    apr_off_t length;

    if (text && ap_parse_strict_length(&length, text)
        && (apr_uint64_t)length > max)
        return HTTP_REQUEST_ENTITY_TOO_LARGE;
    return OK;
}

/* What is left of a body that is too large is not read: httpd ends the
 * connection. */
static int read_body(request_rec *r, apr_size_t max, bytes_t *der)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    char *buffer = apr_palloc(r->pool, max + 1);
    int ended = 0, result = check_length(r, max);

    der->data = (unsigned char *)buffer;
    while (result == OK && !ended) {
        apr_size_t room = max + 1 - der->len;
        apr_status_t status =
            ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN);

        if (status == APR_SUCCESS)
            status = apr_brigade_flatten(brigade, buffer + der->len, &room);
        if (status != APR_SUCCESS)
            return ap_map_http_request_error(status, HTTP_BAD_REQUEST);
        der->len += room;
        result = der->len > max ? HTTP_REQUEST_ENTITY_TOO_LARGE : OK;
        ended = holds_end(brigade);
        apr_brigade_cleanup(brigade);
    }
    return result;
}

/* Sent here, as httpd's own Allow names TRACE as well. */
int http_send_allow(request_rec *r, const char *allowed)
{
    int result = ap_discard_request_body(r);

    if (result != OK)
        return result;
    r->status =
        r->method_number == M_OPTIONS ? HTTP_OK : HTTP_METHOD_NOT_ALLOWED;
    apr_table_setn(r->headers_out, "Allow", allowed);
    ap_set_content_length(r, 0);
    return DONE;
}

int http_read(request_rec *r, apr_size_t max, bytes_t *der)
{
    static const unsigned char nothing[1];

    der->data = nothing;
    der->len = 0;
    switch (r->method_number) {
    case M_GET:
        return read_path(r, max, der);
    case M_POST:
        return read_body(r, max, der);
    default:
        return http_send_allow(r, ALLOWED);
    }
}

/* -- sending --------------------------------------------------------------- */

int http_is_cacheable(const request_rec *r)
{
    return r->method_number == M_GET;
}

/* Whether what is sent goes out at once: nothing waits before it, and there is
 * room in the socket. Others multiplex connections, and know best. */
static int is_clear(conn_rec *connection)
{
    apr_pollfd_t poll = { .desc_type = APR_POLL_SOCKET,
                          .reqevents = APR_POLLOUT };
    apr_int32_t ready = 0;

    if (connection->master || connection->data_in_output_filters)
        return 0;
    poll.desc.s = ap_get_conn_socket(connection);
    poll.p = connection->pool;
    return apr_poll(&poll, 1, &ready, 0) == APR_SUCCESS && ready == 1;
}

static void flush(conn_rec *connection, apr_bucket_brigade *brigade)
{
    apr_brigade_cleanup(brigade);
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_flush_create(connection->bucket_alloc));
    ap_pass_brigade(connection->output_filters, brigade);
}

/* Out at once, before httpd writes its logs: the client may be at its next
 * request by then, and this thread stays with it. Unless the client does not
 * read: then httpd has ways to wait without a thread. */
static void send_body(request_rec *r, bytes_t der)
{
    apr_bucket_alloc_t *allocator = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, allocator);
    int clear = is_clear(r->connection);

    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_pool_create((const char *)der.data,
                                                   der.len, r->pool,
                                                   allocator));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(allocator));
    if (ap_pass_brigade(r->output_filters, brigade) == APR_SUCCESS && clear)
        flush(r->connection, brigade);
}

static int send_der(request_rec *r, bytes_t der)
{
    ap_set_content_type(r, RESPONSE_TYPE);
    ap_set_content_length(r, (apr_off_t)der.len);
    if (!r->header_only)
        send_body(r, der);
    return OK;
}

/* RFC 9919 §7.2: the hexadecimal digest of the response, strong. */
static const char *etag_of(request_rec *r, bytes_t digest)
{
    char *text = apr_palloc(r->pool, 2 * digest.len + 3);

    *text = '"';
    ap_bin2hex(digest.data, digest.len, text + 1);
    text[1 + 2 * digest.len] = '"';
    text[2 + 2 * digest.len] = '\0';
    return text;
}

/* Seconds that a cache may keep it: less than it is valid, so that nobody is
 * given it at its end. 0: not at all. */
static apr_int64_t max_age(request_rec *r, const response_times_t *times,
                           apr_time_t now)
{
    apr_int64_t rest = apr_time_sec(times->next_update - now);
    apr_int64_t most = config_max_age(config_of_request(r));
    apr_int64_t age = rest > 1 ? rest - 1 - rest / 20 : 0;

    return age < most ? age : most;
}

/* RFC 9110 §13.1.4. httpd's ap_condition_if_unmodified_since() matches what is
 * newer than the date: the contrary. */
static int is_modified_since(const request_rec *r)
{
    const char *text = apr_table_get(r->headers_in, "If-Unmodified-Since");
    apr_time_t since = text && !apr_table_get(r->headers_in, "If-Match")
        ? apr_date_parse_http(text)
        : APR_DATE_BAD;

    return since != APR_DATE_BAD
        && apr_time_sec(r->mtime) > apr_time_sec(since);
}

/* What a client that has an answer already asks for. Dates say whole seconds,
 * and an answer that is sent again may be older than the one before it: a date
 * alone is no reason for a client to keep what it has. */
static int check_conditions(request_rec *r)
{
    ap_condition_e found = ap_condition_if_none_match(r, r->headers_out);

    if (ap_condition_if_match(r, r->headers_out) == AP_CONDITION_NOMATCH
        || is_modified_since(r))
        return HTTP_PRECONDITION_FAILED;
    return found == AP_CONDITION_STRONG || found == AP_CONDITION_WEAK
        ? HTTP_NOT_MODIFIED
        : OK;
}

int http_send_cacheable(request_rec *r, bytes_t der, bytes_t digest,
                        const response_times_t *times, apr_time_t now)
{
    apr_int64_t age = max_age(r, times, now);
    int status;

    if (age <= 0)
        return http_send_once(r, der);
    r->mtime = times->this_update;
    ap_set_last_modified(r);
    apr_table_setn(r->headers_out, "ETag", etag_of(r, digest));
    apr_table_setn(r->headers_out, "Expires",
                   calendar_http_date(r->pool, times->next_update));
    apr_table_setn(r->headers_out, "Cache-Control",
                   apr_pstrcat(r->pool, "max-age=", apr_off_t_toa(r->pool, age),
                               ", public, no-transform, must-revalidate",
                               NULL));
    status = check_conditions(r);
    return status == OK ? send_der(r, der) : status;
}

int http_send_once(request_rec *r, bytes_t der)
{
    filters_drop_ranges(r);
    apr_table_setn(r->headers_out, "Cache-Control", "no-cache, no-transform");
    return send_der(r, der);
}

int http_send_error(request_rec *r, bytes_t der, int retry_after)
{
    filters_drop_ranges(r);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    if (retry_after)
        apr_table_setn(r->headers_out, "Retry-After",
                       apr_itoa(r->pool, retry_after));
    return send_der(r, der);
}
