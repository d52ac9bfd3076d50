import Glibc

/// An operating-system thread that runs one closure and takes no signals: those are for the rest of the process, and
/// a peer that is gone must not raise SIGPIPE from within OpenSSL.
final class LoopThread: Sendable {
    private let thread: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let status = pthread_create(
            &thread, nil,
            { argument in
                LoopThread.blockSignals()
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        precondition(status == 0, "the system refused a thread: error \(status)")
        self.thread = thread
    }

    var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

    /// Once, and not on the thread itself.
    func join() {
        pthread_join(thread, nil)
    }

    /// In place of `join`, when nobody will wait for the end.
    func detach() {
        pthread_detach(thread)
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
