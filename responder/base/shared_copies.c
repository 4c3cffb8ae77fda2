/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shared_copies.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apr_thread_mutex.h"

/* The one that the processes begin with, the current, the one before, and one
 * that a slow request still reads. */
#define SLOTS 4

/* Processes lock bytes of the first slot's file: one to make a copy, and one
 * for each slot, shared, while they use it. The kernel takes the locks of a
 * process that dies. */
#define MAKING      0
#define LOCK_OF(at) (1 + (at))

/* What is in a slot. */
typedef struct {
    int is_whole;
    int is_pinned;      /* whoever began with it never locked it */
    file_stamp_t stamp; /* of the file; its path is nobody's */
    apr_size_t length;
} label_t;

struct shared_copies_t {
    label_t *labels; /* in memory of all processes; written by who makes a copy.
                      * NULL: nothing is shared */
    pid_t first;     /* the process that all others come from */
    int files[SLOTS];
    apr_thread_mutex_t *mutex; /* guards what follows, and the slots' locks */
    unsigned uses[SLOTS];      /* by this process */
};

/* A copy that is in use. */
typedef struct {
    shared_copies_t *copies;
    int slot;
    bytes_t bytes;
} use_t;

/* -- their life ------------------------------------------------------------ */

static void shared_copies_close_all(shared_copies_t *copies)
{
    int i;

    for (i = 0; i < SLOTS; i++) {
        if (copies->files[i] >= 0)
            close(copies->files[i]);
        copies->files[i] = -1;
    }
    if (copies->labels)
        munmap(copies->labels, SLOTS * sizeof(label_t));
    copies->labels = NULL;
}

static apr_status_t end(void *data)
{
    shared_copies_close_all(data);
    return APR_SUCCESS;
}

shared_copies_t *shared_copies_create(apr_pool_t *pool)
{
    shared_copies_t *copies = apr_pcalloc(pool, sizeof(*copies));
    int i;

    for (i = 0; i < SLOTS; i++)
        copies->files[i] = -1;
    if (apr_thread_mutex_create(&copies->mutex, APR_THREAD_MUTEX_DEFAULT, pool))
        return NULL;
    apr_pool_cleanup_register(pool, copies, end, apr_pool_cleanup_null);
    return copies;
}

static int open_memory(void)
{
#ifdef MFD_CLOEXEC
    return memfd_create("ocsp_responder", MFD_CLOEXEC);
#else
    return -1;
#endif
}

void shared_copies_open(shared_copies_t *copies)
{
    void *labels = mmap(NULL, SLOTS * sizeof(label_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int is_open = labels != MAP_FAILED, i;

    copies->labels = labels != MAP_FAILED ? labels : NULL;
    copies->first = getpid();
    for (i = 0; i < SLOTS; i++) {
        copies->files[i] = open_memory();
        is_open &= copies->files[i] >= 0;
    }
    if (!is_open)
        shared_copies_close_all(copies);
}

/* -- locks ----------------------------------------------------------------- */

/* Whether this process now has the lock, or has it no more (F_UNLCK). */
static int shared_copies_lock(const shared_copies_t *copies, short type,
                              int which)
{
    struct flock wanted = { .l_type = type, .l_whence = SEEK_SET };

    wanted.l_start = which;
    wanted.l_len = 1;
    return copies->files[0] >= 0
        && fcntl(copies->files[0], F_SETLK, &wanted) == 0;
}

static int begin_use(shared_copies_t *copies, int slot)
{
    int may_use;

    apr_thread_mutex_lock(copies->mutex);
    may_use = copies->uses[slot] > 0
        || shared_copies_lock(copies, F_RDLCK, LOCK_OF(slot));
    copies->uses[slot] += (unsigned)may_use;
    apr_thread_mutex_unlock(copies->mutex);
    return may_use;
}

static void end_use(shared_copies_t *copies, int slot)
{
    apr_thread_mutex_lock(copies->mutex);
    if (--copies->uses[slot] == 0)
        shared_copies_lock(copies, F_UNLCK, LOCK_OF(slot));
    apr_thread_mutex_unlock(copies->mutex);
}

/* Whether nobody used the slot, and nobody else can from now on. */
static int seize(shared_copies_t *copies, int slot)
{
    int is_free;

    apr_thread_mutex_lock(copies->mutex);
    is_free = !copies->labels[slot].is_pinned && copies->uses[slot] == 0
        && shared_copies_lock(copies, F_WRLCK, LOCK_OF(slot));
    apr_thread_mutex_unlock(copies->mutex);
    return is_free;
}

/* -- copies ---------------------------------------------------------------- */

static apr_status_t shared_copies_forget(void *data)
{
    use_t *use = data;

    munmap((void *)use->bytes.data, use->bytes.len);
    end_use(use->copies, use->slot);
    return APR_SUCCESS;
}

/* The copy in a slot, in use as long as pool; data NULL when it cannot be. */
static bytes_t use(shared_copies_t *copies, int slot, apr_pool_t *pool)
{
    use_t *used = apr_palloc(pool, sizeof(*used));
    bytes_t none = { NULL, 0 };
    void *memory;

    used->copies = copies;
    used->slot = slot;
    used->bytes.len = copies->labels[slot].length;
    if (!begin_use(copies, slot))
        return none;
    memory = mmap(NULL, used->bytes.len, PROT_READ, MAP_SHARED,
                  copies->files[slot], 0);
    if (memory == MAP_FAILED) {
        end_use(copies, slot);
        return none;
    }
    used->bytes.data = memory;
    apr_pool_cleanup_register(pool, used, shared_copies_forget,
                              apr_pool_cleanup_null);
    return used->bytes;
}

shared_copies_found_t shared_copies_find(shared_copies_t *copies,
                                         apr_pool_t *pool,
                                         const file_stamp_t *stamp,
                                         bytes_t *copy)
{
    int i;

    if (!copies->labels)
        return SHARED_COPIES_NONE;
    if (!shared_copies_lock(copies, F_WRLCK, MAKING))
        return SHARED_COPIES_BUSY;
    for (i = 0; i < SLOTS; i++) {
        if (!copies->labels[i].is_whole
            || !file_stamp_is(&copies->labels[i].stamp, stamp))
            continue;
        *copy = use(copies, i, pool);
        if (!copy->data)
            break;
        shared_copies_give_up(copies);
        return SHARED_COPIES_FOUND;
    }
    return SHARED_COPIES_YOURS;
}

/* Gives back the memory of all slots that nobody uses, and returns one, seized;
 * -1 if there is none. */
static int clear_slots(shared_copies_t *copies)
{
    int kept = -1, i;

    for (i = 0; i < SLOTS; i++) {
        if (!seize(copies, i))
            continue;
        copies->labels[i].is_whole = 0;
        if (ftruncate(copies->files[i], 0) == 0 && kept < 0)
            kept = i;
        else
            shared_copies_lock(copies, F_UNLCK, LOCK_OF(i));
    }
    return kept;
}

static int write_all(int file, bytes_t bytes)
{
    apr_size_t done = 0;

    while (done < bytes.len) {
        const ssize_t written =
            pwrite(file, bytes.data + done, bytes.len - done, (off_t)done);

        if (written <= 0)
            return 0;
        done += (apr_size_t)written;
    }
    return 1;
}

/* Fills a slot that is seized. */
static int shared_copies_fill(const shared_copies_t *copies, int slot,
                              const file_stamp_t *stamp, bytes_t bytes)
{
    label_t *label = &copies->labels[slot];

    if (!write_all(copies->files[slot], bytes))
        return 0;
    label->stamp = *stamp;
    label->length = bytes.len;
    label->is_pinned = getpid() == copies->first;
    label->is_whole = 1;
    return 1;
}

bytes_t shared_copies_make(shared_copies_t *copies, apr_pool_t *pool,
                           const file_stamp_t *stamp, bytes_t bytes)
{
    const int slot = bytes.len > 0 ? clear_slots(copies) : -1;
    bytes_t copy = { NULL, 0 };

    if (slot >= 0 && shared_copies_fill(copies, slot, stamp, bytes))
        copy = use(copies, slot, pool);
    if (slot >= 0 && !copy.data)
        shared_copies_lock(copies, F_UNLCK, LOCK_OF(slot));
    shared_copies_give_up(copies);
    return copy;
}

void shared_copies_give_up(shared_copies_t *copies)
{
    shared_copies_lock(copies, F_UNLCK, MAKING);
}
