/* SPDX-License-Identifier: Apache-2.0
 * signing.h: for a signature a thread takes no lock of the key's that another
 * takes; what they share are locks that libcrypto has for all keys. Its calls
 * for locks end here, where they are noted. */
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <apr_general.h>
#include <openssl/crypto.h>
#include "ocsp/signing.h"
#include "pki.h"
#include "tap.h"

#define THREADS 4
#define TIMES   100
#define LOCKS   64

/* The locks that a thread has taken; NULL: it does not count. */
typedef struct {
    const void *taken[LOCKS];
    int count;
} locks_t;

static __thread locks_t *noted;

static void note(const void *lock)
{
    int i;

    if (!noted)
        return;
    for (i = 0; i < noted->count && noted->taken[i] != lock; i++)
        ;
    if (i == noted->count && i < LOCKS)
        noted->taken[noted->count++] = lock;
}

#define NOTED(name, type) \
    __attribute__((visibility("default"))) int name(type *); \
    int name(type *lock) \
    { \
        int (*real)(type *); \
\
        *(void **)&real = dlsym(RTLD_NEXT, #name); \
        note(lock); \
        return real(lock); \
    }

NOTED(pthread_mutex_lock, pthread_mutex_t)
NOTED(pthread_rwlock_rdlock, pthread_rwlock_t)
NOTED(pthread_rwlock_wrlock, pthread_rwlock_t)

/* -- one thread ------------------------------------------------------------ */

typedef struct job_t job_t;

/* What it does again and again, and the locks that it takes meanwhile. */
struct job_t {
    int (*act)(const job_t *job, apr_pool_t *pool);
    const signing_t *signing;
    locks_t locks;
    int failed;
    pthread_barrier_t *all_began;
};

static const unsigned char message[] = "a message";

static int act_sign(const job_t *job, apr_pool_t *pool)
{
    const bytes_t bytes = { message, sizeof(message) };
    const char *why = NULL;
    bytes_t signature;

    return signing_sign(&signature, pool, job->signing, bytes, &why);
}

/* With the key itself, as nobody is to. */
static int act_together(const job_t *job, apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = signing_begin(job->signing);
    unsigned char room[1024];
    size_t len = sizeof(room);
    int done =
        ctx && EVP_DigestSign(ctx, room, &len, message, sizeof(message)) > 0;

    (void)pool;
    EVP_MD_CTX_free(ctx);
    return done;
}

static void *run(void *data)
{
    job_t *job = data;
    apr_pool_t *pool;
    int i;

    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    /* The first makes what the thread uses again. */
    job->failed = !job->act(job, pool);
    pthread_barrier_wait(job->all_began);
    noted = &job->locks;
    for (i = 0; i < TIMES; i++) {
        job->failed |= !job->act(job, pool);
        apr_pool_clear(pool);
    }
    noted = NULL;
    apr_pool_destroy(pool);
    return NULL;
}

/* -- all of them ----------------------------------------------------------- */

static int has(const locks_t *locks, const void *lock)
{
    int i;

    for (i = 0; i < locks->count; i++) {
        if (locks->taken[i] == lock)
            return 1;
    }
    return 0;
}

/* Those of the first thread that another takes, too. */
static locks_t shared_locks(const job_t jobs[THREADS])
{
    locks_t shared = { .count = 0 };
    int i, j, found;

    for (i = 0; i < jobs[0].locks.count; i++) {
        for (found = 0, j = 1; j < THREADS; j++)
            found |= has(&jobs[j].locks, jobs[0].locks.taken[i]);
        if (found)
            shared.taken[shared.count++] = jobs[0].locks.taken[i];
    }
    return shared;
}

static locks_t together(const char *name, job_t job)
{
    pthread_barrier_t all_began;
    pthread_t threads[THREADS];
    job_t jobs[THREADS];
    int i, failed = 0;

    pthread_barrier_init(&all_began, NULL, THREADS);
    job.all_began = &all_began;
    for (i = 0; i < THREADS; i++) {
        jobs[i] = job;
        MUST(pthread_create(&threads[i], NULL, run, &jobs[i]) == 0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        failed |= jobs[i].failed;
    }
    pthread_barrier_destroy(&all_began);
    ok(!failed, "%s", name);
    return shared_locks(jobs);
}

/* How many locks threads share that sign with one key, and not when they sign
 * with another of its kind. */
static int count_own(apr_pool_t *pool, const char *kind,
                     int (*act)(const job_t *, apr_pool_t *))
{
    const EVP_MD *md = strcmp(kind, "ED25519") == 0 ? NULL : EVP_sha256();
    locks_t shared[2];
    int i, own = 0;

    for (i = 0; i < 2; i++) {
        job_t job = { .act = act };

        job.signing = signing_create(pool, pki_key(pool, kind), md);
        shared[i] = together(kind, job);
    }
    for (i = 0; i < shared[0].count; i++)
        own += !has(&shared[1], shared[0].taken[i]);
    printf("# %d locks are shared, %d of them the key's\n", shared[0].count,
           own);
    return own;
}

int main(void)
{
    static const char *const kinds[] = { "RSA", "ED25519", "EC:P-256" };
    apr_pool_t *pool;
    int i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < 3; i++)
        ok(count_own(pool, kinds[i], act_sign) == 0,
           "  no lock of the key's is shared");
    ok(count_own(pool, "RSA", act_together) > 0,
       "  and one of a key that is used together would be seen");
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
