/* SPDX-License-Identifier: Apache-2.0
 * What a process holds of the machine's memory. */
#ifndef T_UNIT_RESIDENT_H
#define T_UNIT_RESIDENT_H

#include <stdio.h>
#include <unistd.h>

/* Bytes of this process that are in memory; 0: the system does not tell,
 * or a sanitizer keeps what has been given back. */
static long resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long all = 0, in_memory = 0;

    if (!file || fscanf(file, "%ld %ld", &all, &in_memory) != 2)
        in_memory = 0;
    if (file)
        fclose(file);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    in_memory = 0;
#endif
    return in_memory * sysconf(_SC_PAGESIZE);
}

#endif
