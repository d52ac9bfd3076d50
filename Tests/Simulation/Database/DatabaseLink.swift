package import MySQL

/// How transactions come from a store to the tables: at once, or through a simulated network.
package protocol DatabaseLink: Sendable {
    /// Runs `body` as one transaction: at one instant, as a whole or, when it throws, not at all.
    /// - Parameters:
    ///   - body: given the database's time at that instant.
    ///   - afterUnknown: how the caller finds out what a transaction did whose COMMIT was not answered; called later, with
    ///     what it did. nil: the caller is told that it is unknown. One that did not take effect is thrown as an error.
    func transaction<T: Sendable>(
        _ name: StaticString, afterUnknown: (@Sendable (MemoryTables, T) throws -> T)?,
        _ body: @escaping @Sendable (inout MemoryTables, Timestamp) throws -> T
    ) async throws -> T
}

extension DatabaseLink {
    func transaction<T: Sendable>(
        _ name: StaticString, _ body: @escaping @Sendable (inout MemoryTables, Timestamp) throws -> T
    ) async throws -> T {
        try await transaction(name, afterUnknown: nil, body)
    }
}
