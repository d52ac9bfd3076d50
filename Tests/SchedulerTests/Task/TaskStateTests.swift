import Scheduler
import Testing

@Suite struct TaskStateTests {
    struct Case: Sendable {
        let stored: StoredState
        /// With no claim, an unstarted one and a started one.
        let visible: [TaskState]
    }

    static let cases = [
        Case(stored: .scheduled, visible: [.scheduled, .claimed, .running]),
        Case(stored: .retrying, visible: [.retrying, .retrying, .running]),
        Case(stored: .succeeded, visible: [.succeeded, .succeeded, .succeeded]),
        Case(stored: .dead, visible: [.dead, .dead, .dead]),
        Case(stored: .cancelled, visible: [.cancelled, .cancelled, .cancelled]),
    ]

    @Test(arguments: cases) func visibleState(expected: Case) {
        #expect([nil, false, true].map { expected.stored.visible(claim: $0) } == expected.visible)
    }

    /// The numbers are in the databases of the old program.
    @Test func storedNumbers() {
        let numbers: [StoredState: UInt8] = [.scheduled: 0, .succeeded: 1, .retrying: 2, .dead: 3, .cancelled: 4]
        for (state, number) in numbers {
            #expect(state.rawValue == number)
            #expect(StoredState(rawValue: number) == state)
        }
        #expect(StoredState(rawValue: 5) == nil)
    }

    @Test(arguments: TaskState.allCases) func whatIsStoredIsShownAgain(state: TaskState) {
        let claim: Bool? = [.claimed: false, .running: true][state]
        #expect(state.stored.visible(claim: claim) == state)
        #expect(state.isFinished == [.succeeded, .dead, .cancelled].contains(state))
    }

    @Test(arguments: OnLost.allCases) func onLostBothWays(onLost: OnLost) {
        #expect(OnLost(code: Int(onLost.code)) == onLost)
    }
}
