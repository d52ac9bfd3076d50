import MySQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an operation on tasks is done to, in the form of `bulk_operations.filter`: a JSON object of strings, times by
/// RFC 3339.
struct StoredTaskFilter: Codable {
    private var state: String?
    private var queue: String?
    private var host: String?
    private var label: String?
    private var from: String?
    private var to: String?
    private var planTime: String?

    init(_ filter: TaskFilter, planTime: Timestamp?) {
        state = filter.state?.rawValue
        queue = filter.queue
        host = filter.host
        label = filter.label.map { label in label.value.map { "\(label.key)=\($0)" } ?? label.key }
        from = filter.from?.rfc3339
        to = filter.to?.rfc3339
        self.planTime = planTime?.rfc3339
    }

    /// - Returns: nil when it is none.
    init?(text: String) {
        // What is wrong with it, the caller says.
        guard let stored = try? JSONDecoder().decode(StoredTaskFilter.self, from: Data(text.utf8)) else { return nil }
        self = stored
    }

    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { preconditionFailure("strings always encode") }
        return String(decoding: data, as: UTF8.self)
    }

    var filter: TaskFilter {
        var filter = TaskFilter()
        filter.state = state.flatMap { TaskState(rawValue: $0) }
        filter.queue = queue
        filter.host = host
        filter.label = label.flatMap { TaskFilter.Label($0) }
        filter.from = from.flatMap { Timestamp(rfc3339: $0) }
        filter.to = to.flatMap { Timestamp(rfc3339: $0) }
        return filter
    }

    var newPlanTime: Timestamp? { planTime.flatMap { Timestamp(rfc3339: $0) } }
}
