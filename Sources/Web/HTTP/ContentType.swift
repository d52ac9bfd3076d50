/// The value of a `Content-Type` header, as far as this program needs it.
struct ContentType: Equatable {
    /// In lower case, without parameters: `application/json`.
    let name: String
    /// In lower case.
    let charset: String?
    /// What stands between the parts of a `multipart` body.
    let boundary: String?

    init(_ text: String) {
        let header = HeaderParameters(text)
        name = header.value
        charset = header.parameters["charset"]?.lowercased()
        boundary = header.parameters["boundary"]
    }
}
