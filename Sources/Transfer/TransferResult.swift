/// How a transfer ended. Every request submitted gets exactly one, unless it was withdrawn.
package struct TransferResult: Sendable {
    package var token: UInt64
    /// When the request was handed to the network; never before its `fireAt`. For a request that was not sent
    /// (`fenced`, `shutdown`, `invalid_request`), when that was decided.
    package var firedAt: ContinuousClock.Instant
    package var finishedAt: ContinuousClock.Instant
    /// The HTTP status. 0: there was no answer. A failure after the answer began (say, a timeout in the middle of the
    /// body) leaves the status in place.
    package var status = 0
    /// Nil: the answer is complete, or cut by `TransferOptions.responseReadLimit` alone. Any status is an answer.
    package var failure: TransferFailure?
    package var timings = TransferTimings()
    /// What was really connected to: `192.0.2.1:80` or `[2001:db8::1]:443`. Nil: nothing was.
    package var address: String?
    /// The first `TransferOptions.responseLimit` bytes of the answer's body, as they came over the wire.
    package var body: [UInt8] = []
    /// Whether there was more than `body`.
    package var bodyTruncated = false
    /// The `Retry-After` header as received.
    package var retryAfter: String?

    package init(token: UInt64, firedAt: ContinuousClock.Instant, finishedAt: ContinuousClock.Instant) {
        self.token = token
        self.firedAt = firedAt
        self.finishedAt = finishedAt
    }
}

extension TransferResult {
    /// The result of a request that was never sent.
    static func unsent(
        _ request: TransferRequest, _ kind: TransferFailure.Kind, _ message: String, at now: ContinuousClock.Instant
    ) -> TransferResult {
        var result = TransferResult(token: request.token, firedAt: now, finishedAt: now)
        result.failure = TransferFailure(kind: kind, message: message)
        return result
    }
}
