/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check_places.h"

#include "apr_strings.h"
#include "http_log.h"

#include "httpd/config.h"
#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/location.h"

/* What a line does to the responders that it holds for. */
typedef struct {
    const ap_directive_t *line;
    const char *harm;
    const check_place_t *first, *last; /* of the responders */
    int more;                          /* how many there are behind the first */
} hindrance_t;

/* A managed domain of mod_md's whose requests are redirected, and by what. */
typedef struct {
    const apr_array_header_t *names; /* const char * */
    const ap_directive_t *line;
} redirected_t;

/* What is looked at, and what was found. */
typedef struct {
    apr_pool_t *pool;
    apr_array_header_t *findings;
    check_places_t places;
    apr_array_header_t *hindrances; /* hindrance_t * */
    apr_hash_t *by_line;            /* the same */
    apr_array_header_t *domains;    /* redirected_t */
    int base_is_managed;            /* the main server may be of one */
} around_t;

/* A responder's own lines are meant, but for those that are slips. */
static int is_intended(const check_place_t *inner, const ap_directive_t *line)
{
    int is_slip = check_is_named(line, "SetHandler")
        || check_is_named(line, "LimitRequestBody");

    while (line && line != inner->section)
        line = line->parent;
    return line && !is_slip;
}

static void add_hindrance(around_t *around, const ap_directive_t *line,
                          const char *harm, const check_place_t *inner)
{
    const hindrance_t first = { line, harm, inner, inner, 0 };
    hindrance_t *known = apr_hash_get(around->by_line, &line, sizeof(line));

    if (is_intended(inner, line))
        return;
    if (!known) {
        known = apr_pmemdup(around->pool, &first, sizeof(first));
        APR_ARRAY_PUSH(around->hindrances, hindrance_t *) = known;
        apr_hash_set(around->by_line, &known->line, sizeof(line), known);
    }
    known->more += known->last != inner;
    known->last = inner;
}

static void tell_hindrance(const around_t *around, const hindrance_t *told)
{
    const ap_directive_t *responder = told->first->section;
    const char *more = told->more
        ? apr_psprintf(around->pool, " (and for %d more)", told->more)
        : "";

    findings_add(around->findings, APLOG_WARNING,
                 check_is_named(told->line, "LimitRequestBody") ? "OCSP0154"
                                                                : "OCSP0152",
                 directive_place_of(around->pool, told->line),
                 "%s, which holds for the responder on line %d of %s%s, %s",
                 told->line->directive, responder->line_num,
                 responder->filename, more, told->harm);
}

/* -- single directives ----------------------------------------------------- */

#define BEHIND "; put the responder's location behind it, with "

static const char *const harms[CHECK_WANTED] = {
    [CHECK_ALLOW_METHODS] =
        "keeps OCSP requests out, which come by GET and by POST" BEHIND
        "an AllowMethods reset",
    [CHECK_QUICK_HANDLER] =
        "runs before the responder and can answer in its place; see that its "
        "function declines the responder's URLs",
    [CHECK_LIMIT_BODY] =
        "refuses requests that OCSPResponderMaxRequest allows" BEHIND
        "a LimitRequestBody 0",
    /* Pages stand before responders, so that one may have them below it. */
    [CHECK_SET_HANDLER] =
        "has that page answer in the responder's place; give the page a "
        "<Location> of its own",
    /* Nothing undoes it. */
    [CHECK_REQUIRE_SSL] =
        "refuses requests over http, by which OCSP clients come; put it into "
        "sections that do not hold for the responder"
};

static int allows_most(apr_pool_t *pool, const check_chain_t *chain,
                       apr_int64_t limit)
{
    const ap_directive_t *line = chain->found[CHECK_MAX_REQUEST];
    const char *words = line ? line->args : "";
    const apr_int64_t most = line
        ? apr_atoi64(ap_getword_conf(pool, &words))
        : config_max_request(config_create_dir(pool, NULL));

    return limit <= 0 || limit >= most; /* 0 is no limit */
}

/* Whether the AllowMethods of a line's section, which add up, let a method in.
 * There is none outside of a section. */
static int admits(apr_pool_t *pool, const ap_directive_t *line,
                  const char *method)
{
    const ap_directive_t *each;

    for (each = line->parent->first_child; each; each = each->next)
        if (check_is_named(each, "AllowMethods")
            && (check_has_word(pool, each->args, method)
                || check_has_word(pool, each->args, "reset")))
            return 1;
    return 0;
}

static int has_tls(apr_pool_t *pool, const check_chain_t *chain)
{
    const ap_directive_t *engine = chain->found[CHECK_SSL_ENGINE];

    return engine && check_has_word(pool, engine->args, "on");
}

static int does_no_harm(apr_pool_t *pool, const check_chain_t *chain,
                        int directive, const ap_directive_t *line)
{
    switch (directive) {
    case CHECK_ALLOW_METHODS:
        return admits(pool, line, "GET") && admits(pool, line, "POST");
    case CHECK_LIMIT_BODY:
        return allows_most(pool, chain, apr_atoi64(line->args));
    case CHECK_SET_HANDLER:
        return !check_has_word(pool, line->args, LOCATION_STATUS)
            && !check_has_word(pool, line->args, LOCATION_HEALTH);
    case CHECK_REQUIRE_SSL: /* where all requests have it */
        return has_tls(pool, chain);
    default:
        return 0;
    }
}

static void check_directive(around_t *around, const check_chain_t *chain,
                            int directive)
{
    const ap_directive_t *line = chain->found[directive];

    if (line && harms[directive]
        && !does_no_harm(around->pool, chain, directive, line))
        add_hindrance(around, line, harms[directive], chain->inner);
}

/* -- mod_md ---------------------------------------------------------------- */

#define MD_REDIRECT "MDRequireHttps"

/* Whether a domain, which may begin with "*." for one label, is a name's. */
static int domain_has(const char *domain, const char *name)
{
    const char *rest = ap_strchr_c(name, '.');

    return strcasecmp(domain, name) == 0
        || (*domain == '*' && rest && strcasecmp(domain + 1, rest) == 0);
}

static int domain_has_any(const redirected_t *domain,
                          const apr_array_header_t *names)
{
    int i, j;

    for (i = 0; i < domain->names->nelts; i++)
        for (j = 0; j < names->nelts; j++)
            if (domain_has(APR_ARRAY_IDX(domain->names, i, const char *),
                           APR_ARRAY_IDX(names, j, const char *)))
                return 1;
    return 0;
}

static void add_words(apr_array_header_t *list, const char *text)
{
    const char *each;

    while (*(each = ap_getword_conf(list->pool, &text)))
        APR_ARRAY_PUSH(list, const char *) = each;
}

/* const char *: a server's name, without scheme and port, and its others. */
static apr_array_header_t *server_names(apr_pool_t *pool,
                                        const check_chain_t *chain)
{
    const ap_directive_t *name = chain->found[CHECK_SERVER_NAME];
    const ap_directive_t *alias = chain->found[CHECK_SERVER_ALIAS];
    apr_array_header_t *names = apr_array_make(pool, 2, sizeof(char *));
    const char *words = name ? name->args : "";
    const char *own = ap_getword_conf(pool, &words);

    if (ap_strstr_c(own, "://"))
        own = ap_strstr_c(own, "://") + 3;
    APR_ARRAY_PUSH(names, const char *) = ap_getword(pool, &own, ':');
    if (alias)
        add_words(names, alias->args);
    return names;
}

static const ap_directive_t *last_named(const ap_directive_t *first,
                                        const char *name)
{
    const ap_directive_t *found = NULL;

    for (; first; first = first->next)
        if (check_is_named(first, name))
            found = first;
    return found;
}

/* Adds a domain, unless it is not redirected; everywhere: the line that says so
 * for those that do not, or NULL. */
static void add_domain(apr_array_header_t *domains,
                       const ap_directive_t *domain,
                       const ap_directive_t *everywhere)
{
    const int is_section = *domain->directive == '<';
    const ap_directive_t *own =
        is_section ? last_named(domain->first_child, MD_REDIRECT) : NULL;
    const ap_directive_t *line = own ? own : everywhere;
    apr_array_header_t *names;

    if (!line || check_has_word(domains->pool, line->args, "off"))
        return;
    names = apr_array_make(domains->pool, 2, sizeof(char *));
    add_words(names,
              is_section ? check_words_of(domains->pool, domain)
                         : domain->args);
    APR_ARRAY_PUSH(domains, redirected_t) = (redirected_t){ names, line };
}

/* Once for all responders. */
static void find_domains(around_t *around)
{
    const ap_directive_t *everywhere = last_named(ap_conftree, MD_REDIRECT);
    const ap_directive_t *base = last_named(ap_conftree, "MDBaseServer"), *line;

    around->base_is_managed =
        base && check_has_word(around->pool, base->args, "on");
    for (line = ap_conftree; line; line = line->next)
        if (check_is_named(line, "MDomain") || check_is_named(line, "<MDomain")
            || check_is_named(line, "<MDomainSet"))
            add_domain(around->domains, line, everywhere);
}

static void check_domains(around_t *around, const check_chain_t *chain)
{
    const apr_array_header_t *domains = around->domains, *names;
    int i;

    if (!domains->nelts || has_tls(around->pool, chain))
        return;
    names = server_names(around->pool, chain);
    for (i = 0; i < domains->nelts; i++) {
        const redirected_t *domain = &APR_ARRAY_IDX(domains, i, redirected_t);

        if (domain_has_any(domain, names))
            add_hindrance(
                around, domain->line,
                "sends OCSP clients, which come over http, to https; set it to "
                "off in the <MDomain> of the responder's host, or give that a "
                "name which is in no MDomain",
                chain->inner);
    }
}

/* -- who is let in --------------------------------------------------------- */

/* Finds the line that keeps all out who come by a method. */
static void check_access(around_t *around, const check_chain_t *chain,
                         int method)
{
    const check_rule_t rule = check_access_of(chain, method, 0);

    if (rule.access == CHECK_PASSWORD)
        add_hindrance(around, rule.line,
                      "asks for a password that OCSP clients do not have" BEHIND
                      "a Require all granted",
                      chain->inner);
    else if (rule.access == CHECK_NOBODY)
        add_hindrance(around, rule.line,
                      check_is_named(rule.line, "Require")
                          ? "lets nobody in" BEHIND "a Require all granted"
                          : "lets nobody in" BEHIND "an Allow from all",
                      chain->inner);
}

/* -------------------------------------------------------------------------- */

static void check_responder(around_t *around, const check_chain_t *chain,
                            int server)
{
    int i;

    for (i = 0; i < CHECK_METHODS; i++)
        check_access(around, chain, i);
    for (i = 0; i < CHECK_WANTED; i++)
        check_directive(around, chain, i);
    if (server > 0 || around->base_is_managed)
        check_domains(around, chain);
}

/* What is in the main server is in each host, too. */
static void check_place(around_t *around, const check_place_t *inner)
{
    int servers = inner->server > 0 ? 1 : around->places.paths->nelts, i;

    for (i = 0; i < servers; i++) {
        const check_chain_t chain =
            check_places_around(&around->places, inner->server + i, inner);

        if (inner->found[CHECK_SET_HANDLER])
            check_page(around->findings, &chain);
        if (inner->found[CHECK_RESPONDER])
            check_responder(around, &chain, inner->server + i);
    }
}

void check_around(apr_array_header_t *findings)
{
    apr_pool_t *pool = findings->pool;
    around_t around = { pool,
                        findings,
                        check_places(pool),
                        apr_array_make(pool, 4, sizeof(hindrance_t *)),
                        apr_hash_make(pool),
                        apr_array_make(pool, 4, sizeof(redirected_t)),
                        0 };
    const apr_array_header_t *all = around.places.all;
    int i;

    find_domains(&around);
    for (i = 0; i < all->nelts; i++) {
        const check_place_t *place =
            APR_ARRAY_IDX(all, i, const check_place_t *);

        if (place->found[CHECK_RESPONDER] || place->found[CHECK_SET_HANDLER])
            check_place(&around, place);
    }
    for (i = 0; i < around.hindrances->nelts; i++)
        tell_hindrance(
            &around, APR_ARRAY_IDX(around.hindrances, i, const hindrance_t *));
}
