import Glibc

/// Keeps the jobs of one process until the world runs them.
///
/// `@unchecked`: a world and all that belongs to it live on one thread, which `enqueue` checks.
final class VirtualExecutor: TaskExecutor, @unchecked Sendable {
    private var jobs: [UnownedJob] = []
    private var first = 0
    private let thread = pthread_self()

    var isIdle: Bool { first == jobs.count }
    var count: Int { jobs.count - first }

    func enqueue(_ job: consuming ExecutorJob) {
        precondition(pthread_equal(thread, pthread_self()) != 0, "a task has left its world")
        jobs.append(UnownedJob(job))
    }

    /// - Parameter ahead: how many jobs are let wait: on several threads they run in any order.
    func runOne(ahead: Int = 0) {
        if ahead > 0 { jobs.swapAt(first, first + ahead) }
        let job = jobs[first]
        first += 1
        if first == jobs.count || first > 256 {
            jobs.removeFirst(first)
            first = 0
        }
        job.runSynchronously(on: asUnownedTaskExecutor())
    }
}
