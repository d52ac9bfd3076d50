/// One header line of a callback.
public struct HeaderField: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What is sent when a task is due.
public struct CallbackRequest: Sendable, Equatable {
    public var method: String
    public var url: String
    public var headers: [HeaderField]
    /// Kept for every method, sent with all but GET and HEAD.
    public var body: [UInt8]?
    /// 0: a redirect is an answer like any other.
    public var maxRedirects: Int

    public init(method: String, url: String, headers: [HeaderField] = [], body: [UInt8]? = nil, maxRedirects: Int = 0) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.maxRedirects = maxRedirects
    }

    public static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    package static func sendsBody(method: String) -> Bool {
        method != "GET" && method != "HEAD"
    }

    /// One `Name: value` a line, the form in `tasks.headers`. A value holds no line break: intake refuses it.
    package var headerText: String? {
        headers.isEmpty ? nil : headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
    }

    package static func headers(fromText text: String?) -> [HeaderField] {
        // By bytes: a value may begin with a code point that joins the space before it into one character.
        (text ?? "").utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            var value = line[line.index(after: colon)...]
            if value.first == UInt8(ascii: " ") { value.removeFirst() }
            return HeaderField(
                name: String(decoding: line[..<colon], as: UTF8.self), value: String(decoding: value, as: UTF8.self))
        }
    }
}
