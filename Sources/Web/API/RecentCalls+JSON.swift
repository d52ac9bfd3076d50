import Scheduler

extension RecentCalls {
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("calls", calls)
        writer.member("failures", failures)
        writer.object("classes") { writer in
            for (name, calls) in classes.sorted(by: { $0.key < $1.key }) { writer.member(name, calls) }
        }
        duration.write("duration_ms", to: &writer)
        lateness.write("lateness_ms", to: &writer)
    }
}

extension Percentiles? {
    fileprivate func write(_ name: String, to writer: inout JSONWriter) {
        guard let self else { return writer.member(name, Int?.none) }
        writer.object(name) { writer in
            writer.member("p50", milliseconds: Int64(self.p50))
            writer.member("p99", milliseconds: Int64(self.p99))
        }
    }
}
