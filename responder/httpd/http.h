/* SPDX-License-Identifier: Apache-2.0
 * HTTP around an OCSP exchange (RFC 6960 A.1, RFC 9919 §§6-7). */
#ifndef RESPONDER_HTTP_H
#define RESPONDER_HTTP_H

#include "httpd.h"
#include "base/bytes.h"
#include "ocsp/response_times.h"

/* Reads the DER of a request out of the URL or the body; *der lives in r's
 * pool, and is empty when there is no payload that could be a request. Returns
 * OK, DONE when the request is answered (OPTIONS, a wrong method), or the HTTP
 * status to return. No more than max + 1 bytes are ever held. */
int http_read(request_rec *r, apr_size_t max, bytes_t *der);

/* Answers OPTIONS, and refuses every other method, with the methods that are
 * allowed. Returns DONE, or the HTTP status to return. */
int http_send_allow(request_rec *r, const char *allowed);

/* The methods of our pages, which are not responders. */
#define HTTP_PAGE_METHODS "GET, HEAD, OPTIONS"

/* Whether what answers r may be kept by HTTP caches: it came as a GET. */
int http_is_cacheable(const request_rec *r);

/* Sends an OCSP response that caches may keep while it is valid at now, for
 * OCSPResponderMaxAge at most; or 304 when the client has it already, by its
 * ETag. digest is the response's. Returns the handler's status. */
int http_send_cacheable(request_rec *r, bytes_t der, bytes_t digest,
                        const response_times_t *times, apr_time_t now);

/* Sends an OCSP response for this request alone, whole. */
int http_send_once(request_rec *r, bytes_t der);

/* Sends an OCSP error, whole; retry_after, in seconds, 0: not said. */
int http_send_error(request_rec *r, bytes_t der, int retry_after);

#endif
