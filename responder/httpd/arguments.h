/* SPDX-License-Identifier: Apache-2.0
 * What the setters of directives share: where a directive may stand, and how
 * its argument is read. Each returns NULL, or what is wrong, in cmd->pool, for
 * httpd to print with file and line. */
#ifndef RESPONDER_ARGUMENTS_H
#define RESPONDER_ARGUMENTS_H

#include "httpd.h"
#include "http_config.h"
#include "httpd/config.h"

/* A year has 365 days here. */
#define ARGUMENTS_DAY  (24 * 3600)           /* seconds */
#define ARGUMENTS_YEAR (365 * ARGUMENTS_DAY) /* seconds */

/* Whether the directive may stand where it stands: in a server, a virtual host
 * or a <Location> whose path is the beginning of URLs. Notes in config, its
 * section's, where that begins. */
const char *arguments_check_context(cmd_parms *cmd, config_t *config);

/* Whether it, which says value, stands in a <Location>. */
const char *arguments_check_location(cmd_parms *cmd, const char *value);

/* Says that value is not what is wanted, which is an English noun phrase. */
const char *arguments_wrong(cmd_parms *cmd, const char *value,
                            const char *wanted);

/* Where the directive stands; lives in cmd->pool. Never NULL. */
const config_place_t *arguments_place(cmd_parms *cmd);

/* What a number or a time may be, and what it is called in messages. */
typedef struct {
    int min; /* seconds where it is a time */
    int max;
    const char *wanted; /* "a number of CertIDs from 1 to 1000" */
} arguments_range_t;

/* Reads a whole decimal number into *slot. */
const char *arguments_number(cmd_parms *cmd, int *slot, const char *value,
                             const arguments_range_t *range);

/* Reads seconds, or a number with one of the units s, min, h, d, w, y (in any
 * case), into *slot as seconds. */
const char *arguments_time(cmd_parms *cmd, int *slot, const char *value,
                           const arguments_range_t *range);

#endif
