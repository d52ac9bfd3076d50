/// Values of a form as Go's `net/url` writes them.
package enum QueryEscape {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func encode(_ content: some Sequence<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = []
        for byte in content {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            case UInt8(ascii: " "): encoded.append(UInt8(ascii: "+"))
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return encoded
    }

    package static func encode(_ text: String) -> String {
        String(decoding: encode(text.utf8), as: UTF8.self)
    }

    /// Undoes `encode`; what it cannot have written stays as it is.
    static func decode(_ content: some Sequence<UInt8>) -> [UInt8] {
        let content = Array(content)
        var decoded: [UInt8] = []
        var index = 0
        while index < content.count {
            if content[index] == UInt8(ascii: "%"), index + 2 < content.count,
                let byte = UInt8(String(decoding: content[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                decoded.append(byte)
                index += 3
            } else {
                decoded.append(content[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : content[index])
                index += 1
            }
        }
        return decoded
    }
}
