import MySQL
import Scheduler

/// What a search in the list of tasks asks for.
struct TaskSearch {
    private(set) var filter = TaskFilter()
    private(set) var id: TaskID?
    private(set) var cursor: TaskID?
    private(set) var problems: [FieldProblem] = []
    private let fields: FormFields

    private static let names = ["state", "queue", "host", "label", "from", "to"]

    init(_ fields: FormFields) {
        self.fields = fields
        func text(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let text = text("id") {
            id = TaskID(text.filter { $0 != " " })
            if id == nil { problems.append(FieldProblem("id", "must be a UUID")) }
        }
        if let text = text("state") {
            filter.state = TaskState(rawValue: text)
            if filter.state == nil {
                let states = TaskState.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append(FieldProblem("state", "must be one of \(states)"))
            }
        }
        filter.queue = text("queue")
        filter.host = text("host")
        if let host = filter.host, !TaskFilter.isHost(host) {
            problems.append(FieldProblem("host", "must be a host or host:port as it stands in a URL"))
        }
        if let text = text("label") {
            filter.label = TaskFilter.Label(text)
            if filter.label == nil {
                problems.append(
                    FieldProblem(
                        "label", "must be a name of 1 to 64 letters, digits, dots, dashes or underscores, or name=value"
                    ))
            }
        }
        filter.from = Timestamp.searched("from", text("from"), &problems)
        filter.to = Timestamp.searched("to", text("to"), &problems)
        if let text = text("before") {
            cursor = TaskID(text)
            if cursor == nil { problems.append(FieldProblem("before", "must come from a link to the next page")) }
        }
    }

    /// The same search, further on.
    func path(before cursor: TaskID?) -> String {
        PageLink("tasks", Self.names.map { ($0, fields[$0]) }).path(before: cursor?.description)
    }

    func view(_ texts: Texts) -> [String: Any] {
        var view: [String: Any] = [:]
        for name in Self.names + ["id"] { view["search_\(name)"] = fields[name] ?? "" }
        view["states"] = TaskState.allCases.map {
            FormChoice($0.rawValue, texts("state_\($0.rawValue)"), isChosen: $0 == filter.state)
        }
        return view
    }
}
