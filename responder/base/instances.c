/* SPDX-License-Identifier: Apache-2.0 */
#include "base/instances.h"

#include "apr_strings.h"

static const char *instances_key_of(apr_pool_t *pool, const char *kind,
                                    const char *arguments)
{
    return apr_pstrcat(pool, "ocsp_responder:", kind, ":", arguments, NULL);
}

void *instances_find(apr_pool_t *pool, const char *kind, const char *arguments)
{
    void *instance = NULL;
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    apr_pool_userdata_get(&instance, instances_key_of(scratch, kind, arguments),
                          pool);
    apr_pool_destroy(scratch);
    return instance;
}

void *instances_add(apr_pool_t *pool, const char *kind, const char *arguments,
                    void *instance)
{
    if (instance)
        apr_pool_userdata_setn(
            instance, instances_key_of(pool, kind, arguments), NULL, pool);
    return instance;
}
