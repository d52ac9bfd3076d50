import Accounts
import MySQL
import Scheduler

/// What a search in the dead letters asks for.
struct DeadLetterSearch {
    private(set) var filter = DeadLetterFilter()
    private(set) var cursor: DeadLetterCursor?
    private(set) var problems: [FieldProblem] = []
    private let fields: FormFields

    private static let names = ["queue", "host", "reason", "from", "to"]

    init(_ fields: FormFields) {
        self.fields = fields
        func text(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }
        filter.queue = text("queue")
        filter.host = text("host")
        filter.reason = text("reason")
        filter.from = Timestamp.searched("from", text("from"), &problems)
        filter.to = Timestamp.searched("to", text("to"), &problems)
        if let text = text("before") {
            cursor = DeadLetterCursor(text)
            if cursor == nil { problems.append(FieldProblem("before", "must come from a link to the next page")) }
        }
    }

    func path(to list: String = "dead-letters", before cursor: String? = nil) -> String {
        PageLink(list, Self.names.map { ($0, fields[$0]) }).path(before: cursor)
    }

    var view: [String: Any] {
        var view: [String: Any] = [:]
        for name in Self.names { view["search_\(name)"] = fields[name].flatMap { $0.isEmpty ? nil : $0 } }
        return view
    }

    /// As the audit log keeps it: JSON.
    func auditState(_ rate: Int) -> AuditState {
        var writer = JSONWriter()
        writer.object { writer in
            for name in Self.names { writer.member(name, fields[name] ?? "") }
            writer.member("per_second", rate)
        }
        return AuditState(json: String(decoding: writer.bytes, as: UTF8.self))
    }
}

extension Timestamp {
    /// A time in a search: of RFC 3339, unix seconds, or as browsers send a date and a time of day, which is UTC here.
    static func searched(_ name: String, _ text: String?, _ problems: inout [FieldProblem]) -> Timestamp? {
        guard let text else { return nil }
        do {
            return try Timestamp(queryText: text)
        } catch {
            let padded = text.utf8.count == 16 ? text + ":00Z" : text + "Z"
            if let time = try? Timestamp(apiText: padded) { return time }
            problems.append(FieldProblem(name, error.detail))
            return nil
        }
    }
}
