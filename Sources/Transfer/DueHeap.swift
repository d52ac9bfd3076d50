/// Values ordered by when they are due; equal times in the order they came. A binary min-heap, so both `insert` and
/// `popDue` are O(log n); what moves while it is sorted is 24 bytes, never the value.
struct DueHeap<Value> {
    private struct Entry {
        let due: Int64
        let order: UInt64
        let slot: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.due < right.due || left.due == right.due && left.order < right.order
        }
    }

    private var entries: [Entry] = []
    private var slots: [Value?] = []
    private var freeSlots: [Int] = []
    private var nextOrder: UInt64 = 0

    var count: Int { entries.count }

    /// When the first is due; nil: empty. The unit is the caller's.
    var nextDue: Int64? { entries.first?.due }

    mutating func insert(_ value: Value, due: Int64) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            slots[slot] = value
        } else {
            slot = slots.count
            slots.append(value)
        }
        entries.append(Entry(due: due, order: nextOrder, slot: slot))
        nextOrder += 1
        siftUp(entries.count - 1)
    }

    /// Takes out the first if it is due at `now` or before.
    mutating func popDue(at now: Int64) -> Value? {
        guard let first = entries.first, first.due <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            siftDown()
        }
        freeSlots.append(first.slot)
        return slots[first.slot].take()
    }

    /// Takes out everything, in due order, and gives back the memory.
    mutating func removeAll() -> [Value] {
        let values = entries.sorted(by: <).compactMap { slots[$0.slot] }
        self = DueHeap()
        return values
    }

    private mutating func siftUp(_ start: Int) {
        entries.withUnsafeMutableBufferPointer { entries in
            var index = start
            let entry = entries[index]
            while index > 0 {
                let parent = (index - 1) / 2
                guard entry < entries[parent] else { break }
                entries[index] = entries[parent]
                index = parent
            }
            entries[index] = entry
        }
    }

    private mutating func siftDown() {
        entries.withUnsafeMutableBufferPointer { entries in
            var index = 0
            let entry = entries[index]
            while true {
                var child = 2 * index + 1
                guard child < entries.count else { break }
                if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
                guard entries[child] < entry else { break }
                entries[index] = entries[child]
                index = child
            }
            entries[index] = entry
        }
    }
}
