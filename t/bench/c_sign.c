/* SPDX-License-Identifier: Apache-2.0
 * How many signatures a PKCS#11 module makes in a loop of nothing but
 * C_SignInit and C_Sign, by so many threads with a session each.
 *
 *   c_sign MODULE PIN MECHANISM THREADS SECONDS   prints signatures a second */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef unsigned long ck_t;

/* CKK_EC */
#define EC 3

/* PKCS#11 2.40: the places of functions among 68. */
enum {
    INITIALIZE = 0,
    GET_SLOT_LIST = 4,
    OPEN_SESSION = 12,
    LOGIN = 18,
    FIND_INIT = 26,
    FIND = 27,
    SIGN_INIT = 42,
    SIGN = 43,
    FUNCTIONS = 68
};

typedef struct {
    unsigned char version[2];
    void *functions[FUNCTIONS];
} list_t;
typedef struct {
    ck_t type;
    void *value;
    ck_t length;
} attribute_t;
typedef struct {
    ck_t kind;
    void *parameter;
    ck_t length;
} mechanism_t;
typedef struct {
    void *unused[4];
    ck_t flags;
    void *reserved;
} arguments_t;

static list_t *list;
static ck_t slot, key, key_type;
static mechanism_t mechanism;
static volatile int ended;

#define CALL(place, types, arguments) \
    do { \
        ck_t(*call) types; \
        ck_t rv; \
        *(void **)&call = list->functions[place]; \
        rv = call arguments; \
        if (rv) { \
            fprintf(stderr, "c_sign: function %d: 0x%lx\n", place, rv); \
            exit(1); \
        } \
    } while (0)

static ck_t open_session(void)
{
    ck_t session;

    CALL(OPEN_SESSION, (ck_t, ck_t, void *, void *, ck_t *),
         (slot, 4 /* serial */, NULL, NULL, &session));
    return session;
}

static void sign(ck_t session)
{
    unsigned char data[51] = { 0 }, signature[1024];
    ck_t length = sizeof(signature);

    CALL(SIGN_INIT, (ck_t, mechanism_t *, ck_t), (session, &mechanism, key));
    CALL(SIGN, (ck_t, unsigned char *, ck_t, unsigned char *, ck_t *),
         (session, data, key_type == EC ? 32 : 51, signature, &length));
}

static void *work(void *count)
{
    ck_t session = open_session();

    for (; !ended; ++*(long *)count)
        sign(session);
    return NULL;
}

int main(int argc, char **argv)
{
    void *module = argc == 6 ? dlopen(argv[1], RTLD_NOW) : NULL;
    arguments_t arguments = { .flags = 2 /* the system's locks */ };
    ck_t slots[8], slot_count = 8, private_key = 3, count = 1, session;
    attribute_t wanted[] = { { 0, &private_key, sizeof(private_key) },
                             { 0x100, &key_type, sizeof(key_type) } };
    ck_t (*get)(list_t **);
    pthread_t threads[64];
    long counts[64 * 8] = { 0 }, sum = 0;
    int i, many;
    struct timespec begin, end;

    if (!module)
        return 2;
    *(void **)&get = dlsym(module, "C_GetFunctionList");
    get(&list);
    mechanism.kind = strtoul(argv[3], NULL, 0);
    key_type = mechanism.kind == 0x1041 /* CKM_ECDSA */ ? EC : 0 /* CKK_RSA */;
    many = atoi(argv[4]);
    CALL(INITIALIZE, (void *), (&arguments));
    CALL(GET_SLOT_LIST, (unsigned char, ck_t *, ck_t *),
         (1, slots, &slot_count));
    slot = slots[0];
    session = open_session();
    CALL(LOGIN, (ck_t, ck_t, char *, ck_t),
         (session, 1, argv[2], strlen(argv[2])));
    CALL(FIND_INIT, (ck_t, attribute_t *, ck_t), (session, wanted, 2));
    CALL(FIND, (ck_t, ck_t *, ck_t, ck_t *), (session, &key, 1, &count));
    /* SoftHSM makes its key ready in the first one, without a lock. */
    sign(open_session());
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (i = 0; i < many; i++)
        pthread_create(&threads[i], NULL, work, &counts[8 * i]);
    struct timespec rest = { atoi(argv[5]), 0 };
    nanosleep(&rest, NULL);
    ended = 1;
    for (i = 0; i < many; i++) {
        pthread_join(threads[i], NULL);
        sum += counts[8 * i];
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.0f\n",
           sum
               / (end.tv_sec - begin.tv_sec
                  + (end.tv_nsec - begin.tv_nsec) / 1e9));
    return 0;
}
