/* SPDX-License-Identifier: Apache-2.0
 * OCSPResponderCache: the socache provider that signed answers are kept in. */
#ifndef RESPONDER_CACHE_PROVIDER_H
#define RESPONDER_CACHE_PROVIDER_H

#include "httpd.h"
#include "http_config.h"
#include "ap_socache.h"
#include "httpd/config.h"

typedef struct {
    const char *name;      /* "shmcb" */
    const char *arguments; /* what stands behind "shmcb:"; NULL: nothing */
    ap_socache_provider_t *provider;
    ap_socache_instance_t *instance; /* made, not yet initialised */
    const config_place_t *at;        /* NULL: the default */
} cache_provider_t;

/* Forgets the last configuration. pre_config. */
void cache_provider_begin(void);

/* The setter of OCSPResponderCache. */
const char *cache_provider_set(cmd_parms *cmd, void *unused, const char *value);

/* Whether there is to be no cache: OCSPResponderCache none. */
int cache_provider_is_off(void);

/* Finds what is configured, or shmcb where it is loaded, once the configuration
 * is read. 0: there is no cache, and *found is as it was. What *found points to
 * lives in the pools of the configuration. */
int cache_provider_find(cache_provider_t *found, apr_pool_t *pconf);

#endif
