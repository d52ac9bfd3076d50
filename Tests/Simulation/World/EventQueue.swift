/// What happens when, in virtual time; what happens at one time does so in the order it was planned.
struct EventQueue {
    private struct Event {
        var time: Int64
        var order: UInt64
        var action: () -> Void

        func isBefore(_ other: Event) -> Bool { (time, order) < (other.time, other.order) }
    }

    private var heap: [Event] = []
    private var last: UInt64 = 0

    var nextTime: Int64? { heap.first?.time }

    mutating func add(at time: Int64, _ action: @escaping () -> Void) {
        last += 1
        heap.append(Event(time: time, order: last, action: action))
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { break }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    mutating func removeFirst() -> (time: Int64, action: () -> Void) {
        let first = heap[0]
        let moved = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = moved
            var index = 0
            while true {
                var least = index
                for child in [2 * index + 1, 2 * index + 2]
                where child < heap.count && heap[child].isBefore(heap[least]) {
                    least = child
                }
                if least == index { break }
                heap.swapAt(index, least)
                index = least
            }
        }
        return (first.time, first.action)
    }

    mutating func removeAll() {
        heap = []
    }
}
