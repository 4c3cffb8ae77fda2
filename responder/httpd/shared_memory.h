/* SPDX-License-Identifier: Apache-2.0
 * Memory that all processes of a server share, and that outlives graceful
 * restarts. */
#ifndef RESPONDER_SHARED_MEMORY_H
#define RESPONDER_SHARED_MEMORY_H

#include "apr.h"

/* The memory of that name (static), of size bytes, which come zeroed when it is
 * made. Call in the parent process, once the configuration is read. layout
 * changes whenever what is in it does: after an upgrade and a graceful restart
 * the old memory is there still, and another is made. It is never freed. NULL:
 * there is none. */
void *shared_memory_get(const char *name, unsigned layout, apr_size_t size);

#endif
