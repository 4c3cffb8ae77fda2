/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/interned.h"

#include "apr_strings.h"

#include "base/text_hash.h"

/* Of the configuration that is being read; NULL: none yet. */
static apr_hash_t *texts;
static const char *last_file; /* of them; NULL: none yet */

static apr_status_t interned_forget(void *unused)
{
    (void)unused;
    texts = NULL;
    last_file = NULL;
    return APR_SUCCESS;
}

const char *interned(apr_pool_t *pool, const char *text)
{
    const char *copy;

    if (!text)
        return NULL;
    if (!texts) {
        texts = text_hash_make(pool);
        apr_pool_cleanup_register(pool, NULL, interned_forget,
                                  apr_pool_cleanup_null);
    }
    copy = apr_hash_get(texts, text, APR_HASH_KEY_STRING);
    if (!copy) {
        copy = apr_pstrdup(pool, text);
        apr_hash_set(texts, copy, APR_HASH_KEY_STRING, copy);
    }
    return copy;
}

const char *interned_file(apr_pool_t *pool, const char *name)
{
    if (!last_file || !name || strcmp(last_file, name) != 0)
        last_file = interned(pool, name);
    return last_file;
}
