import Synchronization
import Transfer

/// Makes test calls, each on a loop of its own: they have nothing to do with the calls of tasks, and take none of their
/// room.
final class TestCaller: Sendable {
    private let running = Atomic(0)

    /// - Throws: `SchedulerError.unavailable` when as many run as may.
    func call(_ request: TransferRequest, _ options: TransferOptions) async throws(SchedulerError) -> TransferResult {
        guard running.add(1, ordering: .relaxed).newValue <= TestCall.mostAtOnce else {
            running.subtract(1, ordering: .relaxed)
            throw .unavailable("\(TestCall.mostAtOnce) test calls are being made; try again", retryAfter: .seconds(5))
        }
        defer { running.subtract(1, ordering: .relaxed) }
        let (results, continuation) = AsyncStream.makeStream(of: TransferResult.self)
        let loop = TransferLoop(
            options: options, mayFire: { _ in true },
            onResults: { batch in
                for result in batch { continuation.yield(result) }
            })
        defer { loop.close() }
        loop.submit([request])
        var iterator = results.makeAsyncIterator()
        guard let result = await iterator.next() else {
            throw .unavailable("the call was broken off", retryAfter: .seconds(2))
        }
        return result
    }
}
