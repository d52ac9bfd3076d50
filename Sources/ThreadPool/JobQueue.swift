import Glibc

/// Work for a thread of the pool.
struct Job<Resource: PooledResource> {
    enum Attempt {
        case lent(Resource)
        case refused(Resource.Failure)
    }

    let queuedAt: ContinuousClock.Instant
    let deadline: ContinuousClock.Instant
    /// Runs once; returns what the body threw, so that the thread can tell whether its resource is lost.
    let run: (Attempt) -> (any Error)?
}

/// A bounded queue between callers and the pool's threads.
final class JobQueue<Resource: PooledResource>: @unchecked Sendable {
    // Every property below `mutex` is touched only with it locked.
    private let limit: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let hasWork = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let hasDeadline = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [Job<Resource>] = []
    /// Jobs before this index are taken; the array is compacted when half of it is.
    private var first = 0
    /// Threads that wait for a job, or have been woken for one that they have not taken yet.
    private var idle = 0
    /// Somebody has an eye on the deadlines.
    private var isWatched = false
    private var isClosed = false

    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(hasWork, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(hasDeadline, &attributes)
    }

    deinit {
        pthread_cond_destroy(hasDeadline)
        pthread_cond_destroy(hasWork)
        pthread_mutex_destroy(mutex)
        hasDeadline.deallocate()
        hasWork.deallocate()
        mutex.deallocate()
    }

    func push(_ job: Job<Resource>) {
        pthread_mutex_lock(mutex)
        let refusal: PoolRefusal? = isClosed ? .closed : jobs.count - first >= limit ? .full(waiting: limit) : nil
        // What a thread is there for does not wait.
        let isUnwatched = refusal == nil && jobs.count - first >= idle && !isWatched
        if refusal == nil {
            jobs.append(job)
            if isUnwatched { isWatched = true }
        }
        pthread_mutex_unlock(mutex)
        if refusal == nil { pthread_cond_signal(hasWork) }
        if isUnwatched { pthread_cond_signal(hasDeadline) }
        if let refusal { _ = job.run(.refused(Resource.Failure(refusal))) }
    }

    /// Waits for a job; nil when the queue is closed and empty.
    func pop() -> Job<Resource>? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while first == jobs.count {
            if isClosed { return nil }
            idle += 1
            pthread_cond_wait(hasWork, mutex)
            idle -= 1
        }
        return takeFirst()
    }

    /// Answers, until the queue is closed, every job that has waited past its deadline.
    func expireUntilClosed() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isClosed {
            guard first < jobs.count else {
                isWatched = false
                // Now and then it looks by itself, in case that a thread was woken in vain.
                waitForDeadline(.seconds(5))
                continue
            }
            let left = ContinuousClock.now.duration(to: jobs[first].deadline)
            if left <= .zero {
                let late = takeFirst()
                pthread_mutex_unlock(mutex)
                _ = late.run(.refused(Resource.Failure(.timeout)))
                pthread_mutex_lock(mutex)
            } else {
                waitForDeadline(left)
            }
        }
    }

    private func waitForDeadline(_ limit: Duration) {
        var until = timespec()
        clock_gettime(CLOCK_MONOTONIC, &until)
        let nanoseconds = until.tv_nsec + Int(limit.components.attoseconds / 1_000_000_000)
        until.tv_sec += Int(limit.components.seconds) + nanoseconds / 1_000_000_000
        until.tv_nsec = nanoseconds % 1_000_000_000
        pthread_cond_timedwait(hasDeadline, mutex, &until)
    }

    /// False: it was closed before.
    func close() -> Bool {
        pthread_mutex_lock(mutex)
        let wasOpen = !isClosed
        isClosed = true
        pthread_cond_broadcast(hasWork)
        pthread_cond_broadcast(hasDeadline)
        pthread_mutex_unlock(mutex)
        return wasOpen
    }

    private func takeFirst() -> Job<Resource> {
        let job = jobs[first]
        first += 1
        if first == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 1024, first * 2 > jobs.count {
            jobs.removeFirst(first)
            first = 0
        }
        return job
    }
}
