/// What came of the calls of the last hour, asked of the database once for all who look.
struct RecentCallsBook: Sendable {
    private let hosts: SourcedAnswer<[String: RecentCalls]>
    private let queues: SourcedAnswer<[String: RecentCalls]>

    /// An hour changes little in this time.
    private static let maxAge: Duration = .seconds(3)

    init(_ store: MySQLStore) {
        hosts = SourcedAnswer { try await store.recentCallsOfHosts() }
        queues = SourcedAnswer { try await store.recentCallsOfQueues() }
    }

    /// By host, with the port if the URL names one.
    func ofHosts() async throws -> [String: RecentCalls] { try await hosts.current(maxAge: Self.maxAge) }

    /// By the queue's name.
    func ofQueues() async throws -> [String: RecentCalls] { try await queues.current(maxAge: Self.maxAge) }
}
