/* SPDX-License-Identifier: Apache-2.0
 * Every fixed interval, so that those which depend on each other stand side by
 * side. In microseconds where nothing else is said. The build of tests that has
 * sanitizers is made with -DSHORT_INTERVALS, which shortens what nobody can
 * wait for, and says so when it starts. */
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

/* -- requests -------------------------------------------------------------- */

/* No deadline lies further ahead; where one does, the clock was set back. */
#define INTERVALS_LONGEST apr_time_from_sec(20)

/* Between two looks where a wait does not wait. */
#define INTERVALS_DEADLINE_POLL 1000 /* microseconds */

/* How long a request may wait for its source altogether. */
#define INTERVALS_REQUEST apr_time_from_msec(1500)

/* What Retry-After asks of a client that is told tryLater. */
#define INTERVALS_RETRY_AFTER 5 /* seconds */

/* How often a fault is told in the log by all processes together. */
#define INTERVALS_LOG 60 /* seconds */

/* -- CAs, keys and certificates -------------------------------------------- */

/* How long a failure is left alone, and files are not looked at again. */
#define INTERVALS_LOOK apr_time_from_sec(1)

/* How long a set of CAs that may change stands; longer when it takes long, so
 * that it costs no more than a fifth of a thread's time, … */
#define INTERVALS_CAS       apr_time_from_sec(2)
#define INTERVALS_CAS_TIMES 5
#define INTERVALS_CAS_MOST  apr_time_from_sec(12)

/* … and longer when it is large, so that fewer than one request in a hundred
 * share the processors with it: a CA takes about six microseconds. */
#define INTERVALS_CAS_EACH (apr_time_t)700

/* How long the certificates of CAs that seem not to have changed are taken for
 * what they were. */
#define INTERVALS_CAS_KNOWN apr_time_from_sec(60)

/* A set this old, after nobody has asked for a while, answers nobody: older
 * than one becomes that is asked for. */
#define INTERVALS_CAS_STALE apr_time_from_sec(18)

/* How long a request that comes after that waits for a look at the files; if
 * they hang, what is known answers it. */
#define INTERVALS_CATCH_UP apr_time_from_msec(500)

/* How long a thread that makes an authority, or lists CAs, may wait for the
 * source. */
#define INTERVALS_RENEWAL apr_time_from_sec(5)

/* How long an authority that nobody signs for stays as it is. */
#define INTERVALS_NO_SIGNER apr_time_from_sec(10)

/* A pair of two files is bad while only one of them is new. */
#define INTERVALS_HALF_RENEWED apr_time_from_sec(5)

/* When who renews a responder certificate by hand is told that it ends, however
 * short its life. */
#define INTERVALS_ENDING apr_time_from_sec(14 * 24 * 3600)

/* How often a running server tells so, but for the last time as long, when it
 * does at each look. */
#define INTERVALS_ENDING_TOLD apr_time_from_sec(24 * 3600)

/* How long a program may take that prints a pass phrase, and how often it is
 * looked whether it has done so. */
#define INTERVALS_EXEC      10 /* seconds */
#define INTERVALS_EXEC_POLL apr_time_from_msec(10)

/* -- threads -------------------------------------------------------------- */

/* When what is to be done by deadline has to begin: who waits for its turn for
 * longer has too little time left, and would take for stuck what is only busy.
 */
#define INTERVALS_BEGIN_BY(now, deadline) \
    ((deadline) - ((deadline) - (now)) / 4)

/* Nobody waits for a renewal that has taken so long already: a server's threads
 * are not for queueing up behind what hangs. */
#define INTERVALS_TASK_HANG apr_time_from_msec(1500)

/* How long the end of a process waits for work, and how often it looks. httpd's
 * parent loses its patience with a child after three seconds. */
#define INTERVALS_CLOSING      apr_time_from_msec(300)
#define INTERVALS_CLOSING_LOOK apr_time_from_msec(5)

/* -- files that are watched ------------------------------------------------ */

/* How long a file must lie still before it is read, … */
#define INTERVALS_FILE_QUIET apr_time_from_msec(200)

/* … before contents are taken that look like half of a file. */
#define INTERVALS_FILE_SETTLED apr_time_from_sec(3)

/* … and before those that were no use are read again: that may have been for
 * want of memory. */
#define INTERVALS_FILE_USELESS apr_time_from_sec(10)

/* How long the old contents count when there is no file that can be read:
 * `openssl ca` moves the old one away before the new one comes. */
#define INTERVALS_FILE_GRACE apr_time_from_sec(3)

/* How old the last look may be: on a file system that hangs, nobody knows what
 * the file says now. */
#define INTERVALS_FILE_LOOKED apr_time_from_sec(15)

/* How long another process is waited for that is about to make what all share.
 */
#define INTERVALS_FILE_MAKING apr_time_from_sec(10)

/* -- the cache of answers -------------------------------------------------- */

/* How long a busy mutex is tried, with the processor yielded between. */
#define INTERVALS_CACHE_MUTEX apr_time_from_msec(2)

/* How long a request waits for a cache that may hang: less would take a slow
 * network for a fault, and signing takes some milliseconds at most. */
#define INTERVALS_CACHE_WAIT apr_time_from_msec(250)

/* How long nobody tries after it failed; then one may. */
#define INTERVALS_CACHE_REST apr_time_from_msec(500)

/* How often a provider that does not look at each entry's end may drop what has
 * ended. */
#define INTERVALS_CACHE_EXPIRY apr_time_from_sec(600)

/* How long one thread has for signing anew before another may try. */
#define INTERVALS_CACHE_CLAIM 10 /* seconds */

/* -- tokens ---------------------------------------------------------------- */

/* How long a signature may take, … */
#define INTERVALS_TOKEN_WAIT apr_time_from_msec(1500)

/* … and when one that is under way will not come any more. */
#define INTERVALS_TOKEN_HANG apr_time_from_msec(1800)

/* How long a thread waits for one of those that use the token to be done: they
 * may all be stuck. */
#define INTERVALS_TOKEN_STALL apr_time_from_msec(250)

/* After a signature that took longer: how long nobody tries, and how long the
 * one waits who does then. */
#define INTERVALS_TOKEN_REST  apr_time_from_msec(500)
#define INTERVALS_TOKEN_TRIAL apr_time_from_msec(400)

/* How often a token that is not there is looked for, and when it will not be
 * opened any more. */
#define INTERVALS_TOKEN_RETRY   apr_time_from_sec(1)
#define INTERVALS_TOKEN_OPENING apr_time_from_sec(15)

/* After how long it is probed whether others can open it, before it has been
 * given a PIN: another attempt with a PIN might be one too many. How long a
 * probe may take, and how long none is made after one in vain. */
#define INTERVALS_TOKEN_REACHING    apr_time_from_sec(1)
#define INTERVALS_TOKEN_PROBE       apr_time_from_msec(1500)
#define INTERVALS_TOKEN_PROBE_PAUSE apr_time_from_sec(1)

/* How long others may finish when the process that holds a token ends itself.
 */
#define INTERVALS_TOKEN_FAREWELL apr_time_from_msec(200)

/* How long the rest of a request may take that has begun to come, and an answer
 * to be written: a socket has room for it. */
#define INTERVALS_TOKEN_ARRIVAL   apr_time_from_sec(1)
#define INTERVALS_TOKEN_DEPARTURE apr_time_from_sec(1)

/* How often it is looked at whether the token still signs with the key. */
#define INTERVALS_TOKEN_CHECKED apr_time_from_msec(100)

/* How often its main thread looks after the others, who waits for a login looks
 * for its turn, and who waits for a message at the clock. */
#define INTERVALS_TOKEN_LOOK         100 /* milliseconds */
#define INTERVALS_TOKEN_LOGIN_LOOK   apr_time_from_msec(20)
#define INTERVALS_TOKEN_MESSAGE_LOOK apr_time_from_msec(20)

/* How often the log tells that such a process is started anew. */
#define INTERVALS_TOKEN_LOG apr_time_from_sec(60)

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

/* How old a connection gets on which a query could not be answered: another may
 * be, and where none is, that many are made. */
#define INTERVALS_UNABLE apr_time_from_sec(5)

/* How long nothing is prepared after a statement could not be used. */
#define INTERVALS_UNKEPT apr_time_from_sec(10)

/* Between two tries to get SQLite's lock. */
#define INTERVALS_LOCK_FIRST 500  /* microseconds */
#define INTERVALS_LOCK_LATER 2000 /* microseconds */

/* A file that was written so recently may be written again with the same
 * times: file systems count in ticks of the clock. */
#define INTERVALS_FILE_TICK apr_time_from_msec(20)

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
