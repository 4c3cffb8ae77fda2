/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/intervals.h"

/* More than certificates and answers have. */
#define PART_MAX (4 * 1024 * 1024) /* bytes */

/* What a packet holds at most; most messages fit in one. */
#define PACKET 8192 /* bytes */

/* What stands before the parts, each of which a NUL follows, as it may be a
 * text. Both processes are of one build. */
typedef struct {
    unsigned kind;
    unsigned lengths[TOKEN_PARTS];
} head_t;

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

/* -- writing --------------------------------------------------------------- */

/* Waits until the socket can be written to; 0: not in time. */
static int wait_for_room(int socket, apr_time_t deadline)
{
    struct pollfd wanted = { .fd = socket, .events = POLLOUT };
    int ready;

    do {
        apr_interval_time_t rest = deadline_left(deadline);

        if (rest <= 0)
            return 0;
        ready = poll(&wanted, 1, (int)apr_time_as_msec(rest) + 1);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* In one piece, *length bytes; NULL: too long. */
static const unsigned char *assemble(
    apr_pool_t *pool, const token_message_t *message, size_t *length)
{
    head_t head = { .kind = message->kind };
    unsigned char *whole, *to;
    int i;

    for (i = 0; i < TOKEN_PARTS; i++)
        head.lengths[i] = (unsigned)message->parts[i].len;
    *length = length_of(&head);
    if (!*length)
        return NULL;
    whole = apr_palloc(pool, *length);
    memcpy(whole, &head, sizeof(head));
    to = whole + sizeof(head);
    for (i = 0; i < TOKEN_PARTS; i++) {
        if (head.lengths[i])
            memcpy(to, message->parts[i].data, head.lengths[i]);
        to += head.lengths[i];
        *to++ = '\0';
    }
    return whole;
}

/* It is waited for only when nothing can be sent at once: each call of the
 * system's costs as much as a tenth of a signature. */
int token_message_write(int socket, apr_pool_t *pool,
                        const token_message_t *message, apr_time_t deadline)
{
    size_t rest;
    const unsigned char *at = assemble(pool, message, &rest);

    while (at && rest > 0) {
        ssize_t done = send(socket, at, rest < PACKET ? rest : PACKET,
                            MSG_NOSIGNAL | MSG_DONTWAIT);

        if (done > 0) {
            at += done;
            rest -= (size_t)done;
        }
        else if ((errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
                 || !wait_for_room(socket, deadline))
            return 0;
    }
    return at != NULL;
}

/* -- reading --------------------------------------------------------------- */

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
            || deadline_left(deadline) <= 0)
            return 0;
    }
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
    unsigned char first[PACKET], *room;
    size_t got = receive(socket, first, sizeof(first), deadline);
    size_t more = got, length;
    head_t head;

    message->kind = TOKEN_NOTHING;
    if (got < sizeof(head))
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

/* Of packets: who waits for one is woken by nothing else, but with a stream
 * also when the other end has read what it was sent. */
int token_message_pair(int ends[2])
{
    const struct timeval look = { .tv_usec = INTERVALS_TOKEN_MESSAGE_LOOK };

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
        return 0;
    if (setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look)) == 0
        && setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look))
            == 0
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
