/* SPDX-License-Identifier: Apache-2.0
 * Whom the lines of mod_authz_core and mod_access_compat let in. */
#include "startup/check_places.h"

#include "apr_strings.h"

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

static int is_limit(const ap_directive_t *section)
{
    return check_is_named(section, "<Limit")
        || check_is_named(section, "<LimitExcept");
}

int check_is_of_access(const ap_directive_t *line)
{
    static const char *const names[] = {
        "Require",     "<RequireAll", "<RequireAny",  "<RequireNone",
        "AuthMerging", "<Limit",      "<LimitExcept", "Order",
        "Allow",       "Deny",        "Satisfy"
    };
    unsigned i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (check_is_named(line, names[i]))
            return 1;
    return 0;
}

static const check_rule_t open_to_all = { CHECK_EVERYBODY, NULL };

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

/* What is read of a section. */
typedef struct {
    apr_pool_t *pool;
    const char *method;
    check_said_t *said;
    int is_other; /* it is in a <Limit> of other methods */
} reader_t;

/* -- mod_authz_core -------------------------------------------------------- */

/* What only a user who has logged in can be. */
static const char users[] = "valid-user user group dbm-group dbd-group "
                            "dbd-login file-owner file-group";

static check_access_t require_words(apr_pool_t *pool, const char *words)
{
    const char *name = ap_getword_conf(pool, &words);

    if (strcmp(name, "all") == 0)
        return strcasecmp(words, "granted") == 0 ? CHECK_EVERYBODY
                                                 : CHECK_NOBODY;
    return check_has_word(pool, users, name) || strncmp(name, "ldap-", 5) == 0
        ? CHECK_PASSWORD
        : CHECK_SOME;
}

/* -- mod_access_compat ----------------------------------------------------- */

/* The word by which each lets all in, or keeps all out: an Order those that
 * nothing names. */
static const struct {
    const char *name, *all;
} compat[CHECK_COMPAT] = { [CHECK_ORDER] = { "Order", "deny,allow" },
                           [CHECK_ALLOW] = { "Allow", "all" },
                           [CHECK_DENY] = { "Deny", "all" },
                           [CHECK_SATISFY] = { "Satisfy", "any" } };

static void read_compat(const reader_t *reader, const ap_directive_t *line)
{
    check_rule_t rule = { CHECK_SOME, line };
    int i = 0;

    while (i < CHECK_COMPAT && !check_is_named(line, compat[i].name))
        i++;
    if (i == CHECK_COMPAT)
        return;
    reader->said->has_compat = 1;
    if (check_has_word(reader->pool, line->args, compat[i].all))
        rule.access = CHECK_EVERYBODY;
    if (!reader->is_other)
        reader->said->compat[i] = pick(reader->said->compat[i], rule, 0);
}

/* Whom Order, Allow and Deny let in together. */
static check_rule_t compat_rule(const check_rule_t *rules)
{
    int is_closed = rules[CHECK_ORDER].access == CHECK_SOME;
    int is_denied = rules[CHECK_DENY].access == CHECK_EVERYBODY;
    check_rule_t rule = { rules[CHECK_ALLOW].access,
                          rules[is_denied ? CHECK_DENY : CHECK_ORDER].line };

    if (!is_closed && !is_denied)
        return open_to_all;
    if (!rule.access || (is_closed && is_denied))
        rule.access = CHECK_NOBODY;
    return rule;
}

/* -------------------------------------------------------------------------- */

static check_rule_t read_rules(reader_t *reader, const ap_directive_t *first,
                               int is_all);

static check_rule_t read_limit(reader_t *reader, const ap_directive_t *limit,
                               int is_all)
{
    const char *methods = check_words_of(reader->pool, limit);
    check_rule_t rule;

    reader->is_other = check_is_named(limit, "<Limit")
        != check_has_word(reader->pool, methods, reader->method);
    rule = read_rules(reader, limit->first_child, is_all);
    reader->is_other = 0;
    return rule;
}

/* Whom a line lets in that is a Require, or a section of them. */
static check_rule_t read_rule(reader_t *reader, const ap_directive_t *line,
                              int is_all)
{
    check_rule_t rule = { CHECK_UNSAID, line };

    if (is_limit(line))
        return read_limit(reader, line, is_all);
    if (check_is_named(line, "<RequireAll")
        || check_is_named(line, "<RequireAny"))
        return read_rules(reader, line->first_child,
                          check_is_named(line, "<RequireAll"));
    /* A <RequireNone> keeps some out, as what has no known word does. */
    if (check_is_named(line, "Require")
        || check_is_named(line, "<RequireNone")) {
        reader->said->has_require = 1;
        if (!reader->is_other)
            rule.access = require_words(reader->pool, line->args);
    }
    else if (check_is_named(line, "AuthMerging")) {
        reader->said->has_require = 1;
        reader->said->is_merged =
            !check_has_word(reader->pool, line->args, "off");
    }
    else {
        read_compat(reader, line);
    }
    return rule;
}

static check_rule_t read_rules(reader_t *reader, const ap_directive_t *first,
                               int is_all)
{
    check_rule_t found = { CHECK_UNSAID, NULL };

    for (; first; first = first->next)
        found = pick(found, read_rule(reader, first, is_all), is_all);
    return found;
}

check_said_t check_access_said(apr_pool_t *pool, const ap_directive_t *first,
                               const char *method)
{
    check_said_t said = { .has_require = 0 };
    reader_t reader = { pool, method, &said, 0 };

    said.require = read_rules(&reader, first, 0);
    return said;
}

/* Lays a section over what those before it say, as httpd does. */
static check_said_t lay(check_said_t said, const check_said_t *over)
{
    const check_rule_t before = said.require;

    if (over->has_require)
        said.require = over->require;
    if (over->is_merged && before.access)
        said.require.access = CHECK_SOME;
    if (over->has_compat)
        memcpy(said.compat, over->compat, sizeof(said.compat));
    return said;
}

/* Whom both modules let in. */
static check_rule_t decide(const check_said_t *said)
{
    return pick(said->require.access ? said->require : open_to_all,
                compat_rule(said->compat),
                said->compat[CHECK_SATISFY].access != CHECK_EVERYBODY);
}

check_rule_t check_access_of(const check_chain_t *chain, int method,
                             int keeps_out)
{
    check_said_t said = { .has_require = 0 };
    int i;

    for (i = 0; i < chain->places->nelts; i++) {
        const check_place_t *place =
            APR_ARRAY_IDX(chain->places, i, const check_place_t *);
        check_said_t next;
        int more;

        if (!place->said)
            continue;
        next = lay(said, &place->said[method]);
        more = (int)decide(&next).access - (int)decide(&said).access;
        if (!place->is_if || (keeps_out ? more < 0 : more > 0))
            said = next;
    }
    return decide(&said);
}
