/* SPDX-License-Identifier: Apache-2.0
 * SetHandler ocsp-responder-status, and a section of mod_status' page. */
#ifndef RESPONDER_STATUS_PAGE_H
#define RESPONDER_STATUS_PAGE_H

/* Registers the handler, and what mod_status asks if it is there. */
void status_page_register_hooks(void);

#endif
