/// Where what people look at is read from.
package enum ReadSource: Sendable, Hashable {
    case primary
    /// A copy of the primary, which may be behind.
    case replica

    /// For whatever is read below it to be shown. What writes or decides is on the primary wherever it is called from.
    @TaskLocal package static var current = ReadSource.primary
}
