/// A command with its arguments, each of them any bytes: `["SET", key, payload, "EX", 60]`.
///
/// It is kept as it goes over the wire, where every argument carries its length; nothing is quoted and nothing parsed.
package struct Command: Sendable, ExpressibleByArrayLiteral {
    private var arguments: [UInt8] = []
    private var count = 0

    package init(arrayLiteral elements: any CommandArgument...) {
        append(contentsOf: elements)
    }

    package mutating func append(_ argument: some CommandArgument) {
        let bytes = argument.commandBytes
        arguments.append(UInt8(ascii: "$"))
        Self.append(number: bytes.count, to: &arguments)
        arguments.append(contentsOf: bytes)
        arguments.append(contentsOf: Self.lineEnd)
        count += 1
    }

    package mutating func append(contentsOf arguments: some Sequence<any CommandArgument>) {
        for argument in arguments { append(argument) }
    }

    package mutating func append(contentsOf arguments: some Sequence<some CommandArgument>) {
        for argument in arguments { append(argument) }
    }

    /// Adds what goes over the wire to `output`.
    func encode(to output: inout [UInt8]) {
        precondition(count > 0, "a command without a name would never be answered")
        output.append(UInt8(ascii: "*"))
        Self.append(number: count, to: &output)
        output.append(contentsOf: arguments)
    }

    private static let lineEnd: [UInt8] = [13, 10]

    private static func append(number: Int, to output: inout [UInt8]) {
        output.append(contentsOf: String(number).utf8)
        output.append(contentsOf: lineEnd)
    }
}
