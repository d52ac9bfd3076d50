import Testing

@testable import Transfer

@Suite struct DueHeapTests {
    @Test(
        arguments: [
            [], [1], [1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [3, 1, 3, 1, 2, 3, 1], [7, 7, 7, 7], [-1, 0, .min, .max, 0],
        ] as [[Int64]]) func `gives out by time, equal times as they came`(_ times: [Int64])
    {
        var heap = DueHeap<Int>()
        for (index, due) in times.enumerated() { heap.insert(index, due: due) }
        #expect(heap.count == times.count)
        #expect(heap.nextDue == times.min())
        let expected = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        var copy = heap
        #expect(copy.removeAll() == expected)
        #expect(copy.count == 0 && copy.nextDue == nil)
        var popped: [Int] = []
        while let value = heap.popDue(at: .max) { popped.append(value) }
        #expect(popped == expected)
    }

    @Test func `keeps what is not due`() {
        var heap = DueHeap<String>()
        heap.insert("later", due: 20)
        heap.insert("now", due: 10)
        #expect(heap.popDue(at: 9) == nil)
        #expect(heap.popDue(at: 10) == "now")
        #expect(heap.popDue(at: 19) == nil)
        #expect(heap.nextDue == 20)
        #expect(heap.popDue(at: 21) == "later")
        #expect(heap.popDue(at: .max) == nil)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func `agrees with a sorted array`(_ seed: UInt64) {
        var state = seed
        func random(below bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var heap = DueHeap<Int>()
        var model: [(due: Int64, value: Int)] = []
        for value in 0..<500 {
            if random(below: 3) > 0 {
                let due = Int64(random(below: 50))
                heap.insert(value, due: due)
                model.insert((due, value), at: model.firstIndex { $0.due > due } ?? model.count)
            } else {
                let now = Int64(random(below: 50))
                let expected = model.first.flatMap { $0.due <= now ? $0.value : nil }
                if expected != nil { model.removeFirst() }
                #expect(heap.popDue(at: now) == expected)
            }
            #expect(heap.count == model.count && heap.nextDue == model.first?.due)
        }
        #expect(heap.removeAll() == model.map(\.value))
    }

    @Test(
        arguments: [
            (0, 0, 0), (1, 0, 1), (999_999_999, 0, 1), (1_000_000_000, 1, 1), (1_000_000_001, 1, 2), (-1, -1, 0),
            (-1_000_000_000, -1, -1),
        ] as [(Int64, Int64, Int64)]) func `now is rounded down and due up`(
            _ attoseconds: Int64, _ now: Int64, _ due: Int64
        )
    {
        let origin = ContinuousClock.now
        let instant = origin + Duration(secondsComponent: 0, attosecondsComponent: attoseconds)
        #expect(Timebase(origin: origin).elapsed(at: instant) == now)
        #expect(Timebase(origin: origin).due(at: instant) == due)
    }

    @Test func `centuries are clamped`() {
        let origin = ContinuousClock.now
        #expect(Timebase(origin: origin).due(at: origin + .seconds(100_000_000_000)) == .max)
    }
}
