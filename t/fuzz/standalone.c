/* SPDX-License-Identifier: Apache-2.0
 * Replays a corpus through a fuzz target, for compilers without libFuzzer:
 * every file named, and every file of every folder named. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count, failures;

static void result(int passed, const char *what, const char *path)
{
    printf("%sok %d - %s%s\n", passed ? "" : "not ", ++count, what, path);
    fflush(stdout); /* the next one may abort */
    failures += !passed;
}

/* Returns how many were replayed. */
static int replay_file(const char *path, off_t size)
{
    uint8_t *data = malloc((size_t)size); /* exact, for the sanitizers */
    FILE *file = fopen(path, "rb");
    int whole = file && (data || !size)
        && fread(data, 1, (size_t)size, file) == (size_t)size;

    if (whole)
        LLVMFuzzerTestOneInput(data, (size_t)size);
    result(whole, "", path);
    if (file)
        fclose(file);
    free(data);
    return whole;
}

static int replay(const char *path);

static int replay_folder(const char *path)
{
    struct dirent **entries;
    char name[4096];
    int i, n = scandir(path, &entries, NULL, alphasort), replayed = 0;

    for (i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            replayed += replay(name);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return replayed;
}

static int replay(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return 0;
    return S_ISDIR(info.st_mode) ? replay_folder(path)
                                 : replay_file(path, info.st_size);
}

int main(int argc, char **argv)
{
    int i, replayed = 0;

    for (i = 1; i < argc; i++) {
        int n = replay(argv[i]);

        if (n == 0)
            result(0, "nothing to replay in ", argv[i]);
        replayed += n;
    }
    if (argc < 2)
        result(0, "no corpus is named", "");
    printf("1..%d\n", count);
    return failures || replayed == 0;
}
