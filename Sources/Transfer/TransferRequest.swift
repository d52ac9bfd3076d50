/// One HTTP call to be made at a given instant.
package struct TransferRequest: Sendable {
    /// The caller's; comes back in the result. The loop does not look at it.
    package var token: UInt64
    /// Never sent before this.
    package var fireAt: ContinuousClock.Instant
    /// GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; anything else is an `invalid_request`.
    package var method: String
    /// Absolute, `http` or `https`, without blanks or control characters. A name and password in it become an
    /// `Authorization` header.
    package var url: String
    package var headers: [TransferHeader]
    /// Nil: none. Never sent with GET and HEAD. POST, PUT and PATCH without a body say `Content-Length: 0`.
    package var body: [UInt8]?
    /// For the whole transfer with all redirects, from firing. Rounded up to a millisecond, which is also the least.
    package var timeout: Duration
    /// Redirects (301, 302, 303, 307, 308) followed at most; one more is a failure `redirect`. 0: none are followed, the
    /// 3xx is the answer.
    package var maxRedirects: Int
    /// Not sent at or after this: it is answered with the failure `expired` when its turn comes. nil: sent however late.
    package var fireBefore: ContinuousClock.Instant?
    /// The line it stands in: all lines together leave some room to requests that stand in none, and share the rest evenly.
    package var line: Int?
    /// Which addresses it may go to, in place of what holds for the loop; nil: that. A redirect to another origin needs both.
    package var addressPolicy: AddressPolicy?
    /// It was redirected to another origin.
    var isElsewhere = false
    /// Further headers, made at the very moment of firing, which they are given. nil: none.
    package var headersAtFiring: (@Sendable (ContinuousClock.Instant) -> [TransferHeader])?

    package init(
        token: UInt64, fireAt: ContinuousClock.Instant, method: String, url: String, headers: [TransferHeader] = [],
        body: [UInt8]? = nil, timeout: Duration, maxRedirects: Int = 0
    ) {
        self.token = token
        self.fireAt = fireAt
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maxRedirects = maxRedirects
    }

    /// What is sent as the body, by the method.
    var sentBody: [UInt8]? {
        switch method {
        case "GET", "HEAD": nil
        case "POST", "PUT", "PATCH": body ?? []
        default: body
        }
    }

    /// What is wrong with the method or the URL; nil: nothing that can be seen here.
    var defect: String? {
        switch method {
        case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS": break
        default: return "method \(method.debugDescription) is not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        }
        // libcurl would guess a scheme, and would stop at a NUL.
        for byte in url.utf8 where byte <= 0x20 || byte == 0x7f {
            return "the URL holds a blank or control character"
        }
        let isHTTP = url.utf8.prefix(8).elementsEqual("https://".utf8, by: { $0 | 0x20 == $1 | 0x20 })
        guard isHTTP || url.utf8.prefix(7).elementsEqual("http://".utf8, by: { $0 | 0x20 == $1 | 0x20 }) else {
            return "the URL does not begin with http:// or https://"
        }
        return nil
    }
}
