/// One header of a request. Sent in the order given, names in the case given.
///
/// A name must be a token of RFC 9110 and a value free of control characters except TAB, or the request is refused as
/// `invalid_request`; blanks around a value are dropped. The transfer frames its own body, so `Content-Length` is
/// dropped and `Transfer-Encoding` refused: either could make a receiver read one request as two.
package struct TransferHeader: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The bytes that RFC 9110 allows in a header's name (`tchar`).
func isTokenByte(_ byte: UInt8) -> Bool {
    // One bit per ASCII code: ! # $ % & ' * + - . 0-9 below 64; A-Z ^ _ ` a-z | ~ above.
    let bits: UInt64 = byte < 64 ? 0x03ff_6cfa_0000_0000 : byte < 128 ? 0x57ff_ffff_c7ff_fffe : 0
    return bits >> UInt64(byte & 63) & 1 == 1
}

/// The bytes allowed in a header's value: printable ASCII, blank, TAB, and anything above (RFC 9110 `obs-text`).
func isValueByte(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7f || byte == 0x09
}

/// Whether an ASCII string is the given lower-case word, in any case.
func equals(_ bytes: UnsafeBufferPointer<UInt8>, ignoringCase word: StaticString) -> Bool {
    guard bytes.count == word.utf8CodeUnitCount else { return false }
    for index in bytes.indices where lowercased(bytes[index]) != word.utf8Start[index] { return false }
    return true
}

private func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= 65 && byte <= 90 ? byte | 0x20 : byte
}
