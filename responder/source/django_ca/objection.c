/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/objection.h"

#include "apr_strings.h"

/* Each release spells reasons in its own way. */
#define REVOKED \
    " = ? AND revoked AND LOWER(REPLACE(COALESCE(revoked_reason, ''), '_', " \
    "''))"
#define HELD        REVOKED " = 'certificatehold'"
#define UNEXPLAINED REVOKED " IN ('', 'unspecified')"

db_query_t objection_query(apr_pool_t *pool, const schema_t *schema,
                           const void *data)
{
    const objection_t *objection = data;
    const char *serial =
        dialect_write(pool, schema_dialect(schema), DIALECT_TEXT, "serial");
    db_query_t query = { .columns = OBJECTION_WIDTH };
    const char **arguments = apr_palloc(pool, 2 * sizeof(*arguments));

    arguments[0] = arguments[1] = objection->id;
    query.arguments = arguments;
    if (objection->what == OCSP_RESPONDER_ON_HOLD) {
        query.text = apr_pstrcat(pool, "SELECT ", serial,
                                 " FROM " TABLE_CERTIFICATES " WHERE ca_id" HELD
                                 " UNION ALL SELECT ",
                                 serial,
                                 " FROM " TABLE_AUTHORITIES
                                 " WHERE parent_id" HELD " LIMIT 1",
                                 NULL);
        query.count = 2;
    }
    else {
        query.text = apr_pstrcat(pool, "SELECT ", serial,
                                 " FROM " TABLE_AUTHORITIES
                                 " WHERE parent_id" UNEXPLAINED " LIMIT 1",
                                 NULL);
        query.count = 1;
    }
    return query;
}
