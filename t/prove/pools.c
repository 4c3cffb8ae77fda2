/* SPDX-License-Identifier: Apache-2.0
 * Pools that never give memory back, and what CBMC has no body for. */
#include <stdlib.h>
#include <string.h>
#include "apr_pools.h"
#include "apr_strings.h"
#include "prove.h"

void *apr_palloc(apr_pool_t *pool, apr_size_t size)
{
    void *memory = malloc(size);

    (void)pool;
    ASSUME(memory != NULL);
    return memory;
}

void *memchr(const void *bytes, int byte, size_t len)
{
    const unsigned char *at = bytes;

    for (; len > 0; at++, len--)
        if (*at == (unsigned char)byte)
            return (void *)at;
    return NULL;
}

size_t strcspn(const char *text, const char *reject)
{
    size_t len = 0;

    while (text[len] && !strchr(reject, text[len]))
        len++;
    return len;
}

size_t strspn(const char *text, const char *accept)
{
    size_t len = 0;

    while (text[len] && strchr(accept, text[len]))
        len++;
    return len;
}

char *apr_pstrmemdup(apr_pool_t *pool, const char *text, apr_size_t len)
{
    char *copy = apr_palloc(pool, len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
