import Logging
import MySQL
import Scheduler

/// One event of the log, and how it is written.
struct LogLine {
    let time: Timestamp
    let level: Logger.Level
    let label: String
    let message: String
    /// In the order in which they are shown.
    let fields: [(name: String, value: String)]

    /// `2026-11-20T10:00:00.25Z warning schedulerd: the message name=value other="with blanks"`
    var text: String {
        var line = "\(time.rfc3339) \(level.rawValue) \(label): \(Self.onOneLine(message))"
        for field in fields { line += " \(field.name)=\(Self.word(field.value))" }
        return line + "\n"
    }

    /// An object with `time`, `level`, `logger`, `message` and the fields.
    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("time", time.rfc3339)
            writer.member("level", level.rawValue)
            writer.member("logger", label)
            writer.member("message", message)
            for field in fields where !["time", "level", "logger", "message"].contains(field.name) {
                writer.member(field.name, field.value)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    /// Nobody can forge a line of the log, or act on the terminal that shows it.
    private static func onOneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var line = ""
        for scalar in text.unicodeScalars {
            line += isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return line
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    private static func word(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.contains { " \"=\\".contains($0) }
        return isPlain ? onOneLine(value) : "\"\(onOneLine(value.replacingQuotes))\""
    }
}

extension String {
    fileprivate var replacingQuotes: String {
        var text = ""
        for character in self {
            if character == "\"" || character == "\\" { text.append("\\") }
            text.append(character)
        }
        return text
    }
}
