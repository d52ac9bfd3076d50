import Synchronization

/// Makes HTTP calls at given instants, all of them on one thread of its own.
///
/// A request goes out a fraction of a millisecond after its `fireAt` and never before. Every request submitted gets one
/// result, unless it is withdrawn. libcurl keeps connections open between requests; if one turns out to be closed before
/// any byte of the answer came, libcurl sends the request again over a new one within the same transfer.
package final class TransferLoop: Sendable {
    private let inbox = TransferInbox()
    private let onResults: @Sendable ([TransferResult]) -> Void
    private let thread: LoopThread
    /// Whether the thread has been joined: its id means nothing from then on.
    private let hasEnded = Mutex(false)

    /// - Parameters:
    ///   - mayFire: asked right before each request is fired, with the time of that moment. False: the request is
    ///     answered with the failure `fenced` instead. On the loop's thread, so it must not block.
    ///   - onResults: called on the loop's thread with everything that ended in one turn of the loop. Firing waits for
    ///     it, so it should only hand the batch on. It may call `submit`, `withdraw` and `close`.
    package init(
        options: TransferOptions, mayFire: @escaping @Sendable (ContinuousClock.Instant) -> Bool,
        onResults: @escaping @Sendable ([TransferResult]) -> Void
    ) {
        self.onResults = onResults
        DescriptorLimit.makeRoom(transfers: options.maxInFlight)
        thread = LoopThread { [inbox] in
            TransferEngine(options: options, inbox: inbox, mayFire: mayFire, onResults: onResults).run()
        }
    }

    deinit {
        inbox.close()
        hasEnded.withLock { hasEnded in
            if hasEnded { return }
            // Dropped from within a callback: nobody is left to wait for the thread, which ends after this turn.
            if thread.isCurrent { thread.detach() } else { thread.join() }
        }
    }

    /// Puts other options in force, for the requests that are fired from now on.
    package func update(_ options: TransferOptions) {
        DescriptorLimit.makeRoom(transfers: options.maxInFlight)
        inbox.update(options)
    }

    /// Takes requests in, from any thread. After `close` they are answered with `shutdown` at once, on the caller's
    /// thread.
    package func submit(_ requests: [TransferRequest]) {
        if inbox.submit(requests) { return }
        onResults(requests.map { TransferResult.unsent($0, .shutdown, "the loop is closed", at: .now) })
    }

    /// Takes back every request that has not been fired, in due order, and returns the tokens. None of them is fired
    /// after this, and none gets a result: for the loss of a lease, and to drain.
    package func withdraw() -> [UInt64] {
        inbox.withdraw().map(\.token)
    }

    /// Requests fired whose results have not been through `onResults`.
    package var inFlight: Int { inbox.inFlight.load(ordering: .acquiring) }

    /// Requests not fired yet.
    package var waiting: Int { inbox.waiting }

    /// Ends the loop: what is waiting is answered with `shutdown`, what runs is broken off and answered with `aborted`.
    /// Returns when the thread has ended; called from within a callback, at once, and the thread ends after this turn.
    package func close() {
        inbox.close()
        if thread.isCurrent { return }
        hasEnded.withLock { hasEnded in
            if !hasEnded { thread.join() }
            hasEnded = true
        }
    }
}
