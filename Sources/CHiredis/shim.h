#ifndef SCHEDULERD_CHIREDIS_SHIM_H
#define SCHEDULERD_CHIREDIS_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <sys/socket.h>

// These return 0 or an errno, taken before anything else can change it. Where hiredis failed for another reason than
// the system's, they return -1 and context->errstr says why. (With glibc, errstr is empty when an errno is the reason.)
static inline int schedulerd_redis_error(const redisContext *context, int number) {
    return context->err == REDIS_ERR_IO && number != 0 ? number : -1;
}

// The outcome of one of hiredis' connect functions. Children of this process do not inherit the socket.
static inline int schedulerd_redis_connected(redisContext *context) {
    if (context->err) { return schedulerd_redis_error(context, errno); }
    return fcntl(context->fd, F_SETFD, FD_CLOEXEC) == 0 ? 0 : errno;
}
static inline redisContext *schedulerd_redis_connect_tcp(const char *host, int port, struct timeval timeout,
                                                         int *error) {
    redisContext *context = redisConnectWithTimeout(host, port, timeout);
    if (context) { *error = schedulerd_redis_connected(context); }
    return context;
}
static inline redisContext *schedulerd_redis_connect_unix(const char *path, struct timeval timeout, int *error) {
    redisContext *context = redisConnectUnixWithTimeout(path, timeout);
    if (context) { *error = schedulerd_redis_connected(context); }
    return context;
}

// hiredis writes with write(2), which raises SIGPIPE when the server is gone.
static inline int schedulerd_redis_send(const redisContext *context, const void *bytes, size_t count) {
    const char *next = (const char *)bytes;
    while (count > 0) {
        ssize_t sent = send(context->fd, next, count, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) { continue; }
            return errno;
        }
        next += sent;
        count -= (size_t)sent;
    }
    return 0;
}

static inline int schedulerd_redis_receive(redisContext *context, redisReply **reply) {
    void *received = NULL;
    if (redisGetReply(context, &received) != REDIS_OK) { return schedulerd_redis_error(context, errno); }
    *reply = (redisReply *)received;
    return 0;
}

// Whether the socket has neither an end nor unasked-for bytes to be read.
static inline int schedulerd_redis_is_quiet(const redisContext *context) {
    char byte;
    return recv(context->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

#endif
