import Hummingbird

extension Request {
    /// For what takes neither a query nor a body.
    func requireNoContent(limit: Int) async throws {
        _ = try QueryParameters(rawQuery.utf8, accepts: [])
        guard try await content(limit: limit).isEmpty else {
            throw Problem(.malformed, field: "body", "must be empty")
        }
    }
}
