import Testing

@testable import Web

struct AllowanceTests {
    private static let start = ContinuousClock.now

    /// When requests come, in milliseconds, and which of them are allowed.
    @Test(arguments: [
        (2, [0, 0, 0, 0], [true, true, false, false]),
        (2, [0, 0, 499, 500, 999, 1000, 1001], [true, true, false, true, false, true, false]),
        (1, [0, 999, 1000, 5000, 5000], [true, false, true, true, false]),
        (1000, [0, 0, 0, 1], [true, true, true, true]),
    ])
    func aSecondsWorthAtOnceAndThenTheRate(_ rate: Int, _ times: [Int], _ allowed: [Bool]) {
        var allowance = Allowance()
        let answers = times.map { allowance.take(Self.start + .milliseconds($0), perSecond: rate) == nil }
        #expect(answers == allowed)
    }

    @Test func itSaysHowLongToWait() {
        var allowance = Allowance()
        #expect(allowance.take(Self.start, perSecond: 1) == nil)
        #expect(allowance.take(Self.start + .milliseconds(250), perSecond: 1) == .milliseconds(750))
    }
}
