/* SPDX-License-Identifier: Apache-2.0
 * Whom the lines of mod_authz_core and mod_access_compat let in. */
#include "startup/check.h"

int check_is_named(const ap_directive_t *directive, const char *name)
{
    /* Most differ in their first letters: 32 is what makes a letter small. */
    return (*directive->directive | 32) == (*name | 32)
        && strcasecmp(directive->directive, name) == 0;
}

int check_is_looked_into(const ap_directive_t *section)
{
    int is_limit = check_is_named(section, "<Limit");
    int has_get, has_post;

    if (!is_limit && !check_is_named(section, "<LimitExcept"))
        return check_is_named(section, "<RequireAll");
    has_get = ap_strcasestr(section->args, "GET") != NULL;
    has_post = ap_strcasestr(section->args, "POST") != NULL;
    return is_limit ? has_get || has_post : !has_get || !has_post;
}

/* Lines and how their arguments begin: of those that fit, the first. What an
 * <If> asks for is not known. */
static const struct {
    check_rules_t rules;
    check_access_t access;
    const char *name, *arguments;
} kinds[] = {
    { CHECK_REQUIRE, CHECK_EVERYBODY, "Require", "all granted" },
    { CHECK_REQUIRE, CHECK_NOBODY, "Require", "all denied" },
    { CHECK_REQUIRE, CHECK_PASSWORD, "Require", "valid-user" },
    { CHECK_REQUIRE, CHECK_PASSWORD, "Require", "user" },
    { CHECK_REQUIRE, CHECK_PASSWORD, "Require", "group" },
    { CHECK_REQUIRE, CHECK_SOME, "Require", "" },
    { CHECK_REQUIRE, CHECK_SOME, "<RequireNone", "" },
    { CHECK_COMPAT, CHECK_EVERYBODY, "Satisfy", "any" },
    { CHECK_COMPAT, CHECK_EVERYBODY, "Allow", "from all" },
    { CHECK_COMPAT, CHECK_SOME, "Allow", "" },
    { CHECK_COMPAT, CHECK_NOBODY, "Deny", "from all" },
    { CHECK_COMPAT, CHECK_NOBODY, "Order", "allow,deny" },
    { CHECK_COMPAT, CHECK_UNSAID, "Deny", "" },
    { CHECK_COMPAT, CHECK_UNSAID, "Order", "" },
    { CHECK_COMPAT, CHECK_UNSAID, "Satisfy", "" },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* The number of its kind; KINDS: it is none of them. */
static unsigned kind_of(const ap_directive_t *line)
{
    unsigned i = 0;

    while (i < KINDS
           && (!check_is_named(line, kinds[i].name)
               || strncasecmp(line->args, kinds[i].arguments,
                              strlen(kinds[i].arguments))
                   != 0))
        i++;
    return i;
}

check_access_t check_access_of(const ap_directive_t *line)
{
    unsigned kind = kind_of(line);

    return kind < KINDS               ? kinds[kind].access
        : check_is_named(line, "<If") ? CHECK_SOME
                                      : CHECK_UNSAID;
}

/* The line of a list that decides: one of those that let most in, or where all
 * are to be met, fewest. */
static const ap_directive_t *access_decider(const ap_directive_t *first,
                                            check_rules_t rules, int is_all)
{
    const ap_directive_t *each, *found = NULL;

    for (each = first; each; each = each->next) {
        unsigned kind = kind_of(each);
        const ap_directive_t *line = NULL;

        if (kind < KINDS)
            line = kinds[kind].rules == rules ? each : NULL;
        else if (check_is_named(each, "<RequireAny")
                 || check_is_looked_into(each))
            line = access_decider(each->first_child, rules,
                                  check_is_named(each, "<RequireAll"));
        else if (check_is_named(each, "<If")
                 && access_decider(each->first_child, rules, 0))
            line = each;
        if (line
            && (!found
                || (is_all ? check_access_of(line) < check_access_of(found)
                           : check_access_of(line) > check_access_of(found))))
            found = line;
    }
    return found;
}

/* Whether an AuthMerging leaves what stands around as it is. */
static int is_merged(const ap_directive_t *merging, const ap_directive_t *found)
{
    return strcasecmp(merging->args, "and") == 0
        ? check_access_of(found) == CHECK_EVERYBODY
        : strcasecmp(merging->args, "or") == 0
            && check_access_of(found) == CHECK_NOBODY;
}

const ap_directive_t *check_access_decider(const ap_directive_t *first,
                                           check_rules_t rules)
{
    const ap_directive_t *found = access_decider(first, rules, 0), *each;

    for (each = first; rules == CHECK_REQUIRE && each; each = each->next) {
        if (!check_is_named(each, "AuthMerging"))
            continue;
        if (found)
            return is_merged(each, found) ? NULL : found;
        return strcasecmp(each->args, "off") == 0 ? each : NULL;
    }
    return found;
}
