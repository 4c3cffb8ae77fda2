/* SPDX-License-Identifier: Apache-2.0
 * Whom the lines of mod_authz_core and mod_access_compat let in. */
#include "startup/check.h"

#include "apr_strings.h"

int check_is_named(const ap_directive_t *directive, const char *name)
{
    /* Most differ in their first letters: 32 is what makes a letter small. */
    return (*directive->directive | 32) == (*name | 32)
        && strcasecmp(directive->directive, name) == 0;
}

const char *check_words_of(apr_pool_t *pool, const ap_directive_t *section)
{
    const char *end = strrchr(section->args, '>');

    return end
        ? apr_pstrmemdup(pool, section->args, (apr_size_t)(end - section->args))
        : section->args;
}

int check_has_word(apr_pool_t *pool, const char *words, const char *word)
{
    while (*words)
        if (strcasecmp(ap_getword_conf(pool, &words), word) == 0)
            return 1;
    return 0;
}

int check_has_method(apr_pool_t *pool, const char *words, const char *method)
{
    return check_has_word(pool, words, method)
        || (strcmp(method, "GET") == 0 && check_has_word(pool, words, "HEAD"));
}

int check_is_limit(const ap_directive_t *section)
{
    return check_is_named(section, "<Limit")
        || check_is_named(section, "<LimitExcept");
}

/* Whether what stands in a <Limit> or <LimitExcept> is about a method. */
static int is_about(apr_pool_t *pool, const ap_directive_t *section,
                    const char *method)
{
    return check_is_named(section, "<Limit")
        == check_has_method(pool, check_words_of(pool, section), method);
}

/* Of two rules the one that lets most in, or where both are to be met, fewest.
 */
static check_rule_t pick(check_rule_t one, check_rule_t other, int is_all)
{
    if (!one.access || !other.access)
        return one.access ? one : other;
    return (is_all ? other.access < one.access : other.access > one.access)
        ? other
        : one;
}

/* -- mod_authz_core -------------------------------------------------------- */

/* What only a user who has logged in can be. */
static int is_users(const char *name)
{
    static const char *const names[] = {
        "valid-user", "user",       "group",      "dbm-group", "dbd-group",
        "dbd-login",  "file-owner", "file-group", NULL
    };
    int i = 0;

    while (names[i] && strcmp(name, names[i]) != 0)
        i++;
    return names[i] || strncmp(name, "ldap-", 5) == 0;
}

static check_access_t require_words(apr_pool_t *pool, const char *words,
                                    const char *method)
{
    const char *name = ap_getword_conf(pool, &words);

    if (strcmp(name, "all") == 0)
        return strcasecmp(words, "granted") == 0 ? CHECK_EVERYBODY
                                                 : CHECK_NOBODY;
    if (strcmp(name, "method") == 0)
        return check_has_method(pool, words, method) ? CHECK_EVERYBODY
                                                     : CHECK_NOBODY;
    return is_users(name) ? CHECK_PASSWORD : CHECK_SOME;
}

/* Whom those let in whom none of some rules may. */
static check_access_t require_none(check_access_t any)
{
    static const check_access_t others[] = { [CHECK_UNSAID] = CHECK_UNSAID,
                                             [CHECK_NOBODY] = CHECK_UNSAID,
                                             [CHECK_PASSWORD] = CHECK_SOME,
                                             [CHECK_SOME] = CHECK_SOME,
                                             [CHECK_EVERYBODY] = CHECK_NOBODY };

    return others[any];
}

static check_rule_t require_lines(apr_pool_t *pool, const ap_directive_t *first,
                                  const char *method, int is_all);

static check_rule_t require_line(apr_pool_t *pool, const ap_directive_t *line,
                                 const char *method, int is_all)
{
    check_rule_t rule = { CHECK_UNSAID, line };

    if (check_is_named(line, "Require")) {
        rule.access = require_words(pool, line->args, method);
    }
    else if (check_is_named(line, "<RequireNone")) {
        rule = require_lines(pool, line->first_child, method, 0);
        rule.access = require_none(rule.access);
    }
    else if (check_is_named(line, "<RequireAll")
             || check_is_named(line, "<RequireAny")) {
        rule = require_lines(pool, line->first_child, method,
                             check_is_named(line, "<RequireAll"));
    }
    else if (check_is_limit(line) && is_about(pool, line, method)) {
        rule = require_lines(pool, line->first_child, method, is_all);
    }
    return rule;
}

static check_rule_t require_lines(apr_pool_t *pool, const ap_directive_t *first,
                                  const char *method, int is_all)
{
    check_rule_t found = { CHECK_UNSAID, NULL };
    const ap_directive_t *each;

    for (each = first; each; each = each->next)
        found = pick(found, require_line(pool, each, method, is_all), is_all);
    return found;
}

/* -- mod_access_compat ----------------------------------------------------- */

/* The lines that count for a method, and whom they name. */
typedef struct {
    check_rule_t order, allow, deny;
} compat_t;

/* What Allow and Deny name behind their first word, which is "from". */
static void compat_name(apr_pool_t *pool, check_rule_t *rule,
                        const ap_directive_t *line)
{
    const check_rule_t named = { check_has_word(pool, line->args, "all")
                                     ? CHECK_EVERYBODY
                                     : CHECK_SOME,
                                 line };

    *rule = pick(*rule, named, 0);
}

/* Whom Order, Allow and Deny let in together. */
static check_rule_t compat_rule(const compat_t *compat)
{
    const check_rule_t open = { CHECK_EVERYBODY, NULL };
    check_rule_t rule = { compat->allow.access, compat->deny.line };

    if (compat->order.access == CHECK_NOBODY)
        rule.line = compat->order.line;
    else if (compat->deny.access != CHECK_EVERYBODY)
        return open;
    else if (rule.access)
        return rule;
    if (!rule.access || compat->deny.access == CHECK_EVERYBODY)
        rule.access = CHECK_NOBODY;
    return rule;
}

/* -------------------------------------------------------------------------- */

static void merging_line(apr_pool_t *pool, check_said_t *said,
                         const ap_directive_t *line)
{
    said->merging = check_has_word(pool, line->args, "and") ? CHECK_AND
        : check_has_word(pool, line->args, "or")            ? CHECK_OR
                                                            : CHECK_OFF;
}

/* A line of mod_access_compat's, which counts for the method or not. */
static void compat_line(apr_pool_t *pool, check_said_t *said, compat_t *compat,
                        const ap_directive_t *line, int counts)
{
    int is_order = check_is_named(line, "Order");
    int is_satisfy = check_is_named(line, "Satisfy");
    int is_allow = check_is_named(line, "Allow");

    if (!is_order && !is_satisfy && !is_allow && !check_is_named(line, "Deny"))
        return;
    said->has_compat = 1;
    if (!counts)
        return;
    if (is_satisfy) {
        said->satisfies_any = check_has_word(pool, line->args, "any");
    }
    else if (is_order) {
        compat->order.line = line;
        compat->order.access = check_has_word(pool, line->args, "deny,allow")
            ? CHECK_EVERYBODY
            : CHECK_NOBODY;
    }
    else {
        compat_name(pool, is_allow ? &compat->allow : &compat->deny, line);
    }
}

static void read_access(apr_pool_t *pool, check_said_t *said, compat_t *compat,
                        const ap_directive_t *first, const char *method,
                        int counts)
{
    const ap_directive_t *each;

    for (each = first; each; each = each->next) {
        if (check_is_limit(each))
            read_access(pool, said, compat, each->first_child, method,
                        counts && is_about(pool, each, method));
        else if (check_is_named(each, "AuthMerging"))
            merging_line(pool, said, each);
        else if (strncasecmp(each->directive, "<Require", 8) == 0
                 || check_is_named(each, "Require"))
            said->has_require = 1;
        else
            compat_line(pool, said, compat, each, counts);
    }
}

check_said_t check_access_said(apr_pool_t *pool, const ap_directive_t *first,
                               const char *method)
{
    check_said_t said;
    compat_t compat;

    memset(&said, 0, sizeof(said));
    memset(&compat, 0, sizeof(compat));
    read_access(pool, &said, &compat, first, method, 1);
    if (said.has_require)
        said.require = require_lines(pool, first, method, 0);
    if (said.has_compat)
        said.compat = compat_rule(&compat);
    return said;
}

void check_access_lay(check_said_t *said, const check_said_t *over)
{
    if (over->merging == CHECK_AND || over->merging == CHECK_OR)
        said->require =
            pick(said->require, over->require, over->merging == CHECK_AND);
    else if (over->has_require || over->merging == CHECK_OFF)
        said->require = over->require;
    if (over->has_compat) {
        said->compat = over->compat;
        said->satisfies_any = over->satisfies_any;
    }
}

check_rule_t check_access_decides(const check_said_t *said)
{
    return said->satisfies_any && !said->require.access
        ? said->require
        : pick(said->require, said->compat, !said->satisfies_any);
}

int check_access_is_bound(check_rule_t rule)
{
    return rule.access != CHECK_UNSAID && rule.access != CHECK_EVERYBODY;
}
