/* SPDX-License-Identifier: Apache-2.0
 * Requests and answers arrive byte for byte: filters that alter content are
 * taken away, whoever configured them. */
#ifndef RESPONDER_FILTERS_H
#define RESPONDER_FILTERS_H

#include "httpd.h"

/* Takes the filter away that sends ranges of an answer. */
void filters_drop_ranges(request_rec *r);

/* Registers the hook that takes the others away. */
void filters_register_hooks(void);

#endif
