/* SPDX-License-Identifier: Apache-2.0
 * The Test Anything Protocol, as much as the unit tests need. */
#ifndef T_UNIT_TAP_H
#define T_UNIT_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failures;

__attribute__((format(printf, 4, 5), unused)) static int tap_ok(
    int passed, const char *file, int line, const char *name, ...)
{
    va_list args;

    printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
    va_start(args, name);
    vprintf(name, args);
    va_end(args);
    putchar('\n');
    if (!passed) {
        tap_failures++;
        printf("#   failed at %s line %d\n", file, line);
    }
    return passed;
}

__attribute__((unused)) static int tap_is(const char *got, const char *want,
                                          const char *file, int line,
                                          const char *name)
{
    int same = got == want || (got && want && strcmp(got, want) == 0);

    tap_ok(same, file, line, "%s", name);
    if (!same)
        printf("#   got:  %s\n#   want: %s\n", got ? got : "(NULL)",
               want ? want : "(NULL)");
    return same;
}

#define ok(passed, ...)     tap_ok(!!(passed), __FILE__, __LINE__, __VA_ARGS__)
#define is(got, want, name) tap_is(got, want, __FILE__, __LINE__, name)

/* The plan, and main's return value. */
__attribute__((unused)) static int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failures || tap_count == 0;
}

#endif
