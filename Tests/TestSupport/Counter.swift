import Synchronization

/// Counts what happens on several threads.
package final class Counter: Sendable {
    private let number = Mutex(0)

    package init() {}

    package var value: Int { number.withLock { $0 } }

    /// - Returns: the new value.
    @discardableResult
    package func add() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }
}
