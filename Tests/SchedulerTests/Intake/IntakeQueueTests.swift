import Testing

@testable import Scheduler

/// Which tasks share a transaction, and when it begins.
@Suite struct IntakeQueueTests {
    static let start = IntakeBatchTests.start

    static func at(_ milliseconds: Int) -> ContinuousClock.Instant { start.advanced(by: .milliseconds(milliseconds)) }

    static func queue(_ numbers: ClosedRange<Int>) -> IntakeQueue {
        var queue = IntakeQueue()
        for number in numbers { queue.append(IntakeBatchTests.waiting(number)) }
        return queue
    }

    /// What a lane is to do, in a word.
    static func word(_ next: IntakeQueue.Next) -> String {
        switch next {
        case .write(let batch): "write \(batch.tasks.count)"
        case .gather(let until): "gather until \(start.duration(to: until) / .milliseconds(1))"
        case .wait: "wait"
        case .end: "end"
        }
    }

    @Test func aLoneTaskIsWrittenAtOnce() {
        var queue = Self.queue(1...1)
        #expect(Self.word(queue.next(500, at: Self.at(0))) == "write 1")
        #expect(Self.word(queue.next(500, at: Self.at(0))) == "wait")
        #expect(queue.count == 0)
    }

    /// While a transaction is under way that began at 0 ms with one task, so many more have come.
    @Test(arguments: [
        (1, 1, "gather until 3.0"), (15, 2, "gather until 3.0"), (16, 1, "write 16"), (600, 1, "write 500"),
        (1, 3, "write 1"), (1, 20, "write 1"),
    ])
    func anotherTransactionIsForManyOrWhenTheFirstTakesLong(count: Int, time: Int, expected: String) {
        var queue = Self.queue(1...1)
        _ = queue.next(500, at: Self.at(0))
        for number in 0..<count { queue.append(IntakeBatchTests.waiting(number)) }
        #expect(Self.word(queue.next(500, at: Self.at(time))) == expected)
    }

    @Test func theFirstTakesAlongWhatHasCome() throws {
        var queue = Self.queue(1...1)
        guard case .write(let first) = queue.next(500, at: Self.at(0)) else { throw Unexpected() }
        queue.append(IntakeBatchTests.waiting(2))
        #expect(Self.word(queue.next(500, at: Self.at(1))) == "gather until 3.0")
        #expect(!queue.needsLane)
        // A third lane leaves it to the second.
        #expect(Self.word(queue.next(500, at: Self.at(1))) == "wait")
        queue.append(IntakeBatchTests.waiting(3))
        queue.written(first)
        #expect(Self.word(queue.next(500, at: Self.at(2))) == "write 2")
        queue.isGathering = false
        #expect(Self.word(queue.next(500, at: Self.at(3))) == "wait")
    }

    /// After a transaction that began at 0 ms with some tasks and has ended, so many have come.
    @Test(arguments: [
        (1, 1, 1, "write 1"), (3, 2, 2, "gather until 3.0"), (3, 3, 1, "write 3"), (3, 1, 3, "write 1"),
        (40, 15, 2, "gather until 3.0"), (40, 16, 2, "write 16"),
    ])
    func theNextOneIsForAboutAsManyAsTheLast(last: Int, count: Int, time: Int, expected: String) throws {
        var queue = Self.queue(1...last)
        guard case .write(let first) = queue.next(500, at: Self.at(0)) else { throw Unexpected() }
        queue.written(first)
        for number in 0..<count { queue.append(IntakeBatchTests.waiting(number)) }
        #expect(Self.word(queue.next(500, at: Self.at(time))) == expected)
    }

    @Test func aGroupIsNotTornApart() {
        var queue = IntakeQueue()
        for number in 1...3 {
            var waiting = IntakeBatchTests.waiting(number)
            waiting.rest = (0..<299).map { (TaskID(milliseconds: 2, random: (UInt64($0), 0)), waiting.task) }
            queue.append(waiting)
        }
        #expect(queue.count == 900)
        for expected in ["write 1", "write 1", "write 1", "wait"] {
            #expect(Self.word(queue.next(500, at: Self.at(0))) == expected)
        }
    }

    @Test func onceClosedNothingIsWaitedFor() {
        var queue = Self.queue(1...1)
        _ = queue.next(500, at: Self.at(0))
        queue.append(IntakeBatchTests.waiting(2))
        queue.isClosed = true
        #expect(Self.word(queue.next(500, at: Self.at(1))) == "write 1")
        #expect(Self.word(queue.next(500, at: Self.at(1))) == "end")
    }

    @Test func theFirstDeadlineIsOfThoseThatAreNotAnswered() throws {
        var queue = Self.queue(1...2)
        #expect(queue.firstDeadline == Self.at(1000))
        guard case .write(let batch) = queue.next(1, at: Self.at(0)) else { throw Unexpected() }
        #expect(queue.firstDeadline == Self.at(1000))
        let late = queue.giveUp(at: Self.at(1500))
        #expect(late.map { IntakeBatchTests.numbers($0.tasks) } == [[1]])
        #expect(queue.firstDeadline == Self.at(2000))
        #expect(IntakeBatchTests.numbers(queue.takeLate(Self.at(2000))) == [2])
        #expect(queue.count == 0)
        queue.written(batch)
        #expect(queue.firstDeadline == nil)
    }

    private struct Unexpected: Error {}
}
