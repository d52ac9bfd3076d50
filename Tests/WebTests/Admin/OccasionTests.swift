import Testing

@testable import Web

struct OccasionTests {
    @Test func onceInAnInterval() {
        let occasion = Occasion(every: .seconds(10))
        let now = ContinuousClock.now
        #expect(occasion.arises(at: now))
        #expect(!occasion.arises(at: now.advanced(by: .seconds(9))))
        #expect(occasion.arises(at: now.advanced(by: .seconds(10))))
        #expect(!occasion.arises(at: now.advanced(by: .seconds(11))))
    }
}
