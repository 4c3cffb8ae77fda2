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

static int is_interrupted(void)
{
    return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK;
}

static int write_all(int socket, const void *data, apr_size_t length,
                     apr_time_t deadline)
{
    const char *from = data;

    while (length > 0) {
        ssize_t written;

        if (!wait_for(socket, POLLOUT, deadline))
            return 0;
        written = send(socket, from, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written < 0 && !is_interrupted())
            return 0;
        if (written > 0) {
            from += written;
            length -= (apr_size_t)written;
        }
    }
    return 1;
}

static int read_all(int socket, void *data, apr_size_t length,
                    apr_time_t deadline)
{
    char *to = data;

    while (length > 0) {
        ssize_t got;

        if (!wait_for(socket, POLLIN, deadline))
            return 0;
        got = recv(socket, to, length, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && !is_interrupted()))
            return 0;
        if (got > 0) {
            to += got;
            length -= (apr_size_t)got;
        }
    }
    return 1;
}

int token_message_write(int socket, const token_message_t *message,
                        apr_time_t deadline)
{
    head_t head = { .kind = message->kind };
    int i, written;

    for (i = 0; i < TOKEN_PARTS; i++) {
        if (message->parts[i].len > PART_MAX)
            return 0;
        head.lengths[i] = (unsigned)message->parts[i].len;
    }
    written = write_all(socket, &head, sizeof(head), deadline);
    for (i = 0; written && i < TOKEN_PARTS; i++)
        written = write_all(socket, message->parts[i].data, head.lengths[i],
                            deadline);
    return written;
}

int token_message_read(int socket, apr_pool_t *pool, token_message_t *message,
                       apr_time_t deadline)
{
    head_t head;
    int i, got = read_all(socket, &head, sizeof(head), deadline);

    for (i = 0; got && i < TOKEN_PARTS; i++) {
        unsigned char *room;

        if (head.lengths[i] > PART_MAX)
            return 0;
        /* A NUL behind it, as a part may be a text. */
        room = apr_palloc(pool, head.lengths[i] + 1);
        room[head.lengths[i]] = '\0';
        got = read_all(socket, room, head.lengths[i], deadline);
        message->parts[i].data = room;
        message->parts[i].len = head.lengths[i];
    }
    message->kind = got ? (token_message_kind_t)head.kind : TOKEN_NOTHING;
    return got;
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
