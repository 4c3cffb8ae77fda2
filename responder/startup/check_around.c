/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check_places.h"

#include "apr_strings.h"
#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/location.h"
#include "httpd/sections.h"

/* What a line of a place does to a responder; no text: nothing. */
typedef struct {
    const ap_directive_t *line;
    const char *text;
} hindrance_t;

static const hindrance_t no_hindrance = { NULL, NULL };

/* more: for how many others it holds likewise. */
static void check_around_tell(apr_array_header_t *findings, const char *id,
                              hindrance_t found, const check_place_t *inner,
                              int more)
{
    findings_add(findings, APLOG_WARNING, id,
                 directive_place_of(findings->pool, found.line),
                 "%s, which holds for the responder on line %d of %s%s, %s",
                 found.line->directive, inner->section->line_num,
                 inner->section->filename,
                 more ? apr_psprintf(findings->pool, " (and for %d more)", more)
                      : "",
                 found.text);
}

/* What in the responder's location undoes what a line of outer's does. */
static const char *with_remedy(apr_pool_t *pool, const check_place_t *outer,
                               const char *what, const char *remedy)
{
    static const char if_true[] =
        " where the condition of its <If> is true; see that it is not for OCSP "
        "requests, or put an <If \"true\"> into the responder's location, "
        "with ";
    static const char behind[] =
        "; put the responder's location behind it, with ";

    return apr_pstrcat(pool, what, outer->condition ? if_true : behind, remedy,
                       NULL);
}

/* Looks at what outer says of inner; having are all places that say the like.
 */
typedef hindrance_t (*check_around_t)(apr_pool_t *pool,
                                      const apr_array_header_t *having,
                                      const check_place_t *outer,
                                      const check_place_t *inner);

static hindrance_t check_methods(apr_pool_t *pool,
                                 const apr_array_header_t *having,
                                 const check_place_t *outer,
                                 const check_place_t *inner)
{
    const ap_directive_t *allow = outer->found[CHECK_ALLOW_METHODS];
    hindrance_t found = { allow, NULL };

    (void)having;
    (void)inner;
    if (!check_has_word(pool, allow->args, "reset")
        && (!check_has_method(pool, allow->args, "GET")
            || !check_has_method(pool, allow->args, "POST")))
        found.text = with_remedy(
            pool, outer,
            "keeps OCSP requests out, which come by GET and by POST",
            "an AllowMethods reset");
    return found;
}

static hindrance_t check_quick_handler(apr_pool_t *pool,
                                       const apr_array_header_t *having,
                                       const check_place_t *outer,
                                       const check_place_t *inner)
{
    const hindrance_t found = {
        outer->found[CHECK_QUICK_HANDLER],
        "runs before the responder and can answer in its place; see that its "
        "function declines the responder's URLs"
    };

    (void)pool;
    (void)having;
    (void)inner;
    return found;
}

/* The module's own pages stand before its responders, so that one may have them
 * below it. */
static hindrance_t check_handler(apr_pool_t *pool,
                                 const apr_array_header_t *having,
                                 const check_place_t *outer,
                                 const check_place_t *inner)
{
    hindrance_t found = { outer->found[CHECK_SET_HANDLER], NULL };
    const char *words = found.line->args;
    const char *name = ap_getword_conf(pool, &words);

    (void)having;
    (void)inner;
    if (strcmp(name, LOCATION_STATUS) == 0
        || strcmp(name, LOCATION_HEALTH) == 0)
        found.text = "has that page answer in the responder's place; give the "
                     "page a <Location> of its own";
    return found;
}

/* Nothing undoes it. In a host with TLS all requests have it. */
static hindrance_t check_ssl(apr_pool_t *pool, const apr_array_header_t *having,
                             const check_place_t *outer,
                             const check_place_t *inner)
{
    const hindrance_t found = {
        outer->found[CHECK_REQUIRE_SSL],
        "refuses requests over http, by which OCSP clients come; put it into "
        "sections that do not hold for the responder"
    };
    const ap_directive_t *host = outer->host ? outer->host : inner->host, *each;

    (void)having;
    for (each = host ? host->first_child : NULL; each; each = each->next)
        if (check_is_named(each, "SSLEngine")
            && check_has_word(pool, each->args, "on"))
            return no_hindrance;
    return found;
}

/* -- who is let in --------------------------------------------------------- */

static int keeps_out(check_rule_t rule)
{
    return rule.access == CHECK_NOBODY || rule.access == CHECK_PASSWORD;
}

/* Whether an <If> is about some clients, like a list of addresses. */
static int is_about_some(const ap_directive_t *condition)
{
    static const char *const names[] = { "REMOTE_",    "-R ",        "-ipmatch",
                                         "USER_AGENT", "User-Agent", NULL };
    int i = 0;

    if (!condition)
        return 0;
    while (names[i] && !ap_strstr_c(condition->args, names[i]))
        i++;
    return names[i] != NULL;
}

/* Whether a place does by itself: there may be many that do not. */
static int is_closed(const check_place_t *place)
{
    unsigned i;

    if (is_about_some(place->condition))
        return 0;
    for (i = 0; i < CHECK_METHODS; i++)
        if (keeps_out(place->said[i].require)
            || keeps_out(place->said[i].compat))
            return 1;
    return 0;
}

/* Whether inner itself undoes all of what outer says, so that nobody need look
 * at what others say: there may be many. */
static int is_undone(const check_place_t *outer, const check_place_t *inner,
                     unsigned method)
{
    const check_said_t *said = &outer->said[method];
    const check_said_t *own = &inner->said[method];

    return outer < inner && (!keeps_out(said->compat) || own->has_compat)
        && (!keeps_out(said->require) || own->merging == CHECK_OFF
            || (own->merging == CHECK_MERGING_UNSET && own->has_require));
}

static const char *access_text(apr_pool_t *pool, const check_place_t *outer,
                               const check_place_t *inner, check_rule_t rule,
                               unsigned method)
{
    return with_remedy(
        pool, outer,
        rule.access == CHECK_PASSWORD
            ? "asks for a password that OCSP clients do not have"
            : "lets nobody in",
        rule.line == outer->said[method].compat.line ? "an Allow from all"
            : inner->said[method].merging == CHECK_AND
            ? "a Require all granted and without its AuthMerging And"
            : "a Require all granted");
}

/* Finds the first method by which a line of outer's keeps all out. */
static hindrance_t check_access(apr_pool_t *pool,
                                const apr_array_header_t *having,
                                const check_place_t *outer,
                                const check_place_t *inner)
{
    const ap_directive_t *host = outer->host ? outer->host : inner->host;
    unsigned method;

    for (method = 0; method < CHECK_METHODS; method++) {
        const check_said_t *said = &outer->said[method];
        hindrance_t found;
        check_rule_t rule;

        if ((!keeps_out(said->require) && !keeps_out(said->compat))
            || is_undone(outer, inner, method))
            continue;
        rule = check_place_lets_in(having, outer, inner, host, method);
        found.line = rule.line;
        found.text = access_text(pool, outer, inner, rule, method);
        if (keeps_out(rule)
            && (rule.line == said->require.line
                || rule.line == said->compat.line))
            return found;
    }
    return no_hindrance;
}

/* -------------------------------------------------------------------------- */

/* Whether it is inner's turn to be looked at. What all places say together is
 * for check_access() to find. */
static int is_concerned(const apr_array_header_t *having, int directive,
                        const check_place_t *outer, const check_place_t *inner)
{
    if (!inner->found[CHECK_RESPONDER]
        || (!check_place_is_around(outer, inner)
            && !(outer == inner && directive == CHECK_SET_HANDLER)))
        return 0;
    return directive == CHECK_WANTED
        || check_place_last(having, outer, inner,
                            outer->host ? outer->host : inner->host)
        == outer;
}

/* first: NULL, where there is nothing to tell. */
static void tell_hindrance(apr_array_header_t *findings, hindrance_t told,
                           const check_place_t *first, int more)
{
    if (first)
        check_around_tell(findings, "OCSP0152", told, first, more);
}

/* The same line and text is told once for all. */
static void check_outer(apr_array_header_t *findings,
                        const apr_array_header_t *places,
                        const apr_array_header_t *having, int directive,
                        const check_place_t *outer, check_around_t check)
{
    const check_place_t *first = NULL;
    hindrance_t told = no_hindrance;
    int more = 0, i;

    for (i = 0; i < places->nelts; i++) {
        const check_place_t *inner = &APR_ARRAY_IDX(places, i, check_place_t);
        const hindrance_t found = is_concerned(having, directive, outer, inner)
            ? check(findings->pool, having, outer, inner)
            : no_hindrance;

        if (!found.text)
            continue;
        if (told.text && told.line == found.line
            && strcmp(told.text, found.text) == 0) {
            more++;
            continue;
        }
        tell_hindrance(findings, told, first, more);
        told = found;
        first = inner;
        more = 0;
    }
    tell_hindrance(findings, told, first, more);
}

static void check_around_each(apr_array_header_t *findings,
                              const apr_array_header_t *places, int directive,
                              check_around_t check)
{
    const apr_array_header_t *having = check_places_having(places, directive);
    int i;

    for (i = 0; i < having->nelts; i++) {
        const check_place_t *outer =
            APR_ARRAY_IDX(having, i, const check_place_t *);

        if (directive != CHECK_WANTED || is_closed(outer))
            check_outer(findings, places, having, directive, outer, check);
    }
}

/* -- lengths --------------------------------------------------------------- */

/* OCSPResponderMaxRequest where a CA is set, in bytes. */
static int max_request(const apr_array_header_t *sections,
                       const ap_directive_t *responder)
{
    int i;

    for (i = 0; i < sections->nelts; i++) {
        const config_t *config = APR_ARRAY_IDX(sections, i, section_t).config;

        if (config->ca_at->line == responder->line_num
            && strcmp(config->ca_at->file, responder->filename) == 0)
            return config_max_request(config);
    }
    return 0;
}

static void check_bodies(apr_array_header_t *findings,
                         const apr_array_header_t *places,
                         const apr_array_header_t *sections)
{
    const apr_array_header_t *having =
        check_places_having(places, CHECK_LIMIT_BODY);
    int i;

    for (i = 0; having->nelts && i < places->nelts; i++) {
        const check_place_t *inner = &APR_ARRAY_IDX(places, i, check_place_t);
        const check_place_t *last = inner->found[CHECK_RESPONDER]
            ? check_place_last(having, NULL, inner, inner->host)
            : NULL;
        const hindrance_t limit = {
            last ? last->found[CHECK_LIMIT_BODY] : NULL,
            "refuses requests that OCSPResponderMaxRequest allows; put the "
            "responder's location behind it, with a LimitRequestBody 0"
        };
        apr_int64_t most = limit.line ? apr_atoi64(limit.line->args) : 0;

        /* 0 is no limit. */
        if (most > 0
            && most < max_request(sections, inner->found[CHECK_RESPONDER]))
            check_around_tell(findings, "OCSP0154", limit, inner, 0);
    }
}

/* -------------------------------------------------------------------------- */

void check_around(apr_array_header_t *findings,
                  const apr_array_header_t *sections)
{
    const apr_array_header_t *places = check_places(findings->pool);

    check_around_each(findings, places, CHECK_WANTED, check_access);
    check_around_each(findings, places, CHECK_ALLOW_METHODS, check_methods);
    check_around_each(findings, places, CHECK_SET_HANDLER, check_handler);
    check_around_each(findings, places, CHECK_REQUIRE_SSL, check_ssl);
    check_around_each(findings, places, CHECK_QUICK_HANDLER,
                      check_quick_handler);
    check_bodies(findings, places, sections);
}
