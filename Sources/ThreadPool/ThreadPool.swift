import Synchronization

/// A fixed number of threads, each with a resource of its own, opened when first needed.
///
/// A closure runs from start to finish on one thread, so nothing that it began is ever suspended half-way. Waiting is
/// bounded in time and in number: a caller that cannot be served is refused. A pool lives until it is closed.
package final class ThreadPool<Resource: PooledResource>: Sendable {
    private let limits: PoolLimits
    private let queue: JobQueue<Resource>
    private let threads: [WorkerThread]
    private let sockets = OpenSockets()
    private let losses = Losses()

    /// - Parameter onUse: told for how long a caller waited and then had the resource, on a thread of the pool.
    package init(_ options: Resource.Options, _ limits: PoolLimits, onUse: PoolUse? = nil) {
        self.limits = limits
        let queue = JobQueue<Resource>(limit: limits.waiting)
        self.queue = queue
        let (losses, sockets) = (losses, sockets)
        var threads = (0..<limits.connections).map { _ in
            WorkerThread { Self.work(queue, options, limits, losses, sockets, onUse) }
        }
        threads.append(WorkerThread { queue.expireUntilClosed() })
        self.threads = threads
    }

    /// Lends a resource to `body`, on a thread of the pool.
    /// - Throws: what `body` throws, or a `Resource.Failure` when nothing can be opened or comes free in time.
    package func withResource<T: Sendable>(
        _ body: @escaping @Sendable (Resource) throws -> T
    ) async throws -> T {
        let losses = losses
        return try await withCheckedThrowingContinuation { continuation in
            let now = ContinuousClock.now
            queue.push(
                Job(queuedAt: now, deadline: now.advanced(by: limits.waitTimeout)) { attempt in
                    switch attempt {
                    case .refused(let error): continuation.resume(throwing: error)
                    case .lent(let resource):
                        do {
                            continuation.resume(returning: try body(resource))
                        } catch {
                            // Before the caller knows of it, whose next use may be of another.
                            if (error as? Resource.Failure)?.losesConnection == true {
                                losses.count.add(1, ordering: .relaxed)
                            }
                            continuation.resume(throwing: error)
                            return error
                        }
                    }
                    return nil
                })
        }
    }

    /// Ends what runs, as a lost connection does, and refuses whatever comes.
    package func interrupt() {
        sockets.interrupt()
    }

    /// Refuses new work, lets what was accepted finish or time out, and closes the resources. Blocks until then.
    package func close() {
        guard queue.close() else { return }
        for thread in threads { thread.join() }
    }

    /// Counts lost resources. When one is lost the others may be too, and each would cost its next caller an error.
    private final class Losses: Sendable {
        let count = Atomic<Int>(0)
    }

    private static func work(
        _ queue: JobQueue<Resource>, _ options: Resource.Options, _ limits: PoolLimits, _ losses: Losses,
        _ sockets: OpenSockets, _ onUse: PoolUse?
    ) {
        var resource: Resource? {
            // Before the old one is closed: the number may then be another socket's.
            willSet { sockets.replace(resource?.socket, by: newValue?.socket) }
        }
        var openedAt = ContinuousClock.now
        var usedAt = openedAt
        var lossesSeen = 0
        while let job = queue.pop() {
            if sockets.areInterrupted {
                _ = job.run(.refused(Resource.Failure(.closed)))
                continue
            }
            let now = ContinuousClock.now
            guard now < job.deadline else {
                _ = job.run(.refused(Resource.Failure(.timeout)))
                continue
            }
            let lossesNow = losses.count.load(ordering: .relaxed)
            if let open = resource {
                let isOld = limits.lifetime > .zero && openedAt.duration(to: now) > limits.lifetime
                let idle = usedAt.duration(to: now)
                if isOld || !open.isUsable(afterIdle: idle, isInDoubt: lossesNow != lossesSeen) { resource = nil }
            }
            lossesSeen = lossesNow
            let lent: Resource
            do throws(Resource.Failure) {
                if let open = resource {
                    lent = open
                } else {
                    lent = try Resource(options)
                    resource = lent
                    openedAt = now
                }
            } catch {
                _ = job.run(.refused(error))
                continue
            }
            // Any other error is the body's own and says nothing of the resource.
            if let failure = job.run(.lent(lent)) as? Resource.Failure, failure.losesConnection {
                resource = nil
            }
            usedAt = ContinuousClock.now
            onUse?(job.queuedAt.duration(to: now), now.duration(to: usedAt))
        }
    }
}
