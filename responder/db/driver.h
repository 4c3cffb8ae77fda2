/* SPDX-License-Identifier: Apache-2.0
 * What differs between mod_dbd's drivers. */
#ifndef RESPONDER_DRIVER_H
#define RESPONDER_DRIVER_H

typedef struct {
    const char *name; /* that DBDriver takes */
    int is_file;      /* no server: a wait for one ends by itself */
    int keeps;        /* statements are worth being kept prepared */
    int calls_half_a_result_whole;
} driver_t;

/* NULL if it is not supported. Static. */
const driver_t *driver_find(const char *name);

#endif
