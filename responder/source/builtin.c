/* SPDX-License-Identifier: Apache-2.0 */
#include "source/builtin.h"

#include "http_config.h"

static void builtin_add(ocsp_responder_registry_t *registry)
{
    registry->add(registry, &django_ca_source, OCSP_RESPONDER_SOURCE_VERSION);
    registry->add(registry, &crl_source, OCSP_RESPONDER_SOURCE_VERSION);
    registry->add(registry, &index_source, OCSP_RESPONDER_SOURCE_VERSION);
    registry->add(registry, &table_source, OCSP_RESPONDER_SOURCE_VERSION);
}

void builtin_register_hooks(void)
{
    OCSP_RESPONDER_ADD_SOURCES(builtin_add);
    ap_hook_test_config(table_dump, NULL, NULL, APR_HOOK_LAST);
}
