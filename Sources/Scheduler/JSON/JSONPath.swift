/// The place of one value in a JSON document, in the notation of RFC 9535 without what selects more than one:
/// `$.data.items[0]["a name"]`.
package struct JSONPath: Sendable, Equatable {
    package let text: String
    private let steps: [Step]

    private enum Step: Sendable, Equatable {
        case member(String)
        case element(Int)
    }

    /// Bytes of a path, and its steps.
    package static let longest = 256
    private static let mostSteps = 32

    /// - Throws: why the text is no path.
    package init(_ text: String) throws(JSONPathFault) {
        self.text = text
        guard (1...Self.longest).contains(text.utf8.count) else {
            throw JSONPathFault("has \(text.utf8.count) bytes; 1 to \(Self.longest) are accepted")
        }
        var reader = Reader(text)
        guard reader.take("$") else { throw JSONPathFault("must begin with $, the whole answer") }
        var steps: [Step] = []
        while let step = try reader.step() { steps.append(step) }
        guard steps.count <= Self.mostSteps else {
            throw JSONPathFault("has \(steps.count) steps; at most \(Self.mostSteps) are accepted")
        }
        self.steps = steps
    }

    /// The bytes of the value in a document that is one (`JSONScanner.isDocument`); nil: there is none at this place. Of
    /// members with the same name the first counts, so that the document is walked through once.
    package func value(in document: [UInt8]) -> ArraySlice<UInt8>? {
        var scanner = JSONScanner(document[...])
        for step in steps {
            guard Self.enter(step, &scanner) else { return nil }
        }
        return scanner.value()
    }

    /// Leaves the scanner before the value that the step leads to.
    private static func enter(_ step: Step, _ scanner: inout JSONScanner) -> Bool {
        scanner.skipBlanks()
        switch step {
        case .member(let name):
            guard scanner.take("{") else { return false }
            repeat {
                guard let key = scanner.key() else { return false }
                if key.utf8.elementsEqual(name.utf8) { return true }
            } while scanner.skipValue() && scanner.take(",")
            return false
        case .element(var index):
            guard scanner.take("[") else { return false }
            scanner.skipBlanks()
            if scanner.next == UInt8(ascii: "]") { return false }
            while index > 0 {
                guard scanner.skipValue(), scanner.take(",") else { return false }
                index -= 1
            }
            return true
        }
    }

    // MARK: Notation

    private struct Reader {
        private let characters: [UnicodeScalar]
        private var index = 0

        init(_ text: String) {
            characters = Array(text.unicodeScalars)
        }

        mutating func take(_ character: UnicodeScalar) -> Bool {
            guard index < characters.count, characters[index] == character else { return false }
            index += 1
            return true
        }

        /// nil: the path ends here.
        mutating func step() throws(JSONPathFault) -> Step? {
            if index == characters.count { return nil }
            if take(".") { return .member(try name()) }
            if take("[") {
                let step = try bracketed()
                guard take("]") else { throw fault("] is expected") }
                return step
            }
            throw fault(". or [ is expected")
        }

        private mutating func name() throws(JSONPathFault) -> String {
            let name = run { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
                default: scalar.value >= 0x80
                }
            }
            guard !name.isEmpty else {
                throw fault("a name of letters, digits, _ and - is expected; others are written [\"in quotes\"]")
            }
            return name
        }

        private mutating func bracketed() throws(JSONPathFault) -> Step {
            for quote in ["\"", "'"] as [UnicodeScalar] where take(quote) {
                let name = run { $0 != quote }
                guard take(quote) else { throw fault("\(quote) is expected") }
                return .member(name)
            }
            let digits = run { ("0"..."9").contains($0) }
            guard let index = Int(digits), digits == "0" || digits.first != "0", index < 1_000_000 else {
                throw fault("an index from 0 to 999999 or a name in quotes is expected")
            }
            return .element(index)
        }

        private mutating func run(_ belongs: (UnicodeScalar) -> Bool) -> String {
            let run = characters[index...].prefix(while: belongs)
            index += run.count
            return String(String.UnicodeScalarView(run))
        }

        private func fault(_ reason: String) -> JSONPathFault {
            JSONPathFault("\(reason) (at character \(index + 1))")
        }
    }
}

/// Why a text is no path.
package struct JSONPathFault: Error, Sendable, Equatable {
    package let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
