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
extension TaskFilter { package var host: String? { get { nil } set {} }; package var label: LabelFilter? { get { nil } set {} } }
extension TaskPage { package var searchedTo: Timestamp? { nil } }
extension SchedulerService {
    package func lineage(of id: TaskID) async throws -> TaskLineage { TaskLineage(original: nil, copies: []) }
    package func duplicate(_ id: TaskID, planTime: Timestamp?) async throws -> TaskRecord { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func deadLetters(_ filter: DeadLetterFilter, before: DeadLetterCursor?, limit: Int) async throws -> DeadLetterPage { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func countDeadLetters(_ filter: DeadLetterFilter) async throws -> Estimate { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func startBulkRetry(_ filter: DeadLetterFilter, perSecond: Int, by: String) async throws -> BulkOperation { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
    package func bulkOperations(limit: Int) async throws -> [BulkOperation] { [] }
    package func bulkOperation(_ id: UInt64) async throws -> BulkOperation? { nil }
    package func cancelBulkOperation(_ id: UInt64) async throws -> BulkOperation { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
}
