/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/arguments.h"

#include "apr_fnmatch.h"
#include "apr_strings.h"

#include "httpd/interned.h"

#define FORBIDDEN (NOT_IN_FILES | NOT_IN_LIMIT | NOT_IN_HTACCESS | NOT_IN_PROXY)

/* More digits than any number that is taken has. */
#define DIGITS_MAX 10

/* Whether the first argument of a section is ~, which makes the second one a
 * regular expression. httpd takes it in quotes, too. */
static int has_tilde(const ap_directive_t *section)
{
    return section->args[strspn(section->args, "\"'")] == '~';
}

static int is_regex_section(const ap_directive_t *section)
{
    const char *name = section->directive;
    apr_size_t length = strlen(name);

    if (length > 5 && strcasecmp(name + length - 5, "Match") == 0)
        return 1;
    return *name == '<' && section->args && has_tilde(section);
}

const config_place_t *arguments_place(cmd_parms *cmd)
{
    config_place_t *place = apr_palloc(cmd->pool, sizeof(*place));

    place->file = interned_file(cmd->pool, cmd->directive->filename);
    place->line = cmd->directive->line_num;
    return place;
}

static int is_location(const ap_directive_t *section)
{
    return strcasecmp(section->directive, "<Location") == 0;
}

static int is_in_location(const cmd_parms *cmd)
{
    const ap_directive_t *section;

    for (section = cmd->directive->parent; section; section = section->parent)
        if (is_location(section))
            return 1;
    return 0;
}

/* Whether httpd simplifies a path before it compares sections with it. */
static int will_be_simplified(const char *path)
{
    while ((path = strchr(path, '/')) != NULL) {
        apr_size_t dots = strspn(++path, ".");

        if (dots <= 2 && (path[dots] == '/' || (dots > 0 && !path[dots])))
            return 1;
    }
    return 0;
}

/* Why no URL is in a section; NULL if some may be. */
static const char *why_nowhere(const char *path)
{
    if (*path != '/')
        return "a path begins with /, without scheme and host";
    if (will_be_simplified(path))
        return "httpd takes //, /./ and /../ out of a URL before it looks for "
               "its sections";
    return NULL;
}

/* Whether URLs begin with the path of a section. */
static const char *arguments_check_path(cmd_parms *cmd)
{
    const char *path = cmd->path ? cmd->path : "", *why = why_nowhere(path);

    if (why)
        return apr_psprintf(cmd->pool,
                            "%s stands in <Location \"%s\">, which no URL is "
                            "in: %s",
                            cmd->cmd->name, path, why);
    if (apr_fnmatch_test(path))
        return apr_psprintf(cmd->pool,
                            "%s stands in <Location \"%s\">, whose wildcards "
                            "match whole URLs only, and those of GET requests "
                            "are longer; write the path out",
                            cmd->cmd->name, path);
    return NULL;
}

/* Whether it is in sections, and all of them are of the kinds in which nothing
 * is forbidden: httpd looks for each that is, one after the other. */
static int is_in_common_sections(const ap_directive_t *section)
{
    const ap_directive_t *each;

    for (each = section; each; each = each->parent)
        if (is_location(each) ? has_tilde(each)
                              : strcasecmp(each->directive, "<VirtualHost"))
            return 0;
    return section != NULL;
}

/* Why it may not stand in the sections that it is in; NULL if it may. The
 * payload of a GET could not be told from a path that a regular expression
 * matched. */
static const char *check_sections(cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;
    const char *error;

    if (is_in_common_sections(section))
        return NULL;
    for (; section; section = section->parent)
        if (is_regex_section(section))
            return apr_psprintf(cmd->pool,
                                "%s cannot be used in a section "
                                "with a regular expression (%s %s)",
                                cmd->cmd->name, section->directive,
                                section->args);
    error = ap_check_cmd_context(cmd, FORBIDDEN);
    return error ? error : ap_check_cmd_context(cmd, NOT_IN_DIRECTORY);
}

const char *arguments_check_context(cmd_parms *cmd, config_t *config)
{
    const ap_directive_t *section = cmd->directive->parent;
    const char *error;

    /* Another directive has stood in the same section, where it may. */
    if (section && section == config->section_at)
        return NULL;
    config->section_at = section;
    error = check_sections(cmd);
    return error || !is_in_location(cmd) ? error : arguments_check_path(cmd);
}

const char *arguments_check_location(cmd_parms *cmd, const char *value)
{
    if (!is_in_location(cmd))
        return apr_psprintf(
            cmd->pool,
            "%s '%s' stands outside of a <Location>, where it would "
            "take every URL of the server; put it into one, "
            "like <Location \"/ocsp/\">",
            cmd->cmd->name, value);
    return NULL;
}

const char *arguments_wrong(cmd_parms *cmd, const char *value,
                            const char *wanted)
{
    return apr_psprintf(cmd->pool, "%s: '%s' is not %s", cmd->cmd->name, value,
                        wanted);
}

/* Reads the digits that value begins with, times factor; 0 when there are none,
 * too many, or the product is out of range. */
static int read_number(int *slot, const char *value, apr_size_t digits,
                       int factor, const arguments_range_t *range)
{
    apr_int64_t number;

    if (digits < 1 || digits > DIGITS_MAX)
        return 0;
    number = apr_atoi64(value) * factor;
    if (number < range->min || number > range->max)
        return 0;
    *slot = (int)number;
    return 1;
}

const char *arguments_number(cmd_parms *cmd, int *slot, const char *value,
                             const arguments_range_t *range)
{
    apr_size_t digits = strspn(value, "0123456789");

    if (value[digits] || !read_number(slot, value, digits, 1, range))
        return arguments_wrong(cmd, value, range->wanted);
    return NULL;
}

const char *arguments_time(cmd_parms *cmd, int *slot, const char *value,
                           const arguments_range_t *range)
{
    static const struct {
        const char *name;
        int seconds;
    } units[] = {
        { "", 1 },
        { "s", 1 },
        { "min", 60 },
        { "h", 3600 },
        { "d", ARGUMENTS_DAY },
        { "w", 7 * ARGUMENTS_DAY },
        { "y", ARGUMENTS_YEAR },
    };
    apr_size_t digits = strspn(value, "0123456789");
    unsigned i;

    for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (strcasecmp(value + digits, units[i].name) == 0
            && read_number(slot, value, digits, units[i].seconds, range))
            return NULL;
    }
    return arguments_wrong(cmd, value, range->wanted);
}
