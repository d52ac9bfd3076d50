import Scheduler
import Testing

/// No notice is lost, and no waiter is left behind.
@Suite struct SignalTests {
    /// Far enough away that only a failure gets there.
    static var never: ContinuousClock.Instant { .now.advanced(by: .seconds(60)) }

    @Test func aNoticeIsKept() async {
        let signal = Signal()
        signal.notify()
        #expect(await signal.wait())
        signal.notify()
        #expect(await signal.wait(until: Self.never, SystemTime()))
    }

    @Test func manyNoticesAreOne() async {
        let signal = Signal()
        for _ in 0..<10 { signal.notify() }
        #expect(await signal.wait(until: Self.never, SystemTime()))
        #expect(await signal.wait(until: .now, SystemTime()) == false)
    }

    @Test func aNoticeWinsOverAPastDeadline() async {
        let signal = Signal()
        signal.notify()
        #expect(await signal.wait(until: .now.advanced(by: .seconds(-1)), SystemTime()))
    }

    @Test func theDeadlineIsKept() async {
        let signal = Signal()
        let deadline = ContinuousClock.now.advanced(by: .milliseconds(20))
        #expect(await signal.wait(until: deadline, SystemTime()) == false)
        #expect(ContinuousClock.now >= deadline)
        // It works on afterwards.
        signal.notify()
        #expect(await signal.wait(until: Self.never, SystemTime()))
    }

    @Test(arguments: [false, true]) func aNoticeWakesTheWaiter(hasDeadline: Bool) async {
        for _ in 0..<200 {
            let signal = Signal()
            async let waited = hasDeadline ? signal.wait(until: Self.never, SystemTime()) : signal.wait()
            await Task.yield()
            signal.notify()
            #expect(await waited)
        }
    }

    @Test(arguments: [false, true]) func cancellationEndsTheWait(hasDeadline: Bool) async {
        for _ in 0..<200 {
            let signal = Signal()
            let waiter = Task { hasDeadline ? await signal.wait(until: Self.never, SystemTime()) : await signal.wait() }
            await Task.yield()
            waiter.cancel()
            #expect(await waiter.value == false)
            // What comes after it is for the next.
            signal.notify()
            #expect(await signal.wait(until: Self.never, SystemTime()))
        }
    }

    /// A notice that races with the deadline is either given to this wait or kept for the next.
    @Test func noNoticeIsLostToADeadline() async {
        for round in 0..<300 {
            let signal = Signal()
            async let waited = signal.wait(until: .now.advanced(by: .microseconds(round)), SystemTime())
            async let given: Void = signal.notify()
            let (isNotified, _) = await (waited, given)
            if !isNotified { #expect(await signal.wait(until: Self.never, SystemTime())) }
        }
    }

    @Test func everyItemOfAProducerIsSeen() async {
        let signal = Signal()
        let (items, continuation) = AsyncStream.makeStream(of: Int.self)
        let producer = Task {
            for number in 0..<2000 {
                continuation.yield(number)
                signal.notify()
                if number % 7 == 0 { await Task.yield() }
            }
            continuation.finish()
        }
        var seen = 0
        var iterator = items.makeAsyncIterator()
        while seen < 2000 {
            guard await signal.wait(until: Self.never, SystemTime()) else { break }
            // At least one came since the last notice, unless it was read then already.
            while seen < 2000, await iterator.next() != nil { seen += 1 }
        }
        await producer.value
        #expect(seen == 2000)
    }
}
