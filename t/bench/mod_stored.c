/* SPDX-License-Identifier: Apache-2.0
 * The least that a handler can do: sends a file that was read at the start. In
 * a <Location>: StoredAnswer FILE. */
#include "httpd.h"
#include "apr_strings.h"
#include "http_config.h"
#include "http_protocol.h"
#include "util_filter.h"

extern module __attribute__((visibility("default"))) stored_module;

typedef struct {
    char *data;
    apr_size_t length;
} stored_t;

static void *create(apr_pool_t *pool, char *place)
{
    (void)place;
    return apr_pcalloc(pool, sizeof(stored_t));
}

static const char *read_answer(cmd_parms *cmd, void *config, const char *name)
{
    stored_t *stored = config;
    apr_finfo_t info;
    apr_file_t *file;

    if (apr_file_open(&file, name, APR_READ, 0, cmd->pool)
        || apr_file_info_get(&info, APR_FINFO_SIZE, file))
        return apr_pstrcat(cmd->pool, "cannot read ", name, NULL);
    stored->length = (apr_size_t)info.size;
    stored->data = apr_palloc(cmd->pool, stored->length);
    apr_file_read_full(file, stored->data, stored->length, NULL);
    apr_file_close(file);
    return NULL;
}

static int handle(request_rec *r)
{
    const stored_t *stored =
        ap_get_module_config(r->per_dir_config, &stored_module);
    apr_bucket_alloc_t *list = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade;

    if (!stored->data)
        return DECLINED;
    ap_set_content_type(r, "application/ocsp-response");
    ap_set_content_length(r, (apr_off_t)stored->length);
    brigade = apr_brigade_create(r->pool, list);
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_immortal_create(stored->data,
                                                       stored->length, list));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(list));
    ap_pass_brigade(r->output_filters, brigade);
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_FIRST);
}

static const command_rec directives[] = { AP_INIT_TAKE1(
                                              "StoredAnswer", read_answer, NULL,
                                              ACCESS_CONF, "the file to send"),
                                          { NULL } };

AP_DECLARE_MODULE(
    stored) = { STANDARD20_MODULE_STUFF, create, NULL, NULL, NULL, directives,
                register_hooks,          0 };
