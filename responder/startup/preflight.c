/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apr_strings.h"
#include "http_log.h"

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/text_hash.h"
#include "httpd/directive_place.h"
#include "httpd/findings.h"
#include "httpd/log.h"
#include "ocsp/expiry.h"
#include "startup/preflight_child.h"
#include "startup/report.h"

/* How many lines a message names, so that the log takes it whole. */
#define LINES_AT_A_TIME 200

struct preflight_t {
    preflight_list_t list;
    apr_array_header_t *unseen; /* const config_place_t *: where CAs are set
                                 * that were left out */
    /* Of a running server: */
    apr_time_t looked_at; /* by the steady clock, like told */
    apr_hash_t *told; /* apr_time_t: when a text about a certificate was logged
                       * that ends, but not today */
};

preflight_t *preflight_begin(apr_pool_t *pool, int count)
{
    preflight_t *preflight = apr_pcalloc(pool, sizeof(*preflight));

    preflight->list.pool = pool;
    preflight->told = text_hash_make(pool);
    preflight->list.locations =
        apr_array_make(pool, count, sizeof(responder_parts_t));
    return preflight;
}

void preflight_add(preflight_t *preflight, const responder_parts_t *parts)
{
    APR_ARRAY_PUSH(preflight->list.locations, responder_parts_t) = *parts;
}

int preflight_is_empty(const preflight_t *preflight)
{
    return preflight->list.locations->nelts == 0;
}

static const responder_parts_t *preflight_nth(const preflight_t *preflight,
                                              int number)
{
    /* Who asks has compared it with nelts.
     * NOLINTNEXTLINE(clang-analyzer-security.ArrayBound) */
    return &APR_ARRAY_IDX(preflight->list.locations, number, responder_parts_t);
}

static const config_place_t *place_in(const config_t *config, int at)
{
    const config_place_t *const places[REPORT_PLACES] = {
        [REPORT_AT_SOURCE] = config->source_at,
        [REPORT_AT_STORAGE] = config->storage_at,
        [REPORT_AT_KEY] = config->key_at,
        [REPORT_AT_CERT] = config->cert_at,
        [REPORT_AT_PROFILE] = config->profile_at,
    };

    return at >= 0 && at < REPORT_PLACES && places[at] ? places[at]
                                                       : config->ca_at;
}

static const char *preflight_id_of(int kind)
{
    static const char *const ids[] = {
        [REPORT_IS_ERROR] = "OCSP0106",
        [REPORT_IS_WARNING] = "OCSP0107",
        [REPORT_IS_NAMELESS] = "OCSP0113",
        [REPORT_IS_REVOKED] = "OCSP0506",
    };

    return kind < REPORT_IS_EXPIRY
        ? ids[kind]
        : expiry_id((expiry_t)(kind - REPORT_IS_EXPIRY));
}

static int preflight_level_of(int kind)
{
    return kind == REPORT_IS_ERROR   ? APLOG_ERR
        : kind == REPORT_IS_NAMELESS ? APLOG_NOTICE
                                     : APLOG_WARNING;
}

/* A finding about a directive that is not of the location's names that, too. */
static void add_finding(const preflight_t *preflight,
                        apr_array_header_t *findings,
                        const responder_parts_t *parts, int kind, int at,
                        const char *text)
{
    const config_place_t *place = at == REPORT_AT_DATABASE
        ? directive_place(preflight->list.pool, parts->server, "DBDParams")
        : NULL;

    if (place)
        text = directive_place_fault(preflight->list.pool, parts->config, text);
    findings_add(findings, preflight_level_of(kind), preflight_id_of(kind),
                 place ? place : place_in(parts->config, at), "%s", text);
}

/* Whether it is told by this look. What is told of several locations is told of
 * all. */
static int is_told(const preflight_t *preflight, int kind, const char *text)
{
    apr_pool_t *pool = preflight->list.pool;
    apr_time_t *told;

    if (kind != REPORT_IS_EXPIRY + EXPIRY_ENDING)
        return kind >= REPORT_IS_REVOKED;
    told = apr_hash_get(preflight->told, text, APR_HASH_KEY_STRING);
    if (!told) {
        told = apr_pcalloc(pool, sizeof(*told));
        apr_hash_set(preflight->told, apr_pstrdup(pool, text),
                     APR_HASH_KEY_STRING, told);
    }
    else if (*told != preflight->looked_at
             && deadline_is_recent(*told, INTERVALS_ENDING_TOLD,
                                   preflight->looked_at)) {
        return 0;
    }
    *told = preflight->looked_at;
    return 1;
}

/* What is being looked at is left in *begun. */
static void read_line(const preflight_t *preflight,
                      apr_array_header_t *findings, const char *line,
                      int *begun)
{
    int number, kind, at, used = 0;
    const responder_parts_t *parts;

    if (sscanf(line, "%d %d %d %n", &number, &kind, &at, &used) < 3 || !used
        || number < 0 || number >= preflight->list.locations->nelts)
        return;
    parts = preflight_nth(preflight, number);
    if (kind == REPORT_BEGINS)
        *begun = number;
    else if (kind == REPORT_IS_UNSEEN)
        APR_ARRAY_PUSH(preflight->unseen, const config_place_t *) =
            parts->config->ca_at;
    else if (findings)
        add_finding(preflight, findings, parts, kind, at, line + used);
    else if (is_told(preflight, kind, line + used))
        log_server_fault(parts->server, parts->config, APLOG_WARNING,
                         preflight_id_of(kind), line + used, "%s", line + used);
}

static void read_findings(int in, const preflight_t *preflight,
                          apr_array_header_t *findings, int *begun)
{
    FILE *stream = fdopen(in, "r");
    char line[REPORT_LINE_MAX + 1];

    while (stream && fgets(line, sizeof(line), stream)) {
        char *end = strchr(line, '\n');

        if (end)
            *end = '\0';
        read_line(preflight, findings, line, begun);
    }
    if (stream)
        fclose(stream);
}

static void tell_unchecked(apr_array_header_t *findings,
                           const config_place_t *at, const char *text)
{
    findings_add(findings, APLOG_WARNING, "OCSP0108", at, "%s", text);
}

/* A process that did not end by itself has met something that hangs, or a
 * driver that crashes. What uses the same source is not looked at. */
static void preflight_note_end(int status, preflight_t *preflight,
                               apr_array_header_t *findings, int number)
{
    const responder_parts_t *parts = preflight_nth(preflight, number);

    apr_hash_set(preflight->list.hung, &parts->source, sizeof(parts->source),
                 parts);
    if (findings)
        tell_unchecked(
            findings, parts->config->ca_at,
            WTERMSIG(status) == SIGALRM
                ? "the database, the token or the storage folder does "
                  "not answer, so that this location is not checked, "
                  "nor others with the same database"
                : "the driver of the database or of the token crashed when it "
                  "was tried, so that this location is not checked, nor "
                  "others with the same database");
}

/* Where no process can be started. Returns where to go on: behind all. */
static int preflight_give_up(const preflight_t *preflight,
                             apr_array_header_t *findings, int first)
{
    const apr_status_t error = errno;

    if (findings)
        tell_unchecked(
            findings, preflight_nth(preflight, first)->config->ca_at,
            apr_psprintf(findings->pool,
                         "no process can be started to look at this location, "
                         "nor at those behind it: %pm",
                         &error));
    return preflight->list.locations->nelts;
}

/* Looks at locations from a number on. Returns where to go on. */
static int run_from(preflight_t *preflight, apr_array_header_t *findings,
                    int first)
{
    int ends[2], status = 0, begun = first;
    pid_t child;

    if (pipe(ends) != 0)
        return preflight_give_up(preflight, findings, first);
    child = fork();
    if (child == 0) {
        close(ends[0]);
        preflight_child_run(&preflight->list, ends[1], first);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return preflight_give_up(preflight, findings, first);
    }
    read_findings(ends[0], preflight, findings, &begun);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFSIGNALED(status))
        return preflight->list.locations->nelts;
    preflight_note_end(status, preflight, findings, begun);
    return begun + 1;
}

static int compare_places(const void *one, const void *other)
{
    const config_place_t *first = *(const config_place_t *const *)one;
    const config_place_t *second = *(const config_place_t *const *)other;
    int files = strcmp(first->file, second->file);

    return files ? files : first->line - second->line;
}

/* Names the lines of one file from places[first] on. Returns where to go on. */
static int tell_some(apr_array_header_t *findings,
                     const apr_array_header_t *places, int first)
{
    apr_pool_t *pool = findings->pool;
    const config_place_t *at =
        APR_ARRAY_IDX(places, first, const config_place_t *);
    apr_array_header_t *lines = apr_array_make(pool, 8, sizeof(char *));
    int i, last = 0;

    for (i = first; i < places->nelts && lines->nelts < LINES_AT_A_TIME; i++) {
        const config_place_t *each =
            APR_ARRAY_IDX(places, i, const config_place_t *);

        if (strcmp(each->file, at->file) != 0)
            break;
        /* There is one for each pair of a location. */
        if (each->line != last)
            APR_ARRAY_PUSH(lines, const char *) = apr_itoa(pool, each->line);
        last = each->line;
    }
    tell_unchecked(findings, at,
                   apr_psprintf(pool,
                                "the CAs of %d locations are not checked, as "
                                "their database does not answer, or takes too "
                                "long for all of them: those with "
                                "OCSPResponderCA on lines %s",
                                lines->nelts,
                                apr_array_pstrcat(pool, lines, ' ')));
    return i;
}

/* Those that were left out, each by its line. */
static void tell_unseen(const preflight_t *preflight,
                        apr_array_header_t *findings)
{
    const apr_array_header_t *places = preflight->unseen;
    int next = 0;

    qsort(places->elts, (size_t)places->nelts, sizeof(config_place_t *),
          compare_places);
    while (next < places->nelts)
        next = tell_some(findings, places, next);
}

/* What children go over to; from one that is not valid yet they keep away. */
static const credentials_t *newest(apr_pool_t *pool, const config_t *config,
                                   const credentials_t *old)
{
    const char *why;
    const credentials_t *made = credentials_renew(pool, config, old, &why);

    return made
            && (!made->certificate
                || expiry_of(made->certificate, 0, apr_time_now())
                    != EXPIRY_NOT_YET)
        ? made
        : old;
}

/* Files may have been replaced while the server runs, and its children see it.
 * What the configuration shares is read once. */
static void read_again(preflight_t *preflight, apr_pool_t *scratch)
{
    const credentials_t *old = NULL, *made = NULL;
    int i;

    for (i = 0; i < preflight->list.locations->nelts; i++) {
        responder_parts_t *parts =
            &APR_ARRAY_IDX(preflight->list.locations, i, responder_parts_t);

        if (!parts->credentials)
            continue;
        if (parts->credentials != old) {
            old = made = parts->credentials;
            if (credentials_has_changed(old, scratch))
                made = newest(preflight->list.pool, parts->config, old);
        }
        parts->credentials = made;
    }
}

void preflight_run(preflight_t *preflight, apr_array_header_t *findings)
{
    preflight_list_t *list = &preflight->list;
    apr_pool_t *scratch;
    int next = 0;

    list->is_test = findings != NULL;
    preflight->looked_at = deadline_steady_now();
    if (!list->is_test
        && apr_pool_create(&scratch, list->pool) == APR_SUCCESS) {
        read_again(preflight, scratch);
        apr_pool_destroy(scratch);
    }
    list->hung = apr_hash_make(list->pool);
    preflight->unseen = apr_array_make(list->pool, 0, sizeof(config_place_t *));
    while (next < list->locations->nelts)
        next = run_from(preflight, findings, next);
    if (findings)
        tell_unseen(preflight, findings);
}
