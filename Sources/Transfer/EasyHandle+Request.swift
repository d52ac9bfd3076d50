import CCurl

extension EasyHandle {
    /// Sets the handle to a request. Nil: ready to be added to the multi handle.
    func begin(_ request: TransferRequest, firedAt: ContinuousClock.Instant) -> TransferFailure? {
        self.firedAt = firedAt
        hops = 0
        earlierHops = 0
        return prepare(request, timeout: request.timeout)
    }

    /// Whether the answer that is complete calls for another request. Nil: it does not, or not one that is allowed.
    func redirect(after code: CURLcode) -> TransferRequest? {
        guard code == CURLE_OK || isCutShort, let request, request.maxRedirects > 0, let location else { return nil }
        return request.redirected(status: status, to: location)
    }

    /// Sets the handle to the next hop, with the time that is left.
    func beginHop(_ next: TransferRequest, now: ContinuousClock.Instant) -> TransferFailure? {
        hops += 1
        earlierHops = max(0, microseconds(now - firedAt))
        return prepare(next, timeout: next.timeout - (now - firedAt))
    }

    private func prepare(_ request: TransferRequest, timeout: Duration) -> TransferFailure? {
        self.request = request
        body = []
        received = 0
        isCutShort = false
        denial = nil
        openedSocket = false
        openError = 0
        errorText[0] = 0

        let content = request.sentBody
        if let defect = request.defect ?? headers.fill(request.headers, body: content) {
            return TransferFailure(kind: .invalidRequest, message: defect)
        }
        if !request.url.utf8.elementsEqual(currentURL.utf8) {
            guard schedulerd_curl_set_string(curl, CURLOPT_URL, request.url) == CURLE_OK else {
                currentURL = ""
                return TransferFailure(kind: .invalidRequest, message: "libcurl does not take the URL")
            }
            currentURL = request.url
        }
        setMethod(request.method, sendsBody: content != nil)
        if let content {
            schedulerd_curl_set_pointer(curl, CURLOPT_POSTFIELDS, headers.body)
            schedulerd_curl_set_offset(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(content.count))
        }
        schedulerd_curl_set_pointer(curl, CURLOPT_HTTPHEADER, headers.list)
        schedulerd_curl_set_long(curl, CURLOPT_TIMEOUT_MS, milliseconds(timeout))
        return nil
    }

    /// Everything with a body is a POST to libcurl, under whatever name.
    private func setMethod(_ method: String, sendsBody: Bool) {
        if method == currentMethod && sendsBody == currentlySendsBody { return }
        currentMethod = method
        currentlySendsBody = sendsBody
        if sendsBody {
            schedulerd_curl_set_long(curl, CURLOPT_POST, 1)
        } else if method == "HEAD" {
            schedulerd_curl_set_long(curl, CURLOPT_NOBODY, 1)
        } else {
            schedulerd_curl_set_long(curl, CURLOPT_HTTPGET, 1)
        }
        let isOwnName = method == (sendsBody ? "POST" : method == "HEAD" ? "HEAD" : "GET")
        schedulerd_curl_set_string(curl, CURLOPT_CUSTOMREQUEST, isOwnName ? nil : method)
    }

    /// Rounded up; at least 1, for 0 means "for ever" to libcurl. At most 24 days, which fit in what it stores.
    private func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}

func microseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
}
