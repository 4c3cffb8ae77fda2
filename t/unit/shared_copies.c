/* SPDX-License-Identifier: Apache-2.0
 * base/shared_copies.h: one process makes a copy, the others find it, and what
 * one of them uses is never overwritten. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "base/shared_copies.h"
#include "base/watched_file.h"
#include "tap.h"

#define SIZE 100000

static apr_pool_t *pool;

static file_stamp_t stamp_of(int n)
{
    file_stamp_t stamp = { .path = "file", .size = SIZE };

    stamp.mtime = n;
    return stamp;
}

/* What the file says in its n-th state. */
static bytes_t bytes_of(int n)
{
    unsigned char *data = apr_palloc(pool, SIZE);
    const bytes_t bytes = { data, SIZE };

    memset(data, n, SIZE);
    return bytes;
}

static int is_right(bytes_t copy, int n)
{
    const bytes_t right = bytes_of(n);

    return copy.len == SIZE && !memcmp(copy.data, right.data, SIZE);
}

static shared_copies_found_t find(shared_copies_t *copies, int n, bytes_t *copy)
{
    const file_stamp_t stamp = stamp_of(n);

    return shared_copies_find(copies, pool, &stamp, copy);
}

static bytes_t make(shared_copies_t *copies, int n)
{
    const file_stamp_t stamp = stamp_of(n);

    return shared_copies_make(copies, pool, &stamp, bytes_of(n));
}

/* -- other processes ------------------------------------------------------- */

typedef int (*work_t)(shared_copies_t *copies, int n);

/* Returns whether the work, in a process of its own, found all right. */
static int in_child(work_t work, shared_copies_t *copies, int n)
{
    int status = 1;
    const pid_t pid = fork();

    if (pid == 0)
        _exit(!work(copies, n));
    waitpid(pid, &status, 0);
    return status == 0;
}

/* Starts a process that does the work, if it can, and then goes on. */
static pid_t keep_child(work_t work, shared_copies_t *copies, int n)
{
    int ends[2];
    char word = 0;
    pid_t pid;

    if (pipe(ends) != 0)
        abort();
    pid = fork();
    if (pid == 0) {
        word = work(copies, n) ? '+' : '-';
        if (write(ends[1], &word, 1) == 1)
            pause();
        _exit(1);
    }
    close(ends[1]);
    ok(read(ends[0], &word, 1) == 1 && word == '+',
       "another process has begun");
    close(ends[0]);
    return pid;
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int is_found(shared_copies_t *copies, int n)
{
    bytes_t copy = { NULL, 0 };

    return find(copies, n, &copy) == SHARED_COPIES_FOUND && is_right(copy, n);
}

static int makes(shared_copies_t *copies, int n)
{
    bytes_t copy = { NULL, 0 };

    return find(copies, n, &copy) == SHARED_COPIES_YOURS
        && is_right(make(copies, n), n);
}

static int begins_to_make(shared_copies_t *copies, int n)
{
    bytes_t copy;

    return find(copies, n, &copy) == SHARED_COPIES_YOURS;
}

/* -- tests ----------------------------------------------------------------- */

static void test_closed(void)
{
    bytes_t copy;

    ok(find(shared_copies_create(pool), 1, &copy) == SHARED_COPIES_NONE,
       "nothing is shared at first");
}

static void test_found(shared_copies_t *copies)
{
    file_stamp_t stamp = stamp_of(1);
    bytes_t copy;

    ok(makes(copies, 1), "the first process makes a copy");
    ok(is_found(copies, 1), "and finds it");
    ok(in_child(is_found, copies, 1), "so does another");
    ok(in_child(makes, copies, 2), "which makes one of a newer file");
    ok(is_found(copies, 2), "that all find");
    ok(is_found(copies, 1), "beside the first");
    stamp.ctime = 1;
    ok(shared_copies_find(copies, pool, &stamp, &copy) == SHARED_COPIES_YOURS,
       "a file that was written to, and its time set back, is another");
    shared_copies_give_up(copies);
}

static void test_busy(shared_copies_t *copies)
{
    const pid_t pid = keep_child(begins_to_make, copies, 3);
    bytes_t copy;

    ok(find(copies, 3, &copy) == SHARED_COPIES_BUSY, "it is being made");
    end_child(pid);
    ok(find(copies, 3, &copy) == SHARED_COPIES_YOURS,
       "when who makes it dies, another may");
    shared_copies_give_up(copies);
    ok(in_child(makes, copies, 3), "or yet another, when that does not");
}

static int cannot_make(shared_copies_t *copies, int n)
{
    bytes_t copy;

    return find(copies, n, &copy) == SHARED_COPIES_YOURS
        && !make(copies, n).data;
}

/* One that is in use stays, and so does the first of all. */
static void test_used(shared_copies_t *copies)
{
    pid_t one, two, three;

    apr_pool_clear(pool); /* what this process uses */
    one = keep_child(makes, copies, 10);
    two = keep_child(makes, copies, 11);
    three = keep_child(makes, copies, 12);
    ok(in_child(cannot_make, copies, 13), "there is no room for more");
    ok(is_found(copies, 10) && is_found(copies, 11) && is_found(copies, 12),
       "those in use are whole");
    apr_pool_clear(pool);
    end_child(one);
    ok(in_child(makes, copies, 13), "one that nobody uses gives its room");
    ok(!in_child(is_found, copies, 10), "and is no more");
    ok(in_child(is_found, copies, 1), "but that of the first process is");
    end_child(two);
    end_child(three);
}

/* -- a file that is watched ------------------------------------------------ */

/* Where to tell that this process hangs; 0: it does not. */
static int hanging;

static bytes_t convert(apr_pool_t *in, bytes_t bytes, const char **why)
{
    bytes_t copy = bytes_copy(in, bytes.data, bytes.len);

    (void)why;
    while (hanging && write(hanging, "+", 1) == 1)
        pause();
    return copy;
}

static void parse(apr_pool_t *in, bytes_t bytes,
                  watched_file_content_t *content)
{
    content->value = apr_pstrmemdup(in, (const char *)bytes.data, 4);
    content->is_whole = 1;
}

static void write_large(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    int i;

    if (!file)
        abort();
    fputs(text, file);
    for (i = 0; i < WATCHED_FILE_LARGE; i++)
        fputc('.', file);
    fclose(file);
}

/* Looks for so many seconds, of no clock's. */
static const char *look(watched_file_t *file, apr_time_t *now, int seconds)
{
    const char *why;
    int i;

    for (i = 0; i < 10 * seconds; i++) {
        *now += apr_time_from_msec(100);
        watched_file_look(file, *now);
    }
    return watched_file_read(file, pool, *now, &why);
}

/* A process that hangs while it makes what all share keeps no other from the
 * truth for long. */
static void test_hang(void)
{
    const char *path = apr_psprintf(pool, "/tmp/shared-copies-%d", getpid());
    watched_file_t *file = watched_file_create(pool, path, convert, parse);
    apr_time_t now = apr_time_from_sec(1800000000);
    int ends[2];
    char word;
    pid_t pid;

    write_large(path, "one\n");
    watched_file_share(file);
    is(watched_file_load(file, now), NULL, "a large file");
    unlink(path);
    write_large(path, "two\n");
    if (pipe(ends) != 0)
        abort();
    pid = fork();
    if (pid == 0) {
        hanging = ends[1];
        look(file, &now, 2);
        _exit(0);
    }
    ok(read(ends[0], &word, 1) == 1, "another process hangs in a newer");
    is(look(file, &now, 5), "one\n", "the old contents count");
    is(look(file, &now, 10), "two\n", "but not for ever");
    end_child(pid);
    unlink(path);
}

int main(void)
{
    shared_copies_t *copies;
    apr_pool_t *own;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    apr_pool_create(&own, NULL);
    test_closed();
    copies = shared_copies_create(own);
    shared_copies_open(copies);
    test_found(copies);
    test_busy(copies);
    test_used(copies);
    test_hang();
    apr_pool_destroy(own);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
