/// What a Redis server's settings mean for what is kept there.
struct RedisSettings: Sendable {
    static let names = ["appendonly", "appendfsync", "maxmemory", "maxmemory-policy"]

    /// Where it is, without secrets.
    let place: String
    /// What it is for: `tasks of producers`, `intake buffer`, `sessions`.
    let uses: [Use]
    let values: [String: String]

    enum Use: String, Sendable {
        case source = "tasks of producers"
        case buffer = "the intake buffer"
        case sessions = "sessions"
    }

    private var subject: String { "Redis \(place)" }
    private var purpose: String { uses.map(\.rawValue).joined(separator: ", ") }
    private var keepsTasks: Bool { uses.contains(.source) || uses.contains(.buffer) }

    var findings: [Finding] { [persistence, eviction] }

    private var persistence: Finding {
        let (isOn, sync) = (values["appendonly"] == "yes", values["appendfsync"] ?? "unknown")
        let state = "appendonly is \(values["appendonly"] ?? "unknown"), appendfsync is \(sync) (\(purpose))"
        if !keepsTasks { return .ok(subject, state) }
        let fault = "what waits in Redis is lost when it ends; accepted tasks in the intake buffer are among it"
        if !isOn {
            return uses.contains(.buffer)
                ? .problem(subject, state, "set appendonly to yes and appendfsync to always: \(fault)")
                : .warning(subject, state, "set appendonly to yes: tasks that were not taken yet are lost when it ends")
        }
        if uses.contains(.buffer), sync != "always" {
            return .warning(
                subject, state, "set appendfsync to always: the last second of accepted tasks may be lost in a crash")
        }
        return .ok(subject, state)
    }

    private var eviction: Finding {
        let (memory, policy) = (values["maxmemory"] ?? "0", values["maxmemory-policy"] ?? "unknown")
        let state = "maxmemory is \(memory), maxmemory-policy is \(policy)"
        if memory == "0" || policy == "noeviction" || (!policy.hasPrefix("allkeys") && keepsTasks) {
            return .ok(subject, state)
        }
        return keepsTasks
            ? .problem(
                subject, state,
                "set maxmemory-policy to noeviction: Redis throws whole keys with tasks away when memory is short")
            : .warning(subject, state, "set it to noeviction: users are signed out when memory is short")
    }
}
