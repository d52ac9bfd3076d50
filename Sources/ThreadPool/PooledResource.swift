/// What a pool opens, lends and replaces, such as a connection to a server. It never leaves the thread that opened it.
package protocol PooledResource: SendableMetatype {
    associatedtype Options: Sendable
    associatedtype Failure: PoolFailure

    init(_ options: Options) throws(Failure)

    /// The descriptor on which its calls wait; nil: they cannot be ended from outside.
    var socket: Int32? { get }

    /// Whether it may be lent again after nobody used it for `idle`; otherwise it is closed and another is opened.
    /// - Parameter isInDoubt: another of the pool was lost since, and this one may be too.
    func isUsable(afterIdle idle: Duration, isInDoubt: Bool) -> Bool
}

extension PooledResource {
    package var socket: Int32? { nil }
}

/// What goes wrong with a resource.
package protocol PoolFailure: Error {
    init(_ refusal: PoolRefusal)

    /// Whether the resource whose use gave this error must be closed.
    var losesConnection: Bool { get }
}

/// Why a pool lends nothing.
package enum PoolRefusal: Sendable {
    /// Nothing came free within the waiting time.
    case timeout
    /// So many callers wait already.
    case full(waiting: Int)
    case closed
}
