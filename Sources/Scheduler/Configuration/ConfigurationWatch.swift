/// Decides when files that are looked at again and again are to be read anew. No clock and no I/O of its own.
///
/// What counts is their content: editors replace files, Kubernetes changes a link, and neither leaves a time of change
/// to rely on. A change counts when it was there at two looks, so that no half-written file does.
package struct ConfigurationWatch: Sendable {
    private var known: ConfigurationInput.Content
    private var seen: ConfigurationInput.Content?

    /// - Parameter content: of the configuration in force.
    package init(_ content: ConfigurationInput.Content) {
        known = content
    }

    /// - Parameter isAsked: somebody wants the files to be read now, changed or not.
    /// - Returns: whether to act on `content`.
    package mutating func look(_ content: ConfigurationInput.Content, isAsked: Bool) -> Bool {
        let isSettled = content != known && content == seen
        seen = content
        guard isAsked || isSettled else { return false }
        known = content
        return true
    }
}
