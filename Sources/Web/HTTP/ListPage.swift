/// A page of a list, read with one entry more than asked for, which tells whether there is a next page.
struct ListPage<Entry: Sendable>: Sendable {
    let entries: ArraySlice<Entry>
    /// The last entry, when more follow.
    let last: Entry?

    /// - Parameter read: gives so many entries at most.
    init(limit: Int, _ read: (_ most: Int) async throws -> [Entry]) async throws {
        self.init(try await read(limit + 1), limit: limit)
    }

    /// - Parameter found: `limit` + 1 at most.
    init(_ found: [Entry], limit: Int) {
        entries = found.prefix(limit)
        last = found.count > limit ? entries.last : nil
    }
}
