package import MySQL
import Synchronization

/// Makes task ids, in order: of two made by one process the later is the greater.
package final class TaskIDSource: Sendable {
    private let chance: any Timekeeper
    private let last = Mutex((milliseconds: Int64.min, count: UInt64(0)))

    package init(_ chance: any Timekeeper) {
        self.chance = chance
    }

    /// Within a millisecond the first random field of the UUID counts up (RFC 9562, section 6.2, method 1); when it is
    /// full, the next millisecond is borrowed.
    package func next(at time: Timestamp) -> TaskID {
        let (milliseconds, count) = last.withLock { last in
            let now = time.microseconds / 1000
            if now > last.milliseconds {
                last = (now, chance.randomBits() & 2047)
            } else if last.count == 4095 {
                last = (last.milliseconds + 1, 0)
            } else {
                last.count += 1
            }
            return last
        }
        return TaskID(milliseconds: milliseconds, random: (count, chance.randomBits()))
    }
}
