/* SPDX-License-Identifier: Apache-2.0
 * For LD_PRELOAD: what is left of MariaDB's library where another module has
 * brought in MySQL's. Functions that only one of the two has know nothing of
 * the other's connections; and MySQL's escapes no text where the session has
 * NO_BACKSLASH_ESCAPES: here, where CANNOT_ESCAPE is set. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

#define FOREIGN(name) \
    void name(void) \
    { \
        abort(); \
    }

FOREIGN(mysql_get_socket)
FOREIGN(mysql_read_query_result_start)
FOREIGN(mysql_read_query_result_cont)
FOREIGN(mysql_store_result_start)
FOREIGN(mysql_store_result_cont)
FOREIGN(mysql_real_escape_string_quote)

unsigned long mysql_real_escape_string(void *mysql, char *room,
                                       const char *text, unsigned long length)
{
    unsigned long (*real)(void *, char *, const char *, unsigned long);

    *room = '\0';
    if (getenv("CANNOT_ESCAPE"))
        return (unsigned long)-1;
    *(void **)&real = dlsym(RTLD_NEXT, "mysql_real_escape_string");
    return real(mysql, room, text, length);
}
