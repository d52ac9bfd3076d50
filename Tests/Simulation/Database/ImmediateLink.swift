package import MySQL
import Synchronization

/// Tables that answer at once, by a clock that is given.
package final class ImmediateLink: DatabaseLink {
    private let tables = Mutex(MemoryTables())
    private let now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    package func read<T: Sendable>(_ body: (MemoryTables) -> T) -> T {
        tables.withLock { body($0) }
    }

    package func transaction<T: Sendable>(
        _ name: StaticString, afterUnknown: (@Sendable (MemoryTables, T) throws -> T)?,
        _ body: @escaping @Sendable (inout MemoryTables, Timestamp) throws -> T
    ) async throws -> T {
        let now = now()
        return try tables.withLock { tables in
            defer { tables.changes = [] }
            return try body(&tables, now)
        }
    }
}
