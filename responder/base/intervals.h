/* SPDX-License-Identifier: Apache-2.0
 * Intervals that nobody can wait for. The build of tests that has sanitizers
 * is made with -DSHORT_INTERVALS, and says so when it starts. */
#ifndef RESPONDER_INTERVALS_H
#define RESPONDER_INTERVALS_H

#ifndef SHORT_INTERVALS
#define INTERVALS_NOTE ""

/* How often responder certificates are looked at though nobody asks. */
#define INTERVALS_WATCH 3600 /* seconds */

#else
#define INTERVALS_NOTE  ", with short intervals: for tests only"
#define INTERVALS_WATCH 10
#endif

#endif
