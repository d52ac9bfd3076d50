import Glibc

/// What must not be seen: asked for on the terminal, or read from standard input.
enum Secret {
    enum Failure: Error, CustomStringConvertible {
        case noTerminal
        case givenUp
        case noLine

        var description: String {
            switch self {
            case .noTerminal: "there is no terminal to ask for the password on"
            case .givenUp: "given up"
            case .noLine: "standard input must hold the password: one line of at most 4096 bytes of UTF-8"
            }
        }
    }

    private static let limit = 4096

    /// The first line of standard input, without its end.
    static func line() throws(Failure) -> String {
        var bytes: [UInt8] = []
        while let byte = next(STDIN_FILENO), byte != UInt8(ascii: "\n") {
            guard bytes.count < limit else { throw .noLine }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else { throw .noLine }
        return text
    }

    /// Asks on the terminal and shows nothing of the answer.
    static func ask(_ question: String) throws(Failure) -> String {
        let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { throw .noTerminal }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { throw .noTerminal }
        // Key by key, Ctrl-C too: whatever happens, the terminal is put back.
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { throw .noTerminal }
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            _ = write(terminal, "\n", 1)
        }
        _ = write(terminal, question, question.utf8.count)
        var bytes: [UInt8] = []
        while bytes.count < limit {
            switch next(terminal) {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                guard let text = String(validating: bytes, as: UTF8.self) else { throw .givenUp }
                return text
            case nil, 3, 4, 28: throw .givenUp  // the end, Ctrl-C, Ctrl-D, Ctrl-\
            case 8, 127:
                while let last = bytes.popLast(), last & 0xC0 == 0x80 {}  // a character may be several bytes
            case 21: bytes = []  // Ctrl-U
            case .some(let byte): bytes.append(byte)
            }
        }
        throw .givenUp
    }

    private static func next(_ descriptor: Int32) -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? byte : nil
        }
    }
}
