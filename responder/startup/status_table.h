/* SPDX-License-Identifier: Apache-2.0
 * What there is to tell of the server, as one table: the page for people, JSON,
 * OpenMetrics and mod_status' section print the same rows. */
#ifndef RESPONDER_STATUS_TABLE_H
#define RESPONDER_STATUS_TABLE_H

#include "apr_tables.h"
#include "httpd.h"
#include "httpd/counters.h"

typedef enum {
    STATUS_NOTHING = 0,
    STATUS_COUNTER,  /* only grows */
    STATUS_GAUGE,    /* goes up and down */
    STATUS_INFO,     /* its labels are what it tells; the value is 1 */
    STATUS_HISTOGRAM /* of times */
} status_type_t;

typedef enum {
    STATUS_PLAIN = 0, /* a number */
    STATUS_SECONDS,
    STATUS_TIMESTAMP, /* seconds since 1970 */
    STATUS_DEADLINE,  /* likewise, and should lie well ahead */
    STATUS_YES        /* 1 for yes, 0 for no */
} status_unit_t;

/* One label or two words of an information. */
typedef struct {
    const char *name, *value;
} status_label_t;

#define STATUS_LABELS 8

/* The section in which the first label of each sample is a CA. */
#define STATUS_SECTION_CAS "CAs"

typedef struct {
    status_label_t labels[STATUS_LABELS + 1]; /* ends where a name is NULL */
    double value;
    const counters_times_t *times; /* of a histogram; else NULL */
} status_sample_t;

typedef struct {
    const char *section; /* a heading of the page; families of one section
                          * stand together */
    const char *title;   /* of a column of the CAs, or NULL: information stands
                          * below the CA then, the rest is not on the page */
    const char *name;    /* of the metric, without prefix and suffix */
    const char *help;    /* a sentence */
    status_type_t type;
    status_unit_t unit;
    int is_text; /* for people: its words would make bad metrics */
    apr_array_header_t *samples; /* status_sample_t */
} status_family_t;

/* The table of the server that r belongs to: status_family_t * in r's pool.
 * With is_short only what costs no question to a database. */
const apr_array_header_t *status_table(request_rec *r, int is_short);

/* Adds a family without a title and samples. Texts live as long as the table,
 * as the family does. */
status_family_t *status_add_family(apr_array_header_t *table,
                                   const char *section, const char *name,
                                   status_type_t type, status_unit_t unit,
                                   const char *help);

/* Adds a sample, of one label at first; name NULL: of none. */
status_sample_t *status_add_sample(status_family_t *family, double value,
                                   const char *label, const char *text);

/* Adds a label to a sample that has room for it. */
void status_add_label(status_sample_t *sample, const char *name,
                      const char *value);

/* The text of a value: whole where it is, never with an exponent. */
const char *status_number(apr_pool_t *pool, double value);

/* The same of microseconds, in seconds. */
const char *status_seconds(apr_pool_t *pool, apr_uint64_t microseconds);

/* -- the rows of others ---------------------------------------------------- */

/* What is known and what was counted of each CA; with is_short only the
 * latter. */
void status_add_cas(apr_array_header_t *table, request_rec *r, int is_short);

/* How full the cache of signed answers is, as its provider tells; families
 * without a sample where it tells nothing. */
void status_add_cache(apr_array_header_t *table, request_rec *r);

/* What each database behind mod_dbd shows in this process: its driver, whether
 * it is asked at all just now, what went wrong last, and connections. Asks none
 * of them but for how late a replica is. */
void status_add_databases(apr_array_header_t *table);

/* -- the forms ------------------------------------------------------------- */

/* OpenMetrics 1.0, or for those who ask for it Prometheus' text format. */
void status_write_metrics(request_rec *r, const apr_array_header_t *table,
                          int is_openmetrics);

void status_write_json(request_rec *r, const apr_array_header_t *table);

/* A whole page. */
void status_write_html(request_rec *r, const apr_array_header_t *table);

/* mod_status' section, and its lines for machines. */
void status_write_section(request_rec *r, const apr_array_header_t *table);
void status_write_auto(request_rec *r, const apr_array_header_t *table);

#endif
