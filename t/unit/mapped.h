/* SPDX-License-Identifier: Apache-2.0
 * What a process has of the machine's memory. */
#ifndef T_UNIT_MAPPED_H
#define T_UNIT_MAPPED_H

#include <stdio.h>

/* Bytes that this process can write to; 0: the system does not tell, or a
 * sanitizer keeps what has been given back. What is in memory would do, too,
 * but for an emulated processor's: there it is the emulator's with all it
 * keeps. */
static long mapped(void)
{
    long sum = 0;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    FILE *file = fopen("/proc/self/maps", "r");
    unsigned long from, to;
    char rights[5];

    while (file && fscanf(file, "%lx-%lx %4s%*[^\n]", &from, &to, rights) == 3)
        sum += rights[1] == 'w' ? (long)(to - from) : 0;
    if (file)
        fclose(file);
#endif
    return sum;
}

#endif
