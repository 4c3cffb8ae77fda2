/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/probe_token.h"

#include <string.h>

#include "ocsp/token_uri.h"

/* Why a login is not tried again; NULL: it may be. */
static const char *refused_before(const apr_array_header_t *refused,
                                  const probe_login_t *login)
{
    int i, unclear = 0;

    for (i = 0; i < refused->nelts; i++) {
        const probe_login_t *each = &APR_ARRAY_IDX(refused, i, probe_login_t);

        if (strcmp(each->token, login->token) == 0
            && bytes_equal(each->passphrase, login->passphrase.data,
                           login->passphrase.len)
            && (!each->is_unclear || ++unclear == KEY_URI_UNCLEAR_MAX))
            return each->why;
    }
    return NULL;
}

const credentials_t *probe_token_open(const reporter_t *reporter,
                                      const credentials_t *pair,
                                      apr_array_header_t *refused)
{
    probe_login_t login = { token_uri_token(reporter->pool,
                                            reporter->config->key),
                            pair->passphrase, 0, NULL };
    key_uri_result_t result = KEY_URI_REFUSED;
    const credentials_t *opened = NULL;

    login.why = refused_before(refused, &login);
    if (!login.why) {
        opened = credentials_open(reporter->pool, reporter->config, pair,
                                  &result, &login.why);
        login.is_unclear = result == KEY_URI_UNCLEAR;
        if (result == KEY_URI_REFUSED || login.is_unclear)
            APR_ARRAY_PUSH(refused, probe_login_t) = login;
    }
    /* A token that is away may come back. */
    if (!opened)
        report_write(reporter,
                     result == KEY_URI_ABSENT ? REPORT_IS_WARNING
                                              : REPORT_IS_ERROR,
                     REPORT_AT_KEY, "%s", login.why);
    return opened;
}
