/// What can be said about bytes that may be text.
package enum UTF8Text {
    /// The bytes without a character at their end that was cut off; at most three bytes less.
    package static func withoutCutCharacter(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var index = bytes.endIndex
        var following = 0
        while following < 3, index > bytes.startIndex {
            index -= 1
            let byte = bytes[index]
            if byte & 0xC0 == 0x80 {
                following += 1
                continue
            }
            let length =
                switch byte {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            return following + 1 < length ? bytes[..<index] : bytes
        }
        return bytes
    }
}
