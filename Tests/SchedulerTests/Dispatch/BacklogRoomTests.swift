import Scheduler
import Testing

@Suite struct BacklogRoomTests {
    let start = ContinuousClock.now

    @Test func theWindowOpensAsCallsEnd() {
        var room = BacklogRoom(limit: 448)
        var windows: [Int] = []
        for _ in 0..<6 {
            let free = room.room(queue: 1, BacklogShare(), now: start)
            windows.append(free)
            room.started(free, queue: 1, now: start)
            #expect(room.room(queue: 1, BacklogShare(), now: start) == 0)
            room.ended(free, queue: 1)
        }
        #expect(windows == [32, 64, 128, 256, 448, 448])
    }

    @Test func queuesShareIt() {
        var room = BacklogRoom(limit: 32)
        room.started(32, queue: 1, now: start)
        // The first took all while it was alone; the second has its share all the same, and then they are even.
        #expect(room.room(queue: 2, BacklogShare(total: 2), now: start) == 16)
        room.started(16, queue: 2, now: start)
        #expect(room.room(queue: 1, BacklogShare(total: 2), now: start) == 0)
        room.ended(20, queue: 1)
        #expect(room.room(queue: 1, BacklogShare(total: 2), now: start) == 4)
        #expect(room.count == 28)
    }

    @Test func weightsPartItAndALowerClassHasTheRest() {
        var room = BacklogRoom(limit: 32)
        #expect(room.room(queue: 1, BacklogShare(weight: 3, total: 4), now: start) == 24)
        #expect(room.room(queue: 2, BacklogShare(weight: 1, total: 4), now: start) == 8)
        let below = BacklogShare(isBelow: true)
        #expect(room.room(queue: 3, below, now: start) == 32)
        room.started(20, queue: 1, now: start)
        #expect(room.room(queue: 3, below, now: start) == 12)
        #expect(room.room(queue: 3, BacklogShare(), now: start) == 32)
        room.started(20, queue: 2, now: start)
        #expect(room.room(queue: 3, below, now: start) == 0)
    }

    @Test func moreQueuesThanRoomStillGetOneEach() {
        var room = BacklogRoom(limit: 4)
        #expect(room.room(queue: 9, BacklogShare(total: 100), now: start) == 1)
    }

    @Test func theWindowClosesWhenThereWasNoBacklogForAWhile() {
        var room = BacklogRoom(limit: 1000)
        room.started(32, queue: 1, now: start)
        room.ended(32, queue: 1)
        #expect(room.room(queue: 1, BacklogShare(), now: start + .seconds(10)) == 64)
        #expect(room.room(queue: 1, BacklogShare(), now: start + .seconds(11)) == 32)
    }
}
