import Glibc
import Synchronization

/// Many seeds, on as many threads as the machine has processors.
package struct Campaign {
    package struct Result: Sendable {
        package var seeds = 0
        package var calls = 0
        package var lost = 0
        /// The first few, by seed.
        package var failures: [Simulation.Report] = []
        package var seconds = 0.0
    }

    /// - Parameters:
    ///   - failureLimit: after so many failures no more seeds are begun.
    package static func run(
        seeds: Range<UInt64>, breakage: Breakage? = nil, threads: Int = sysconf(Int32(_SC_NPROCESSORS_ONLN)),
        failureLimit: Int = 1
    ) -> Result {
        let work = Work(seeds, breakage, failureLimit)
        let begun = ContinuousClock.now
        // Not on the threads of Swift concurrency: a world runs its tasks itself.
        let handles = (0..<threads).map { _ in
            var handle = pthread_t()
            let status = pthread_create(
                &handle, nil,
                { argument in
                    Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                }, Unmanaged.passRetained(work).toOpaque())
            precondition(status == 0, "the system refused a thread: error \(status)")
            return handle
        }
        for handle in handles { pthread_join(handle, nil) }
        var result = work.result.withLock { $0 }
        result.failures.sort { $0.seed < $1.seed }
        result.seconds = begun.duration(to: .now) / .seconds(1)
        return result
    }

    private final class Work: Sendable {
        let result = Mutex(Result())
        private let next: Mutex<UInt64>
        private let end: UInt64
        private let breakage: Breakage?
        private let failureLimit: Int

        init(_ seeds: Range<UInt64>, _ breakage: Breakage?, _ failureLimit: Int) {
            next = Mutex(seeds.lowerBound)
            end = seeds.upperBound
            self.breakage = breakage
            self.failureLimit = failureLimit
        }

        func run() {
            while result.withLock({ $0.failures.count < failureLimit }) {
                let seed = next.withLock { next in
                    next += 1
                    return next - 1
                }
                if seed >= end { return }
                let report = Simulation.run(seed: seed, breakage: breakage)
                result.withLock { result in
                    result.seeds += 1
                    result.calls += report.calls
                    result.lost += report.lost
                    if report.violation != nil { result.failures.append(report) }
                }
            }
        }
    }
}
