import Digests

/// The name that a producer gives to a task so that it is there once.
enum TaskKey {
    static let form = "must have 1 to 255 characters, none of them a control character"

    static func isKey(_ text: String) -> Bool {
        (1...255).contains(text.unicodeScalars.count)
            && !text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
}

/// What becomes of a task whose key a live task of its queue has.
public enum OnConflict: String, Sendable, CaseIterable {
    /// It is refused.
    case reject
    /// It is not made; the live one is the answer.
    case `return`
    /// It is made, and the live one is cancelled in the same transaction. One that runs cannot be replaced.
    case replace
}

/// A key that another live task has.
public struct TakenKey: Sendable, Equatable {
    /// Of the task that wanted it, in what was asked for.
    public var index: Int
    public var holder: TaskID

    package init(index: Int, holder: TaskID) {
        self.index = index
        self.holder = holder
    }
}

/// What a row of `task_keys` is found by.
package struct KeyID: Sendable, Hashable, Comparable {
    /// 0: keys of requests; else the queue whose live task has the key.
    package let scope: Int
    package let hash: [UInt8]

    package init(scope: Int, hash: [UInt8]) {
        self.scope = scope
        self.hash = hash
    }

    /// A live task's.
    package init(queueID: Int, key: String) {
        scope = queueID
        hash = Digest.sha256(Array(key.utf8))
    }

    /// A request's.
    fileprivate init(request key: String, by owner: String) {
        scope = 0
        hash = Digest.sha256(Array("\(owner)\0\(key)".utf8))
    }

    package static func < (left: KeyID, right: KeyID) -> Bool {
        left.scope != right.scope ? left.scope < right.scope : left.hash.lexicographicallyPrecedes(right.hash)
    }
}

/// The `Idempotency-Key` of a request, and what was asked for with it.
public struct RequestKey: Sendable, Equatable {
    package let id: KeyID
    package let fingerprint: [UInt8]

    /// - Parameters:
    ///   - owner: who uses it: the same key of two owners is two keys.
    ///   - request: what was asked for, byte by byte.
    public init(_ key: String, of owner: String = "", request: [UInt8]) {
        id = KeyID(request: key, by: owner)
        fingerprint = Digest.sha256(request)
    }
}

/// What a request is answered with, the same for each time that it comes with the same key.
public struct RequestAnswer: Sendable, Equatable {
    /// Of HTTP.
    public var status: Int
    public var body: [UInt8]
    /// The task that was made, or the first of them; of one that was returned that one.
    public var task: TaskID
    /// Given before.
    public var isRepeated = false

    public init(status: Int, body: [UInt8], task: TaskID) {
        self.status = status
        self.body = body
        self.task = task
    }
}
