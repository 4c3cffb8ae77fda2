/* SPDX-License-Identifier: Apache-2.0
 * Sections of the configuration that are kept as they are written, under a
 * name, for whoever knows what they mean. */
#ifndef RESPONDER_NAMED_LINES_H
#define RESPONDER_NAMED_LINES_H

/* A line: a word, and the text behind it. */
typedef struct {
    const char *word;
    const char *text;
    const char *file; /* where it stands */
    int number;
} named_line_t;

/* An array of them is an instance of this kind, by its section's name. */
#define NAMED_LINES "lines"

#endif
