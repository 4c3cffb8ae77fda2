/* SPDX-License-Identifier: Apache-2.0
 * calendar_read(): any text of up to 22 characters is read within its bounds,
 * and what is taken is a time of the years 1 to 9999. */
#include "prove.h"
#include "base/calendar.h"

/* unwind: 24
 * with: responder/base/calendar.c t/prove/pools.c */
int main(void)
{
    const char *text = any_text(22);
    apr_int64_t seconds = 0;

    if (calendar_read(text, &seconds)) {
        PROVED(seconds >= -62135596800LL, "not before the year 1");
        PROVED(seconds <= 253402300799LL, "not after the year 9999");
    }
    else
        PROVED(seconds == 0, "what is refused sets nothing");
    return 0;
}
