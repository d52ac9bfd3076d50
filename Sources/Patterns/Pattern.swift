import CRE2

/// A regular expression in RE2's syntax, compiled: what others send us can be searched with what others wrote.
///
/// RE2 never goes back in the text: a search takes at most as many steps as the program of the pattern has instructions
/// times the bytes of the text, and memory below a bound (docs/decisions/0008-re2.md). Both factors have limits.
package final class Pattern: Sendable {
    package let text: String
    /// Bytes of the longest text that may be searched; not less than 65,536.
    package let reach: Int
    // RE2's objects may be used by any number of threads; this one is never changed.
    private nonisolated(unsafe) let compiled: OpaquePointer

    /// Bytes of a pattern.
    package static let longest = 1000

    /// Instructions of a program.
    private static let mostInstructions = 1500
    /// Of a search: less than a second in the worst case, a hundredth of it in the usual one.
    private static let mostSteps = 100_000_000

    /// Bytes for the program and for the states that searches remember.
    private static let memory: Int64 = 512 * 1024

    /// - Throws: why the text is no pattern, and where.
    package init(_ text: String) throws(PatternFault) {
        guard (1...Self.longest).contains(text.utf8.count) else {
            throw PatternFault(reason: "has \(text.utf8.count) bytes; 1 to \(Self.longest) are accepted", position: nil)
        }
        self.text = text
        compiled = Self.compile(text.utf8)
        let instructions = Int(schedulerd_re2_get_size(compiled))
        reach = Self.mostSteps / max(1, instructions)
        // All is set, so that `deinit` frees what is thrown away here.
        if let fault = Fault(compiled) { throw Self.reason(fault, in: text) }
        if instructions > Self.mostInstructions { throw Self.tooLarge }
    }

    deinit {
        schedulerd_re2_free(compiled)
    }

    /// Whether it is found anywhere in a text within `reach`. Bytes that are not UTF-8 match nothing.
    package func finds(in text: [UInt8]) -> Bool {
        text.withUnsafeBytes { bytes in
            schedulerd_re2_finds(compiled, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    private static func compile(_ text: some Sequence<UInt8>) -> OpaquePointer {
        let bytes = text.map { CChar(bitPattern: $0) }
        return schedulerd_re2_new(bytes, bytes.count, memory)
    }

    // MARK: Faults

    private struct Fault: Equatable {
        let kind: schedulerd_re2_fault
        let message: String
        let part: String

        init?(_ compiled: OpaquePointer) {
            kind = schedulerd_re2_get_fault(compiled)
            guard kind != SCHEDULERD_RE2_SOUND else { return nil }
            message = String(cString: schedulerd_re2_get_message(compiled))
            var count = 0
            let part = schedulerd_re2_get_part(compiled, &count)
            self.part = String(decoding: UnsafeRawBufferPointer(start: part, count: count), as: UTF8.self)
        }
    }

    private static let tooLarge = PatternFault(
        reason: "takes too long to search for: its repetitions and classes multiply", position: nil)

    private static func reason(_ fault: Fault, in text: String) -> PatternFault {
        switch fault.kind {
        case SCHEDULERD_RE2_TOO_LARGE:
            tooLarge
        case SCHEDULERD_RE2_MISSING_END:
            PatternFault(reason: fault.message, position: text.unicodeScalars.count + 1)
        default:
            PatternFault(reason: fault.message, position: position(of: fault, in: text))
        }
    }

    /// RE2 tells what is wrong and not where: at the end of the shortest beginning of which the same is wrong.
    private static func position(of fault: Fault, in text: String) -> Int? {
        let scalars = Array(text.unicodeScalars)
        for count in 1...scalars.count {
            let compiled = compile(String(String.UnicodeScalarView(scalars[..<count])).utf8)
            defer { schedulerd_re2_free(compiled) }
            guard let other = Fault(compiled), other.kind == fault.kind else { continue }
            // The only one that RE2 says of the pattern as a whole.
            if fault.kind == SCHEDULERD_RE2_UNEXPECTED_PAREN { return count }
            if other == fault { return count - fault.part.unicodeScalars.count + 1 }
        }
        return nil
    }
}

extension Pattern: Equatable {
    package static func == (left: Pattern, right: Pattern) -> Bool {
        left.text == right.text
    }
}

/// Why a text is no pattern.
package struct PatternFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let reason: String
    /// Which character it is about, from 1; nil: all of it.
    package let position: Int?

    package var description: String {
        reason + (position.map { " (at character \($0))" } ?? "")
    }
}
