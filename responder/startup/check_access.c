/* SPDX-License-Identifier: Apache-2.0
 * Whom the lines of mod_authz_core and mod_access_compat let in. */
#include "startup/check_places.h"

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

int check_is_limit(const ap_directive_t *section)
{
    return check_is_named(section, "<Limit")
        || check_is_named(section, "<LimitExcept");
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

/* mod_access_compat's directives, and the word by which each lets all in, or
 * keeps all out: an Order those that nothing names. */
enum { ORDER = 0, ALLOW, DENY, SATISFY, COMPAT };

static const struct {
    const char *name, *all;
} compat[COMPAT] = { [ORDER] = { "Order", "deny,allow" },
                     [ALLOW] = { "Allow", "all" },
                     [DENY] = { "Deny", "all" },
                     [SATISFY] = { "Satisfy", "any" } };

/* What is read of a section. */
typedef struct {
    apr_pool_t *pool;
    const char *method;
    int is_other;    /* it is in a <Limit> of other methods */
    int has_require; /* for this method or another */
    int has_compat;  /* likewise */
    int is_merged;   /* AuthMerging And or Or: with whom is not known here */
    check_rule_t compat[COMPAT];
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

static void read_compat(reader_t *reader, const ap_directive_t *line)
{
    check_rule_t rule = { CHECK_SOME, line };
    int i = 0;

    while (i < COMPAT && !check_is_named(line, compat[i].name))
        i++;
    if (i == COMPAT)
        return;
    reader->has_compat = 1;
    if (check_has_word(reader->pool, line->args, compat[i].all))
        rule.access = CHECK_EVERYBODY;
    if (!reader->is_other)
        reader->compat[i] = pick(reader->compat[i], rule, 0);
}

/* Whom Order, Allow and Deny let in together. */
static check_rule_t compat_rule(const check_rule_t *rules)
{
    const check_rule_t open = { CHECK_EVERYBODY, NULL };
    int is_closed = rules[ORDER].access == CHECK_SOME;
    int is_denied = rules[DENY].access == CHECK_EVERYBODY;
    check_rule_t rule = { rules[ALLOW].access,
                          rules[is_denied ? DENY : ORDER].line };

    if (!is_closed && !is_denied)
        return open;
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
    int is_none = check_is_named(line, "<RequireNone");

    if (check_is_limit(line))
        return read_limit(reader, line, is_all);
    if (check_is_named(line, "<RequireAll")
        || check_is_named(line, "<RequireAny"))
        return read_rules(reader, line->first_child,
                          check_is_named(line, "<RequireAll"));
    if (is_none || check_is_named(line, "Require")) {
        reader->has_require = 1;
        if (!reader->is_other)
            rule.access =
                is_none ? CHECK_SOME : require_words(reader->pool, line->args);
    }
    else if (check_is_named(line, "AuthMerging")) {
        reader->has_require = 1;
        reader->is_merged = !check_has_word(reader->pool, line->args, "off");
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
    reader_t reader = { .pool = pool, .method = method };
    const check_rule_t unasked = { CHECK_EVERYBODY, NULL };
    const check_rule_t unknown = { CHECK_SOME, NULL };
    check_said_t said = { .require = read_rules(&reader, first, 0) };

    if (reader.is_merged)
        said.require = unknown;
    else if (reader.has_require && !said.require.access)
        said.require = unasked;
    if (reader.has_compat)
        said.compat = compat_rule(reader.compat);
    said.satisfies_any = reader.compat[SATISFY].access == CHECK_EVERYBODY;
    return said;
}

/* Lays a section over what those before it say, as httpd does. */
static check_said_t lay(check_said_t said, const check_said_t *over)
{
    if (over->require.access)
        said.require = over->require;
    if (over->compat.access) {
        said.compat = over->compat;
        said.satisfies_any = over->satisfies_any;
    }
    return said;
}

/* Whom both modules let in. */
static check_rule_t decide(const check_said_t *said)
{
    return said->satisfies_any && !said->require.access
        ? said->require
        : pick(said->require, said->compat, !said->satisfies_any);
}

/* From the least: a rule that is not there lets everybody in. */
static int how_many(const check_said_t *said)
{
    check_access_t access = decide(said).access;

    return (int)(access ? access : CHECK_EVERYBODY);
}

check_rule_t check_access_of(const check_chain_t *chain, int method,
                             int keeps_out)
{
    check_said_t said = { .satisfies_any = 0 };
    int i;

    for (i = 0; i < chain->places->nelts; i++) {
        const check_place_t *place =
            APR_ARRAY_IDX(chain->places, i, const check_place_t *);
        const check_said_t next = lay(said, &place->said[method]);
        int more = how_many(&next) - how_many(&said);

        if (!place->is_if || (keeps_out ? more < 0 : more > 0))
            said = next;
    }
    return decide(&said);
}
