/* SPDX-License-Identifier: Apache-2.0 */
#include "startup/report.h"

#include <unistd.h>

#include "apr_strings.h"

void report_write(const reporter_t *reporter, int kind, int at,
                  const char *format, ...)
{
    char line[REPORT_LINE_MAX], *text, *at_break;
    va_list args;
    int length;

    text = line
        + apr_snprintf(line, sizeof(line), "%d %d %d ", reporter->number, kind,
                       at);
    va_start(args, format);
    apr_vsnprintf(text, line + sizeof(line) - 1 - text, format, args);
    va_end(args);
    for (at_break = text; *at_break; at_break++)
        if (*at_break == '\n' || *at_break == '\r')
            *at_break = ' ';
    if (reporter->record) {
        const report_line_t made = {
            kind, at, apr_pstrdup(reporter->record->pool, text)
        };

        APR_ARRAY_PUSH(reporter->record, report_line_t) = made;
    }
    *at_break++ = '\n';
    length = (int)(at_break - line);
    if (write(reporter->out, line, length) != length)
        _exit(1);
}

void report_again(const reporter_t *reporter, const apr_array_header_t *record)
{
    int i;

    for (i = 0; i < record->nelts; i++) {
        const report_line_t *line = &APR_ARRAY_IDX(record, i, report_line_t);

        report_write(reporter, line->kind, line->at, "%s", line->text);
    }
}
