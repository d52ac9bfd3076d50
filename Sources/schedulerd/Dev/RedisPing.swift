import CHiredis
import Glibc

/// Asks a Redis server whether it is there.
enum RedisPing {
    /// False also while it loads its data.
    static func answers(socket: String) -> Bool {
        guard let context = redisConnectUnixWithTimeout(socket, timeval(tv_sec: 1, tv_usec: 0)) else { return false }
        defer { redisFree(context) }
        guard context.pointee.err == 0, redisSetTimeout(context, timeval(tv_sec: 1, tv_usec: 0)) == REDIS_OK else {
            return false
        }
        return "PING".withCString { command in
            var (arguments, lengths): ([UnsafePointer<CChar>?], [Int]) = ([command], [4])
            guard let reply = schedulerd_redis_command(context, 1, &arguments, &lengths) else { return false }
            defer { freeReplyObject(reply) }
            return reply.pointee.type == REDIS_REPLY_STATUS
        }
    }
}
