package import MySQL

/// Ids ordered by plan time: a hashed timing wheel (Varghese and Lauck, 1987) of slots of a few milliseconds.
///
/// Inserting costs the same however many wait. Entries beyond the wheel's span lie in the slot of their time modulo the
/// span and are passed over until their turn. An entry need not be removed early: the start step finds that its row is
/// gone or has another plan time.
package struct TimingWheel: Sendable {
    package private(set) var count = 0
    /// The earliest plan time in the wheel, kept exact. nil: the wheel is empty.
    package private(set) var earliest: Timestamp?

    private var slots: [[WheelEntry]]
    /// One bit for each slot that holds something.
    private var occupied: [UInt64]

    /// Microseconds of one slot.
    private static let slotWidth: Int64 = 4096
    /// 8192 slots of 4.096 ms span 33.6 s, somewhat more than the default lookahead.
    private static let slotCount = 8192

    package init() {
        slots = Array(repeating: [], count: Self.slotCount)
        occupied = Array(repeating: 0, count: Self.slotCount / 64)
    }

    package mutating func insert(_ entry: WheelEntry) {
        let slot = Self.slot(of: entry.planTime)
        slots[slot].append(entry)
        occupied[slot >> 6] |= 1 << UInt64(slot & 63)
        count += 1
        if earliest.map({ entry.planTime < $0 }) ?? true { earliest = entry.planTime }
    }

    package func contains(_ entry: WheelEntry) -> Bool {
        slots[Self.slot(of: entry.planTime)].contains(entry)
    }

    /// Takes what is due at or before `time`, at most `limit` entries, earliest first.
    package mutating func take(dueBy time: Timestamp, limit: Int) -> [WheelEntry] {
        var taken: [WheelEntry] = []
        while taken.count < limit, let next = earliest, next <= time {
            let slot = Self.slot(of: next)
            let end = min(time, Self.end(ofSlotAt: next))
            taken += takeOut(of: slot, limit: limit - taken.count) { $0 <= end }
            earliest = findEarliest(from: next)
        }
        return taken
    }

    /// Takes what is due from `start` on and at or before `time`, at most `limit` entries, earliest first; for a range of
    /// less than the wheel's span.
    package mutating func take(from start: Timestamp, dueBy time: Timestamp, limit: Int) -> [WheelEntry] {
        guard start <= time, count > 0 else { return [] }
        var taken: [WheelEntry] = []
        for number in start.microseconds / Self.slotWidth...time.microseconds / Self.slotWidth where taken.count < limit
        {
            let slot = Int(truncatingIfNeeded: number) & (Self.slotCount - 1)
            if slots[slot].isEmpty { continue }
            taken += takeOut(of: slot, limit: limit - taken.count) { $0 >= start && $0 <= time }
        }
        if let earliest, taken.first.map({ $0.planTime <= earliest }) ?? false {
            self.earliest = findEarliest(from: earliest)
        }
        return taken
    }

    /// Entries of one slot at these times, at most `limit`, earliest first. `earliest` is for the caller to find.
    private mutating func takeOut(of slot: Int, limit: Int, _ isDue: (Timestamp) -> Bool) -> [WheelEntry] {
        let split = slots[slot].partition { isDue($0.planTime) }
        var due = Array(slots[slot][split...]).sorted { ($0.planTime, $0.id) < ($1.planTime, $1.id) }
        slots[slot].removeSubrange(split...)
        if due.count > limit {
            slots[slot].append(contentsOf: due[limit...])
            due.removeSubrange(limit...)
        }
        if slots[slot].isEmpty { occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
        count -= due.count
        return due
    }

    /// The earliest plan time from `start` on, as far as that is within the wheel's span. nil: there is none.
    package func earliest(from start: Timestamp) -> Timestamp? {
        guard let earliest, earliest < start else { return earliest }
        let first = Self.slot(of: start)
        let words = occupied.count
        for step in 0...words {
            let word = ((first >> 6) + step) % words
            var bits = occupied[word]
            if step == 0 { bits &= ~0 << UInt64(first & 63) }
            if step == words { bits &= (1 << UInt64(first & 63)) - 1 }
            while bits != 0 {
                let slot = word << 6 | bits.trailingZeroBitCount
                bits &= bits - 1
                let turn = Self.end(ofSlot: slot, after: start)
                let found = slots[slot].lazy.map(\.planTime).filter { $0 >= start && $0 <= turn }.min()
                if let found { return found }
            }
        }
        return nil
    }

    /// Makes room that would else be had only at the entry's time.
    package mutating func remove(_ entry: WheelEntry) {
        let slot = Self.slot(of: entry.planTime)
        guard let index = slots[slot].firstIndex(of: entry) else { return }
        slots[slot].swapAt(index, slots[slot].count - 1)
        slots[slot].removeLast()
        if slots[slot].isEmpty { occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
        count -= 1
        if entry.planTime == earliest { earliest = findEarliest(from: entry.planTime) }
    }

    /// Empties the wheel: its incarnation has ended.
    package mutating func removeAll() -> [WheelEntry] {
        let all = slots.flatMap { $0 }
        self = TimingWheel()
        return all
    }

    /// Looks through the slots from that of `start`, once around; a slot may hold entries of later turns.
    private func findEarliest(from start: Timestamp) -> Timestamp? {
        guard count > 0 else { return nil }
        var best: Timestamp?
        let first = Self.slot(of: start)
        let words = occupied.count
        for step in 0...words {
            let word = ((first >> 6) + step) % words
            var bits = occupied[word]
            if step == 0 { bits &= ~0 << UInt64(first & 63) }
            if step == words { bits &= (1 << UInt64(first & 63)) - 1 }
            while bits != 0 {
                let slot = word << 6 | bits.trailingZeroBitCount
                bits &= bits - 1
                let turn = Self.end(ofSlot: slot, after: start)
                for entry in slots[slot] where best.map({ entry.planTime < $0 }) ?? true { best = entry.planTime }
                // What lies in this turn of the slot is before all that the slots after it hold.
                if let best, best <= turn { return best }
            }
        }
        return best
    }

    private static func slot(of time: Timestamp) -> Int {
        Int(truncatingIfNeeded: time.microseconds / slotWidth) & (slotCount - 1)
    }

    private static func end(ofSlotAt time: Timestamp) -> Timestamp {
        Timestamp(microseconds: (time.microseconds / slotWidth + 1) * slotWidth - 1)
    }

    /// The last microsecond of the first turn of `slot` that ends at or after `time`.
    private static func end(ofSlot slot: Int, after time: Timestamp) -> Timestamp {
        let current = time.microseconds / slotWidth
        let ahead = (slot - Int(truncatingIfNeeded: current)) & (slotCount - 1)
        return Timestamp(microseconds: (current + Int64(ahead) + 1) * slotWidth - 1)
    }
}
