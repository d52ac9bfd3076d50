public import MySQL

/// A message of a source that cannot become a task as it is. It is kept until a person decides.
public struct QuarantinedMessage: Sendable, Equatable {
    /// The id that its task will have.
    public var id: TaskID
    /// The key of Redis that it came from.
    public var source: String
    /// What is wrong with it.
    public var reason: String
    /// nil: it is too long, and kept in Redis. In a list: its beginning.
    public var message: [UInt8]?
    /// How long the message is.
    public var size: Int?
    /// Of a sorted set: unix seconds.
    public var score: Double?
    public var receivedAt: Timestamp

    package init(
        id: TaskID, source: String, reason: String, message: [UInt8]?, size: Int? = nil, score: Double?,
        receivedAt: Timestamp
    ) {
        self.id = id
        self.source = source
        self.reason = reason
        self.message = message
        self.size = size ?? message?.count
        self.score = score
        self.receivedAt = receivedAt
    }

    init(_ taken: TakenMessage, source: String, reason: String, receivedAt: Timestamp) {
        let reason = String(reason.prefix(500))
        switch taken.content {
        case .message(let bytes, let score):
            self.init(
                id: taken.id, source: source, reason: reason, message: bytes, score: score, receivedAt: receivedAt)
        case .foreign(let bytes):
            self.init(id: taken.id, source: source, reason: reason, message: bytes, score: nil, receivedAt: receivedAt)
        case .oversized:
            self.init(id: taken.id, source: source, reason: reason, message: nil, score: nil, receivedAt: receivedAt)
        }
    }
}
