/* SPDX-License-Identifier: Apache-2.0
 * The statements that are kept prepared on one connection, by their text. */
#ifndef RESPONDER_KEPT_H
#define RESPONDER_KEPT_H

#include "apr_pools.h"
#include "apr_time.h"

/* One for each number of digits that is odd or even, of the CA and of the
 * certificate, of two sources; longer, and it would be for tables that have
 * changed. */
#define KEPT_MAX 8

typedef struct {
    char *text;      /* NULL: nothing is here */
    void *statement; /* the driver's */
} kept_slot_t;

/* All zero is an empty one, once end is set. */
typedef struct {
    kept_slot_t slots[KEPT_MAX];
    unsigned next;        /* slot to be used again */
    apr_time_t failed_at; /* nothing is prepared for a while after */
    void (*end)(void *);  /* ends a statement */
} kept_t;

/* The statement of a text; NULL if there is none. */
void *kept_find(const kept_t *kept, const char *text);

/* Keeps a statement, which is ended when its slot is needed for another, and
 * returns it; ends it and returns NULL if out of memory. */
void *kept_add(kept_t *kept, const char *text, void *statement);

/* The statement that the next one takes the place of; NULL: none. */
void *kept_surplus(const kept_t *kept);

/* A statement could not be used: ends it, and prepares nothing for a while, as
 * the session is a new one, or another for each query behind a pooler. */
void kept_fail(kept_t *kept, const char *text, apr_time_t now);

/* Whether nothing is to be prepared now. */
int kept_rests(const kept_t *kept, apr_time_t now);

/* A name for the statement of a text that no other process gives: behind a
 * pooler a session may hold what another has prepared. In pool. */
char *kept_name(apr_pool_t *pool, const char *text);

/* Ends all of them. */
void kept_end(kept_t *kept);

#endif
