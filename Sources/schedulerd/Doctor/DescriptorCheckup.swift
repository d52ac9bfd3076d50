import Glibc
import Scheduler

/// Looks at how many files the process may open.
struct DescriptorCheckup: Sendable {
    /// The hard limit, to which the program raises its own.
    let limit: Int
    let callsAtOnce: Int

    init(limit: Int, callsAtOnce: Int) {
        self.limit = limit
        self.callsAtOnce = callsAtOnce
    }

    init(_ configuration: Configuration) {
        var own = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &own)
        self.init(limit: Int(clamping: own.rlim_max), callsAtOnce: configuration.dispatch.maxInFlight)
    }

    var finding: Finding {
        let needed = 4 * callsAtOnce + 256
        let state = "\(limit) at most, dispatch.max_in_flight is \(callsAtOnce)"
        if limit >= needed { return .ok("open files", state) }
        return .warning(
            "open files", state,
            "raise the limit to \(needed) (LimitNOFILE= of systemd, ulimit -Hn): calls fail when no socket can be opened"
        )
    }
}
