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
            return "\(name)=" + QueryEscape.encode(value)
        }
    }

    func path(before cursor: String? = nil) -> String {
        let all =
            pairs + (cursor.map { ["before=" + QueryEscape.encode($0)] } ?? [])
        return "\(AdminRoute.root)/\(list)" + (all.isEmpty ? "" : "?" + all.joined(separator: "&"))
    }
}
