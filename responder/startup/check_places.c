/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/check_places.h"

#include <stdlib.h>

#include "apr_strings.h"

#include "base/text_hash.h"

static const char *const wanted[CHECK_WANTED] = {
    [CHECK_ALLOW_METHODS] = "AllowMethods",
    [CHECK_QUICK_HANDLER] = "LuaQuickHandler",
    [CHECK_LIMIT_BODY] = "LimitRequestBody",
    [CHECK_SET_HANDLER] = "SetHandler",
    [CHECK_REQUIRE_SSL] = "SSLRequireSSL",
    [CHECK_SSL_ENGINE] = "SSLEngine",
    [CHECK_SERVER_NAME] = "ServerName",
    [CHECK_SERVER_ALIAS] = "ServerAlias",
    [CHECK_MAX_REQUEST] = "OCSPResponderMaxRequest",
    [CHECK_RESPONDER] = "OCSPResponderCA"
};

static const char *const asked[CHECK_METHODS] = { "GET", "POST" };

/* -- to find them ---------------------------------------------------------- */

/* How httpd lays one over the other: sections over what a server says, those of
 * a virtual host over those of the main server, <Directory>s by the lengths of
 * their paths, else by their order; and what an <If> says over all. */
#define RANK_HOST    ((apr_uint64_t)1 << 32)
#define RANK_SECTION ((apr_uint64_t)1 << 33)
#define RANK_LENGTH  ((apr_uint64_t)1 << 34) /* times the length */
#define RANK_IF      ((apr_uint64_t)1 << 63)

static int by_rank(const void *a, const void *b)
{
    const check_place_t *one = *(const check_place_t *const *)a;
    const check_place_t *other = *(const check_place_t *const *)b;

    return one->rank < other->rank ? -1 : one->rank > other->rank;
}

static int is_if(const ap_directive_t *line)
{
    return check_is_named(line, "<If") || check_is_named(line, "<ElseIf")
        || check_is_named(line, "<Else");
}

/* Whom the lines from the first on let in by each method. */
static const check_said_t *say_access(apr_pool_t *pool,
                                      const ap_directive_t *first)
{
    check_said_t *said = apr_palloc(pool, CHECK_METHODS * sizeof(*said));
    int i;

    for (i = 0; i < CHECK_METHODS; i++)
        said[i] = check_access_said(pool, first, asked[i]);
    return said;
}

/* Whether what a place says is more than that it is a responder: it holds for
 * others, too. Most responders' is not. */
static int says_more(const check_place_t *place)
{
    int i;

    for (i = 0; i < CHECK_WANTED; i++)
        if (place->found[i] && i != CHECK_RESPONDER)
            return 1;
    return place->said != NULL;
}

static void keep_place(check_places_t *places, const check_place_t *read)
{
    apr_pool_t *pool = places->all->pool;
    apr_hash_t *paths =
        APR_ARRAY_IDX(places->paths, read->server, apr_hash_t *);
    const char *key = read->pattern ? "~" : read->path;
    int more = says_more(read);
    check_place_t *place;

    if (!more && !read->found[CHECK_RESPONDER])
        return;
    place = apr_pmemdup(pool, read, sizeof(*read));
    place->rank += (apr_uint64_t)places->all->nelts;
    APR_ARRAY_PUSH(places->all, check_place_t *) = place;
    if (!more)
        return;
    place->next = apr_hash_get(paths, key, APR_HASH_KEY_STRING);
    apr_hash_set(paths, key, APR_HASH_KEY_STRING, place);
}

/* Adds a place, and one for each <If> in it, which is like it but for what the
 * lines from the first on say. */
static void add_place(check_places_t *places, check_place_t like,
                      const ap_directive_t *first)
{
    check_place_t place = like;
    const ap_directive_t *each;
    int i, has_access = 0;

    for (each = first; each; each = each->next) {
        for (i = 0; i < CHECK_WANTED; i++)
            if (check_is_named(each, wanted[i]))
                place.found[i] = each;
        has_access = has_access || check_is_of_access(each);
    }
    if (has_access)
        place.said = say_access(places->all->pool, first);
    keep_place(places, &place);
    like.is_if = 1;
    like.rank |= RANK_IF;
    for (each = first; each; each = each->next)
        if (is_if(each))
            add_place(places, like, each->first_child);
}

/* A <Location>, a <LocationMatch>, or a <Directory>, whose paths are kept apart
 * from those of URLs. */
static void add_location(check_places_t *places, check_place_t place,
                         const ap_directive_t *section)
{
    apr_pool_t *pool = places->all->pool;
    const char *rest = check_words_of(pool, section);
    int is_directory = check_is_named(section, "<Directory");
    int is_pattern = check_is_named(section, "<LocationMatch");

    place.section = section;
    place.rank += RANK_SECTION;
    place.path = ap_getword_conf(pool, &rest);
    if (strcmp(place.path, "~") == 0) {
        is_pattern = 1;
        place.path = ap_getword_conf(pool, &rest);
    }
    if (is_directory) {
        place.rank += strlen(place.path) * RANK_LENGTH;
        place.path = apr_pstrcat(pool, "file:", place.path, NULL);
    }
    if (is_pattern)
        place.pattern = ap_pregcomp(pool, place.path, AP_REG_EXTENDED);
    add_place(places, place, section->first_child);
}

/* Adds a server, and those in it. */
static void add_server(check_places_t *places, const ap_directive_t *first)
{
    const int number = places->paths->nelts;
    const check_place_t place = { .server = number,
                                  .path = "",
                                  .rank = number > 0 ? RANK_HOST : 0 };
    const ap_directive_t *each;

    APR_ARRAY_PUSH(places->paths, apr_hash_t *) =
        text_hash_make(places->all->pool);
    add_place(places, place, first);
    for (each = first; each; each = each->next) {
        if (check_is_named(each, "<VirtualHost"))
            add_server(places, each->first_child);
        else if (check_is_named(each, "<Location")
                 || check_is_named(each, "<LocationMatch")
                 || check_is_named(each, "<Directory"))
            add_location(places, place, each);
    }
}

check_places_t check_places(apr_pool_t *pool)
{
    check_places_t places = { apr_array_make(pool, 8, sizeof(check_place_t *)),
                              apr_array_make(pool, 4, sizeof(apr_hash_t *)),
                              apr_array_make(pool, 8,
                                             sizeof(check_place_t *)) };

    add_server(&places, ap_conftree);
    return places;
}

/* -- what holds for one ---------------------------------------------------- */

/* Adds those that a server has with a key. */
static void add_those(check_chain_t *chain, apr_hash_t *paths, const char *key,
                      apr_size_t length)
{
    const check_place_t *each, *inner = chain->inner;

    each = apr_hash_get(paths, key, (apr_ssize_t)length);
    for (; each; each = each->next)
        if (!each->pattern || each->section == inner->section
            || ap_regexec(each->pattern, inner->path, 0, NULL, 0) == 0)
            APR_ARRAY_PUSH(chain->places, const check_place_t *) = each;
}

/* Adds those of a server that the path is in. */
static void add_around(check_chain_t *chain, apr_hash_t *paths)
{
    const char *path = chain->inner->path;
    const apr_size_t end = strlen(path);
    apr_size_t length;

    if (apr_hash_count(paths) == 0)
        return;
    for (length = 0; length <= end; length++)
        if (length == 0 || length == end || path[length - 1] == '/'
            || path[length] == '/')
            add_those(chain, paths, path, length);
    add_those(chain, paths, "~", 1);
}

check_chain_t check_places_around(const check_places_t *places, int server,
                                  const check_place_t *inner)
{
    check_chain_t chain = { .inner = inner, .places = places->around };
    int i, j;

    apr_array_clear(chain.places);
    add_around(&chain, APR_ARRAY_IDX(places->paths, 0, apr_hash_t *));
    if (server > 0)
        add_around(&chain, APR_ARRAY_IDX(places->paths, server, apr_hash_t *));
    qsort(chain.places->elts, (size_t)chain.places->nelts, sizeof(inner),
          by_rank);
    for (i = 0; i < chain.places->nelts; i++) {
        const check_place_t *place =
            APR_ARRAY_IDX(chain.places, i, const check_place_t *);

        for (j = 0; j < CHECK_WANTED; j++)
            if (place->found[j])
                chain.found[j] = place->is_if ? NULL : place->found[j];
    }
    return chain;
}
