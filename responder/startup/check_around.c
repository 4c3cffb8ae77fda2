/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check_places.h"

#include "apr_strings.h"
#include "http_log.h"

#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/location.h"
#include "httpd/sections.h"

static void check_around_tell(apr_array_header_t *findings, const char *id,
                              const ap_directive_t *found,
                              const check_place_t *inner, const char *text)
{
    findings_add(findings, APLOG_WARNING, id,
                 directive_place_of(findings->pool, found),
                 "%s, which holds for the responder on line %d of %s, %s",
                 found->directive, inner->section->line_num,
                 inner->section->filename, text);
}

/* remedy: what in the responder's location undoes a line of outer's; NULL: the
 * text says it. */
static void tell_remedy(apr_array_header_t *findings,
                        const check_place_t *outer, const ap_directive_t *found,
                        const check_place_t *inner, const char *what,
                        const char *remedy)
{
    static const char if_true[] =
        " where the condition of its <If> is true; see that it is not for OCSP "
        "requests, or put an <If \"true\"> into the responder's location, "
        "with ";
    static const char behind[] =
        "; put the responder's location behind it, with ";

    check_around_tell(findings, "OCSP0152", found, inner,
                      apr_pstrcat(findings->pool, what,
                                  !remedy            ? NULL
                                      : outer->is_if ? if_true
                                                     : behind,
                                  remedy, NULL));
}

static int forbids_methods(apr_pool_t *pool, const ap_directive_t *allow)
{
    return !check_has_word(pool, allow->args, "reset")
        && (!check_has_method(pool, allow->args, "GET")
            || !check_has_method(pool, allow->args, "POST"));
}

static void check_methods(apr_array_header_t *findings,
                          const apr_array_header_t *having,
                          const check_place_t *outer,
                          const check_place_t *inner)
{
    const ap_directive_t *allow = outer->found[CHECK_ALLOW_METHODS];

    (void)having;
    if (forbids_methods(findings->pool, allow))
        tell_remedy(findings, outer, allow, inner,
                    "keeps OCSP requests out, which come by GET and by POST",
                    "an AllowMethods reset");
}

static void check_quick_handler(apr_array_header_t *findings,
                                const apr_array_header_t *having,
                                const check_place_t *outer,
                                const check_place_t *inner)
{
    (void)having;
    tell_remedy(findings, outer, outer->found[CHECK_QUICK_HANDLER], inner,
                "runs before the responder and can answer in its place; see "
                "that its function declines the responder's URLs",
                NULL);
}

/* The module's own pages stand before its responders, so that one may have them
 * below it. */
static void check_handler(apr_array_header_t *findings,
                          const apr_array_header_t *having,
                          const check_place_t *outer,
                          const check_place_t *inner)
{
    const ap_directive_t *line = outer->found[CHECK_SET_HANDLER];
    const char *words = line->args;
    const char *name = ap_getword_conf(findings->pool, &words);

    (void)having;
    if (strcmp(name, LOCATION_STATUS) == 0
        || strcmp(name, LOCATION_HEALTH) == 0)
        tell_remedy(findings, outer, line, inner,
                    "has that page answer in the responder's place; give the "
                    "page a <Location> of its own",
                    NULL);
}

/* -- who is let in --------------------------------------------------------- */

static int keeps_out(check_rule_t rule)
{
    return rule.access == CHECK_NOBODY || rule.access == CHECK_PASSWORD;
}

/* Whom all places together let in to inner. having: those that say it. */
static check_rule_t let_in(const apr_array_header_t *having,
                           const check_place_t *outer,
                           const check_place_t *inner,
                           const ap_directive_t *host, unsigned method)
{
    check_said_t said;
    int i;

    memset(&said, 0, sizeof(said));
    for (i = 0; i < having->nelts; i++) {
        const check_place_t *each =
            APR_ARRAY_IDX(having, i, const check_place_t *);

        if (check_place_counts(each, outer, inner, host))
            check_access_lay(&said, &each->said[method]);
    }
    return check_access_decides(&said);
}

static void tell_access(apr_array_header_t *findings,
                        const check_place_t *outer, const check_place_t *inner,
                        check_rule_t rule, unsigned method)
{
    const char *what = rule.access == CHECK_PASSWORD
        ? "asks for a password that OCSP clients do not have"
        : "lets nobody in";
    const char *remedy = rule.line == outer->said[method].compat.line
        ? "an Allow from all"
        : inner->said[method].merging == CHECK_AND
        ? "a Require all granted and without its AuthMerging And"
        : "a Require all granted";

    tell_remedy(findings, outer, rule.line, inner, what, remedy);
}

/* Tells of the first method by which a line of outer's keeps all out. */
static void check_access(apr_array_header_t *findings,
                         const apr_array_header_t *having,
                         const check_place_t *outer, const check_place_t *inner)
{
    const ap_directive_t *host = outer->host ? outer->host : inner->host;
    unsigned method;

    for (method = 0; method < CHECK_METHODS; method++) {
        const check_said_t *own = &outer->said[method];
        check_rule_t rule;

        if (!keeps_out(own->require) && !keeps_out(own->compat))
            continue;
        rule = let_in(having, outer, inner, host, method);
        if (keeps_out(rule)
            && (rule.line == own->require.line
                || rule.line == own->compat.line)) {
            tell_access(findings, outer, inner, rule, method);
            return;
        }
    }
}

/* -------------------------------------------------------------------------- */

/* Looks at each responder that a place with a directive is around of. check may
 * leave it to the last of them. */
static void check_around_each(apr_array_header_t *findings,
                              const apr_array_header_t *places, int directive,
                              void (*check)(apr_array_header_t *findings,
                                            const apr_array_header_t *having,
                                            const check_place_t *outer,
                                            const check_place_t *inner))
{
    const apr_array_header_t *having = check_places_having(places, directive);
    int i, j;

    for (i = 0; i < having->nelts; i++) {
        const check_place_t *outer =
            APR_ARRAY_IDX(having, i, const check_place_t *);

        for (j = 0; j < places->nelts; j++) {
            const check_place_t *inner =
                &APR_ARRAY_IDX(places, j, check_place_t);
            const ap_directive_t *host =
                outer->host ? outer->host : inner->host;

            if (inner->found[CHECK_RESPONDER]
                && (check_place_is_around(outer, inner)
                    || (outer == inner && directive == CHECK_SET_HANDLER))
                && (directive == CHECK_WANTED
                    || check_place_last(having, outer, inner, host) == outer))
                check(findings, having, outer, inner);
        }
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
        const ap_directive_t *limit =
            last ? last->found[CHECK_LIMIT_BODY] : NULL;
        apr_int64_t most = limit ? apr_atoi64(limit->args) : 0;

        /* 0 is no limit. */
        if (most > 0
            && most < max_request(sections, inner->found[CHECK_RESPONDER]))
            check_around_tell(
                findings, "OCSP0154", limit, inner,
                "refuses requests that OCSPResponderMaxRequest allows; put the "
                "responder's location behind it, with a LimitRequestBody 0");
    }
}

/* -------------------------------------------------------------------------- */

/* Whether a page that is set in a place is kept from some. Of an <If> it is not
 * known when: it is taken for one that does. */
static int is_guarded(const apr_array_header_t *having,
                      const check_place_t *inner)
{
    int i;

    if (check_access_is_bound(let_in(having, NULL, inner, inner->host,
                                     CHECK_GET)))
        return 1;
    for (i = 0; i < having->nelts; i++) {
        const check_place_t *each =
            APR_ARRAY_IDX(having, i, const check_place_t *);

        if (each->is_if && check_place_counts(each, each, inner, inner->host)
            && check_access_is_bound(
                check_access_decides(&each->said[CHECK_GET])))
            return 1;
    }
    return 0;
}

/* The same of a section that need not be a place, but for what holds in it. */
static int guards_itself(apr_pool_t *pool, const apr_array_header_t *places,
                         const ap_directive_t *section)
{
    const check_said_t own =
        check_access_said(pool, section->first_child, "GET");
    int i;

    if (own.require.access == CHECK_EVERYBODY)
        return 1;
    for (i = 0; i < places->nelts; i++) {
        const check_place_t *place = &APR_ARRAY_IDX(places, i, check_place_t);

        if (place->section == section && !place->is_if)
            return is_guarded(check_places_having(places, CHECK_WANTED), place);
    }
    return check_access_is_bound(check_access_decides(&own));
}

int check_around_guards(apr_pool_t *pool, const ap_directive_t *line)
{
    const apr_array_header_t *places = check_places(pool);
    const ap_directive_t *section = line->parent;

    while (section && !guards_itself(pool, places, section))
        section = section->parent;
    return section != NULL;
}

void check_around(apr_array_header_t *findings,
                  const apr_array_header_t *sections)
{
    const apr_array_header_t *places = check_places(findings->pool);

    check_around_each(findings, places, CHECK_WANTED, check_access);
    check_around_each(findings, places, CHECK_ALLOW_METHODS, check_methods);
    check_around_each(findings, places, CHECK_SET_HANDLER, check_handler);
    check_around_each(findings, places, CHECK_QUICK_HANDLER,
                      check_quick_handler);
    check_bodies(findings, places, sections);
}
