import Glibc
import Testing

@testable import Scheduler

/// What the shell makes of the commands: a `curl` that prints its arguments and its input stands in for the real one.
struct CurlCommandTests {
    private static let id = TaskID("0198a3f2-7c1e-7abc-9def-0123456789ab")!

    private static func run(_ request: CallbackRequest, shell: String = "/bin/sh") throws -> (
        words: [String], input: [UInt8]
    ) {
        let command = CurlCommand(request, of: id, attempt: 2).text
        // Each argument ends with a NUL, which none can hold; a second one ends the list.
        let stub =
            "curl() { for word in \"$@\"; do printf '%s\\0' \"$word\"; done; printf '\\0'; "
            + "case \"$*\" in *--data-binary*) cat;; esac; }\n"
        let output = try output(of: shell, stub + command)
        var words: [String] = []
        var rest = output[...]
        while let end = rest.firstIndex(of: 0), end > rest.startIndex || words.last == "--data-raw" {
            words.append(String(decoding: rest[..<end], as: UTF8.self))
            rest = rest[(end + 1)...]
        }
        return (words, Array(rest.dropFirst()))
    }

    private static func output(of shell: String, _ script: String) throws -> [UInt8] {
        var name = Array("/tmp/curl-command-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        try #require(file >= 0)
        let path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            close(file)
            unlink(path)
        }
        let bytes = Array(script.utf8)
        try #require(write(file, bytes, bytes.count) == bytes.count)
        let pipe = try #require(popen("\(shell) \(path)", "r"))
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output += buffer[..<count] }
        #expect(pclose(pipe) == 0)
        return output
    }

    private static func request(
        _ body: [UInt8]?, url: String = "http://a.test/", headers: [HeaderField] = [], method: String = "POST"
    ) -> CallbackRequest {
        CallbackRequest(method: method, url: url, headers: headers, body: body)
    }

    @Test(
        arguments: [
            "", "a", "@/etc/passwd", "it's", "'", "''", "a'b'c", "$(touch /tmp/x)", "`id`", "$HOME", "\"", "\\", "\\n",
            "%s%d", "-n", "--next", "a b", "a\nb\n", "\n", "!!", "#", "&&", "é😀", "a=1&b=2", "~", "*", "\t", "'\u{301}",
            "it'\u{301}; id; '\u{301}",
            #"{"order": "it's 5 $"}"#,
        ], ["/bin/sh", "/bin/bash"])
    func textBodies(_ text: String, _ shell: String) throws {
        let (words, _) = try Self.run(Self.request(Array(text.utf8)), shell: shell)
        let index = try #require(words.firstIndex(of: "--data-raw"))
        #expect(words[index + 1] == text)
    }

    @Test(
        arguments: [
            [0], [0xFF, 0xFE], Array(0...255), Array("-n\u{1}".utf8), Array("%d\u{1B}[2J".utf8),
            Array("'\\\u{0}'".utf8),
            Array("a\r\nb".utf8), Array("\u{1}\n\n".utf8), [0x31, 0x00, 0x37], [0x01, 0x37, 0x37],
            Array(repeating: 0x61, count: 200_000),
        ] as [[UInt8]], ["/bin/sh", "/bin/bash"])
    func binaryBodies(_ body: [UInt8], _ shell: String) throws {
        let (words, input) = try Self.run(Self.request(body), shell: shell)
        #expect(words.contains("--data-binary"))
        #expect(input == body)
    }

    @Test func headersAreThoseThatAreSent() throws {
        let headers = [
            HeaderField(name: "X-A", value: "it's \"b\" $c"), HeaderField(name: "X-Empty", value: ""),
            HeaderField(name: "content-type", value: "text/plain"),
        ]
        let (words, _) = try Self.run(Self.request([], headers: headers))
        let sent = words.indices.filter { $0 > 0 && words[$0 - 1] == "--header" }.map { words[$0] }
        #expect(
            sent == [
                "X-A: it's \"b\" $c", "X-Empty;", "content-type: text/plain", "X-Task-Id: \(Self.id)",
                "X-Task-Attempt: 2",
                "Idempotency-Key: \(Self.id)",
            ])
    }

    @Test func anEarlierKeyStays() throws {
        let headers = [HeaderField(name: "idempotency-key", value: "mine")]
        let (words, _) = try Self.run(Self.request([], headers: headers))
        #expect(!words.contains("Idempotency-Key: \(Self.id)"))
        #expect(words.contains("Content-Type:"))
    }

    @Test func controlCharactersInAWordDoNotReachTheTerminal() throws {
        let request = Self.request([], headers: [HeaderField(name: "X-A", value: "a\u{1B}[2Jb'%")])
        #expect(!CurlCommand(request, of: Self.id, attempt: 1).text.utf8.contains(0x1B))
        #expect(try Self.run(request).words.contains("X-A: a\u{1B}[2Jb'%"))
    }

    @Test(arguments: [
        ("GET", ["--header"]), ("HEAD", ["--head"]), ("POST", ["--request", "POST"]),
        ("DELETE", ["--request", "DELETE"]),
    ])
    func methods(_ method: String, _ start: [String]) throws {
        let (words, _) = try Self.run(Self.request(nil, method: method))
        #expect(Array(words.prefix(start.count)) == start)
        // As the dispatcher: POST says that its body is empty, the others have none.
        #expect(words.contains("--data-raw") == (method == "POST"))
        #expect(words.last == "http://a.test/")
    }

    @Test func aBodyIsNotSentWithGet() throws {
        let (words, _) = try Self.run(Self.request(Array("x".utf8), method: "GET"))
        #expect(!words.contains("--data-raw"))
    }

    @Test(arguments: [
        "http://a.test/?q={1,2}", "http://[::1]:8080/", "http://a.test/$(id)?a=1&b='", "http://a.test/#;",
    ])
    func urls(_ url: String) throws {
        let (words, _) = try Self.run(Self.request(nil, url: url, method: "GET"))
        #expect(words.last == url)
        #expect(words.contains("--globoff") == url.contains { "{[".contains($0) })
    }

    @Test func redirects() throws {
        var request = Self.request(nil, method: "GET")
        request.maxRedirects = 3
        #expect(CurlCommand(request, of: Self.id, attempt: 1).text.hasPrefix("curl --location --max-redirs 3 --header"))
    }
}
