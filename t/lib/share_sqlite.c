/* SPDX-License-Identifier: Apache-2.0
 * For LD_PRELOAD: another module of httpd's has all connections to an SQLite
 * file of the process share a cache. */
#include <dlfcn.h>
#include <stdlib.h>

__attribute__((constructor)) static void share(void)
{
    void *library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_GLOBAL);
    int (*enable)(int);

    *(void **)&enable =
        library ? dlsym(library, "sqlite3_enable_shared_cache") : NULL;
    if (!enable)
        abort();
    enable(1);
}
