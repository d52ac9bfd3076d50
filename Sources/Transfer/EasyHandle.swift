import CCurl
import Glibc

/// One libcurl easy handle with the buffers it points into, used for one transfer after another. What holds for every
/// transfer is set once, in `init`; `begin` sets only what differs. Belongs to the loop's thread.
final class EasyHandle {
    let curl: UnsafeMutableRawPointer
    let options: TransferOptions
    /// Of the options; 0: the loop has had no others, and so no connection that these would not allow.
    let generation: Int
    let errorText: UnsafeMutablePointer<CChar>
    /// Is told of connections.
    let poller: Poller

    /// Where the loop keeps this handle among the running ones.
    var place = 0
    var request: TransferRequest?
    var firedAt = ContinuousClock.Instant.now
    /// Redirects followed so far, and how long the hops before this one took, in microseconds.
    var hops = 0
    var earlierHops: Int64 = 0

    // What the handle is set to, so that it need not be set again.
    var currentURL = ""
    var currentMethod = ""
    var currentlySendsBody = false
    var headers = HeaderBlock()

    // What the callbacks saw in this hop.
    var body: [UInt8] = []
    var received = 0
    var isCutShort = false
    var denial: String?
    var openedSocket = false
    private var checksConnections = false
    var openError: Int32 = 0

    /// Nil: out of memory.
    init?(_ options: TransferOptions, generation: Int, poller: Poller) {
        guard let curl = curl_easy_init() else { return nil }
        self.curl = curl
        self.options = options
        self.generation = generation
        self.poller = poller
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setBase()
    }

    deinit {
        curl_easy_cleanup(curl)
        errorText.deallocate()
    }

    private func setBase() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        must(schedulerd_curl_set_pointer(curl, CURLOPT_PRIVATE, this))
        must(schedulerd_curl_set_pointer(curl, CURLOPT_ERRORBUFFER, errorText))
        must(schedulerd_curl_set_write(curl, { take($0, $1 * $2, $3) }, this))
        must(schedulerd_curl_set_open(curl, { context, _, address in open(address, context) }, this))
        // A connection outlives the handle that opened it, and not the loop's poller.
        let poller = Unmanaged.passUnretained(poller).toOpaque()
        must(schedulerd_curl_set_close(curl, { close($1, $0) }, poller))
        if generation > 0 { checkConnections() }
        must(schedulerd_curl_set_string(curl, CURLOPT_USERAGENT, options.userAgent))

        must(schedulerd_curl_set_string(curl, CURLOPT_PROTOCOLS_STR, "http,https"))
        must(schedulerd_curl_set_string(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https"))
        must(schedulerd_curl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0))  // see TransferRequest.redirected
        must(schedulerd_curl_set_string(curl, CURLOPT_PROXY, ""))  // not even by environment
        must(schedulerd_curl_set_long(curl, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue)))
        must(schedulerd_curl_set_long(curl, CURLOPT_SSL_VERIFYPEER, 1))
        must(schedulerd_curl_set_long(curl, CURLOPT_SSL_VERIFYHOST, 2))
        if let file = options.caFile { must(schedulerd_curl_set_string(curl, CURLOPT_CAINFO, file)) }

        // Callbacks are small: HTTP/2 would share few connections and gain nothing, and its code in libcurl 7.88, where
        // it was rewritten, has known faults.
        must(schedulerd_curl_set_long(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1))
        must(schedulerd_curl_set_long(curl, CURLOPT_NOSIGNAL, 1))
        // Without this a lookup that has timed out would hold up the whole loop until the resolver gives up.
        must(schedulerd_curl_set_long(curl, CURLOPT_QUICK_EXIT, 1))
        must(schedulerd_curl_set_long(curl, CURLOPT_NOPROGRESS, 1))
        must(schedulerd_curl_set_long(curl, CURLOPT_TCP_NODELAY, 1))
        // Ten thousand transfers with libcurl's own 16 KiB each would be 160 MB.
        must(schedulerd_curl_set_long(curl, CURLOPT_BUFFERSIZE, 4096))
    }

    /// From now on connections that are used again are looked at too.
    func checkConnections() {
        if checksConnections { return }
        checksConnections = true
        let this = Unmanaged.passUnretained(self).toOpaque()
        must(schedulerd_curl_set_prereq(curl, { context, address, _, _, _ in checkReused(context, address) }, this))
    }

    fileprivate func verdict(_ ip: IPAddress) -> AddressPolicy.Verdict {
        guard let own = request?.addressPolicy else { return options.addressPolicy.verdict(ip) }
        let verdict = own.verdict(ip)
        return verdict == .allowed && request?.isElsewhere == true ? options.addressPolicy.verdict(ip) : verdict
    }

    private func must(_ code: CURLcode) {
        precondition(code == CURLE_OK, "libcurl lacks an option: \(String(cString: curl_easy_strerror(code)))")
    }
}

/// `CURLOPT_WRITEFUNCTION`: keeps the first bytes, drops more, and ends the transfer when that becomes too much.
private func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    let handle = Unmanaged<EasyHandle>.fromOpaque(context!).takeUnretainedValue()
    handle.received += count
    let kept = min(count, handle.options.responseLimit - handle.body.count)
    if kept > 0 { handle.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: kept)) }
    guard handle.received > handle.options.responseReadLimit else { return count }
    handle.isCutShort = true
    return count == 0 ? 1 : 0  // anything but `count` is an error to libcurl
}

/// `CURLOPT_OPENSOCKETFUNCTION`: the only place where a connection begins, with the address it really goes to.
private func open(_ address: UnsafeMutablePointer<curl_sockaddr>?, _ context: UnsafeMutableRawPointer?) -> Int32 {
    let handle = Unmanaged<EasyHandle>.fromOpaque(context!).takeUnretainedValue()
    let address = address!
    let name = UnsafeRawPointer(address) + MemoryLayout<curl_sockaddr>.offset(of: \.addr)!
    guard let ip = IPAddress(socketAddress: name, length: Int(address.pointee.addrlen)) else {
        handle.denial = "an address of family \(address.pointee.family) is neither IPv4 nor IPv6"
        return CURL_SOCKET_BAD
    }
    if case .denied(let reason) = handle.verdict(ip) {
        handle.denial = reason
        return CURL_SOCKET_BAD
    }
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.pointee.family, address.pointee.socktype | flags, address.pointee.protocol)
    if descriptor < 0 {
        handle.openError = errno
        return CURL_SOCKET_BAD
    }
    handle.openedSocket = true
    handle.poller.opened(descriptor)
    return descriptor
}

/// `CURLOPT_CLOSESOCKETFUNCTION`.
private func close(_ descriptor: Int32, _ context: UnsafeMutableRawPointer?) -> Int32 {
    Unmanaged<Poller>.fromOpaque(context!).takeUnretainedValue().closes(descriptor)
    return Glibc.close(descriptor)
}

/// `CURLOPT_PREREQFUNCTION`: a connection may have been opened under options that allowed its address.
private func checkReused(_ context: UnsafeMutableRawPointer?, _ address: UnsafePointer<CChar>?) -> Int32 {
    let handle = Unmanaged<EasyHandle>.fromOpaque(context!).takeUnretainedValue()
    guard !handle.openedSocket, let address, let ip = IPAddress(String(cString: address)),
        case .denied(let reason) = handle.verdict(ip)
    else { return CURL_PREREQFUNC_OK }
    handle.denial = reason
    return CURL_PREREQFUNC_ABORT
}
