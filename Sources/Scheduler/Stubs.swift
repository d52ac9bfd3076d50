package import MySQL
package struct LabelFilter: Sendable, Equatable { package var name: String; package var value: String?; package init(name: String, value: String?) { self.name = name; self.value = value } }
package struct TaskLineage: Sendable { package var original: TaskID?; package var copies: [TaskID] }
extension TaskFilter { package var host: String? { get { nil } set {} }; package var label: LabelFilter? { get { nil } set {} } }
extension TaskPage { package var searchedTo: Timestamp? { nil } }
extension SchedulerService {
    package func lineage(of id: TaskID) async throws -> TaskLineage { TaskLineage(original: nil, copies: []) }
    package func duplicate(_ id: TaskID, planTime: Timestamp?) async throws -> TaskRecord { throw SchedulerError.unavailable("stub", retryAfter: .seconds(1)) }
}
