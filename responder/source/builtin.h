/* SPDX-License-Identifier: Apache-2.0
 * The sources that come with this module. */
#ifndef RESPONDER_BUILTIN_H
#define RESPONDER_BUILTIN_H

/* Adds them as other modules add theirs. Call where hooks are registered. */
void builtin_register_hooks(void);

#endif
