/* SPDX-License-Identifier: Apache-2.0 */
#include "httpd/table_section.h"

#include "apr_strings.h"

#include "base/instances.h"
#include "base/named_lines.h"

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
static const char *name_of(apr_pool_t *pool, const char *text)
{
    const char *end = strrchr(text, '>');
    const char *words =
        end ? apr_pstrmemdup(pool, text, (apr_size_t)(end - text)) : text;
    const char *name = ap_getword_conf(pool, &words);

    return end && *name && !*words ? name : NULL;
}

const char *table_section_set(cmd_parms *cmd, void *dir, const char *text)
{
    const char *why = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);
    const char *name = name_of(cmd->pool, text);

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
