/// A program that the server runs as one indivisible step.
package struct LuaScript: Sendable, Hashable, ExpressibleByStringLiteral {
    package let text: String

    package init(_ text: String) { self.text = text }

    package init(stringLiteral text: String) { self.init(text) }

    /// By its digest.
    func command(_ digest: String, _ keys: [any CommandArgument], _ arguments: [any CommandArgument]) -> Command {
        complete(["EVALSHA", digest], keys, arguments)
    }

    /// With its text, which the server then keeps.
    func command(_ keys: [any CommandArgument], _ arguments: [any CommandArgument]) -> Command {
        complete(["EVAL", text], keys, arguments)
    }

    private func complete(
        _ start: Command, _ keys: [any CommandArgument], _ arguments: [any CommandArgument]
    ) -> Command {
        var command = start
        command.append(keys.count)
        command.append(contentsOf: keys)
        command.append(contentsOf: arguments)
        return command
    }
}
