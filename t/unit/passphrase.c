/* SPDX-License-Identifier: Apache-2.0
 * Key files, and pass phrases out of files and programs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apr_file_info.h"
#include "apr_general.h"
#include "apr_strings.h"
#include "ocsp/key_file.h"

/* The part itself, less patient with programs than it is in the module. */
#include "base/intervals.h"
#undef INTERVALS_EXEC
#define INTERVALS_EXEC 2
#include "ocsp/passphrase.c"

#include "handmade.h"
#include "tap.h"

#define MIB (1024 * 1024)

static char folder[] = "/tmp/passphrase-XXXXXX";

/* Writes a file into the folder. Returns its path. */
static char *put(const char *name, bytes_t content, int mode)
{
    char *path = apr_pstrcat(pool, folder, "/", name, NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, content.data, content.len) != (long)content.len
        || fchmod(fd, (mode_t)mode) != 0 || close(fd) != 0) {
        printf("Bail out! cannot write %s\n", path);
        exit(2);
    }
    return path;
}

static void remove_folder(void)
{
    apr_finfo_t info;
    apr_dir_t *dir;

    apr_dir_open(&dir, folder, pool);
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS)
        if (info.name[0] != '.')
            unlink(apr_pstrcat(pool, folder, "/", info.name, NULL));
    apr_dir_close(dir);
    ok(rmdir(folder) == 0, "nothing is left behind");
}

static void contains(const char *why, const char *part, const char *name)
{
    if (!ok(why && strstr(why, part), "%s", name))
        printf("#   got:      %s\n#   expected: %s\n", why ? why : "(NULL)",
               part);
}

/* -- files ----------------------------------------------------------------- */

static void file_is(const char *path, bytes_t content, const char *name)
{
    const char *why = NULL;
    const bytes_t got = key_file_read(pool, path, &why);

    ok(got.data && got.len == content.len
           && memcmp(got.data, content.data, content.len) == 0,
       "%s", name);
}

static void file_fails(const char *path, const char *part, const char *name)
{
    const char *why = NULL;

    ok(!key_file_read(pool, path, &why).data, "%s is refused", name);
    contains(why, part, "… because of that");
    contains(why, path, "… and the file is named");
}

static void test_files(void)
{
    bytes_t any = bytes("a\0b\n\xff", 5), large = filled(0, MIB + 1);
    char *fifo = apr_pstrcat(pool, folder, "/fifo", NULL);

    file_is(put("plain", any, 0600), any, "every byte of a file");
    file_is(put("empty", text(""), 0600), text(""), "an empty file");
    file_fails(put("large", large, 0600), "larger than 1 MiB",
               "a file of 1 MiB and a byte");
    large.len--;
    file_is(put("large", large, 0600), large, "one of 1 MiB");
    file_fails(apr_pstrcat(pool, folder, "/none", NULL), "No such file",
               "a file that is not there");
    file_fails(folder, "is not a file", "a folder");
    ok(mkfifo(fifo, 0600) == 0, "a named pipe");
    file_fails(fifo, "is not a file", "a named pipe");
    if (geteuid() != 0)
        file_fails(put("closed", text("x"), 0), "has no right to",
                   "a file that may not be read");
}

/* -- pass phrases ---------------------------------------------------------- */

static void phrase_is(const char *source, bytes_t phrase, const char *name)
{
    const char *why = NULL;
    const bytes_t got = passphrase_read(pool, source, &why);

    if (!ok(got.data && got.len == phrase.len
                && memcmp(got.data, phrase.data, phrase.len) == 0,
            "%s", name))
        printf("#   why: %s\n", why ? why : "(NULL)");
}

static void phrase_fails(const char *source, const char *part, const char *name)
{
    const char *why = NULL;

    ok(!passphrase_read(pool, source, &why).data, "%s", name);
    contains(why, part, "… and says so");
}

static char *file_of(const char *content, apr_size_t len)
{
    return apr_pstrcat(pool, "file:", put("phrase", bytes(content, len), 0600),
                       NULL);
}

static void test_phrase_files(void)
{
    char *longest = memset(apr_pcalloc(pool, 1026), 'x', 1024);

    phrase_is(file_of("secret\n", 7), text("secret"), "the line of a file");
    phrase_is(file_of("secret", 6), text("secret"), "without its line break");
    phrase_is(file_of("secret\r\n", 8), text("secret"), "with CR LF");
    phrase_is(file_of("one\ntwo\n", 8), text("one"), "the first of two lines");
    phrase_is(file_of(" a b \n", 6), text(" a b "), "spaces belong to it");
    phrase_is(file_of("a\0b\n", 4), bytes("a\0b", 3), "a NUL too");
    phrase_is(file_of(longest, 1024), text(longest), "1024 bytes");
    longest[1024] = 'x';
    phrase_fails(file_of(longest, 1025), "must be 1 to 1024 bytes", "1025");
    phrase_fails(file_of("", 0), "must be 1 to 1024 bytes", "an empty file");
    phrase_fails(file_of("\nsecond\n", 8), "must be 1 to 1024 bytes",
                 "an empty first line");
    phrase_fails(file_of("\r\n", 2), "must be 1 to 1024 bytes", "CR LF");
    phrase_fails("file:/nonexistent", "/nonexistent", "no such file");
    phrase_fails("file:relative", "neither", "a relative path");
    phrase_fails("/etc/passwd", "neither", "a path alone");
    phrase_fails("", "neither", "nothing");
    phrase_fails("exe", "neither", "a word");
}

static int open_files(void)
{
    int fd, count = 0;

    for (fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

/* A program named name that runs a shell script. */
static char *program(const char *name, const char *script)
{
    char *whole = apr_pstrcat(pool, "#!/bin/sh\n", script, "\n", NULL);

    return apr_pstrcat(pool, "exec:", put(name, text(whole), 0700), NULL);
}

static void test_phrase_programs(void)
{
    char *blank = program("with space;$HOME", "echo secret");

    phrase_is(program("p", "echo secret"), text("secret"), "exec: a line");
    phrase_is(program("p", "printf secret"), text("secret"), "exec: bare");
    phrase_is(program("p", "printf 'one\\ntwo\\n'"), text("one"),
              "exec: the first of two");
    phrase_is(program("p", "printf 'a\\000b\\n'"), bytes("a\0b", 3),
              "exec: a NUL");
    phrase_is(program("p", "printf a; sleep 0.1; echo b"), text("ab"),
              "exec: in pieces");
    phrase_is(program("p", "echo a; exec >&-; sleep 0.1"), text("a"),
              "exec: closed before the end");
    phrase_is(program("p", "echo a; sleep 3 & exit 0"), text("a"),
              "exec: something left behind holds the pipe");
    phrase_is(program("p", "cat; echo $#"), text("0"),
              "exec: no input, no arguments");
    phrase_is(program("p", "echo $TEST_CREDENTIAL"), text("inherited"),
              "exec: the environment");
    phrase_is(program("p", "echo a; head -c 60000 /dev/zero"), text("a"),
              "exec: 60 kB of more");
    phrase_is(blank, text("secret"), "exec: a name that a shell would split");
}

static void test_phrase_programs_fail(void)
{
    char *data = apr_pstrcat(pool, "exec:", put("data", text("x"), 0600), NULL);

    phrase_fails(program("p", "echo a; exit 3"), "ended with status 3",
                 "exec: a failure");
    phrase_fails(program("p", "echo a; kill -TERM $$"), "ended with signal 15",
                 "exec: a signal");
    phrase_fails(program("p", "exit 0"), "must be 1 to 1024", "exec: silence");
    phrase_fails(program("p", "head -c 1025 /dev/zero"), "must be 1 to 1024",
                 "exec: too long a line");
    phrase_fails(program("p", "exec cat /dev/zero"), "64 KiB",
                 "exec: without end");
    phrase_fails("exec:/nonexistent", "cannot run /nonexistent",
                 "exec: no such program");
    phrase_fails(data, "cannot run", "exec: not executable");
    phrase_fails("exec:program", "neither", "exec: a relative path");
    phrase_fails(program("p", "echo a; exec sleep 60"), "2 seconds",
                 "exec: one that hangs");
}

static void test_phrases(void)
{
    int before = open_files();

    setenv("TEST_CREDENTIAL", "inherited", 1);
    test_phrase_files();
    test_phrase_programs();
    test_phrase_programs_fail();
    ok(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "no zombie");
    ok(open_files() == before, "no descriptor is lost");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (!mkdtemp(folder))
        return 2;
    test_files();
    test_phrases();
    remove_folder();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
