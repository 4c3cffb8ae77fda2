/* SPDX-License-Identifier: Apache-2.0
 * What the directives do: a function a directive, or one for all of a kind. dir
 * is the section's config_t. Each returns NULL, or what is wrong, for httpd to
 * print with file and line. */
#ifndef RESPONDER_SETTERS_H
#define RESPONDER_SETTERS_H

#include "httpd.h"
#include "http_config.h"
#include "httpd/arguments.h"
#include "httpd/config.h"

/* A number or a time: the field that it is for, what it may be, and the words
 * that may stand in a time's place. */
typedef struct {
    apr_size_t offset; /* of an int in config_t */
    arguments_range_t range;
    struct {
        const char *name; /* NULL: there are no more */
        int value;
    } words[3];
} setters_field_t;

/* These want cmd->info to be their setters_field_t; a flag has no range. */
const char *set_number(cmd_parms *cmd, void *dir, const char *value);
const char *set_time(cmd_parms *cmd, void *dir, const char *value);
const char *set_flag(cmd_parms *cmd, void *dir, int value);

const char *set_ca(cmd_parms *cmd, void *dir, const char *value);
const char *set_key(cmd_parms *cmd, void *dir, const char *value);
const char *set_key_passphrase(cmd_parms *cmd, void *dir, const char *value);
const char *set_cert(cmd_parms *cmd, void *dir, const char *value);
const char *set_chain(cmd_parms *cmd, void *dir, const char *value);
const char *set_storage(cmd_parms *cmd, void *dir, const char *value);
const char *set_source(cmd_parms *cmd, void *dir, const char *text);
const char *set_unknown(cmd_parms *cmd, void *dir, const char *value);
const char *set_digest(cmd_parms *cmd, void *dir, const char *value);
const char *set_profile(cmd_parms *cmd, void *dir, const char *value);
const char *set_time_zone(cmd_parms *cmd, void *dir, const char *value);

/* <OCSPResponderTable NAME>: keeps its lines for the source that reads them. */
const char *set_table(cmd_parms *cmd, void *dir, const char *text);

#endif
