package import MySQL
package struct LabelFilter: Sendable, Equatable { package var name: String; package var value: String?; package init(name: String, value: String?) { self.name = name; self.value = value } }
package struct TaskLineage: Sendable { package var original: TaskID?; package var copies: [TaskID] }
package struct DeadLetterFilter: Sendable { package var queue: String?; package var host: String?; package var reason: String?; package var from: Timestamp?; package var to: Timestamp?; package init() {} }
package struct DeadLetterCursor: Sendable, CustomStringConvertible { package init?(_ text: String) { return nil }; package var description: String { "" } }
package struct DeadLetterSummary: Sendable { package var id: TaskID; package var queue: String; package var diedAt: Timestamp; package var reason: String; package var method: String; package var url: String; package var attempts: Int }
package struct DeadLetterPage: Sendable { package var letters: [DeadLetterSummary]; package var next: DeadLetterCursor?; package var searchedTo: Timestamp? }
package struct BulkOperation: Sendable {
    package enum State: String, Sendable, CaseIterable { case running, done, cancelled, failed }
    package typealias ID = UInt64
    package var id: UInt64; package var state: State; package var total: Estimate; package var done: Int; package var skipped: Int; package var failed: Int; package var perSecond: Int; package var requestedBy: String; package var createdAt: Timestamp; package var finishedAt: Timestamp?
}
package struct QueueStatus: Sendable { package var name: String; package var createdAt: Timestamp; package var pausedAt: Timestamp?; package var waiting: Estimate; package var overdue: Estimate; package var claimed: Int; package var running: Int; package var dead: Estimate; package var nextDue: Timestamp? }
package struct InstanceStatus: Sendable { package var incarnation: UInt64; package var name: String; package var version: String; package var startedAt: Timestamp; package var heartbeatAt: Timestamp; package var leaseUntil: Timestamp; package var endedAt: Timestamp?; package var claimed: Int; package var running: Int; package var isOwn: Bool }
extension TaskFilter { package var host: String? { get { nil } set {} }; package var label: LabelFilter? { get { nil } set {} } }
extension TaskPage { package var searchedTo: Timestamp? { nil } }
extension SchedulerService {
    package func lineage(of id: TaskID) async throws -> TaskLineage { TaskLineage(original: nil, copies: []) }
    package func duplicate(_ id: TaskID, planTime: Timestamp?) async throws -> TaskRecord { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func queues() async throws -> [QueueStatus] { [] }
    package func pause(queue: String) async throws -> QueueStatus { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func resume(queue: String) async throws -> QueueStatus { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func instances() async throws -> (now: Timestamp, instances: [InstanceStatus]) { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func deadLetters(_ filter: DeadLetterFilter, before: DeadLetterCursor?, limit: Int) async throws -> DeadLetterPage { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func countDeadLetters(_ filter: DeadLetterFilter) async throws -> Estimate { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func startBulkRetry(_ filter: DeadLetterFilter, perSecond: Int, by: String) async throws -> BulkOperation { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func bulkOperations(limit: Int) async throws -> [BulkOperation] { [] }
    package func bulkOperation(_ id: UInt64) async throws -> BulkOperation? { nil }
    package func cancelBulkOperation(_ id: UInt64) async throws -> BulkOperation { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
}
package struct AttemptFigures: Sendable, Equatable { package var succeeded = 0, retried = 0, dead = 0; package var lateness: Percentiles?; package init() {} }
package struct Percentiles: Sendable, Equatable { package var p50: Int; package var p99: Int }
package struct Overview: Sendable { package struct Minute: Sendable { package var start: Timestamp; package var attempts: AttemptFigures }
 package var now: Timestamp; package var minutes: [Minute]; package var recent: AttemptFigures; package var callsPerSecond: Double; package var due: [DueCounts.Minute]; package var overdue: Estimate }
package struct DueCounts { package struct Minute: Sendable { package var start: Timestamp; package var tasks: Estimate } }
extension SchedulerService { package func overview() async throws -> Overview { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) } }
