/* SPDX-License-Identifier: Apache-2.0
 * A library for LD_PRELOAD that makes the n-th call fail of those that can:
 * memory, files and sockets where our module, libcrypto or a database's client
 * asks for them, and each function of libcrypto, APR and the clients that our
 * module calls. Pools of APR are left alone: httpd ends the process when they
 * cannot grow, by its own design.
 *
 * The file that TORTURE names is what the test writes and reads: see state_t.
 * Functions have eight arguments here, whatever they really have: on all usual
 * ABIs the rest is ignored. Nothing of theirs is declared, so none is missed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    OFF,
    COUNT,   /* nothing fails */
    ONE,     /* the target-th call fails */
    ALL,     /* … and all behind it */
    MEASURE, /* the next call measures memory */
    LIST,    /* nothing fails; places are noted */
};

/* Where a call is made, and through which functions of our module; when another
 * library makes it, through which one alone: libcrypto's readers call
 * themselves in thousands of ways, which our module does not see. */
typedef struct {
    uint64_t at, through;
} place_t;

enum { PLACES = 16384 };

/* Numbers of eight bytes, as the test packs them. */
typedef struct {
    volatile uint64_t mode, target;
    volatile uint64_t pid; /* who fails; 0: every process */
    volatile uint64_t calls;
    volatile uint64_t failed;     /* how many */
    volatile uint64_t memory;     /* bytes in use when last measured */
    volatile uint64_t generation; /* counts what is begun */
    place_t place;                /* the first call here fails, if it is set */
    char site[200];               /* the first that failed */
    place_t places[PLACES];       /* by what they are reached through */
} state_t;

static state_t nowhere, *state = &nowhere;
static uint64_t in_use; /* bytes */

/* -- who calls ------------------------------------------------------------- */

typedef struct {
    const char *name;
    unsigned long from, to;
} code_t;

static code_t watched[] = {
    { "mod_ocsp_responder", 0, 0 }, { "libcrypto.", 0, 0 },
    { "libsqlite3.", 0, 0 },        { "libpq.", 0, 0 },
    { "libmariadb.", 0, 0 },        { NULL, 0, 0 },
};
static volatile uint64_t known = UINT64_MAX; /* in this generation */

static int note_code(struct dl_phdr_info *info, size_t size, void *unused)
{
    const char *slash = strrchr(info->dlpi_name, '/');
    code_t *each;
    int i;

    (void)size;
    (void)unused;
    for (each = watched; each->name; each++)
        for (i = 0; slash && i < info->dlpi_phnum; i++) {
            const ElfW(Phdr) *part = &info->dlpi_phdr[i];

            if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)
                || strncmp(slash + 1, each->name, strlen(each->name)) != 0)
                continue;
            each->from = info->dlpi_addr + part->p_vaddr;
            each->to = each->from + part->p_memsz;
        }
    return 0;
}

/* The library of ours that an address is in; NULL: none. */
static const code_t *code_of(const void *address)
{
    unsigned long at = (unsigned long)address;
    const code_t *each;

    if (known != state->generation) {
        known = state->generation;
        dl_iterate_phdr(note_code, NULL);
    }
    for (each = watched; each->name; each++)
        if (at >= each->from && at < each->to)
            return each;
    return NULL;
}

/* What is loaded may be of ours. */
void *dlopen(const char *path, int flags)
{
    static void *(*real)(const char *, int);
    void *library;

    if (!real)
        real = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
    library = real(path, flags);
    known = UINT64_MAX;
    return library;
}

/* -- what fails ------------------------------------------------------------ */

static char *put(char *to, const char *text)
{
    while (*text && to < state->site + sizeof(state->site) - 20)
        *to++ = *text++;
    return to;
}

/* Nothing that allocates: this may be malloc(). */
static void note_site(const char *name, const code_t *code, const void *from)
{
    unsigned long offset = (unsigned long)from - code->from;
    char *to = put(state->site, name);
    int shift;

    to = put(put(put(to, " in "), code->name), " +0x");
    for (shift = 28; shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[offset >> shift & 15];
    *to = '\0';
}

/* libcrypto notes a failure in its state of the thread's errors. To make that,
 * OpenSSL 3.6 (3.6.5, too) asks for memory, and where it gets none it notes
 * this failure before it has the state: it calls itself until the stack ends.
 * Nothing that a module does could help, so the state is made before a call
 * fails. httpd ends such a process itself, as soon as one of its pools is to
 * grow. */
static __thread enum {
    NO_STATE,
    MAKES_STATE,
    HAS_STATE
} errors __attribute__((tls_model("initial-exec")));

static void make_error_state(void)
{
    unsigned long (*peek)(void);

    if (errors == HAS_STATE)
        return;
    errors = MAKES_STATE;
    peek = (unsigned long (*)(void))dlsym(RTLD_NEXT, "ERR_peek_error");
    if (peek)
        peek();
    errors = peek ? HAS_STATE : NO_STATE;
}

static uint64_t mix(uint64_t hash, unsigned long address)
{
    hash = (hash + address) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 29;
}

static place_t place_of(const code_t *code, const void *from)
{
    place_t place = {
        (uint64_t)(code - watched) << 48 | ((unsigned long)from - code->from), 0
    };
    void *frames[256];
    int i, length = backtrace(frames, 256);

    place.through = mix(0, place.at);
    for (i = 0; i < length; i++)
        if (code_of(frames[i]) == watched) {
            place.through =
                mix(place.through, (unsigned long)frames[i] - watched->from);
            if (code != watched)
                break;
        }
    return place;
}

static void note_place(place_t place)
{
    uint64_t i = place.through >> 20;
    int tries;

    for (tries = 0; tries < PLACES; tries++, i++) {
        place_t *slot = &state->places[i % PLACES];
        uint64_t none = 0;

        if (__atomic_compare_exchange_n(&slot->through, &none, place.through, 0,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            slot->at = place.at;
        else if (none != place.through)
            continue;
        return;
    }
}

/* Whether a call is the one, or behind the one, that is to fail. */
static int is_target(uint64_t mode, uint64_t number, const code_t *code,
                     const void *from)
{
    const place_t *place = &state->place;

    if (!place->through)
        return number == state->target
            || (mode == ALL && number > state->target);
    if (state->failed)
        return mode == ALL;
    return (place->at & ((uint64_t)1 << 48) - 1)
        == (unsigned long)from - code->from
        && place_of(code, from).through == place->through;
}

/* Whether this call is to fail. */
static int fails(const char *name, const void *from, int only_ours)
{
    const uint64_t mode = state->mode;
    uint64_t number;
    const code_t *code;

    if (mode == OFF || errors == MAKES_STATE
        || (state->pid && state->pid != (uint64_t)getpid()))
        return 0;
    code = code_of(from);
    if (!code || (only_ours && code != watched))
        return 0;
    if (mode == MEASURE) {
        state->mode = OFF;
        state->memory = in_use;
        return 0;
    }
    number = __atomic_add_fetch(&state->calls, 1, __ATOMIC_SEQ_CST);
    if (mode == LIST)
        note_place(place_of(code, from));
    if (mode == COUNT || mode == LIST || !is_target(mode, number, code, from))
        return 0;
    make_error_state();
    if (__atomic_fetch_add(&state->failed, 1, __ATOMIC_SEQ_CST) == 0)
        note_site(name, code, from);
    else if (mode == ONE)
        return 0; /* another thread's was the first */
    return 1;
}

typedef long function_t(long, long, long, long, long, long, long, long);

/* By another name in C, so that headers may declare the real one. */
#define WRAP(name, only_ours, error, result) \
    long fail_##name(long, long, long, long, long, long, long, \
                     long) __asm__(#name); \
    long fail_##name(long a, long b, long c, long d, long e, long f, long g, \
                     long h) \
    { \
        static function_t *real; \
\
        if (!real) \
            real = (function_t *)dlsym(RTLD_NEXT, #name); \
        if (fails(#name, __builtin_return_address(0), only_ours)) { \
            errno = error; \
            return result; \
        } \
        return real(a, b, c, d, e, f, g, h); \
    }

#define FILES(name, error) WRAP(name, 0, error, -1)
#define ZERO(name)         WRAP(name, 1, ENOMEM, 0)
#define MINUS(name)        WRAP(name, 1, ENOMEM, -1)
#define STATUS(name, code) WRAP(name, 1, code, code)

#include "functions.h"

/* -- memory; dlsym() itself asks for some ---------------------------------- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

/* What malloc() tells of itself counts what was given back, too. */
static void *taken(void *memory)
{
    if (memory)
        __atomic_add_fetch(&in_use, malloc_usable_size(memory),
                           __ATOMIC_RELAXED);
    return memory;
}

static void given_back(void *memory)
{
    if (memory)
        __atomic_sub_fetch(&in_use, malloc_usable_size(memory),
                           __ATOMIC_RELAXED);
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size)
{
    return fails("malloc", __builtin_return_address(0), 0)
        ? no_memory()
        : taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails("calloc", __builtin_return_address(0), 0)
        ? no_memory()
        : taken(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
    void *moved;

    if (fails("realloc", __builtin_return_address(0), 0))
        return no_memory();
    given_back(memory);
    moved = __libc_realloc(memory, size);
    if (!moved && size)
        taken(memory);
    return taken(moved);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = taken(__libc_memalign(alignment, size));
    return *memory ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return taken(__libc_memalign(alignment, size));
}

void *memalign(size_t alignment, size_t size)
{
    return taken(__libc_memalign(alignment, size));
}

void free(void *memory)
{
    given_back(memory);
    __libc_free(memory);
}

/* Not the C library's, which calls malloc() for nobody of ours. */
char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = fails("strdup", __builtin_return_address(0), 0)
        ? no_memory()
        : taken(__libc_malloc(size));

    return copy ? memcpy(copy, text, size) : NULL;
}

/* -- the test's file ------------------------------------------------------- */

/* For a program that is to fail at once, the test has filled in the file. */
__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("TORTURE");
    int file = path ? open(path, O_RDWR) : -1;
    void *place = file < 0 ? MAP_FAILED
                           : mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
                                  MAP_SHARED, file, 0);

    void *frame;

    backtrace(&frame, 1); /* it asks for memory the first time */
    if (file >= 0)
        close(file);
    if (place != MAP_FAILED)
        state = place;
}
