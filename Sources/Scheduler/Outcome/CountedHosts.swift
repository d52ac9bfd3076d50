package import MySQL

/// Which hosts have counts of their own in a minute: the first of it, among which those that are called often nearly always are.
/// The others are counted together, so that however many hosts there are the rows stay few.
package struct CountedHosts: Sendable {
    private var minute = Timestamp(microseconds: 0)
    private var hosts: Set<String> = []

    /// Of one instance in one minute.
    package static let limit = 200

    package init() {}

    /// - Returns: the host as it is counted; empty: with others.
    package mutating func counted(_ host: String, at minute: Timestamp) -> String {
        if minute > self.minute {
            self.minute = minute
            hosts.removeAll(keepingCapacity: true)
        }
        if hosts.contains(host) { return host }
        if hosts.count >= Self.limit { return "" }
        hosts.insert(host)
        return host
    }
}
