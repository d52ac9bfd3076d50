import CCurl
import Glibc

/// The headers and body of one request in memory that libcurl can point into while the transfer runs, reused from one
/// request to the next. `curl_slist_append` would allocate twice for each header.
struct HeaderBlock: ~Copyable {
    private var nodes: UnsafeMutablePointer<curl_slist>
    private var nodeCapacity: Int
    private var nodeCount = 0
    private var bytes: UnsafeMutablePointer<UInt8>
    private var byteCapacity: Int
    private var byteCount = 0
    private(set) var body: UnsafeMutablePointer<UInt8>

    /// Room kept between requests; one large body is not held for ever.
    private static let keptCapacity = 16_384

    init() {
        nodeCapacity = 16
        nodes = .allocate(capacity: nodeCapacity)
        byteCapacity = 1024
        bytes = .allocate(capacity: byteCapacity)
        body = bytes
    }

    deinit {
        nodes.deallocate()
        bytes.deallocate()
    }

    /// For `CURLOPT_HTTPHEADER`; valid until the next `fill`.
    var list: UnsafeMutablePointer<curl_slist>? { nodeCount == 0 ? nil : nodes }

    /// Replaces the content. Returns what is wrong with a header, nil if nothing is.
    mutating func fill(_ headers: [TransferHeader], body content: [UInt8]?) -> String? {
        var needed = content?.count ?? 0
        for header in headers { needed += header.name.utf8.count + header.value.utf8.count + 3 }
        reserve(bytes: needed, nodes: headers.count + 2)
        nodeCount = 0
        byteCount = 0
        var hasContentType = false
        for header in headers {
            if let defect = append(header, &hasContentType) { return defect }
        }
        if let content {
            // libcurl would add a form's Content-Type, and wait for a "100 Continue" before a large body: before one of
            // more than 1 KiB in old versions.
            if !hasContentType { link(Self.noContentType) }
            if content.count > 1024 { link(Self.noExpect) }
            body = bytes + byteCount
            content.withUnsafeBufferPointer { bytes in
                if let base = bytes.baseAddress { body.update(from: base, count: bytes.count) }
            }
        }
        return nil
    }

    private mutating func append(_ header: TransferHeader, _ hasContentType: inout Bool) -> String? {
        var name = header.name
        var value = header.value
        let start = bytes + byteCount
        let nameCount: Int? = name.withUTF8 { name in
            for byte in name where !isTokenByte(byte) { return nil }
            guard let base = name.baseAddress, !name.isEmpty else { return nil }
            start.update(from: base, count: name.count)
            return name.count
        }
        guard let nameCount else {
            return "the header name \(header.name.debugDescription) is not a token of RFC 9110"
        }
        let valueCount: Int? = value.withUTF8 { value in
            for byte in value where !isValueByte(byte) { return nil }
            var (first, end) = (0, value.count)
            while first < end, value[first] == 0x20 || value[first] == 0x09 { first += 1 }
            while first < end, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
            guard first < end else { return 0 }
            (start + nameCount + 2).update(from: value.baseAddress! + first, count: end - first)
            return end - first
        }
        guard let valueCount else { return "the value of the header \(header.name) holds a control character" }

        let written = UnsafeBufferPointer(start: start, count: nameCount)
        if equals(written, ignoringCase: "content-length") { return nil }
        if equals(written, ignoringCase: "transfer-encoding") { return "the header Transfer-Encoding cannot be chosen" }
        if equals(written, ignoringCase: "content-type") { hasContentType = true }

        // "Name: value", or "Name;", libcurl's spelling of a header with an empty value.
        start[nameCount] = UInt8(ascii: valueCount == 0 ? ";" : ":")
        start[nameCount + 1] = valueCount == 0 ? 0 : 0x20
        start[nameCount + 2 + valueCount] = 0
        byteCount += nameCount + valueCount + 3
        link(UnsafeMutableRawPointer(start).assumingMemoryBound(to: CChar.self))
        return nil
    }

    private mutating func link(_ text: UnsafeMutablePointer<CChar>) {
        (nodes + nodeCount).initialize(to: curl_slist(data: text, next: nil))
        if nodeCount > 0 { nodes[nodeCount - 1].next = nodes + nodeCount }
        nodeCount += 1
    }

    private mutating func reserve(bytes byteNeed: Int, nodes nodeNeed: Int) {
        if nodeNeed > nodeCapacity {
            nodes.deallocate()
            nodeCapacity = max(nodeNeed, 2 * nodeCapacity)
            nodes = .allocate(capacity: nodeCapacity)
        }
        if byteNeed > byteCapacity || byteCapacity > Self.keptCapacity {
            bytes.deallocate()
            byteCapacity = max(byteNeed, 1024)
            bytes = .allocate(capacity: byteCapacity)
        }
        body = bytes
    }

    // Never freed and never written: nonisolated(unsafe) is right for both.
    private nonisolated(unsafe) static let noContentType: UnsafeMutablePointer<CChar> = strdup("Content-Type:")
    private nonisolated(unsafe) static let noExpect: UnsafeMutablePointer<CChar> = strdup("Expect:")
}
