import CCurl
import Glibc

extension EasyHandle {
    var status: Int { schedulerd_curl_get_long(curl, CURLINFO_RESPONSE_CODE) }

    /// Where the answer redirects to, made absolute.
    var location: String? {
        schedulerd_curl_get_string(curl, CURLINFO_REDIRECT_URL).map { String(cString: $0) }
    }

    /// What became of the transfer that libcurl ended with `code`; to be called while the handle is as the transfer left
    /// it. The body moves into the result.
    func result(_ code: CURLcode, finishedAt: ContinuousClock.Instant) -> TransferResult {
        let code = isCutShort ? CURLE_OK : code
        var result = TransferResult(token: request!.token, firedAt: firedAt, finishedAt: finishedAt)
        result.status = status
        result.timings = timings.shifted(by: earlierHops)
        if isConnected || TransferFailure.Kind(code) == .tls { result.address = address }
        result.body = body
        body = []
        result.bodyTruncated = isCutShort || received > result.body.count
        if result.status != 0 { result.retryAfter = header("Retry-After") }
        if code != CURLE_OK {
            result.failure = failure(code)
        } else if hops > 0 && request!.maxRedirects == 0, let location,
            request!.redirected(status: result.status, to: location) != nil
        {
            let message = "more than \(hops) redirects; the next would be to \(location)"
            result.failure = TransferFailure(kind: .redirect, message: message)
        }
        return result
    }

    private func header(_ name: String) -> String? {
        var found: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(curl, name, 0, UInt32(CURLH_HEADER), -1, &found) == CURLHE_OK, let found else {
            return nil
        }
        return String(cString: found.pointee.value)
    }

    private var timings: TransferTimings {
        var timings = TransferTimings()
        if schedulerd_curl_get_long(curl, CURLINFO_NUM_CONNECTS) > 0 || !isConnected {
            timings.lookup = Int64(schedulerd_curl_get_offset(curl, CURLINFO_NAMELOOKUP_TIME_T))
            timings.connect = Int64(schedulerd_curl_get_offset(curl, CURLINFO_CONNECT_TIME_T))
            timings.tls = Int64(schedulerd_curl_get_offset(curl, CURLINFO_APPCONNECT_TIME_T))
        }
        timings.firstByte = Int64(schedulerd_curl_get_offset(curl, CURLINFO_STARTTRANSFER_TIME_T))
        timings.total = Int64(schedulerd_curl_get_offset(curl, CURLINFO_TOTAL_TIME_T))
        return timings
    }

    private var isConnected: Bool {
        schedulerd_curl_get_offset(curl, CURLINFO_PRETRANSFER_TIME_T) > 0
            || schedulerd_curl_get_offset(curl, CURLINFO_CONNECT_TIME_T) > 0
    }

    private var address: String? {
        guard let text = schedulerd_curl_get_string(curl, CURLINFO_PRIMARY_IP), text.pointee != 0 else { return nil }
        let ip = String(cString: text)
        let port = String(schedulerd_curl_get_long(curl, CURLINFO_PRIMARY_PORT))
        return strchr(text, Int32(UInt8(ascii: ":"))) == nil ? ip + ":" + port : "[" + ip + "]:" + port
    }

    private func failure(_ code: CURLcode) -> TransferFailure {
        let text = String(cString: errorText[0] == 0 ? curl_easy_strerror(code) : UnsafePointer(errorText))
        if let denial, !openedSocket {
            return TransferFailure(kind: .addressDenied, message: denial)
        }
        var kind = TransferFailure.Kind(code)
        switch kind {
        case .timeout:
            return TransferFailure(kind: kind, message: "\(text), while \(phase)")
        case .connect:
            let error = openError != 0 ? openError : Int32(schedulerd_curl_get_long(curl, CURLINFO_OS_ERRNO))
            let system = error == 0 ? "" : ": " + String(cString: strerror(error))
            return TransferFailure(kind: kind, message: text + system + (denial.map { "; besides, \($0)" } ?? ""))
        case .invalidRequest where isConnected:
            kind = .receive  // an answer that is not HTTP/1 has the code of a URL that is not HTTP
        case .invalidRequest where hops > 0:
            return TransferFailure(kind: .redirect, message: "redirected to \(request!.url): \(text)")
        default:
            break
        }
        return TransferFailure(kind: kind, message: text)
    }

    /// What libcurl was at when the time ran out.
    private var phase: String {
        if schedulerd_curl_get_offset(curl, CURLINFO_STARTTRANSFER_TIME_T) > 0 { return "reading the answer" }
        if schedulerd_curl_get_offset(curl, CURLINFO_PRETRANSFER_TIME_T) > 0 { return "waiting for the answer" }
        // libcurl notes the TCP connection only once TLS stands as well.
        return schedulerd_curl_get_offset(curl, CURLINFO_NAMELOOKUP_TIME_T) > 0 ? "connecting" : "resolving the name"
    }
}
