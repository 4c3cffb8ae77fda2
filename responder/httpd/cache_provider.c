/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/cache_provider.h"

#include "ap_provider.h"
#include "apr_strings.h"

#include "httpd/arguments.h"

#define DEFAULT_PROVIDER "shmcb"
#define DEFAULT_FILE     "ocsp-responder-cache"
#define DEFAULT_SIZE     "33554432" /* bytes; some fifteen thousand answers */

/* Written while the configuration is read, read-only after. */
static struct {
    int is_off;                /* OCSPResponderCache none */
    cache_provider_t provider; /* .provider NULL: unset */
} setting;

void cache_provider_begin(void)
{
    memset(&setting, 0, sizeof(setting));
}

/* Looks a provider up and makes an instance; NULL, or what is wrong. */
static const char *open_provider(cache_provider_t *made, const char *name,
                                 const char *arguments, apr_pool_t *temporary,
                                 apr_pool_t *pool)
{
    made->name = name;
    made->arguments = arguments;
    made->provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, name,
                                        AP_SOCACHE_PROVIDER_VERSION);
    if (!made->provider)
        return apr_psprintf(pool,
                            "'%s' is neither none nor a loaded socache "
                            "provider (is mod_socache_%s loaded?)",
                            name, name);
    return made->provider->create(&made->instance, arguments, temporary, pool);
}

const char *cache_provider_set(cmd_parms *cmd, void *unused, const char *value)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const char *colon = ap_strchr_c(value, ':');

    (void)unused;
    if (error)
        return error;
    cache_provider_begin();
    setting.is_off = strcasecmp(value, "none") == 0;
    if (setting.is_off)
        return NULL;
    setting.provider.at = arguments_place(cmd);
    error = open_provider(
        &setting.provider,
        colon ? apr_pstrmemdup(cmd->pool, value, colon - value) : value,
        colon ? colon + 1 : NULL, cmd->temp_pool, cmd->pool);
    return error ? apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, error)
                 : NULL;
}

static int find_default(cache_provider_t *found, apr_pool_t *pconf)
{
    cache_provider_t made = { NULL, NULL, NULL, NULL, NULL };
    const char *arguments =
        apr_pstrcat(pconf, ap_runtime_dir_relative(pconf, DEFAULT_FILE),
                    "(" DEFAULT_SIZE ")", NULL);

    if (open_provider(&made, DEFAULT_PROVIDER, arguments, pconf, pconf))
        return 0;
    *found = made;
    return 1;
}

int cache_provider_is_off(void)
{
    return setting.is_off;
}

int cache_provider_find(cache_provider_t *found, apr_pool_t *pconf)
{
    if (setting.is_off)
        return 0;
    if (!setting.provider.provider)
        return find_default(found, pconf);
    *found = setting.provider;
    return 1;
}
