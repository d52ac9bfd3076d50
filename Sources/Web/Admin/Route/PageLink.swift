import Scheduler

/// The address of a list with a filter.
struct PageLink {
    private let list: String
    private let pairs: [String]

    /// - Parameter filter: what is nil or empty is left out.
    init(_ list: String, _ filter: [(name: String, value: String?)]) {
        self.list = list
        pairs = filter.compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return "\(name)=" + String(decoding: QueryEscape.encode(value.utf8), as: UTF8.self)
        }
    }

    func path(before cursor: String? = nil) -> String {
        let all =
            pairs + (cursor.map { ["before=" + String(decoding: QueryEscape.encode($0.utf8), as: UTF8.self)] } ?? [])
        return "\(AdminRoute.root)/\(list)" + (all.isEmpty ? "" : "?" + all.joined(separator: "&"))
    }
}
