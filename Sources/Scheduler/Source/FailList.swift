package import MySQL
package import Redis

/// The list to which delayQS pushed what had failed for good, and up to where it has been filled.
package struct FailList: Sendable {
    /// The last dead letter that is in the list.
    package struct Copied: Sendable, Equatable {
        package var diedAt: Timestamp
        package var id: TaskID

        package init(diedAt: Timestamp, id: TaskID) {
            self.diedAt = diedAt
            self.id = id
        }

        init?(_ text: String) {
            let words = text.split(separator: " ")
            guard words.count == 2, let microseconds = Int64(words[0]), let id = TaskID(words[1]) else { return nil }
            self.init(diedAt: Timestamp(microseconds: microseconds), id: id)
        }

        var text: String { "\(diedAt.microseconds) \(id)" }
    }

    /// The source whose dead letters are meant.
    package let source: String
    /// The queue of its tasks.
    package let queue: String
    private let list: String
    private let pool: Redis.ConnectionPool

    package init(_ pool: Redis.ConnectionPool, source: String, queue: String, list: String) {
        self.pool = pool
        self.source = source
        self.queue = queue
        self.list = list
    }

    private var markKey: String { "\(list):mark" }

    /// - Parameter first: what it is when there is none yet.
    package func mark(first: Copied) async throws -> Copied {
        let key = markKey
        return try await pool.withConnection { connection in
            try connection.run(["SETNX", key, first.text])
            return Copied(try connection.run(["GET", key]).asText) ?? first
        }
    }

    /// Appends to the list and moves the mark, in one step.
    /// - Returns: false when somebody else has moved it.
    package func append(_ jobs: [[UInt8]], from mark: Copied, to next: Copied) async throws -> Bool {
        let keys = [markKey, list]
        return try await pool.withConnection { connection in
            let arguments: [any CommandArgument] = [mark.text, next.text] + jobs
            return try connection.run(Self.script, keys: keys, arguments: arguments).asInteger == 1
        }
    }

    private static let script: LuaScript = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        for i = 3, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[i]) end
        redis.call('SET', KEYS[1], ARGV[2])
        return 1
        """
}
