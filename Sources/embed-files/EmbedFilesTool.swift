import Glibc

/// `embed-files OUTPUT FILE…` writes a Swift source that holds the names and texts of the files.
@main
struct EmbedFilesTool {
    static func main() {
        var source = "enum EmbeddedFiles {\n    static let all: [(name: String, text: String)] = [\n"
        for path in CommandLine.arguments.dropFirst(2) {
            let name = path.split(separator: "/").last ?? ""
            source += "        (\"\(name)\", ##\"\"\"\n\(read(path))\n\"\"\"##),\n"
        }
        source += "    ]\n}\n"
        save(source, to: CommandLine.arguments[1])
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { fail("cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func save(_ text: String, to path: String) {
        guard let file = fopen(path, "w"), fputs(text, file) >= 0, fclose(file) == 0 else {
            fail("cannot write \(path)")
        }
    }

    private static func fail(_ message: String) -> Never {
        let line = "embed-files: \(message)\n"
        Glibc.write(STDERR_FILENO, line, line.utf8.count)
        exit(1)
    }
}
