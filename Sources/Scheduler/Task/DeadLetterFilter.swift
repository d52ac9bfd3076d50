public import MySQL

/// Which dead letters to list or to retry. What is nil does not matter.
public struct DeadLetterFilter: Sendable, Equatable {
    public var queue: String?
    /// The host that the task called, `host` or `host:port`; the scheme's own port may be left out.
    public var host: String?
    /// A part of the reason, without regard to case.
    public var reason: String?
    /// Died at or after.
    public var from: Timestamp?
    /// Died before.
    public var to: Timestamp?

    public init() {}

    /// Whether each row must be looked at to know whether it is meant.
    var isSearch: Bool { host != nil || reason != nil }

    /// - Throws: `ValidationError`.
    func check() throws {
        var problems: [FieldProblem] = []
        if let queue, queue.utf8.count > 100 {
            problems.append(FieldProblem("queue", "has \(queue.utf8.count) bytes, at most 100 are accepted"))
        }
        if let host, host.isEmpty || host.utf8.count > 260 || host.contains(where: { "/@?# ".contains($0) }) {
            problems.append(FieldProblem("host", "must be a host or host:port as it stands in a URL, up to 260 bytes"))
        }
        if let reason, reason.isEmpty || reason.unicodeScalars.count > 500 {
            problems.append(FieldProblem("reason", "must be a text of 1 to 500 characters"))
        }
        if !problems.isEmpty { throw ValidationError(problems) }
    }
}
