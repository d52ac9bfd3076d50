/// What a user may do on the administration pages.
package enum Role: String, Sendable, CaseIterable {
    /// Looks at everything but users.
    case viewer
    /// Also changes tasks and queues.
    case `operator`
    /// Also changes users.
    case administrator
}
