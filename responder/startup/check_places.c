/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check_places.h"

#include <stdlib.h>

#include "http_config.h"

static const char *const wanted[CHECK_WANTED] = {
    "AllowMethods", "LuaQuickHandler", "LimitRequestBody",
    "SetHandler",   "SSLRequireSSL",   "OCSPResponderCA"
};

static const char *const asked[CHECK_METHODS] = { "GET", "POST" };

static int is_access_said(const check_place_t *place)
{
    const check_said_t *said = &place->said[0];

    return said->has_require || said->has_compat || said->merging;
}

static int is_if(const ap_directive_t *section)
{
    return check_is_named(section, "<If") || check_is_named(section, "<ElseIf")
        || check_is_named(section, "<Else");
}

/* Finds what is wanted from the line first on. */
static void find_directives(check_place_t *place, const ap_directive_t *first)
{
    const ap_directive_t *each;
    int i;

    for (each = first; each; each = each->next) {
        for (i = 0; i < CHECK_WANTED; i++)
            if (!place->found[i] && check_is_named(each, wanted[i]))
                place->found[i] = each;
        if (check_is_limit(each))
            find_directives(place, each->first_child);
    }
}

/* Adds a place, and one for each <If> in it, which is like it but for what the
 * lines from the first on say. */
static void add_place(apr_array_header_t *places, check_place_t place,
                      const ap_directive_t *first)
{
    const ap_directive_t *each;
    unsigned i;

    memset(place.found, 0, sizeof(place.found));
    find_directives(&place, first);
    for (i = 0; i < CHECK_METHODS; i++)
        place.said[i] = check_access_said(places->pool, first, asked[i]);
    place.order = places->nelts;
    APR_ARRAY_PUSH(places, check_place_t) = place;
    for (each = first; each; each = each->next)
        if (is_if(each)) {
            place.condition = each;
            add_place(places, place, each->first_child);
        }
}

/* A <Location>, or a <LocationMatch>. */
static void add_location(apr_array_header_t *places,
                         const ap_directive_t *section,
                         const ap_directive_t *host)
{
    const char *rest = check_words_of(places->pool, section);
    int is_pattern = check_is_named(section, "<LocationMatch");
    check_place_t place = { .section = section, .host = host };

    place.path = ap_getword_conf(places->pool, &rest);
    if (!is_pattern && strcmp(place.path, "~") == 0) {
        is_pattern = 1;
        place.path = ap_getword_conf(places->pool, &rest);
    }
    if (is_pattern)
        place.pattern = ap_pregcomp(places->pool, place.path, AP_REG_EXTENDED);
    add_place(places, place, section->first_child);
}

/* Lists a server, and the places inside of it. */
static void collect_places(apr_array_header_t *places,
                           const ap_directive_t *first,
                           const ap_directive_t *host)
{
    const check_place_t server = { .host = host, .path = "" };
    const ap_directive_t *each;

    add_place(places, server, first);
    for (each = first; each; each = each->next) {
        if (check_is_named(each, "<VirtualHost"))
            collect_places(places, each->first_child, each);
        else if (check_is_named(each, "<Location")
                 || check_is_named(each, "<LocationMatch"))
            add_location(places, each, host);
    }
}

/* How httpd lays one over the other: sections over what a server says, those of
 * a virtual host over those of the main server, else by their order; and what
 * an <If> says over all. */
static int by_order(const void *a, const void *b)
{
    const check_place_t *one = a, *other = b;

    if (!one->condition != !other->condition)
        return one->condition ? 1 : -1;
    if (!one->section != !other->section)
        return one->section ? 1 : -1;
    if (!one->host != !other->host)
        return one->host ? 1 : -1;
    return one->order - other->order;
}

const apr_array_header_t *check_places(apr_pool_t *pool)
{
    apr_array_header_t *places = apr_array_make(pool, 8, sizeof(check_place_t));

    collect_places(places, ap_conftree, NULL);
    qsort(places->elts, (size_t)places->nelts, sizeof(check_place_t), by_order);
    return places;
}

int check_place_is_around(const check_place_t *outer,
                          const check_place_t *inner)
{
    apr_size_t length = strlen(outer->path);

    if (outer->section == inner->section
        || (outer->host != inner->host && outer->host && inner->host))
        return 0;
    if (outer->pattern)
        return ap_regexec(outer->pattern, inner->path, 0, NULL, 0) == 0;
    return strncmp(outer->path, inner->path, length) == 0
        && (length == 0 || outer->path[length - 1] == '/'
            || inner->path[length] == '/' || !inner->path[length]);
}

int check_place_counts(const check_place_t *place, const check_place_t *outer,
                       const check_place_t *inner, const ap_directive_t *host)
{
    int is_own = place->section == inner->section;

    return (!place->host || place->host == host)
        && (!place->condition || place == outer || is_own)
        && (is_own || check_place_is_around(place, inner));
}

const check_place_t *check_place_last(const apr_array_header_t *having,
                                      const check_place_t *outer,
                                      const check_place_t *inner,
                                      const ap_directive_t *host)
{
    int i;

    for (i = having->nelts; i-- > 0;) {
        const check_place_t *each =
            APR_ARRAY_IDX(having, i, const check_place_t *);

        if (check_place_counts(each, outer, inner, host))
            return each;
    }
    return NULL;
}

const apr_array_header_t *check_places_having(const apr_array_header_t *places,
                                              int directive)
{
    apr_array_header_t *having =
        apr_array_make(places->pool, 8, sizeof(const check_place_t *));
    int i;

    for (i = 0; i < places->nelts; i++) {
        const check_place_t *place = &APR_ARRAY_IDX(places, i, check_place_t);

        if (directive == CHECK_WANTED ? is_access_said(place)
                                      : place->found[directive] != NULL)
            APR_ARRAY_PUSH(having, const check_place_t *) = place;
    }
    return having;
}

check_rule_t check_place_lets_in(const apr_array_header_t *having,
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
