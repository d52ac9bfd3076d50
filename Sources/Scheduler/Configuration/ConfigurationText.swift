/// The characters of a configuration file, with the places they stand at.
///
/// Lines and columns are those of libyaml, which reads the text: columns count Unicode scalars.
struct ConfigurationText {
    private(set) var scalars: [Unicode.Scalar] = []
    /// Where each line begins in `scalars`.
    private(set) var lineStarts: [Int] = [0]

    /// Decodes UTF-8. A byte order mark is skipped.
    ///
    /// - Throws: What is not text, with the place of the first such byte.
    init(_ bytes: some Sequence<UInt8>) throws(Fault) {
        var decoder = Unicode.UTF8.ForwardParser()
        var input = bytes.makeIterator()
        decoding: while true {
            switch decoder.parseScalar(from: &input) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if scalar == "\u{FEFF}", scalars.isEmpty { continue }
                guard Self.isPrintable(scalar) else {
                    let code = String(scalar.value, radix: 16, uppercase: true)
                    throw Fault(position: end, problem: "the character U+\(code) is not allowed")
                }
                append(scalar)
            case .error:
                throw Fault(position: end, problem: "not UTF-8")
            case .emptyInput:
                break decoding
            }
        }
    }

    struct Fault: Error {
        let position: ConfigurationPosition
        let problem: String
    }

    var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// The scalar at a place, if the place is in the text.
    func scalar(at position: ConfigurationPosition) -> Unicode.Scalar? {
        index(of: position).map { scalars[$0] }
    }

    /// Whether a tab stands before the first letter of a line.
    func isIndentedWithTab(line: Int) -> Bool {
        guard lineStarts.indices.contains(line - 1) else { return false }
        return scalars[lineStarts[line - 1]...].prefix { $0 == " " || $0 == "\t" }.contains("\t")
    }

    /// Replaces a key that the same mapping has already by one that nobody writes, so that the rest of the file can
    /// be checked too.
    ///
    /// - Parameter first: Where the key stands for the first time.
    /// - Returns: Where it stands for the second time; `nil` when that cannot be told (keys between braces)
    ///   or after a hundred repetitions.
    mutating func mask(_ key: String, givenFirstAt first: ConfigurationPosition) -> ConfigurationPosition? {
        guard masked < 100, let start = index(of: first) else { return nil }
        let before = scalars[lineStarts[first.line - 1]..<start]
        guard before.allSatisfy({ $0 == " " || $0 == "-" }) else { return nil }
        for line in lineStarts.indices.dropFirst(first.line) {
            let place = lineStarts[line] + first.column - 1
            guard place < scalars.endIndex, line + 1 == lineStarts.endIndex || place < lineStarts[line + 1] else {
                continue
            }
            guard scalars[lineStarts[line]..<place].allSatisfy({ $0 == " " }) else { continue }
            for quote in ["", "\"", "'"] {
                let written = (quote + key + quote).unicodeScalars
                guard scalars[place...].starts(with: written) else { continue }
                let after = scalars[(place + written.count)...].drop { $0 == " " }
                guard after.first == ":", !key.isEmpty else { continue }
                let letters =
                    (place + quote.unicodeScalars.count)..<(place + written.count - quote.unicodeScalars.count)
                masked += 1
                for index in letters { scalars[index] = "\u{E000}" }
                scalars[letters.lowerBound] = Unicode.Scalar(0xE000 + UInt32(masked)) ?? "\u{E000}"
                return ConfigurationPosition(line: line + 1, column: first.column)
            }
        }
        return nil
    }

    private var masked = 0

    /// The place after the last character.
    var end: ConfigurationPosition {
        ConfigurationPosition(line: lineStarts.count, column: scalars.count - lineStarts[lineStarts.count - 1] + 1)
    }

    private func index(of position: ConfigurationPosition) -> Int? {
        guard lineStarts.indices.contains(position.line - 1) else { return nil }
        let index = lineStarts[position.line - 1] + position.column - 1
        return scalars.indices.contains(index) ? index : nil
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if scalar == "\n", scalars.last == "\r" { lineStarts.removeLast() }
        scalars.append(scalar)
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lineStarts.append(scalars.count)
        default: break
        }
    }

    /// What YAML 1.1 lets a stream consist of.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }
}
