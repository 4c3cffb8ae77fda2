/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

/* More than certificates and answers have. */
#define PART_MAX (4 * 1024 * 1024) /* bytes */

/* What most messages fit in, so that one call reads them. */
#define AT_ONCE 8192 /* bytes */

/* How often whoever waits for a message looks at the clock. */
#define LOOK 20000 /* microseconds */

/* What stands before the parts, each of which a NUL follows. Both processes are
 * of one build. */
typedef struct {
    unsigned kind;
    unsigned lengths[TOKEN_PARTS];
} head_t;

/* Waits until the socket can be written to; 0: not in time. */
static int wait_for_room(int socket, apr_time_t deadline)
{
    struct pollfd wanted = { .fd = socket, .events = POLLOUT };
    int ready;

    do {
        int patience = -1; /* milliseconds; without an end */

        if (deadline) {
            apr_interval_time_t rest = deadline - apr_time_now();

            if (rest <= 0)
                return 0;
            patience = (int)apr_time_as_msec(rest) + 1;
        }
        ready = poll(&wanted, 1, patience);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* Takes what has been transferred off the parts. Returns how many are left. */
static int advance(struct iovec **parts, int count, size_t length)
{
    while (count > 0 && length >= (*parts)->iov_len) {
        length -= (*parts)->iov_len;
        (*parts)++;
        count--;
    }
    if (count > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + length;
        (*parts)->iov_len -= length;
    }
    return count;
}

/* Sends parts. It is waited for only when nothing can be sent at once: each
 * call of the system's costs as much as a tenth of a signature. */
static int send_parts(int socket, struct iovec *parts, int count,
                      apr_time_t deadline)
{
    count = advance(&parts, count, 0);
    while (count > 0) {
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
        ssize_t done = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (done > 0)
            count = advance(&parts, count, (size_t)done);
        else if ((errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
                 || !wait_for_room(socket, deadline))
            return 0;
    }
    return 1;
}

int token_message_write(int socket, const token_message_t *message,
                        apr_time_t deadline)
{
    head_t head = { .kind = message->kind };
    struct iovec parts[1 + 2 * TOKEN_PARTS] = { { &head, sizeof(head) } };
    int i;

    for (i = 0; i < TOKEN_PARTS; i++) {
        if (message->parts[i].len > PART_MAX)
            return 0;
        head.lengths[i] = (unsigned)message->parts[i].len;
        parts[1 + 2 * i].iov_base = (void *)message->parts[i].data;
        parts[1 + 2 * i].iov_len = message->parts[i].len;
        /* A NUL behind it, as a part may be a text. */
        parts[2 + 2 * i].iov_base = (void *)"";
        parts[2 + 2 * i].iov_len = 1;
    }
    return send_parts(socket, parts, 1 + 2 * TOKEN_PARTS, deadline);
}

/* How many bytes have come, size at most; 0: none in time, or never. */
static size_t receive(int socket, unsigned char *room, size_t size,
                      apr_time_t deadline)
{
    for (;;) {
        ssize_t got = recv(socket, room, size, 0);

        if (got > 0)
            return (size_t)got;
        if (got == 0
            || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
            || (deadline && apr_time_now() >= deadline))
            return 0;
    }
}

/* How long a message is, with its head; 0: too long. */
static size_t length_of(const head_t *head)
{
    size_t length = sizeof(*head);
    int i;

    for (i = 0; i < TOKEN_PARTS; i++) {
        if (head->lengths[i] > PART_MAX)
            return 0;
        length += head->lengths[i] + 1;
    }
    return length;
}

static void read_parts(token_message_t *message, const head_t *head,
                       const unsigned char *at)
{
    int i;

    message->kind = (token_message_kind_t)head->kind;
    for (i = 0; i < TOKEN_PARTS; i++) {
        message->parts[i].data = at;
        message->parts[i].len = head->lengths[i];
        at += head->lengths[i] + 1;
    }
}

/* Nobody sends another message before this one is answered, so all that comes
 * belongs to it. */
int token_message_read(int socket, apr_pool_t *pool, token_message_t *message,
                       apr_time_t deadline)
{
    unsigned char first[AT_ONCE], *room;
    size_t got = 0, more, length;
    head_t head;

    message->kind = TOKEN_NOTHING;
    do {
        more = receive(socket, first + got, sizeof(first) - got, deadline);
        got += more;
    } while (more && got < sizeof(head));
    if (!more)
        return 0;
    memcpy(&head, first, sizeof(head));
    length = length_of(&head);
    if (got > length)
        return 0;
    room = apr_palloc(pool, length);
    memcpy(room, first, got);
    for (; got < length && more; got += more)
        more = receive(socket, room + got, length - got, deadline);
    if (more)
        read_parts(message, &head, room + sizeof(head));
    return more != 0;
}

bytes_t token_message_text(const char *text)
{
    bytes_t bytes = { (const unsigned char *)text, strlen(text) };

    return bytes;
}

/* -- sockets --------------------------------------------------------------- */

/* Room for one descriptor, aligned as the system wants it. */
typedef union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
} control_t;

int token_message_pair(int ends[2])
{
    const struct timeval look = { .tv_usec = LOOK };

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return 0;
    if (setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look)) == 0
        && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0)
        return 1;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

int token_message_pass(int over, int socket)
{
    char byte = 0;
    struct iovec data = { .iov_base = &byte, .iov_len = 1 };
    control_t control;
    struct msghdr message = { .msg_iov = &data,
                              .msg_iovlen = 1,
                              .msg_control = control.room,
                              .msg_controllen = sizeof(control.room) };

    memset(&control, 0, sizeof(control));
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.head), &socket, sizeof(int));
    return sendmsg(over, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

int token_message_take(int over)
{
    char byte;
    struct iovec data = { .iov_base = &byte, .iov_len = 1 };
    control_t control;
    struct msghdr message = { .msg_iov = &data,
                              .msg_iovlen = 1,
                              .msg_control = control.room,
                              .msg_controllen = sizeof(control.room) };
    ssize_t got = recvmsg(over, &message, MSG_DONTWAIT);
    int socket = -1;

    if (got == 0)
        return 0;
    if (got == 1 && CMSG_FIRSTHDR(&message)
        && control.head.cmsg_type == SCM_RIGHTS)
        memcpy(&socket, CMSG_DATA(&control.head), sizeof(int));
    return socket;
}
