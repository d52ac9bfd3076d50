/// A message that was taken from a key of Redis and waits there, under the id that its task will have, to be committed.
package struct TakenMessage: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// - Parameter score: of a sorted set, unix seconds.
        case message([UInt8], score: Double?)
        /// Longer than is accepted; kept in Redis.
        case oversized(bytes: Int)
        /// In a key of our own, and not of our making.
        case foreign([UInt8])
    }

    package var id: TaskID
    package var content: Content

    package init(id: TaskID, content: Content) {
        self.id = id
        self.content = content
    }
}

/// How much is taken at once.
package struct TakeLimits: Sendable {
    /// Messages.
    package var count: Int
    /// Bytes after which no more is taken.
    package var bytes: Int
    /// The longest message that is taken.
    package var messageBytes: Int

    package init(count: Int, bytes: Int = 4 << 20, messageBytes: Int) {
        self.count = count
        self.bytes = bytes
        self.messageBytes = messageBytes
    }
}

/// Why a message cannot become a task.
package struct UnreadableMessage: Error, Sendable, Equatable {
    package var reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

/// In Redis: the id, a blank, what the rest is, a blank, the rest.
extension TakenMessage {
    /// nil: not of this form.
    init?(entry: [UInt8]) {
        guard entry.count > 37, entry[36] == UInt8(ascii: " "),
            let end = entry[37...].firstIndex(of: UInt8(ascii: " ")),
            let id = TaskID(String(decoding: entry[..<36], as: UTF8.self))
        else { return nil }
        let rest = Array(entry[(end + 1)...])
        self.id = id
        switch String(decoding: entry[37..<end], as: UTF8.self) {
        case "-": content = .message(rest, score: nil)
        case "oversized": content = .oversized(bytes: Int(String(decoding: rest, as: UTF8.self)) ?? 0)
        case "foreign": content = .foreign(rest)
        case let score:
            guard let score = Double(score) else { return nil }
            content = .message(rest, score: score)
        }
    }

    static func entry(_ id: TaskID, _ message: some Sequence<UInt8>) -> [UInt8] {
        Array("\(id) - ".utf8) + message
    }
}
