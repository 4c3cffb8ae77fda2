/* SPDX-License-Identifier: Apache-2.0
 * The statements that are kept prepared on one connection, by their text. */
#ifndef RESPONDER_KEPT_H
#define RESPONDER_KEPT_H

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
    unsigned next;       /* slot to be used again */
    void (*end)(void *); /* ends a statement */
} kept_t;

/* The statement of a text; NULL if there is none. */
void *kept_find(const kept_t *kept, const char *text);

/* Keeps a statement, which is ended when its slot is needed for another, and
 * returns it; ends it and returns NULL if out of memory. */
void *kept_add(kept_t *kept, const char *text, void *statement);

/* Ends the statement of a text, if there is one. */
void kept_drop(kept_t *kept, const char *text);

/* Ends all of them. */
void kept_end(kept_t *kept);

#endif
