/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>

#include "base/deadline.h"

static const driver_t *const drivers[] = { &sqlite_driver, &pgsql_driver,
                                           &mysql_driver };

const driver_t *driver_find(const char *name)
{
    unsigned i;

    for (i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    }
    return NULL;
}

int driver_is_silent(int socket)
{
    struct pollfd wire = { .fd = socket, .events = POLLIN };

    return poll(&wire, 1, 0) == 0;
}

driver_result_t driver_wait(int socket, apr_time_t deadline)
{
    struct pollfd wire = { .fd = socket, .events = POLLIN };
    int ready;

    /* A server on this machine often answers meanwhile, so that this thread
     * need not be put to sleep and woken, which costs more than the look. */
    sched_yield();
    do {
        apr_interval_time_t left = deadline_left(deadline);

        if (left <= 0)
            return DRIVER_LATE;
        ready = poll(&wire, 1, (int)(left / 1000) + 1);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return DRIVER_LATE;
    return ready > 0 ? DRIVER_DONE : DRIVER_LOST;
}
