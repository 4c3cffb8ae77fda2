/* SPDX-License-Identifier: Apache-2.0
 * base/watched_file.h: contents follow the file, and are never half of one. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "base/watched_file.h"
#include "tap.h"

/* The contents are text: lines, of which "bad" makes them useless. */

static apr_pool_t *pool;
static const char *folder, *path, *other;
static apr_time_t now;
static int failures;          /* so many times there is no memory */
static const char *meanwhile; /* what somebody writes while it is parsed */

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    if (!file || fputs(text, file) == EOF || fclose(file) != 0)
        abort();
}

static void parse(apr_pool_t *in, bytes_t bytes,
                  watched_file_content_t *content)
{
    const char *text = apr_pstrmemdup(in, (const char *)bytes.data, bytes.len);
    const char *line;

    if (meanwhile) {
        write_file(path, meanwhile);
        meanwhile = NULL;
    }
    if (failures) {
        failures--;
        content->why = "there is no memory";
        return;
    }
    if (strstr(text, "bad")) {
        content->why = "it is bad";
        return;
    }
    if (strstr(text, "odd"))
        content->why = "a line is odd";
    for (line = text; (line = strchr(line, '\n')) != NULL; line++)
        content->count++;
    content->is_whole = bytes.len == 0 || text[bytes.len - 1] == '\n';
    content->value = text;
}

static void rename_over(const char *text)
{
    write_file(other, text);
    if (rename(other, path) != 0)
        abort();
}

static watched_file_t *begin(const char *text)
{
    watched_file_t *file = watched_file_create(pool, path, NULL, parse);

    now = apr_time_from_sec(1800000000);
    unlink(path);
    if (text) {
        write_file(path, text);
        is(watched_file_load(file, now), NULL, "loaded");
    }
    return file;
}

/* Looks each tenth of a second for so many of them. The last word counts. */
static watched_file_look_t look(watched_file_t *file, int tenths)
{
    watched_file_look_t found = WATCHED_FILE_SAME, last;

    while (tenths-- > 0) {
        now += apr_time_from_msec(100);
        last = watched_file_look(file, now);
        found = found == WATCHED_FILE_CHANGED ? found : last;
    }
    return found;
}

static const char *value_of(watched_file_t *file)
{
    const char *why = NULL;
    const char *value = watched_file_read(file, pool, now, &why);

    return value ? value : why;
}

#define SAYS(file, text, name) is(value_of(file), text, name)

static void test_replaced(void)
{
    watched_file_t *file = begin("one\n");

    SAYS(file, "one\n", "what it said at first");
    ok(look(file, 10) == WATCHED_FILE_SAME, "nothing changes");
    rename_over("two\n");
    ok(look(file, 5) == WATCHED_FILE_CHANGED, "a new file is seen in time");
    SAYS(file, "two\n", "and read");
    rename_over("three\nthree\n");
    ok(look(file, 5) == WATCHED_FILE_CHANGED, "and one more");
    SAYS(file, "three\nthree\n", "that is longer");
    ok(look(file, 40) == WATCHED_FILE_SAME, "then nothing changes");
}

static void test_in_place(void)
{
    watched_file_t *file = begin("one\ntwo\n");

    write_file(path, "one\ntwo\nthree\n");
    ok(look(file, 5) == WATCHED_FILE_CHANGED, "an appended line is seen");
    SAYS(file, "one\ntwo\nthree\n", "and read");
    write_file(path, "o\nt\nt\n");
    ok(look(file, 5) == WATCHED_FILE_CHANGED, "so are other lines");
    write_file(path, "one\ntw");
    ok(look(file, 25) == WATCHED_FILE_WAITING, "half a line is not taken");
    SAYS(file, "o\nt\nt\n", "the old lines count");
    ok(watched_file_fault(file) != NULL, "which is told");
    write_file(path, "one\n");
    ok(look(file, 25) == WATCHED_FILE_WAITING, "nor is half of the lines");
    SAYS(file, "o\nt\nt\n", "the old ones count");
    write_file(path, "one\ntwo\nthree\nfour\n");
    ok(look(file, 5) == WATCHED_FILE_CHANGED, "all of them are");
    SAYS(file, "one\ntwo\nthree\nfour\n", "and read");
    is(watched_file_fault(file), NULL, "then nothing is wrong");
}

/* What was read is half of what is written: it never counts. */
static void test_meanwhile(void)
{
    watched_file_t *file = begin("one\n");
    int tenths = 0;

    write_file(path, "one\ntwo\n");
    meanwhile = "one\ntwo\nthree\n";
    while (tenths++ < 50 && look(file, 1) != WATCHED_FILE_CHANGED)
        ;
    ok(!meanwhile, "somebody writes while it is parsed");
    SAYS(file, "one\ntwo\nthree\n", "  and it is read to the end");
}

/* A writer that is always at it, a line or a half of one at a time. */
static void test_slow_writer(void)
{
    static const char text[] = "one\ntwo\nthree\nfour\nfive\n";
    watched_file_t *file = begin(text);
    int length, wrong = 0;

    for (length = 0; length < (int)sizeof(text); length++) {
        write_file(path, apr_pstrmemdup(pool, text, length));
        look(file, 3);
        wrong += strcmp(value_of(file), text) != 0;
    }
    ok(wrong == 0, "no half-written file is ever seen");
}

static void test_settled(void)
{
    watched_file_t *file = begin("one\ntwo\n");

    write_file(path, "one\n");
    look(file, 25);
    SAYS(file, "one\ntwo\n", "fewer lines wait");
    look(file, 10);
    SAYS(file, "one\n", "until the file has settled");
    write_file(path, "one\ntwo\nthr");
    look(file, 25);
    SAYS(file, "one\n", "half a line waits, too");
    look(file, 10);
    SAYS(file, "one\ntwo\nthr", "until nobody ends it");
    rename_over("");
    look(file, 25);
    SAYS(file, "one\ntwo\nthr", "an empty file waits");
    look(file, 10);
    SAYS(file, "", "until it stays empty");
}

/* Renames that never end still let something be read. */
static void test_storm(void)
{
    watched_file_t *file = begin("0\n");
    int i, changed = 0, wrong = 0;

    for (i = 1; i <= 100; i++) {
        rename_over(apr_psprintf(pool, "%d\n", i));
        changed += look(file, 1) == WATCHED_FILE_CHANGED;
        wrong += i - atoi(value_of(file)) > 5;
    }
    ok(changed >= 20, "in a storm of renames new contents come");
    ok(wrong == 0, "none of them late");
    look(file, 5);
    SAYS(file, "100\n", "and the last");
}

static void test_useless(void)
{
    watched_file_t *file = begin("one\n");

    rename_over("bad\n");
    ok(look(file, 100) == WATCHED_FILE_WAITING, "a bad file is not taken");
    SAYS(file, "one\n", "what it said before counts");
    is(watched_file_fault(file), "it is bad", "the fault is told");
    rename_over("odd\n");
    ok(look(file, 5) == WATCHED_FILE_CHANGED, "one with an odd line is");
    is(watched_file_fault(file), "a line is odd", "the oddity is told");
    SAYS(file, "odd\n", "but does no harm");
}

static void test_no_memory(void)
{
    watched_file_t *file = begin("one\n");

    failures = 2;
    rename_over("two\n");
    ok(look(file, 50) == WATCHED_FILE_WAITING, "without memory it waits");
    SAYS(file, "one\n", "what it said before counts");
    ok(look(file, 90) == WATCHED_FILE_CHANGED, "it is tried again");
    SAYS(file, "two\n", "and read");
    failures = 1;
    ok(watched_file_load(file, now) != NULL, "nor may there be at a start");
    ok(look(file, 110) == WATCHED_FILE_CHANGED, "then it is tried again, too");
    SAYS(file, "two\n", "and read");
}

static void test_gone(void)
{
    watched_file_t *file = begin("one\n");

    unlink(path);
    ok(look(file, 20) == WATCHED_FILE_WAITING, "a file that goes may come");
    SAYS(file, "one\n", "what it said counts for a while");
    ok(look(file, 20) == WATCHED_FILE_LOST, "then no more");
    ok(strncmp(value_of(file), "it cannot be opened: ", 21) == 0, "%s",
       value_of(file));
    write_file(path, "two\n");
    ok(look(file, 5) == WATCHED_FILE_CHANGED, "when it comes it is read");
    SAYS(file, "two\n", "again");
    unlink(path);
    look(file, 10);
    write_file(path, "three\n");
    look(file, 5);
    SAYS(file, "three\n", "as it is when it was away for a moment");
}

static void test_never_there(void)
{
    watched_file_t *file = begin(NULL);

    SAYS(file, "it has not been read yet", "nothing is known at first");
    ok(watched_file_load(file, now) != NULL, "there is no file");
    ok(strncmp(value_of(file), "it cannot be opened: ", 21) == 0, "%s",
       value_of(file));
    write_file(path, "bad\n");
    ok(look(file, 50) == WATCHED_FILE_WAITING, "a bad one does not count");
    is(value_of(file), "it is bad", "which is told");
    write_file(path, "one\ntw");
    look(file, 20);
    ok(strcmp(value_of(file), "one\ntw") != 0, "nor half of one, at first");
    write_file(path, "one\n");
    ok(look(file, 5) == WATCHED_FILE_CHANGED, "a good one does");
    SAYS(file, "one\n", "at once");
    rename_over("bad\n");
    ok(watched_file_load(file, now) != NULL, "loaded anew, it is bad");
}

/* A child that begins with its parent's contents. */
static void test_doubt(void)
{
    watched_file_t *file = begin("one\n");

    rename_over("two\n");
    watched_file_doubt(file);
    SAYS(file, "it has not been read yet", "what is inherited may be old");
    look(file, 1);
    SAYS(file, "it has not been read yet", "it is");
    look(file, 4);
    SAYS(file, "two\n", "so the new contents are waited for");
    watched_file_doubt(file);
    look(file, 1);
    SAYS(file, "two\n", "if they are current, not for long");
}

static void test_hanging(void)
{
    watched_file_t *file = begin("one\n");
    const char *why;

    look(file, 1);
    ok(watched_file_read(file, pool, now + apr_time_from_sec(14), &why) != NULL,
       "a look may take long");
    ok(!watched_file_read(file, pool, now + apr_time_from_sec(17), &why),
       "but not for ever");
    is(why, "its file system does not answer", "as is told");
    ok(watched_file_last(file, pool, &why) != NULL, "but can be had");
}

/* A reader keeps what it has read while it is replaced. */
static void test_readers(void)
{
    watched_file_t *file = begin("one\n");
    const char *value = value_of(file);

    rename_over("two\n");
    look(file, 5);
    is(value, "one\n", "old contents stay with their readers");
}

int main(void)
{
    char name[] = "/tmp/watched_file.XXXXXX";

    apr_initialize();
    apr_pool_create(&pool, NULL);
    folder = mkdtemp(name);
    path = apr_pstrcat(pool, folder, "/file", NULL);
    other = apr_pstrcat(pool, folder, "/file.new", NULL);
    test_replaced();
    test_in_place();
    test_meanwhile();
    test_slow_writer();
    test_settled();
    test_storm();
    test_useless();
    test_no_memory();
    test_gone();
    test_never_there();
    test_doubt();
    test_hanging();
    test_readers();
    unlink(path);
    rmdir(folder);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
