import MySQL
import Testing

@testable import Scheduler

/// What can be said of tasks that are answered while they are written.
@Suite struct IntakeBatchTests {
    static let start = ContinuousClock.now

    /// Tasks 1 to `count`, due after as many seconds.
    static func batch(_ count: Int) -> IntakeBatch { IntakeBatch((1...count).map(waiting)) }

    static func waiting(_ number: Int) -> WaitingTask {
        WaitingTask(
            id: TaskID(milliseconds: 1, random: (UInt64(number), 0)),
            task: NewTask(
                queue: "q", planTime: Timestamp(microseconds: 0),
                request: CallbackRequest(method: "GET", url: "http://127.0.0.1/"),
                successRule: .status2xx, retrySchedule: RetrySchedule(maxRetries: 0, delays: []),
                timeout: .seconds(1)),
            deadline: start.advanced(by: .seconds(number)), reply: .init(nil))
    }

    static func numbers(_ tasks: [WaitingTask]) -> [UInt64] { tasks.map { $0.id.high & 0xFFF } }

    @Test func whatIsGivenUpBeforeAnInsertIsNotInIt() {
        let batch = Self.batch(3)
        let late = batch.giveUp(at: Self.start.advanced(by: .seconds(1)))
        #expect(Self.numbers(late.tasks) == [1])
        #expect(!late.mayBeStored)
        #expect(Self.numbers(batch.begin()) == [2, 3])
    }

    @Test func whatIsGivenUpDuringAnInsertMayBeStored() {
        let batch = Self.batch(2)
        #expect(Self.numbers(batch.begin()) == [1, 2])
        #expect(batch.giveUp(at: Self.start.advanced(by: .seconds(1))).mayBeStored)
        batch.failed(isUnknown: false)
        // And is not tried again.
        #expect(Self.numbers(batch.begin()) == [2])
    }

    @Test(arguments: [false, true])
    func afterAFailureItDependsOnTheFailure(isUnknown: Bool) {
        let batch = Self.batch(1)
        _ = batch.begin()
        batch.failed(isUnknown: isUnknown)
        #expect(batch.giveUpAll().mayBeStored == isUnknown)
    }

    @Test func anUnknownEndIsNotForgotten() {
        let batch = Self.batch(1)
        _ = batch.begin()
        batch.failed(isUnknown: true)
        _ = batch.begin()
        batch.failed(isUnknown: false)
        #expect(batch.giveUpAll().mayBeStored)
    }

    @Test func nobodyIsGivenUpTwice() {
        let batch = Self.batch(2)
        #expect(batch.giveUpAll().tasks.count == 2)
        #expect(batch.giveUpAll().tasks.isEmpty)
        #expect(batch.begin().isEmpty)
    }
}
