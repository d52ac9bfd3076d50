import Glibc

/// The process's limit on open files, which many systems set to 1024 by default and let everyone raise.
enum DescriptorLimit {
    /// Raises the soft limit to the hard one if `transfers` at once may need more: up to two sockets race for a
    /// connection while a lookup holds a pair.
    static func makeRoom(transfers: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let needed = rlim_t(4 * transfers + 256)
        guard limit.rlim_cur < needed, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
