/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/announce.h"

#include "apu_version.h"
#include "http_config.h"
#include "http_log.h"
#include <openssl/crypto.h>

#include "base/intervals.h"
#include "mod_ocsp_responder.h"

APLOG_USE_MODULE(ocsp_responder);

#define NAME "mod_ocsp_responder/" OCSP_RESPONDER_VERSION

void announce(apr_pool_t *pconf, server_rec *server)
{
    ap_add_version_component(pconf, NAME);
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                 NAME " runs with %s and APR-util %s" INTERVALS_NOTE,
                 OpenSSL_version(OPENSSL_VERSION), apu_version_string());
}
