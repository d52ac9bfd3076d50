import Accounts
import HTTPTypes
import Hummingbird
import Logging
import MySQL
import NIOCore
import NIOEmbedded
import Scheduler
import Testing
import ThreadPool
import Transfer

@testable import Web

/// The API without a network: requests go straight to the responder. Each answer is held against the OpenAPI document.
struct TestAPI {
    let scheduler = FakeScheduler()
    /// Asks for no keys, unless a test has another.
    var gate: Gate? = .open
    /// Who sends requests.
    var peer = IPAddress("127.0.0.1")
    static let maxBodyBytes = 65_536

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { get throws { try JSONParser.parse(body) } }
    }

    func call(
        _ method: String, _ path: String, _ body: some Sequence<UInt8>, type: String? = "application/json",
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var fields = headers
        fields[.contentType] = type
        let head = HTTPRequest(
            method: HTTPRequest.Method(method)!, scheme: "http", authority: "test", path: path, headerFields: fields)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let context = WebContext(
            source: ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: logger), peer: peer)
        let responder = WebResponder(
            api: APIResponder(scheduler: scheduler, gate: gate, maxBodyBytes: { Self.maxBodyBytes }), logger: logger)
        let response = try await responder.respond(to: request, context: context)
        let writer = Collector()
        try await response.body.write(writer)
        let answer = Answer(status: response.status.code, headers: response.headers, body: writer.bytes)
        let faults = APIContract.served.faults(method, path, answer)
        #expect(faults.isEmpty)
        return answer
    }

    func call(_ method: String, _ path: String, _ body: String = "", type: String? = "application/json")
        async throws -> Answer
    {
        try await call(method, path, body.utf8, type: type)
    }
}

extension Gate {
    /// There is no database behind it.
    fileprivate static let open: Gate = {
        var configuration = Configuration()
        configuration.api.authentication = .none
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = APIKeyStore(
            ConnectionPool(ConnectionOptions(), .init(connections: 1, waitTimeout: .zero)), prefix: "")
        return Gate(
            keys: KeyRing(store, logger: logger), store: store, live: LiveConfiguration(configuration), logger: logger
        ) { _ in }
    }()
}

/// Takes the body of an answer.
private final class Collector: ResponseBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws {
        bytes += buffer.readableBytesView
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
