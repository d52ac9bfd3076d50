import Hummingbird
import NIOCore
import Scheduler

/// The answer of delay_queue's intake, byte for byte as Go's `encoding/json` writes it.
enum LegacyAnswer: Equatable {
    case ok
    case no(String)

    init(refusal error: any Error) {
        self =
            switch error {
            case let refusal as LegacyRefusal: .no(refusal.reason)
            case let refusal as ValidationError:
                .no("参数错误：" + refusal.problems.map { "\($0.field) \($0.detail)" }.joined(separator: "; "))
            case let problem as Problem where problem.kind == .unauthorized: .no("没有权限：key 无效")
            case let problem as Problem where problem.kind == .forbidden: .no("没有权限：" + problem.detail)
            case let problem as Problem where problem.kind == .tooManyRequests: .no("请求过于频繁，请稍后重试")
            case let problem as Problem where problem.kind == .tooLarge: .no("参数错误：请求内容过大")
            case let problem as Problem: .no("参数错误：" + problem.detail)
            default: .no("服务暂时不可用，请稍后重试")
            }
    }

    var json: [UInt8] {
        switch self {
        case .ok: Self.json(code: "ok", data: "操作成功")
        case .no(let reason): Self.json(code: "no", data: reason)
        }
    }

    var response: Response {
        Response(
            status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }

    private static func json(code: String, data: String) -> [UInt8] {
        var bytes = Array("{\"code\":\"\(code)\",\"data\":\"".utf8)
        for scalar in data.unicodeScalars { append(scalar, to: &bytes) }
        bytes.append(contentsOf: "\"}".utf8)
        return bytes
    }

    /// Go escapes also what HTML gives a meaning, and the two line separators of Unicode.
    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"", "\\": bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(scalar.value)])
        case "\n": bytes.append(contentsOf: "\\n".utf8)
        case "\r": bytes.append(contentsOf: "\\r".utf8)
        case "\t": bytes.append(contentsOf: "\\t".utf8)
        case "\u{0}"..<" ", "<", ">", "&", "\u{2028}", "\u{2029}", "\u{FFFD}":
            let digits = String(scalar.value, radix: 16)
            bytes.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
        default: bytes.append(contentsOf: UTF8.encode(scalar)!)
        }
    }
}
