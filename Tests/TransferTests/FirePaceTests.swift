import Testing

@testable import Transfer

@Suite struct FirePaceTests {
    @Test func theFirstNeedNotWait() {
        #expect(FirePace().room(running: 0, now: 0) == FirePace.calm + 32)
        #expect(FirePace().room(running: 60, now: 0) == 4 + 32)
    }

    /// Beyond the calm: a burst, and then so many as time has passed.
    @Test func theRestFollowsAtAPace() {
        var pace = FirePace()
        pace.began(96, running: 96, now: 1_000_000)
        #expect(pace.room(running: 96, now: 1_000_000) == 0)
        #expect(pace.room(running: 96, now: pace.nextRoom - 1) == 0)
        #expect(pace.room(running: 96, now: pace.nextRoom) == 8)
        #expect(pace.room(running: 96, now: 2_000_000) == 32)
        #expect(pace.room(running: 500, now: 60_000_000_000) == 32)
    }

    @Test func whatEndsMakesRoomAtOnce() {
        var pace = FirePace()
        pace.began(96, running: 96, now: 0)
        #expect(pace.room(running: 40, now: 1) == 24)
        // Those take nothing of the pace.
        let before = pace.nextRoom
        pace.began(24, running: 64, now: 1)
        #expect(pace.nextRoom == before)
    }

    /// An even flow below the pace never waits, however many are under way.
    @Test func anEvenFlowNeverWaits() {
        var pace = FirePace()
        for step in 0..<1000 {
            let now = Int64(step) * 1_000_000
            #expect(pace.room(running: 200, now: now) >= 3)
            pace.began(3, running: 203, now: now)
        }
    }
}
