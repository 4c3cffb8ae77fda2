/* SPDX-License-Identifier: Apache-2.0 */
#include "source/registry.h"

#include "apr_strings.h"

#include "base/text_hash.h"

/* What APR keeps of a function that was added to an optional hook: the head of
 * what its APR_DECLARE_EXTERNAL_HOOK declares. */
typedef struct {
    ocsp_responder_HOOK_ocsp_responder_sources_t *add_sources;
    const char *module;
    const char *const *predecessors;
    const char *const *successors;
    int order;
} hook_t;

/* A source that was added. */
typedef struct {
    const ocsp_responder_source_t *source;
    const char *module; /* that added it */
    const char *fault;  /* why it cannot be used; NULL if it can */
} entry_t;

/* Written while the configuration is read. */
static struct {
    ocsp_responder_registry_t face; /* what modules see: first */
    apr_pool_t *pool;
    const char *module; /* whose turn it is */
    apr_array_header_t *entries;
    apr_array_header_t *faults;
    apr_array_header_t *used; /* registry_source_t *, each once */
    apr_hash_t *known;        /* likewise, by themselves */
} registry;

/* -- collecting ------------------------------------------------------------ */

static entry_t *registry_find_entry(const char *name)
{
    int i;

    for (i = 0; i < registry.entries->nelts; i++) {
        entry_t *entry = &APR_ARRAY_IDX(registry.entries, i, entry_t);

        if (strcmp(entry->source->name, name) == 0)
            return entry;
    }
    return NULL;
}

static const char *registry_fault_of(const ocsp_responder_source_t *source,
                                     const char *version, const entry_t *known)
{
    const char *module = registry.module;

    if (strcmp(version, OCSP_RESPONDER_SOURCE_VERSION) != 0)
        return apr_psprintf(registry.pool,
                            "the source %s of %s is written for version %s of "
                            "mod_ocsp_responder.h, and this module for "
                            "version " OCSP_RESPONDER_SOURCE_VERSION
                            ": build %s anew with the header that is "
                            "installed with this module",
                            source->name, module, version, module);
    if (!source->configure || !source->look_up)
        return apr_psprintf(registry.pool,
                            "the source %s of %s lacks configure or look_up",
                            source->name, module);
    if (known)
        return apr_psprintf(registry.pool,
                            "%s and %s both add a source with the name %s: "
                            "load only one of them",
                            known->module, module, source->name);
    return NULL;
}

static void registry_add(ocsp_responder_registry_t *face,
                         const ocsp_responder_source_t *source,
                         const char *version)
{
    entry_t *known = registry_find_entry(source->name);
    entry_t entry = { .source = source,
                      .module = registry.module,
                      .fault = registry_fault_of(source, version, known) };

    (void)face;
    if (entry.fault)
        APR_ARRAY_PUSH(registry.faults, const char *) = entry.fault;
    /* Which of two is meant cannot be told. */
    if (known && entry.fault)
        known->fault = entry.fault;
    else
        APR_ARRAY_PUSH(registry.entries, entry_t) = entry;
}

static apr_status_t registry_forget(void *unused)
{
    (void)unused;
    memset(&registry, 0, sizeof(registry));
    return APR_SUCCESS;
}

const apr_array_header_t *registry_collect(apr_pool_t *pool)
{
    const apr_array_header_t *hooks =
        apr_optional_hook_get("ocsp_responder_sources");
    int i;

    registry.face.add = registry_add;
    registry.pool = pool;
    registry.entries = apr_array_make(pool, 4, sizeof(entry_t));
    registry.faults = apr_array_make(pool, 0, sizeof(char *));
    registry.used = apr_array_make(pool, 4, sizeof(registry_source_t *));
    registry.known = text_hash_make(pool);
    apr_pool_cleanup_register(pool, NULL, registry_forget,
                              apr_pool_cleanup_null);
    for (i = 0; hooks && i < hooks->nelts; i++) {
        const hook_t *hook = &APR_ARRAY_IDX(hooks, i, hook_t);

        registry.module = hook->module ? hook->module : "a module";
        hook->add_sources(&registry.face);
    }
    return registry.faults;
}

/* -- instances ------------------------------------------------------------- */

static const char *names(void)
{
    const char *list = "";
    int i;

    for (i = 0; i < registry.entries->nelts; i++)
        list = apr_pstrcat(
            registry.pool, list, i ? ", " : "",
            APR_ARRAY_IDX(registry.entries, i, entry_t).source->name, NULL);
    return list;
}

static const registry_source_t *registry_use(
    const ocsp_responder_source_t *source, void *instance)
{
    const registry_source_t wanted = { source, instance };
    registry_source_t *made =
        apr_hash_get(registry.known, &wanted, sizeof(wanted));

    if (made)
        return made;
    made = apr_pmemdup(registry.pool, &wanted, sizeof(wanted));
    apr_hash_set(registry.known, made, sizeof(*made), made);
    APR_ARRAY_PUSH(registry.used, registry_source_t *) = made;
    return made;
}

const registry_source_t *registry_configure(
    server_rec *server, const char *name,
    const ocsp_responder_settings_t *settings, const char **why)
{
    const entry_t *entry = registry_find_entry(name);
    void *instance = NULL;

    if (!entry) {
        *why = apr_psprintf(registry.pool,
                            "OCSPResponderSource: there is no source %s; there "
                            "are %s, and those of modules that are not loaded",
                            name, names());
        return NULL;
    }
    *why = entry->fault
        ? entry->fault
        : entry->source->configure(registry.pool, server, settings, &instance);
    return *why ? NULL : registry_use(entry->source, instance);
}

void registry_child_init(apr_pool_t *pool, server_rec *server)
{
    int i;

    for (i = 0; i < registry.used->nelts; i++) {
        const registry_source_t *used =
            APR_ARRAY_IDX(registry.used, i, registry_source_t *);

        if (used->source->child_init)
            used->source->child_init(used->instance, pool, server);
    }
}
