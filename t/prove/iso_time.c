/* SPDX-License-Identifier: Apache-2.0
 * read_iso(): any text of up to 27 characters is read within its bounds; the
 * calendar gets its first nineteen, and what is taken says whether it has a
 * zone, which is less than a day from UTC. What the calendar makes of the
 * nineteen is taken to be anything here: calendar.c has that. */
#include "prove.h"
#include "../../responder/source/table/table_value.c"

static char clock_read[20];

int calendar_read(const char *text, apr_int64_t *seconds)
{
    memcpy(clock_read, text, sizeof(clock_read));
    *seconds = 1;
    return nondet_int() != 0;
}

/* unwind: 32
 * unwindset: strchr.0:66
 * each: 27
 * with: t/prove/pools.c */
int main(void)
{
    const char *text = any_text_of(LENGTH);
    apr_int64_t seconds = 0;
    int offset = 0, has_offset = 0, i;

    if (!read_iso(text, &seconds, &offset, &has_offset))
        return 0;
    PROVED(LENGTH >= 19, "no time is shorter");
    PROVED(seconds == 1 && !clock_read[19], "the calendar was asked");
    for (i = 0; i < 19; i++)
        PROVED(clock_read[i] == text[i] || (i == 10 && text[i] == 'T'),
               "of what the text begins with");
    PROVED(offset > -86400 && offset < 86400, "a zone is not days away");
    PROVED(has_offset
               || (offset == 0
                   && (LENGTH == 19 || text[19] == '.'
                       || (LENGTH == 20 && text[19] == ' '))),
           "only a fraction and a blank are no zone");
    return 0;
}
