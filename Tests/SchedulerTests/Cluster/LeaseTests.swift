import Scheduler
import Testing

@Suite struct LeaseTests {
    let sentAt = ContinuousClock.now

    func at(_ seconds: Double) -> ContinuousClock.Instant { sentAt.advanced(by: .seconds(seconds)) }

    /// Seconds after the request was sent, and whether tasks may be fired.
    static let moments: [(Double, Bool)] = [
        (0, true), (5, true), (9.499, true), (9.5, false), (9.9, false), (10, false), (3600, false),
    ]

    @Test(arguments: moments) func endsHereBeforeItEndsInTheDatabase(seconds: Double, isHeld: Bool) {
        #expect(Lease(duration: .seconds(10), sentAt: sentAt).isHeld(at: at(seconds)) == isHeld)
    }

    @Test func aRenewalCountsFromWhenItWasSent() {
        let lease = Lease(duration: .seconds(10), sentAt: sentAt)
        #expect(lease.renew(sentAt: at(3), at: at(4)))
        #expect(lease.isHeld(at: at(12.499)))
        #expect(!lease.isHeld(at: at(12.5)))
    }

    @Test func whatHasRunOutStaysLost() {
        let late = Lease(duration: .seconds(10), sentAt: sentAt)
        #expect(!late.renew(sentAt: at(9), at: at(9.6)))
        let refused = Lease(duration: .seconds(10), sentAt: sentAt)
        #expect(!refused.isHeld(at: at(9.5)))
        // Somebody was told no: an earlier moment changes nothing any more.
        #expect(!refused.isHeld(at: at(1)))
        #expect(!refused.renew(sentAt: at(1), at: at(2)))
    }

    @Test func whatIsGivenUpIsOver() {
        let lease = Lease(duration: .seconds(10), sentAt: sentAt)
        lease.end()
        #expect(!lease.isHeld(at: sentAt))
        #expect(!lease.isHeld(at: sentAt.advanced(by: .seconds(-100))))
    }
}
