/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/expiry_log.h"

#include "httpd/log.h"

const char *expiry_log_id(expiry_t expiry)
{
    static const char *const ids[] = { [EXPIRY_EXPIRED] = "OCSP0104",
                                       [EXPIRY_NOT_YET] = "OCSP0105",
                                       [EXPIRY_ENDING] = "OCSP0504",
                                       [EXPIRY_LASTS] = NULL };

    return ids[expiry];
}

void expiry_log(server_rec *server, const config_t *config, expiry_t expiry,
                const char *ca, const X509 *certificate)
{
    const char *id = expiry_log_id(expiry), *text;
    apr_pool_t *pool;

    if (!id || apr_pool_create(&pool, NULL) != APR_SUCCESS)
        return;
    text = expiry_text(pool, expiry, ca, certificate);
    if (text)
        log_server_fault(server, config, APLOG_WARNING, id, text, "%s", text);
    apr_pool_destroy(pool);
}
