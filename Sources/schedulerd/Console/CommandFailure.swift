import ArgumentParser
import Glibc

/// Ends a command with a message on standard error.
struct CommandFailure {
    /// `EX_CONFIG` of sysexits.h: the configuration is wrong, starting again will not help.
    static let configuration: Int32 = 78

    let lines: [String]
    var status: Int32 = 1

    init(_ lines: [String], status: Int32 = 1) {
        self.lines = lines
        self.status = status
    }

    init(_ error: any Error) {
        lines = ["schedulerd: \(error)"]
    }

    /// Prints, and gives what the command is to throw.
    func report() -> ExitCode {
        StandardError.write(lines.map { $0 + "\n" }.joined())
        return ExitCode(status)
    }
}

enum StandardError {
    /// One write(2), so that lines of several threads do not mix. What cannot be written has nowhere else to go.
    static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.write(STDERR_FILENO, bytes.baseAddress! + sent, bytes.count - sent)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                sent += count
            }
        }
    }
}
