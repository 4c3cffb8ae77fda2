/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/shared_memory.h"

#include "apr_shm.h"
#include "httpd.h"
#include "http_config.h"
#include "http_main.h"

/* What outlives the module, which httpd unloads when it restarts. */
typedef struct {
    unsigned layout;
    apr_size_t size;
    void *memory;
} retained_t;

/* Anonymous memory comes zeroed, and takes no room until it is used. */
static void *make_memory(apr_size_t size)
{
    apr_shm_t *segment;

    return apr_shm_create(&segment, size, NULL, ap_pglobal) == APR_SUCCESS
        ? apr_shm_baseaddr_get(segment)
        : NULL;
}

void *shared_memory_get(const char *name, unsigned layout, apr_size_t size)
{
    retained_t *kept = ap_retained_data_get(name);

    if (!kept)
        kept = ap_retained_data_create(name, sizeof(*kept));
    if (!kept->memory || kept->layout != layout || kept->size != size) {
        kept->memory = make_memory(size);
        kept->layout = layout;
        kept->size = size;
    }
    return kept->memory;
}
