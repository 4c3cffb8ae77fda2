/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/failure.h"

#include "apr_strings.h"
#include "apr_thread_mutex.h"

#define WHY_MAX 512 /* bytes */

struct failure_t {
    apr_thread_mutex_t *mutex; /* guards the rest */
    ocsp_responder_lookup_t result;
    char why[WHY_MAX];
};

failure_t *failure_create(apr_pool_t *pool)
{
    failure_t *failure = apr_pcalloc(pool, sizeof(*failure));

    apr_thread_mutex_create(&failure->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    failure->result = OCSP_RESPONDER_LOOKUP_DONE;
    return failure;
}

void failure_set(failure_t *failure, ocsp_responder_lookup_t result,
                 const char *why)
{
    apr_thread_mutex_lock(failure->mutex);
    failure->result = result;
    apr_cpystrn(failure->why, why ? why : "", sizeof(failure->why));
    apr_thread_mutex_unlock(failure->mutex);
}

ocsp_responder_lookup_t failure_get(failure_t *failure, apr_pool_t *pool,
                                    const char **why)
{
    ocsp_responder_lookup_t result;

    apr_thread_mutex_lock(failure->mutex);
    result = failure->result;
    *why = apr_pstrdup(pool, failure->why);
    apr_thread_mutex_unlock(failure->mutex);
    return result;
}
