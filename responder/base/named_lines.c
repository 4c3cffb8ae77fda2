/* SPDX-License-Identifier: Apache-2.0 */
#include "base/named_lines.h"

#include "apr_strings.h"

static const char *key_of(apr_pool_t *pool, const char *name)
{
    return apr_pstrcat(pool, "ocsp_responder:lines:", name, NULL);
}

const apr_array_header_t *named_lines_find(apr_pool_t *pool, const char *name)
{
    void *lines = NULL;

    apr_pool_userdata_get(&lines, key_of(pool, name), pool);
    return lines;
}

int named_lines_add(apr_pool_t *pool, const char *name,
                    const apr_array_header_t *lines)
{
    if (named_lines_find(pool, name))
        return 0;
    apr_pool_userdata_setn(lines, key_of(pool, name), NULL, pool);
    return 1;
}
