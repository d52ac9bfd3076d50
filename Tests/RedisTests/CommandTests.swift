import Testing

@testable import Redis

@Suite struct CommandTests {
    static let encodings: [(Command, String)] = [
        (["PING"], "*1\r\n$4\r\nPING\r\n"),
        (["SET", "key", "", "EX", 60], "*5\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n$2\r\nEX\r\n$2\r\n60\r\n"),
        (["GET", "é"], "*2\r\n$3\r\nGET\r\n$2\r\né\r\n"),
        (["GET", "a b\r\nDEL c"], "*2\r\n$3\r\nGET\r\n$10\r\na b\r\nDEL c\r\n"),
        (["ECHO", [UInt8(0), 65]], "*2\r\n$4\r\nECHO\r\n$2\r\n\0A\r\n"),
        (["ZADD", "z", 1.5, "m"], "*4\r\n$4\r\nZADD\r\n$1\r\nz\r\n$3\r\n1.5\r\n$1\r\nm\r\n"),
        (["ZADD", "z", -Double.infinity, "m"], "*4\r\n$4\r\nZADD\r\n$1\r\nz\r\n$4\r\n-inf\r\n$1\r\nm\r\n"),
        (["INCRBY", "k", Int64.min], "*3\r\n$6\r\nINCRBY\r\n$1\r\nk\r\n$20\r\n-9223372036854775808\r\n"),
        (["GET", "abc".dropFirst(), [UInt8(65)][...]], "*3\r\n$3\r\nGET\r\n$2\r\nbc\r\n$1\r\nA\r\n"),
    ]

    @Test(arguments: encodings) func everyArgumentCarriesItsLength(command: Command, wire: String) {
        #expect(encoded(command) == wire)
    }

    @Test func growsByOneArgumentAtATimeOrMany() {
        var command: Command = ["RPUSH", "list"]
        command.append("a")
        command.append(contentsOf: ["b", "c"])
        command.append(contentsOf: [1, "d"] as [any CommandArgument])
        #expect(encoded(command) == encoded(["RPUSH", "list", "a", "b", "c", 1, "d"]))
    }

    private func encoded(_ command: Command) -> String {
        var bytes: [UInt8] = []
        command.encode(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
