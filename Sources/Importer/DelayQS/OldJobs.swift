import Redis

/// What delayQS left in Redis beside its sorted set. Every change is a script, so that a crash is before or after one.
struct OldJobs: Sendable {
    let pool: ConnectionPool
    /// The sorted set.
    let key: String
    let keys: DelayQSKeys

    /// Ids or jobs in one step.
    private static let batch = 100

    // MARK: Retries

    /// What became of ids in the list of retries.
    struct Retries: Sendable, Equatable {
        /// Their jobs were not in the sorted set, and are there now.
        var added = 0
        /// Their jobs are in the sorted set anyhow.
        var present = 0
        /// Their jobs are nowhere.
        var empty = 0

        var count: Int { added + present + empty }
    }

    /// The next ids of the list of retries: their jobs are in the sorted set afterwards, due now if they were not there.
    /// - Parameter now: unix seconds.
    func takeRetries(now: Int64) async throws -> Retries {
        let names = [keys.retries, keys.bodies, key]
        return try await pool.withConnection { connection in
            let counts = try connection.run(
                Self.retryScript, keys: names, arguments: [Self.batch, now]
            ).asArray.map { try $0.asInteger }
            return Retries(added: counts[0], present: counts[1], empty: counts[2])
        }
    }

    /// The same, only counted.
    func countRetries() async throws -> Retries {
        var total = Retries()
        var offset = 0
        while true {
            let (names, first) = (keys, offset)
            let part = try await pool.withConnection { [key] connection in
                var part = Retries()
                let ids = try connection.run(["LRANGE", names.retries, first, first + Self.batch - 1]).asArray
                for id in ids {
                    guard let job = try connection.run(["HGET", names.bodies, id.asBytes]).asBytesOrNull else {
                        part.empty += 1
                        continue
                    }
                    if try connection.run(["ZSCORE", key, job]) == .null { part.added += 1 } else { part.present += 1 }
                }
                return part
            }
            if part.count == 0 { return total }
            offset += part.count
            total.added += part.added
            total.present += part.present
            total.empty += part.empty
        }
    }

    private static let retryScript: LuaScript = """
        local added, present, empty = 0, 0, 0
        for _ = 1, tonumber(ARGV[1]) do
          local id = redis.call('LINDEX', KEYS[1], 0)
          if not id then break end
          local job = redis.call('HGET', KEYS[2], id)
          if not job then
            empty = empty + 1
          elseif redis.call('ZSCORE', KEYS[3], job) then
            present = present + 1
          else
            redis.call('ZADD', KEYS[3], ARGV[2], job)
            added = added + 1
          end
          redis.call('HDEL', KEYS[2], id)
          redis.call('LPOP', KEYS[1])
        end
        return {added, present, empty}
        """

    // MARK: Bodies

    /// Removes from the hash what is in the sorted set.
    /// - Returns: how many are left: jobs that ended under another id, or were taken back by their producer.
    func dropBodies() async throws -> Int {
        var cursor: [UInt8] = Array("0".utf8)
        let names = keys
        repeat {
            let from = cursor
            cursor = try await pool.withConnection { [key] connection in
                let page = try connection.run(["HSCAN", names.bodies, from, "COUNT", Self.batch]).asArray
                let pairs = try page[1].asArray.map { try $0.asBytes }
                try connection.run(Self.dropScript, keys: [names.bodies, key], arguments: pairs)
                return try page[0].asBytes
            }
        } while cursor != Array("0".utf8)
        return try await pool.withConnection { try $0.run(["HLEN", names.bodies]).asInteger }
    }

    private static let dropScript: LuaScript = """
        for i = 1, #ARGV, 2 do
          if redis.call('ZSCORE', KEYS[2], ARGV[i + 1]) then redis.call('HDEL', KEYS[1], ARGV[i]) end
        end
        return 1
        """

    // MARK: Failed jobs

    /// Jobs of the fail list, the oldest first.
    func failed(from offset: Int) async throws -> [[UInt8]] {
        let range: Command = ["LRANGE", keys.failed, offset, offset + Self.batch - 1]
        return try await pool.withConnection { try $0.run(range).asArray.map { try $0.asBytes } }
    }

    /// Removes jobs from the fail list, each once: they are committed.
    func removeFailed(_ jobs: [[UInt8]]) async throws {
        let name = keys.failed
        try await pool.withConnection { connection in
            _ = try connection.run(Self.removeScript, keys: [name], arguments: jobs)
        }
    }

    private static let removeScript: LuaScript = """
        for i = 1, #ARGV do redis.call('LREM', KEYS[1], 1, ARGV[i]) end
        return 1
        """

    // MARK: The sorted set

    func waiting() async throws -> Int {
        let count: Command = ["ZCARD", key]
        return try await pool.withConnection { try $0.run(count).asInteger }
    }
}
