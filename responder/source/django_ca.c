/* SPDX-License-Identifier: Apache-2.0 */
#include "source/builtin.h"

#include "apr_strings.h"
#include "http_main.h"

#include "base/hex.h"
#include "base/zone.h"
#include "db/database.h"
#include "ocsp/issuer.h"
#include "ocsp/serial.h"
#include "source/django_ca/objection.h"
#include "source/django_ca/responder_key.h"
#include "source/django_ca/rows.h"
#include "source/django_ca/status_rows.h"
#include "source/django_ca_check.h"
#include "base/instances.h"
#include "source/schema_cache.h"
#include "source/sql_database.h"

/* A database, and what is to be known to read it. */
typedef struct {
    server_rec *server; /* the first that uses it so */
    database_settings_t database;
    const char *storage;   /* NULL: none */
    const char *zone_name; /* NULL: UTC */
    const zone_t *zone;
    schema_cache_t *schema; /* in a process that asks; NULL before */
} instance_t;

/* -- configuration --------------------------------------------------------- */

/* What makes two instances one. */
static const char *django_ca_describe(apr_pool_t *pool,
                                      const instance_t *instance)
{
    return apr_pstrcat(pool, database_describe(pool, &instance->database), "\n",
                       instance->storage ? instance->storage : "", "\n",
                       instance->zone_name ? instance->zone_name : "", NULL);
}

static void *find_instance(apr_pool_t *pool, const instance_t *wanted)
{
    apr_pool_t *scratch;
    void *found;

    apr_pool_create(&scratch, pool);
    found = instances_find(pool, django_ca_source.name,
                           django_ca_describe(scratch, wanted));
    apr_pool_destroy(scratch);
    return found;
}

static const char *django_ca_configure(
    apr_pool_t *pool, server_rec *server,
    const ocsp_responder_settings_t *settings, void **instance)
{
    instance_t wanted = { .server = server,
                          .storage = settings->storage,
                          .zone_name = settings->time_zone };
    const char *why = sql_database_settings(pool, server, &wanted.database,
                                            settings->fault_at);

    if (!why && *settings->arguments)
        why = "the source django-ca takes no arguments";
    if (why || (*instance = find_instance(pool, &wanted)) != NULL)
        return why;
    if (wanted.zone_name) {
        wanted.zone = zone_load(pool, wanted.zone_name, &why);
        if (!wanted.zone)
            return apr_psprintf(pool, "OCSPResponderTimeZone: %s", why);
    }
    database_connect_late(ap_server_conf, server);
    *instance = instances_add(pool, django_ca_source.name,
                              django_ca_describe(pool, &wanted),
                              apr_pmemdup(pool, &wanted, sizeof(wanted)));
    return NULL;
}

static void django_ca_child_init(void *data, apr_pool_t *pool,
                                 server_rec *server)
{
    instance_t *instance = data;

    (void)server;
    database_child_init(pool, ap_server_conf);
    instance->schema = schema_cache_create(pool, instance->server);
}

/* -- asking ---------------------------------------------------------------- */

static void django_ca_look_into(void *data, const ocsp_responder_call_t *call,
                                const ocsp_responder_reporter_t *reporter)
{
    instance_t *instance = data;

    database_child_init(call->pool, ap_server_conf);
    instance->schema = schema_cache_create(call->pool, instance->server);
    django_ca_check(&instance->database, instance->zone_name, instance->schema,
                    call, reporter);
}

/* -- the CAs --------------------------------------------------------------- */

/* Adds the CAs of one query. */
static ocsp_responder_lookup_t add_cas(apr_array_header_t *list,
                                       const instance_t *instance,
                                       const ocsp_responder_call_t *call,
                                       schema_cache_query_t make,
                                       const char *argument, const char **why)
{
    schema_cache_found_t found;
    query_result_t result =
        schema_cache_query(instance->schema, call, make, argument, &found, why);
    int i;

    for (i = 0; result == QUERY_OK && i < found.rows.count; i++)
        APR_ARRAY_PUSH(list, ocsp_responder_ca_t) =
            rows_ca(list->pool, found.rows.rows[i]);
    return sql_database_lookup(result);
}

/* All, page by page: what the rows take is used again for the next. */
static ocsp_responder_lookup_t add_pages(apr_array_header_t *list,
                                         const instance_t *instance,
                                         const ocsp_responder_call_t *call,
                                         schema_cache_query_t make,
                                         const char **why)
{
    ocsp_responder_call_t page = *call;
    ocsp_responder_lookup_t result;
    const char *after = NULL;
    int before;

    apr_pool_create(&page.pool, call->pool);
    do {
        apr_pool_clear(page.pool);
        before = list->nelts;
        result = add_cas(list, instance, &page, make, after, why);
        if (list->nelts)
            after =
                APR_ARRAY_IDX(list, list->nelts - 1, ocsp_responder_ca_t).id;
    } while (result == OCSP_RESPONDER_LOOKUP_DONE
             && list->nelts - before == SCHEMA_AUTHORITIES_PAGE);
    if (result != OCSP_RESPONDER_LOOKUP_DONE)
        *why = apr_pstrdup(call->pool, *why);
    apr_pool_destroy(page.pool);
    return result;
}

/* Whether a CA with no more than the end of its certificate is one that is
 * known with the whole of it. */
static int django_ca_is_known(const ocsp_responder_ca_t *ca,
                              const ocsp_responder_ca_t *known)
{
    return ca->certificate.len < known->certificate.len
        && bytes_ends_in(known->certificate, ca->certificate)
        && strcmp(ca->id, known->id) == 0
        && strcmp(ca->stored, known->stored) == 0
        && strcmp(ca->cn, known->cn) == 0;
}

/* Completes a list; 0 when not all of it, or more than it, is known. */
static int complete(const apr_array_header_t *list,
                    const ocsp_responder_call_t *call)
{
    ocsp_responder_ca_t *cas = (ocsp_responder_ca_t *)list->elts;
    int i;

    if (list->nelts != call->known_count)
        return 0;
    for (i = 0; i < list->nelts; i++) {
        if (!django_ca_is_known(&cas[i], &call->known[i]))
            return 0;
        cas[i].certificate = call->known[i].certificate;
    }
    return 1;
}

/* Certificates are most of what there is to read, and hardly ever change. */
static ocsp_responder_lookup_t django_ca_add_all(
    apr_array_header_t *list, const instance_t *instance,
    const ocsp_responder_call_t *call, const char **why)
{
    if (call->known_count) {
        ocsp_responder_lookup_t result = add_pages(
            list, instance, call, schema_known_authorities_query, why);

        if (result != OCSP_RESPONDER_LOOKUP_DONE || complete(list, call))
            return result;
        apr_array_clear(list);
    }
    return add_pages(list, instance, call, schema_all_authorities_query, why);
}

static ocsp_responder_lookup_t django_ca_list_cas(
    void *data, const ocsp_responder_call_t *call, const char *ca,
    const ocsp_responder_ca_t **cas, int *count, const char **why)
{
    instance_t *instance = data;
    apr_array_header_t *list =
        apr_array_make(call->pool, 16, sizeof(ocsp_responder_ca_t));
    ocsp_responder_lookup_t result;

    schema_cache_forget_old(instance->schema, call->pool);
    result = ca
        ? add_cas(list, instance, call, schema_authorities_query, ca, why)
        : django_ca_add_all(list, instance, call, why);
    *cas = (const ocsp_responder_ca_t *)list->elts;
    *count = list->nelts;
    return result;
}

static ocsp_responder_lookup_t signing_key(
    void *data, const ocsp_responder_call_t *call,
    const ocsp_responder_ca_t *ca, int wanted, ocsp_responder_key_t *key,
    const char **why)
{
    instance_t *instance = data;
    rows_key_t row;
    schema_cache_found_t found;
    query_result_t result = schema_cache_query(
        instance->schema, call, schema_authority_query, ca->id, &found, why);

    if (result != QUERY_OK)
        return sql_database_lookup(result);
    if (found.rows.count != 1) {
        *why = "it is not in the database any more";
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    row = rows_key(call->pool, found.rows.rows[0]);
    key->revision = row.revision;
    return responder_key_read(key, call->pool, instance->storage, &row, wanted,
                              why);
}

/* -- certificates ---------------------------------------------------------- */

static db_query_t status_query(apr_pool_t *pool, const schema_t *schema,
                               const void *data)
{
    const status_rows_question_t *question = data;

    return schema_status_query(pool, schema, question->ca_serial,
                               question->serial, question->wants_cert_hash);
}

/* Whether a CA that has another certificate than the one that is asked for has
 * its name and key: it is that one, renewed a moment ago with its serial. Its
 * certificate takes the other's place. */
static int is_renewed(const instance_t *instance,
                      const ocsp_responder_call_t *call,
                      status_rows_question_t *question, const char *id)
{
    schema_cache_found_t found;
    issuer_name_t asked;
    const char *why;
    bytes_t der;

    if (schema_cache_query(instance->schema, call, schema_authority_query, id,
                           &found, &why)
            != QUERY_OK
        || found.rows.count != 1)
        return 0;
    der = serial_certificate_der(
        call->pool,
        hex_bytes(call->pool, found.rows.rows[0][SCHEMA_CERTIFICATE_PUB]));
    if (!issuer_name(&asked, question->ca_certificate)
        || !issuer_has_name(der, &asked))
        return 0;
    question->ca_certificate = der;
    return 1;
}

static ocsp_responder_lookup_t django_ca_look_up(
    void *data, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_status_t *status,
    const char **why)
{
    instance_t *instance = data;
    status_rows_question_t question = {
        .ca_serial = query->ca_serial,
        .serial = serial_text(call->pool, query->serial, query->serial_len),
        .ca_certificate = query->ca_certificate,
        .ca_self_issued = query->ca_self_issued,
        .wants_cert_hash = query->wants_cert_hash,
        .zone = instance->zone
    };
    schema_cache_found_t found;
    ocsp_responder_lookup_t read;
    const char *other;
    query_result_t result = schema_cache_query(
        instance->schema, call, status_query, &question, &found, why);

    if (result != QUERY_OK)
        return sql_database_lookup(result);
    question.schema = found.schema;
    read = status_rows_read(status, call->pool, &question, found.rows, why);
    if (read == OCSP_RESPONDER_LOOKUP_DONE)
        return read;
    other = status_rows_other_ca(call->pool, &question, found.rows);
    return other && is_renewed(instance, call, &question, other)
        ? status_rows_read(status, call->pool, &question, found.rows, why)
        : read;
}

static ocsp_responder_lookup_t certificate(
    void *data, const ocsp_responder_call_t *call, const char *serial,
    ocsp_responder_bytes_t *der, const char **why)
{
    instance_t *instance = data;
    schema_cache_found_t found;
    query_result_t result = schema_cache_query(
        instance->schema, call, schema_certificate_query, serial, &found, why);

    if (result != QUERY_OK)
        return sql_database_lookup(result);
    *der = rows_certificate(call->pool, found.rows, serial, why);
    return der->data ? OCSP_RESPONDER_LOOKUP_DONE
                     : OCSP_RESPONDER_LOOKUP_FAILED;
}

/* -- answers signed beforehand --------------------------------------------- */

static ocsp_responder_lookup_t stored_response(
    void *data, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query,
    const ocsp_responder_stored_t **responses, int *count, const char **why)
{
    instance_t *instance = data;
    const char *serial =
        serial_text(call->pool, query->serial, query->serial_len);
    ocsp_responder_stored_t *list;
    schema_cache_found_t found;
    query_result_t result;
    int i;

    schema_cache_forget_old(instance->schema, call->pool);
    result = schema_cache_query(instance->schema, call, schema_presigned_query,
                                serial, &found, why);
    if (result != QUERY_OK)
        return sql_database_lookup(result);
    list = apr_palloc(call->pool, (found.rows.count + 1) * sizeof(*list));
    for (i = 0; i < found.rows.count; i++)
        list[i] = rows_presigned(call->pool, found.rows.rows[i],
                                 schema_zone(found.schema, instance->zone));
    *responses = list;
    *count = found.rows.count;
    return OCSP_RESPONDER_LOOKUP_DONE;
}

/* -- what profiles object to ----------------------------------------------- */

static ocsp_responder_lookup_t django_ca_find_objection(
    void *data, const ocsp_responder_call_t *call,
    const ocsp_responder_query_t *query, ocsp_responder_objection_t what,
    const char **serial, const char **why)
{
    instance_t *instance = data;
    const objection_t objection = { what, query->ca ? query->ca->id : NULL };
    schema_cache_found_t found;
    query_result_t result;

    *serial = NULL;
    if (what == OCSP_RESPONDER_WITHOUT_HASH) /* it keeps all certificates */
        return OCSP_RESPONDER_LOOKUP_DONE;
    result = schema_cache_query(instance->schema, call, objection_query,
                                &objection, &found, why);
    *serial = result == QUERY_OK && found.rows.count > 0 ? found.rows.rows[0][0]
                                                         : NULL;
    return sql_database_lookup(result);
}

/* -------------------------------------------------------------------------- */

const ocsp_responder_source_t django_ca_source = {
    .name = "django-ca",
    .configure = django_ca_configure,
    .check = django_ca_look_into,
    .child_init = django_ca_child_init,
    .list_cas = django_ca_list_cas,
    .look_up = django_ca_look_up,
    .certificate = certificate,
    .signing_key = signing_key,
    .stored_response = stored_response,
    .find_objection = django_ca_find_objection,
};
