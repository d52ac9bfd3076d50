/// A shared answer for each place that it can be read from.
package struct SourcedAnswer<Answer: Sendable>: Sendable {
    private let primary: SharedAnswer<Answer>
    private let replica: SharedAnswer<Answer>

    package init(_ ask: @escaping @Sendable () async throws -> Answer) {
        func answer(_ source: ReadSource) -> SharedAnswer<Answer> {
            SharedAnswer { try await ReadSource.$current.withValue(source) { try await ask() } }
        }
        (primary, replica) = (answer(.primary), answer(.replica))
    }

    /// As `SharedAnswer` gives it, read from `ReadSource.current`.
    package func current(maxAge: Duration) async throws -> Answer {
        switch ReadSource.current {
        case .primary: try await primary.current(maxAge: maxAge)
        case .replica: try await replica.current(maxAge: maxAge)
        }
    }
}
