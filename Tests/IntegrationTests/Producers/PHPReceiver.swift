import FoundationEssentials
import Glibc
import TestSupport

/// PHP's own server with the receiver of delayQS's documentation.
struct PHPReceiver {
    /// What a callback brought.
    struct Callback: Decodable {
        var body: String?
        var path: String
        /// The sign is right for the body.
        var signed: Bool
    }

    static let privateKey = "sadhfusa7uy9iMn"
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "php").path

    let scratch: ScratchFolder
    let port: Int
    private let process: ChildProcess

    /// Runs `body` beside it.
    static func with<T>(
        isolation: isolated (any Actor)? = #isolation, _ body: (PHPReceiver) async throws -> T
    ) async throws -> T {
        try await ScratchFolder.with { scratch in
            let receiver = try PHPReceiver(scratch)
            defer { receiver.process.signal(SIGKILL) }
            try await eventually {
                guard receiver.process.exitStatus == nil else { throw NeverHappened() }
                return (try? await HTTPCall.post(port: receiver.port, "/", form: "")) != nil
            }
            return try await body(receiver)
        }
    }

    private init(_ scratch: ScratchFolder) throws {
        self.scratch = scratch
        port = HTTPCall.freePort()
        try scratch.makeFolder("received")
        process = try ChildProcess(
            ["php", "-S", "127.0.0.1:\(port)", Self.folder + "/receiver.php"],
            environment: ["PRIVATE_KEY": Self.privateKey, "RECEIVED": scratch.path("received")],
            output: scratch.path("php.log"))
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Callbacks to a path.
    func callbacks(_ path: String) throws -> [Callback] {
        let folder = scratch.path("received")
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.map {
            try JSONDecoder().decode(Callback.self, from: Data(contentsOf: URL(filePath: folder + "/" + $0)))
        }.filter { $0.path == path }
    }
}
