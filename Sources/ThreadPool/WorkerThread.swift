import Glibc

/// An operating-system thread that runs one closure and takes no signals: those are for the rest of the process, and
/// must not interrupt a C library that waits for a server.
package final class WorkerThread: Sendable {
    private let thread: pthread_t

    package init(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let status = pthread_create(
            &thread, nil,
            { argument in
                WorkerThread.blockSignals()
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        precondition(status == 0, "the system refused a thread: error \(status)")
        self.thread = thread
    }

    /// Once, and not on the thread itself.
    package func join() {
        pthread_join(thread, nil)
    }

    private static func blockSignals() {
        var signals = sigset_t()
        sigfillset(&signals)
        // A crash of this very thread must still be reported.
        for signal in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { sigdelset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
