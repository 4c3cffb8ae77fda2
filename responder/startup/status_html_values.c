/* SPDX-License-Identifier: Apache-2.0 */
#include "apr_strings.h"

#include "base/calendar.h"
#include "base/intervals.h"
#include "startup/status_html.h"

const char *status_html_text(request_rec *r, const char *text)
{
    return ap_escape_html(r->pool, text);
}

const char *status_html_date(apr_pool_t *pool, double seconds)
{
    return apr_psprintf(pool, "%.16s UTC",
                        calendar_text(pool, (apr_int64_t)seconds));
}

const char *status_html_distance(apr_pool_t *pool, double seconds)
{
    static const struct {
        apr_int64_t seconds;
        const char *name;
    } units[] = {
        { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" }
    };
    const apr_int64_t ahead =
        (apr_int64_t)(seconds - (double)apr_time_sec(apr_time_now()));
    const int is_past = ahead <= 0; /* what is now has just been */
    const apr_int64_t size = is_past ? -ahead : ahead;
    apr_int64_t count;
    unsigned i = 0;

    while (i < 3 && size < 2 * units[i].seconds)
        i++;
    count = size / units[i].seconds;
    return apr_psprintf(pool, "%s%" APR_INT64_T_FMT " %s%s%s",
                        is_past ? "" : "in ", count, units[i].name,
                        count == 1 ? "" : "s", is_past ? " ago" : "");
}

/* What ends soon is pointed out. */
static const char *date_cell(apr_pool_t *pool, double seconds, int is_deadline)
{
    double now = (double)apr_time_sec(apr_time_now());
    const char *date = status_html_date(pool, seconds);

    if (is_deadline && seconds - now < (double)apr_time_sec(INTERVALS_ENDING))
        date = apr_pstrcat(pool, "<em>", date, "</em>", NULL);
    return apr_pstrcat(pool, date, "<br><i>",
                       status_html_distance(pool, seconds), "</i>", NULL);
}

const char *status_html_value(request_rec *r, const status_family_t *family,
                              double value)
{
    switch (family->unit) {
    case STATUS_TIMESTAMP:
    case STATUS_DEADLINE:
        return date_cell(r->pool, value, family->unit == STATUS_DEADLINE);
    case STATUS_YES:
        return value > 0 ? "yes" : "<em>no</em>";
    case STATUS_SECONDS:
        return apr_pstrcat(r->pool, "<b>", status_number(r->pool, value),
                           "</b> s", NULL);
    default:
        return apr_pstrcat(r->pool, value > 0 ? "<b>" : "<i>",
                           status_number(r->pool, value),
                           value > 0 ? "</b>" : "</i>", NULL);
    }
}
