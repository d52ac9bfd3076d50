#ifndef SCHEDULERD_CHIREDIS_SHIM_H
#define SCHEDULERD_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <stdlib.h>

// redisCommand is variadic, which Swift cannot call; the argument-vector form is not, but wants this cast.
static inline redisReply *schedulerd_redis_command(redisContext *context, int count, const char **arguments,
                                                   const size_t *lengths) {
    return (redisReply *)redisCommandArgv(context, count, arguments, lengths);
}

#endif
