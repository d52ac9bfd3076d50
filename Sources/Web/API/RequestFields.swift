import Scheduler

/// The object `request` of a document: what is to be sent. What is nil was not given.
struct RequestFields {
    var method: String?
    var url: String?
    var headers: [HeaderField]?
    /// `.some(nil)`: `null` was given.
    var body: [UInt8]??
    var maxRedirects: Int?

    private static let fields = ["method", "url", "headers", "body", "body_encoding", "max_redirects"]

    /// - Parameter hasBody: whether it may say what is sent as the body.
    init?(
        _ value: JSONValue, at path: String = "request", hasBody: Bool = true, _ faults: inout FieldFaults
    ) {
        let accepted = hasBody ? Self.fields : Self.fields.filter { !$0.hasPrefix("body") }
        guard let reader = FieldReader(value, at: path, accepts: accepted, &faults) else { return nil }
        method = reader.string("method", &faults)
        url = reader.string("url", &faults)
        headers = reader.strings("headers", &faults)?.map { HeaderField(name: $0.name, value: $0.text) }
        maxRedirects = reader.integer("max_redirects", &faults)
        if hasBody { body = Self.body(reader, &faults) }
    }

    private static func body(_ reader: FieldReader, _ faults: inout FieldFaults) -> [UInt8]?? {
        let encoding = reader.string("body_encoding", &faults)
        if let encoding, encoding != "utf8", encoding != "base64" {
            faults.refused.append(FieldProblem(reader.path("body_encoding"), "must be utf8 or base64"))
            return nil
        }
        if reader.value("body") == .null { return .some(nil) }
        guard let text = reader.string("body", &faults) else { return nil }
        guard encoding == "base64" else { return Array(text.utf8) }
        guard let bytes = Base64.decode(text) else {
            faults.refused.append(
                FieldProblem(reader.path("body"), "must be base64 of RFC 4648 with padding, without line breaks"))
            return nil
        }
        return bytes
    }
}
