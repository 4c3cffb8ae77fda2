/* SPDX-License-Identifier: Apache-2.0
 * kept.h: how long nothing is prepared after a statement could not be used. */
#include <stdlib.h>
#include <string.h>
#include "base/intervals.h"
#include "db/kept.h"
#include "tap.h"

int main(void)
{
    const apr_time_t now = apr_time_from_sec(1700000000);
    kept_t kept = { .end = free };

    ok(!kept_rests(&kept, now), "at first statements are prepared");
    is(kept_add(&kept, "SELECT 1", strdup("one")), "one", "one is kept");
    kept_fail(&kept, "SELECT 1", now);
    ok(!kept_find(&kept, "SELECT 1"), "  until it could not be used");
    ok(kept_rests(&kept, now + INTERVALS_UNKEPT - 1), "then none is");
    ok(!kept_rests(&kept, now + INTERVALS_UNKEPT), "  for a while");
    ok(!kept_rests(&kept, now - apr_time_from_sec(3600)),
       "  which a clock that is set back does not make longer");
    kept_end(&kept);
    return done_testing();
}
