/* SPDX-License-Identifier: Apache-2.0
 * How long things take, and may. The build of tests that has sanitizers is made
 * with -DSHORT_INTERVALS, and says so when it starts: the first can not be
 * waited for. */
#ifndef RESPONDER_INTERVALS_H
#define RESPONDER_INTERVALS_H

#include "apr_time.h"

#ifndef SHORT_INTERVALS
#define INTERVALS_NOTE ""

/* How often responder certificates are looked at though nobody asks. */
#define INTERVALS_MONITOR 3600 /* seconds */

#else
#define INTERVALS_NOTE    ", with short intervals: for tests only"
#define INTERVALS_MONITOR 10
#endif

/* -- databases ------------------------------------------------------------- */

/* How long anything may take that has no other limit, and how long what was
 * sent may stay without an acknowledgement. The server gives up on a query as
 * soon, lest they pile up behind a lock. */
#define INTERVALS_DRIVER 2 /* seconds */

/* How long a caller waits for a connection or a thread while none becomes free:
 * all are stuck then, and a server's threads are not for queueing up behind. */
#define INTERVALS_STALL apr_time_from_msec(250)

/* How long an idle connection is as good as one in use, and after how long its
 * other end is doubted: an answer may then take no longer than DOUBT. */
#define INTERVALS_FRESH  apr_time_from_msec(5)
#define INTERVALS_RESTED apr_time_from_msec(500)
#define INTERVALS_DOUBT  apr_time_from_msec(400)

/* How long each of several hosts has at first: a request that finds out that
 * one has fallen silent still gets its answer from the next. libpq's own limit
 * is two seconds at least. */
#define INTERVALS_HOST apr_time_from_msec(700)

/* How long nobody tries after the database was found away, or a file, which is
 * cheap to look at; then one may. */
#define INTERVALS_REST      apr_time_from_msec(500)
#define INTERVALS_FILE_REST apr_time_from_msec(50)

/* How long that one waits for a connection, and then for an answer: a thread
 * goes on with the connecting, and the next one has it. */
#define INTERVALS_TRIAL_CONNECTION apr_time_from_msec(300)
#define INTERVALS_TRIAL            apr_time_from_msec(750)

/* How long nothing is prepared after a statement could not be used. */
#define INTERVALS_UNKEPT apr_time_from_sec(10)

/* Between two tries to get SQLite's lock. */
#define INTERVALS_LOCK_FIRST 500  /* microseconds */
#define INTERVALS_LOCK_LATER 2000 /* microseconds */

/* A file that was written so recently may be written again with the same
 * times: file systems count in ticks of the clock. */
#define INTERVALS_FILE_TICK apr_time_from_msec(20)

/* How long the end of a process waits for a connection that hangs. httpd's
 * parent loses its patience with a child after three seconds. */
#define INTERVALS_CLOSING apr_time_from_msec(300)

/* How long the tables are taken for what they were. */
#define INTERVALS_SCHEMA apr_time_from_sec(60)

/* -- files of a source ----------------------------------------------------- */

/* How often they are looked at. */
#define INTERVALS_FILES apr_time_from_msec(100)

/* How long a child process waits at its start until they are known to be
 * current, and at its end until nobody looks any more. */
#define INTERVALS_FILES_START apr_time_from_sec(2)
#define INTERVALS_FILES_STOP  apr_time_from_sec(1)

/* How long something may be wrong before it is told: what looks half-written
 * mostly is soon whole. */
#define INTERVALS_FILE_WRONG apr_time_from_sec(5)

/* -- startup --------------------------------------------------------------- */

/* How long one location may take: a database, a token or a folder may hang. */
#define INTERVALS_PREFLIGHT_LOCATION 10 /* seconds */

/* How long a source may take for a location, and for all of a test. */
#define INTERVALS_PREFLIGHT_SOURCE        apr_time_from_sec(5)
#define INTERVALS_PREFLIGHT_SOURCE_IN_ALL apr_time_from_sec(10)

/* How long a page waits for CAs and signers that are not known yet, and for a
 * database that may hang. */
#define INTERVALS_PAGE_CAS      apr_time_from_sec(1)
#define INTERVALS_PAGE_DATABASE apr_time_from_msec(500)

/* How long signatures are tried for a check of health, so that all is told
 * within two seconds. */
#define INTERVALS_HEALTH apr_time_from_msec(1200)

/* A certificate that ends so soon takes the server out before an answer is
 * missing. */
#define INTERVALS_HEALTH_AHEAD apr_time_from_sec(60)

#endif
