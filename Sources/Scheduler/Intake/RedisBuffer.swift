package import Logging
package import Redis
import ThreadPool

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The intake buffer in Redis.
///
/// `KEY` is the list of what waits, `KEY:taken:N` what incarnation N took and has not acknowledged, `KEY:takers` their
/// numbers, `KEY:unreadable` what could not be read. Moves between them are scripts, so a crash is before or after one.
package final class RedisBuffer: IntakeBuffer {
    private let pool: Redis.ConnectionPool
    private let key: String
    private let logger: Logger

    package init(_ options: Redis.ConnectionOptions, key: String, connections: Int, logger: Logger) {
        pool = Redis.ConnectionPool(options, .init(connections: connections))
        self.key = key
        self.logger = logger
    }

    package func close() {
        pool.close()
    }

    package func put(_ tasks: [BufferedTask]) async throws {
        var command: Command = ["RPUSH", key]
        let encoder = JSONEncoder()
        for task in tasks { command.append(Array(try encoder.encode(task))) }
        let push = command
        try await pool.withConnection { connection in _ = try connection.run(push) }
    }

    package func take(_ limit: Int, as incarnation: UInt64) async throws -> [BufferedTask] {
        let (key, logger) = (key, logger)
        return try await pool.withConnection { connection in
            let reply = try connection.run(
                Self.takeScript, keys: [key, "\(key):taken:\(incarnation)", "\(key):takers"],
                arguments: [limit, "\(incarnation)"])
            var tasks: [BufferedTask] = []
            for message in try reply.asArray {
                let bytes = try message.asBytes
                do {
                    tasks.append(try JSONDecoder().decode(BufferedTask.self, from: Data(bytes)))
                } catch {
                    logger.error("a buffered task cannot be read; it is kept in \(key):unreadable: \(error)")
                    _ = try connection.run(
                        Self.setAsideScript, keys: ["\(key):taken:\(incarnation)", "\(key):unreadable"],
                        arguments: [bytes])
                }
            }
            return tasks
        }
    }

    package func acknowledge(_ count: Int, as incarnation: UInt64) async throws {
        let taken = "\(key):taken:\(incarnation)"
        try await pool.withConnection { connection in _ = try connection.run(["LTRIM", taken, count, -1]) }
    }

    package func takers() async throws -> Set<UInt64> {
        let takers = "\(key):takers"
        return try await pool.withConnection { connection in
            Set(try connection.run(["SMEMBERS", takers]).asArray.compactMap { UInt64(try $0.asText) })
        }
    }

    package func putBack(_ incarnation: UInt64) async throws {
        let keys = [key, "\(key):taken:\(incarnation)", "\(key):takers"]
        try await pool.withConnection { connection in
            _ = try connection.run(Self.putBackScript, keys: keys, arguments: ["\(incarnation)"])
        }
    }

    /// What keeps this Redis from holding on to what it was given. nil: nothing.
    package func weakness() async throws -> String? {
        try await pool.withConnection { connection in
            func setting(_ name: String) throws -> String {
                try connection.run(["CONFIG", "GET", name]).asArray.last?.asText ?? ""
            }
            if try setting("appendonly") != "yes" {
                return "appendonly is off: tasks in the intake buffer are lost when Redis ends"
            }
            if try setting("appendfsync") != "always" {
                return "appendfsync is not always: the last second of the intake buffer may be lost in a crash"
            }
            return nil
        }
    }

    /// What was taken before and not acknowledged comes first.
    private static let takeScript: LuaScript = """
        local taken = redis.call('LRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1)
        while #taken < tonumber(ARGV[1]) do
          local message = redis.call('LPOP', KEYS[1])
          if not message then break end
          redis.call('RPUSH', KEYS[2], message)
          redis.call('SADD', KEYS[3], ARGV[2])
          taken[#taken + 1] = message
        end
        return taken
        """

    private static let setAsideScript: LuaScript = """
        if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 1 then redis.call('RPUSH', KEYS[2], ARGV[1]) end
        return 1
        """

    private static let putBackScript: LuaScript = """
        local message = redis.call('RPOP', KEYS[2])
        while message do
          redis.call('LPUSH', KEYS[1], message)
          message = redis.call('RPOP', KEYS[2])
        end
        redis.call('SREM', KEYS[3], ARGV[1])
        return 1
        """
}
