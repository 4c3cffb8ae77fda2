/* SPDX-License-Identifier: Apache-2.0
 * How many look-ups a second a database's own library makes, with a statement
 * that is prepared once on each connection:
 *
 *   lookups_… DATABASE LIST PROCESSES SECONDS
 *
 * LIST has a serial a line, as the table has it. Prints the rate of all
 * processes together. */
#ifndef T_BENCH_LOOKUPS_H
#define T_BENCH_LOOKUPS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOKUPS_QUERY(placeholder) \
    "SELECT revoked, revoked_date, revoked_reason" \
    " FROM django_ca_certificate WHERE serial = " placeholder

/* Each library's program has these. A connection, ready to look up. */
static void *lookups_open(const char *database);

/* Whether there is exactly one row with the serial. */
static int lookups_find(void *connection, const char *serial);

/* -------------------------------------------------------------------------- */

#define LOOKUPS_MOST 20000

static char *lookups_serials[LOOKUPS_MOST];
static int lookups_count;

__attribute__((noreturn, unused)) static void lookups_fail(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static void lookups_read(const char *file)
{
    FILE *list = fopen(file, "r");
    char line[256];

    while (list && lookups_count < LOOKUPS_MOST
           && fgets(line, sizeof(line), list)) {
        line[strcspn(line, "\n")] = '\0';
        lookups_serials[lookups_count++] = strdup(line);
    }
    if (!lookups_count)
        lookups_fail("there are no serials");
    fclose(list);
}

static double lookups_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Look-ups a second, in one process. */
static double lookups_measure(const char *database, int first, double seconds)
{
    void *connection = lookups_open(database);
    double began, took;
    long n = 0;

    lookups_find(connection, lookups_serials[0]);
    began = lookups_now();
    do {
        if (!lookups_find(connection,
                          lookups_serials[(first + n) % lookups_count]))
            lookups_fail("a serial is not found");
        took = lookups_now() - began;
        n++;
    } while (took < seconds);
    return (double)n / took;
}

int main(int argc, char **argv)
{
    int processes = argc == 5 ? atoi(argv[3]) : 0, i, wires[2], status;
    double sum = 0, rate;

    if (processes < 1 || pipe(wires) != 0)
        lookups_fail("usage: lookups_… DATABASE LIST PROCESSES SECONDS");
    lookups_read(argv[2]);
    for (i = 0; i < processes; i++) {
        if (fork() == 0) {
            rate = lookups_measure(argv[1], i * lookups_count / processes,
                                   atof(argv[4]));
            _exit(write(wires[1], &rate, sizeof(rate)) != sizeof(rate));
        }
    }
    for (i = 0; i < processes; i++) {
        if (wait(&status) < 0 || status != 0
            || read(wires[0], &rate, sizeof(rate)) != sizeof(rate))
            lookups_fail("a process failed");
        sum += rate;
    }
    printf("%.0f\n", sum);
    return 0;
}

#endif
