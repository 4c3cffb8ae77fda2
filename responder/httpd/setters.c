/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/setters.h"

#include "apr_strings.h"
#include <openssl/evp.h>

#include "base/instances.h"
#include "base/named_lines.h"
#include "httpd/arguments.h"
#include "httpd/interned.h"
#include "ocsp/serial.h"
#include "ocsp/key_uri.h"

#define DIGEST_MIN 28 /* bytes: weaker ones are forged */

#define NONE "none" /* undoes what an outer section has set */

/* -- one setter for all of a kind ------------------------------------------ */

static int *setters_slot_of(const cmd_parms *cmd, void *dir)
{
    const setters_field_t *field = cmd->info;

    return (int *)((char *)dir + field->offset);
}

const char *set_number(cmd_parms *cmd, void *dir, const char *value)
{
    const char *error = arguments_check_context(cmd, dir);

    return error
        ? error
        : arguments_number(cmd, setters_slot_of(cmd, dir), value,
                           &((const setters_field_t *)cmd->info)->range);
}

const char *set_time(cmd_parms *cmd, void *dir, const char *value)
{
    const setters_field_t *field = cmd->info;
    const char *error = arguments_check_context(cmd, dir);
    int i;

    for (i = 0; field->words[i].name; i++)
        if (strcasecmp(value, field->words[i].name) == 0) {
            *setters_slot_of(cmd, dir) = field->words[i].value;
            return error;
        }
    return error
        ? error
        : arguments_time(cmd, setters_slot_of(cmd, dir), value, &field->range);
}

const char *set_flag(cmd_parms *cmd, void *dir, int value)
{
    *setters_slot_of(cmd, dir) = value ? 1 : 0;
    return arguments_check_context(cmd, dir);
}

/* -- one setter a directive ------------------------------------------------ */

const char *set_ca(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const char *error = arguments_check_context(cmd, dir);

    if (error)
        return error;
    if (!*value
        || (*value != '/' && !serial_parse(cmd->temp_pool, value)
            && serial_was_meant(value)))
        return arguments_wrong(cmd, value,
                               "the serial (hexadecimal), the name or the "
                               "absolute path of the certificate of a CA");
    error = arguments_check_location(cmd, value);
    if (error)
        return error;
    config->ca = interned(cmd->pool, value);
    config->location = cmd->path;
    config->ca_at = arguments_place(cmd);
    return NULL;
}

/* The first of this section, or one more. */
static void add_value(cmd_parms *cmd, const char **first,
                      const config_place_t **first_at,
                      const apr_array_header_t **more, const char *value)
{
    const config_value_t added = { interned(cmd->pool, value),
                                   arguments_place(cmd) };
    apr_array_header_t *all;

    if (!*first) {
        *first = added.value;
        *first_at = added.at;
        return;
    }
    all = *more ? apr_array_copy(cmd->pool, *more)
                : apr_array_make(cmd->pool, 1, sizeof(added));
    APR_ARRAY_PUSH(all, config_value_t) = added;
    *more = all;
}

/* Whether httpd would leave it as it is, at some cost. */
static int is_plain_path(const char *path)
{
    return *path == '/' && !strstr(path, "//") && !strstr(path, "/.");
}

const char *set_key(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const char *error = arguments_check_context(cmd, dir), *key = value;

    if (error)
        return error;
    if (!*value || ap_strchr_c(value, '\n'))
        return arguments_wrong(cmd, value,
                               "auto, the path or the URI of a private key");
    if (strcasecmp(value, CONFIG_AUTO) == 0)
        key = CONFIG_AUTO;
    else if (!key_uri_is(value) && !is_plain_path(value))
        key = ap_server_root_relative(cmd->pool, value);
    if (!key)
        return arguments_wrong(cmd, value, "a valid path");
    add_value(cmd, &config->key, &config->key_at, &config->keys, key);
    return NULL;
}

const char *set_key_passphrase(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;

    if (strncmp(value, "exec:/", 6) && strncmp(value, "file:/", 6))
        return arguments_wrong(cmd, value,
                               "exec:/path/to/program or file:/path");
    config->key_passphrase = interned(cmd->pool, value);
    return arguments_check_context(cmd, dir);
}

const char *set_cert(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const char *error = arguments_check_context(cmd, dir);
    int is_auto = strcasecmp(value, CONFIG_AUTO) == 0;
    const config_t given = { .cert = value };

    if (error)
        return error;
    if (!is_auto && !config_cert_is_path(&given) && !config_cert_is_pem(&given)
        && !serial_parse(cmd->temp_pool, value))
        return arguments_wrong(cmd, value,
                               "auto, the absolute path, the serial "
                               "(hexadecimal) or the PEM text of a "
                               "certificate");
    add_value(cmd, &config->cert, &config->cert_at, &config->certs,
              is_auto ? CONFIG_AUTO : value);
    return NULL;
}

/* That it can be read is looked at when keys and certificates are. */
const char *set_chain(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;

    config->chain_at = arguments_place(cmd);
    if (strcasecmp(value, NONE) == 0)
        config->chain = "";
    else
        config->chain =
            interned(cmd->pool, ap_server_root_relative(cmd->pool, value));
    if (!*value || !config->chain)
        return arguments_wrong(cmd, value,
                               "none or the path of a file with certificates");
    return arguments_check_context(cmd, dir);
}

/* That it exists is looked at by httpd -t, as the user that will read it. */
const char *set_storage(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    char *path;

    if (*value != '/'
        || apr_filepath_merge(&path, "/", value, 0, cmd->pool) != APR_SUCCESS)
        return arguments_wrong(cmd, value, "the absolute path of a folder");
    config->storage = interned(cmd->pool, path);
    config->storage_at = arguments_place(cmd);
    return arguments_check_context(cmd, dir);
}

/* Whether a source of that name exists, and what its arguments mean, is known
 * when all modules are. */
const char *set_source(cmd_parms *cmd, void *dir, const char *text)
{
    config_t *config = dir;
    const char *name = ap_getword_conf(cmd->pool, &text);

    if (!*name)
        return apr_psprintf(cmd->pool,
                            "%s takes the name of a source of statuses, like "
                            "django-ca, and its arguments",
                            cmd->cmd->name);
    config->source = interned(cmd->pool, name);
    config->source_arguments = interned(cmd->pool, text);
    config->source_at = arguments_place(cmd);
    return arguments_check_context(cmd, dir);
}

const char *set_unknown(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;

    if (strcasecmp(value, "unknown") == 0)
        config->unknown = CONFIG_UNKNOWN_UNKNOWN;
    else if (strcasecmp(value, "unauthorized") == 0)
        config->unknown = CONFIG_UNKNOWN_UNAUTHORIZED;
    else if (strcasecmp(value, "revoked") == 0)
        config->unknown = CONFIG_UNKNOWN_REVOKED;
    else
        return arguments_wrong(cmd, value, "unknown, unauthorized or revoked");
    return arguments_check_context(cmd, dir);
}

const char *set_digest(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const int is_auto = strcasecmp(value, CONFIG_AUTO) == 0;
    const EVP_MD *digest = EVP_get_digestbyname(value);

    if (!is_auto && (!digest || EVP_MD_get_size(digest) < DIGEST_MIN))
        return arguments_wrong(cmd, value,
                               "auto or the name of a digest of 224 bits or "
                               "more, like sha256");
    config->digest = interned(cmd->pool, is_auto ? CONFIG_AUTO : value);
    return arguments_check_context(cmd, dir);
}

const char *set_profile(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    int i;

    config->profile_at = arguments_place(cmd);
    config->profile = strcasecmp(value, NONE) == 0 ? "" : NULL;
    for (i = 0; config_profiles[i]; i++) {
        if (strcasecmp(value, config_profiles[i]) == 0)
            config->profile = config_profiles[i];
    }
    if (!config->profile)
        return arguments_wrong(cmd, value,
                               "none, br, smime, codesigning, etsi, gematik, "
                               "fpki or eudi");
    return arguments_check_context(cmd, dir);
}

const char *set_time_zone(cmd_parms *cmd, void *dir, const char *value)
{
    config_t *config = dir;
    const char *why, *error = arguments_check_context(cmd, dir);

    if (error)
        return error;
    config->time_zone = zone_load(cmd->pool, value, &why);
    if (!config->time_zone)
        return apr_psprintf(cmd->pool, "%s: '%s': %s", cmd->cmd->name, value,
                            why);
    config->time_zone_name = value;
    return NULL;
}

/* -- sections -------------------------------------------------------------- */

static apr_array_header_t *lines_of(apr_pool_t *pool,
                                    const ap_directive_t *directive)
{
    apr_array_header_t *lines = apr_array_make(pool, 10, sizeof(named_line_t));

    for (; directive; directive = directive->next) {
        named_line_t *line = apr_array_push(lines);

        line->word = apr_pstrdup(pool, directive->directive);
        line->text = apr_pstrdup(pool, directive->args);
        line->file = apr_pstrdup(pool, directive->filename);
        line->number = directive->line_num;
    }
    return lines;
}

/* The name before the bracket; NULL when there is none, or more than one. */
static const char *setters_name_of(apr_pool_t *pool, const char *text)
{
    const char *end = strrchr(text, '>');
    const char *words =
        end ? apr_pstrmemdup(pool, text, (apr_size_t)(end - text)) : text;
    const char *name = ap_getword_conf(pool, &words);

    return end && *name && !*words ? name : NULL;
}

const char *set_table(cmd_parms *cmd, void *dir, const char *text)
{
    const char *why = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);
    const char *name = setters_name_of(cmd->pool, text);

    (void)dir;
    if (why)
        return why;
    if (!name)
        return apr_psprintf(cmd->pool, "%s must have the form %s NAME>",
                            cmd->cmd->name, cmd->cmd->name);
    if (instances_find(cmd->pool, NAMED_LINES, name))
        return apr_psprintf(cmd->pool, "%s %s> is there twice", cmd->cmd->name,
                            name);
    instances_add(cmd->pool, NAMED_LINES, name,
                  lines_of(cmd->pool, cmd->directive->first_child));
    return NULL;
}
