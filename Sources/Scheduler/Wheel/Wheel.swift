package import MySQL
import Synchronization

/// The timing wheel of one incarnation, shared by the stages that fill it and the one that empties it.
package final class Wheel: Sendable {
    /// Given when something comes in that is due before all that was there.
    package let becameEarlier = Signal()
    /// Given when something is in it that is overdue: for who starts that.
    package let hasOverdue = Signal()
    private let wheel = Mutex(TimingWheel())

    package init() {}

    package var count: Int { wheel.withLock { $0.count } }
    package var earliest: Timestamp? { wheel.withLock { $0.earliest } }

    package func insert(_ entries: [WheelEntry]) {
        if entries.isEmpty { return }
        let isEarlier = wheel.withLock { wheel in
            let before = wheel.earliest
            for entry in entries { wheel.insert(entry) }
            return before.map { wheel.earliest! < $0 } ?? true
        }
        if isEarlier { becameEarlier.notify() }
    }

    /// Those that it does not have yet.
    package func insertMissing(_ entries: [WheelEntry]) {
        insert(wheel.withLock { wheel in entries.filter { !wheel.contains($0) } })
    }

    package func earliest(from start: Timestamp) -> Timestamp? { wheel.withLock { $0.earliest(from: start) } }

    package func take(from start: Timestamp, dueBy time: Timestamp, limit: Int) -> [WheelEntry] {
        wheel.withLock { $0.take(from: start, dueBy: time, limit: limit) }
    }

    package func take(dueBy time: Timestamp, limit: Int) -> [WheelEntry] {
        wheel.withLock { $0.take(dueBy: time, limit: limit) }
    }

    /// Those of them that it has.
    package func remove(_ entries: [WheelEntry]) {
        wheel.withLock { wheel in
            for entry in entries { wheel.remove(entry) }
        }
    }

    package func removeAll() -> [WheelEntry] {
        wheel.withLock { $0.removeAll() }
    }
}
