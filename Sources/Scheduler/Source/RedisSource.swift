package import Redis

/// A key of Redis from which messages are moved into the database.
///
/// Beside `KEY` there are `KEY:taken:N`, what incarnation N took and has not acknowledged, each message with the id that
/// its task will have; `KEY:takers`, their numbers; `KEY:oversized`, messages too long to be taken. Every move between
/// them is a script, so a crash is before or after one, and a message is always in one of them.
package final class RedisSource: Sendable {
    /// What `KEY` holds.
    package enum Kind: String, Sendable {
        /// A list of producers.
        case list
        /// A sorted set of producers.
        case sortedSet = "sorted_set"
        /// The intake buffer: a list in which each message has its id already.
        case buffer
    }

    /// What a take brought.
    package struct Batch: Sendable {
        package var messages: [TakenMessage]
        /// They were taken before and may be committed already.
        package var isReplay: Bool
        /// There was no more.
        package var isLast: Bool
    }

    package let key: String
    package let kind: Kind
    private let pool: Redis.ConnectionPool

    package init(_ pool: Redis.ConnectionPool, key: String, kind: Kind) {
        self.pool = pool
        self.key = key
        self.kind = kind
    }

    /// Whether it is that key of that server.
    func isSame(key: String, _ pool: Redis.ConnectionPool) -> Bool {
        self.key == key && self.pool === pool
    }

    private func taken(_ incarnation: UInt64) -> String { "\(key):taken:\(incarnation)" }
    private var takers: String { "\(key):takers" }
    private var oversized: String { "\(key):oversized" }

    /// The next messages, in order; those that this incarnation took before and did not acknowledge come first.
    /// - Parameter first: an id that is nobody's; the messages get it and those after it.
    package func take(_ limits: TakeLimits, as incarnation: UInt64, first: TaskID) async throws -> Batch {
        let keys = [key, taken(incarnation), takers, oversized]
        let kind = kind.rawValue
        // The counter has room above it.
        let (prefix, counter) = (String(first.description.prefix(24)), Int(first.low & 0x7FFF_FFFF_FFFF))
        return try await pool.withConnection { connection in
            let reply = try connection.run(
                Self.takeScript, keys: keys,
                arguments: [
                    kind, limits.count, limits.bytes, limits.messageBytes, "\(incarnation)", prefix, counter,
                ]
            ).asArray
            let messages = try reply[1].asArray.map { entry in
                let entry = try entry.asBytes
                guard let message = TakenMessage(entry: entry) else {
                    throw RedisError(.unexpectedReply, "\(keys[1]) holds what schedulerd does not put there")
                }
                return message
            }
            return Batch(
                messages: messages, isReplay: try reply[0].asInteger == 1, isLast: try reply[2].asInteger == 1)
        }
    }

    /// Removes what was taken last: it is committed.
    package func acknowledge(_ count: Int, as incarnation: UInt64) async throws {
        let taken = taken(incarnation)
        try await pool.withConnection { connection in _ = try connection.run(["LTRIM", taken, count, -1]) }
    }

    /// Incarnations that took some, and may have some left.
    package func incarnations() async throws -> Set<UInt64> {
        let takers = takers
        return try await pool.withConnection { connection in
            Set(try connection.run(["SMEMBERS", takers]).asArray.compactMap { UInt64(try $0.asText) })
        }
    }

    /// Takes over what another took and did not acknowledge, under the ids that it has.
    package func adopt(from dead: UInt64, as incarnation: UInt64) async throws {
        let keys = [taken(dead), taken(incarnation), takers]
        try await pool.withConnection { connection in
            _ = try connection.run(Self.adoptScript, keys: keys, arguments: ["\(dead)", "\(incarnation)"])
        }
    }

    /// How many messages wait, those being moved included.
    package func depth() async throws -> Int {
        let count: Command = [kind == .sortedSet ? "ZCARD" : "LLEN", key]
        let (takers, prefix) = (takers, "\(key):taken:")
        return try await pool.withConnection { connection in
            let numbers = try connection.run(["SMEMBERS", takers]).asArray.map { try $0.asText }
            let counts = try connection.pipeline([count] + numbers.map { ["LLEN", prefix + $0] })
            return try counts.reduce(0) { $0 + Int(try $1.get().asInteger) }
        }
    }

    // MARK: The intake buffer

    /// Into a key of kind `buffer`; durable as far as Redis is.
    package func put(_ messages: [(id: TaskID, content: [UInt8])]) async throws {
        var command: Command = ["RPUSH", key]
        for message in messages { command.append(TakenMessage.entry(message.id, message.content)) }
        let push = command
        try await pool.withConnection { connection in _ = try connection.run(push) }
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
            if try setting("maxmemory") != "0", try setting("maxmemory-policy").hasPrefix("allkeys") {
                return "maxmemory-policy may evict any key: the intake buffer is lost when memory is short"
            }
            return nil
        }
    }

    // MARK: Scripts

    private static let takeScript: LuaScript = """
        local kind, limit, budget, longest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local taker, prefix, counter = ARGV[5], ARGV[6], tonumber(ARGV[7])
        local entries, bytes = {}, 0
        local left = redis.call('LLEN', KEYS[2])
        if left > 0 then
          while #entries < math.min(limit, left) and bytes < budget do
            local entry = redis.call('LINDEX', KEYS[2], #entries)
            entries[#entries + 1] = entry
            bytes = bytes + #entry
          end
          return {1, entries, 0}
        end
        local isLast = 0
        while #entries < limit and bytes < budget do
          local message, place = nil, '-'
          if kind == 'sorted_set' then
            local popped = redis.call('ZPOPMIN', KEYS[1])
            message, place = popped[1], popped[2]
          else
            message = redis.call('LPOP', KEYS[1])
          end
          if not message then
            isLast = 1
            break
          end
          local id, entry = prefix .. string.format('%012x', counter + #entries), nil
          if #message > longest then
            redis.call('RPUSH', KEYS[4], message)
            entry = id .. ' oversized ' .. #message
          elseif kind ~= 'buffer' then
            entry = id .. ' ' .. place .. ' ' .. message
          elseif string.find(message, '^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x %- ') then
            entry = message
          else
            entry = id .. ' foreign ' .. message
          end
          redis.call('RPUSH', KEYS[2], entry)
          entries[#entries + 1] = entry
          bytes = bytes + #entry
        end
        if #entries > 0 then redis.call('SADD', KEYS[3], taker) end
        return {0, entries, isLast}
        """

    private static let adoptScript: LuaScript = """
        local entry = redis.call('LPOP', KEYS[1])
        if entry then redis.call('SADD', KEYS[3], ARGV[2]) end
        while entry do
          redis.call('RPUSH', KEYS[2], entry)
          entry = redis.call('LPOP', KEYS[1])
        end
        redis.call('SREM', KEYS[3], ARGV[1])
        return 1
        """
}
