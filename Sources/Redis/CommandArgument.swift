/// What can be an argument of a command. However it looks, it stays one argument.
package protocol CommandArgument: Sendable {
    associatedtype Bytes: Collection<UInt8>
    /// As the server receives it.
    var commandBytes: Bytes { get }
}

extension String: CommandArgument {
    package var commandBytes: String.UTF8View { utf8 }
}

extension Substring: CommandArgument {
    package var commandBytes: Substring.UTF8View { utf8 }
}

extension Array: CommandArgument where Element == UInt8 {
    package var commandBytes: [UInt8] { self }
}

extension ArraySlice: CommandArgument where Element == UInt8 {
    package var commandBytes: ArraySlice<UInt8> { self }
}

extension Int: CommandArgument {
    package var commandBytes: String.UTF8View { String(self).utf8 }
}

extension Int64: CommandArgument {
    package var commandBytes: String.UTF8View { String(self).utf8 }
}

extension Double: CommandArgument {
    /// The shortest decimal form that reads as the same number; infinities as `inf` and `-inf`.
    package var commandBytes: String.UTF8View { String(self).utf8 }
}
