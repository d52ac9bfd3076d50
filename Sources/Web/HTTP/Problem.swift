import HTTPTypes
import Hummingbird
import NIOCore
import Scheduler

/// An answer that says what is wrong: RFC 9457, `application/problem+json`.
struct Problem: Error, Sendable, Equatable {
    var kind: ProblemKind
    var detail: String
    /// Everything wrong with what was sent, field by field.
    var errors: [FieldProblem] = []
    /// State of the task that is in the way.
    var state: TaskState?
    /// Methods that the path knows.
    var allow: [String] = []
    /// Seconds.
    var retryAfter: Int?
    /// What a client must show, as `WWW-Authenticate` says it.
    var challenge: String?
    /// Whether the connection is of no use any more, because the rest of the request is not read.
    var closesConnection = false

    init(_ kind: ProblemKind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    init(_ kind: ProblemKind, field: String, _ detail: String) {
        self.init(kind, errors: [FieldProblem(field, detail)])
    }

    /// - Parameter errors: at least one.
    init(_ kind: ProblemKind, errors: [FieldProblem]) {
        self.kind = kind
        self.errors = errors
        detail =
            errors.count == 1
            ? "\(Self.shortened(errors[0].field)): \(errors[0].detail)" : "\(errors.count) fields were refused"
    }

    /// So that an answer is never much longer than what was asked.
    private static let mostErrors = 50

    static func shortened(_ field: String) -> String {
        field.utf8.count <= 128 ? field : String(decoding: field.utf8.prefix(128), as: UTF8.self) + "…"
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("type", "/problems/\(kind.rawValue)")
            writer.member("title", kind.title)
            writer.member("status", kind.status.code)
            writer.member("detail", detail)
            if errors.count == 1 { writer.member("field", Self.shortened(errors[0].field)) }
            if let state { writer.member("state", state.rawValue) }
            guard !errors.isEmpty else { return }
            writer.array("errors") { writer in
                for error in errors.prefix(Self.mostErrors) {
                    writer.object { writer in
                        writer.member("field", Self.shortened(error.field))
                        writer.member("detail", error.detail)
                    }
                }
            }
        }
        return writer.bytes
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if !allow.isEmpty { headers[.allow] = allow.joined(separator: ", ") }
        if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
        if let challenge { headers[.wwwAuthenticate] = challenge }
        if closesConnection { headers[.connection] = "close" }
        return Response(status: kind.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}

/// The kinds of problem; the raw value is the last part of the problem's `type`.
enum ProblemKind: String, Sendable, CaseIterable {
    /// Not JSON, a value of the wrong type, or a name that is not known.
    case malformed
    /// Well formed, but a value cannot be accepted.
    case validation
    case unauthorized
    case forbidden
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case conflict
    case preconditionFailed = "precondition-failed"
    case timeout
    case tooLarge = "too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case tooManyHeaders = "too-many-headers"
    case tooManyRequests = "too-many-requests"
    case unavailable
    /// A fault of the program. No input leads here.
    case `internal`

    var status: HTTPResponse.Status {
        switch self {
        case .malformed: .badRequest
        case .validation: .unprocessableContent
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .conflict
        case .preconditionFailed: .preconditionFailed
        case .timeout: .requestTimeout
        case .tooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .tooManyHeaders: .requestHeaderFieldsTooLarge
        case .tooManyRequests: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .internal: .internalServerError
        }
    }

    var title: String {
        switch self {
        case .malformed: "The request is malformed"
        case .validation: "A value was refused"
        case .unauthorized: "A key is needed"
        case .forbidden: "This is not allowed"
        case .notFound: "There is no such thing"
        case .methodNotAllowed: "The method is not allowed here"
        case .conflict: "The task's state does not allow this"
        case .preconditionFailed: "The task has changed"
        case .timeout: "The request took too long to arrive"
        case .tooLarge: "The request is too large"
        case .unsupportedMediaType: "The content type is not supported"
        case .tooManyHeaders: "The headers are too many or too large"
        case .tooManyRequests: "Too many requests"
        case .unavailable: "The scheduler is not available"
        case .internal: "The scheduler failed"
        }
    }
}
