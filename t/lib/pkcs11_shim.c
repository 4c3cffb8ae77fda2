/* SPDX-License-Identifier: Apache-2.0
 * A PKCS#11 module that passes all on to another (SHIM_MODULE), but counts
 * logins and signatures, a byte each in the files SHIM_LOGINS and
 * SHIM_SIGNATURES; when one begins while others are made, SHIM_OVERLAPS gets
 * how many there are then, a byte from '2'. So that a token's hang can be
 * emulated, it hangs in C_Sign while the file SHIM_HANG is empty, for ever when
 * "for ever" is in it, and in C_Login while "login" is; while "late" is, that
 * takes three seconds, and while "fails" or "vague" is, it fails. While
 * "sessions" is, there are no more of them; while "slow" is, C_Sign takes a
 * while, as a device does, and while "busy" is, it works for a while; while
 * "other" is, it signs as with another key. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* PKCS#11 2.40: the places of three functions among 68. */
enum { C_OPEN_SESSION = 12, C_LOGIN = 18, C_SIGN = 43, FUNCTIONS = 68 };

#define CKR_GENERAL_ERROR 0x05
#define CKR_DEVICE_ERROR  0x30
#define CKR_SESSION_COUNT 0xB1

typedef unsigned long ck_t;
typedef ck_t (*open_session_t)(ck_t, ck_t, void *, void *, ck_t *);
typedef ck_t (*login_t)(ck_t, ck_t, unsigned char *, ck_t);
typedef ck_t (*sign_t)(ck_t, unsigned char *, ck_t, unsigned char *, ck_t *);

typedef struct {
    unsigned char version[2];
    void (*functions[FUNCTIONS])(void);
} list_t;

static list_t list;
static open_session_t open_session;
static login_t login;
static sign_t sign;

static void count_in(const char *variable, char byte)
{
    const char *name = getenv(variable);
    int file = name ? open(name, O_WRONLY | O_APPEND) : -1;

    if (file >= 0 && write(file, &byte, 1) == 1)
        close(file);
}

/* Whether the file SHIM_HANG is there and says so. */
static int is_told(const char *word)
{
    char said[16] = "";
    int file = open(getenv("SHIM_HANG"), O_RDONLY);
    ssize_t length = file < 0 ? -1 : read(file, said, sizeof(said) - 1);

    if (file >= 0)
        close(file);
    return length >= 0 && strcmp(said, word) == 0;
}

static ck_t limit_sessions(ck_t slot, ck_t flags, void *application,
                           void *notify, ck_t *session)
{
    return is_told("sessions")
        ? CKR_SESSION_COUNT
        : open_session(slot, flags, application, notify, session);
}

static ck_t count_login(ck_t session, ck_t user, unsigned char *pin,
                        ck_t length)
{
    count_in("SHIM_LOGINS", '!');
    if (is_told("late"))
        sleep(3);
    if (is_told("fails"))
        return CKR_DEVICE_ERROR;
    if (is_told("vague"))
        return CKR_GENERAL_ERROR;
    while (is_told("login"))
        usleep(10000);
    return login(session, user, pin, length);
}

/* Milliseconds of this thread's work. */
static clock_t worked(void)
{
    struct timespec time = { 0, 0 };

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void work(void)
{
    const clock_t begin = worked();

    while (worked() - begin < 20)
        ;
}

static ck_t hang_or_sign(ck_t session, unsigned char *data, ck_t length,
                         unsigned char *signature, ck_t *signature_length)
{
    static int under_way;
    int for_ever = 0;
    int others = __atomic_fetch_add(&under_way, 1, __ATOMIC_SEQ_CST);
    ck_t rv;

    if (others > 0)
        count_in("SHIM_OVERLAPS", (char)('1' + others));
    while (for_ever || is_told("") || is_told("for ever")) {
        for_ever |= is_told("for ever");
        usleep(10000);
    }
    if (is_told("slow"))
        usleep(50000);
    if (is_told("busy"))
        work();
    /* Without room it is only asked how long a signature is. */
    if (signature)
        count_in("SHIM_SIGNATURES", '!');
    rv = sign(session, data, length, signature, signature_length);
    if (rv == 0 && signature && is_told("other"))
        signature[*signature_length - 1] ^= 1;
    __atomic_fetch_sub(&under_way, 1, __ATOMIC_SEQ_CST);
    return rv;
}

ck_t C_GetFunctionList(list_t **found);
ck_t C_GetFunctionList(list_t **found)
{
    void *module = dlopen(getenv("SHIM_MODULE"), RTLD_NOW);
    ck_t (*get)(list_t **);
    list_t *real = NULL;

    if (!module)
        return 5; /* CKR_GENERAL_ERROR */
    *(void **)&get = dlsym(module, "C_GetFunctionList");
    if (!get || get(&real) != 0)
        return 5;
    list = *real;
    open_session = (open_session_t)real->functions[C_OPEN_SESSION];
    login = (login_t)real->functions[C_LOGIN];
    sign = (sign_t)real->functions[C_SIGN];
    list.functions[C_OPEN_SESSION] = (void (*)(void))limit_sessions;
    list.functions[C_LOGIN] = (void (*)(void))count_login;
    list.functions[C_SIGN] = (void (*)(void))hang_or_sign;
    *found = &list;
    return 0;
}
