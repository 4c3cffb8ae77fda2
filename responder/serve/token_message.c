/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_message.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* More than certificates and answers have. */
#define PART_MAX (4 * 1024 * 1024) /* bytes */

/* What stands before the parts. Both processes are of one build. */
typedef struct {
    unsigned kind;
    unsigned lengths[TOKEN_PARTS];
} head_t;

/* Waits until the socket can be read or written; 0: not in time. */
static int wait_for(int socket, short events, apr_time_t deadline)
{
    struct pollfd wanted = { .fd = socket, .events = events };
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

/* Sends or receives parts, as events says. It is waited for only when nothing
 * can be done at once: each call of the system's costs as much as half a
 * signature. */
static int transfer(int socket, short events, struct iovec *parts, int count,
                    apr_time_t deadline)
{
    count = advance(&parts, count, 0);
    while (count > 0) {
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
        ssize_t done = events == POLLOUT
            ? sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT)
            : recvmsg(socket, &message, MSG_DONTWAIT);

        if (done > 0)
            count = advance(&parts, count, (size_t)done);
        else if (done == 0
                 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
                 || !wait_for(socket, events, deadline))
            return 0;
    }
    return 1;
}

int token_message_write(int socket, const token_message_t *message,
                        apr_time_t deadline)
{
    head_t head = { .kind = message->kind };
    struct iovec parts[1 + TOKEN_PARTS] = { { &head, sizeof(head) } };
    int i;

    for (i = 0; i < TOKEN_PARTS; i++) {
        if (message->parts[i].len > PART_MAX)
            return 0;
        head.lengths[i] = (unsigned)message->parts[i].len;
        parts[1 + i].iov_base = (void *)message->parts[i].data;
        parts[1 + i].iov_len = message->parts[i].len;
    }
    return transfer(socket, POLLOUT, parts, 1 + TOKEN_PARTS, deadline);
}

int token_message_read(int socket, apr_pool_t *pool, token_message_t *message,
                       apr_time_t deadline)
{
    head_t head;
    struct iovec whole = { &head, sizeof(head) }, parts[TOKEN_PARTS];
    int i;

    message->kind = TOKEN_NOTHING;
    if (!transfer(socket, POLLIN, &whole, 1, deadline))
        return 0;
    for (i = 0; i < TOKEN_PARTS; i++) {
        unsigned char *room;

        if (head.lengths[i] > PART_MAX)
            return 0;
        /* A NUL behind it, as a part may be a text. */
        room = apr_palloc(pool, head.lengths[i] + 1);
        room[head.lengths[i]] = '\0';
        message->parts[i].data = room;
        message->parts[i].len = head.lengths[i];
        parts[i].iov_base = room;
        parts[i].iov_len = head.lengths[i];
    }
    if (!transfer(socket, POLLIN, parts, TOKEN_PARTS, deadline))
        return 0;
    message->kind = (token_message_kind_t)head.kind;
    return 1;
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
