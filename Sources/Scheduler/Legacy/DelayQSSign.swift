import Digests

/// The sign of delayQS: `md5(private_key . implode('&', $values))`, with the values of `body` in the order of PHP's `ksort`.
///
/// A receiver makes it again from the JSON that it gets, so it is made from that JSON here, with PHP's forms of values.
package enum DelayQSSign {
    /// - Parameters:
    ///   - privateKey: nil: no sign is wanted.
    ///   - bodyJSON: the producer's bytes of `body`: an object or an array of scalars.
    /// - Returns: 32 hexadecimal digits in lower case.
    /// - Throws: why no sign can be made that every receiver finds equal.
    package static func sign(privateKey: String?, bodyJSON: [UInt8]) throws(DelayQSSignRefusal) -> String? {
        guard let privateKey else { return nil }
        let text = privateKey + (try values(bodyJSON)).joined(separator: "&")
        guard let digest = Digest.md5(Array(text.utf8)) else {
            throw DelayQSSignRefusal("this system does not allow MD5")
        }
        return digest.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    /// In the order in which they are signed.
    private static func values(_ json: [UInt8]) throws(DelayQSSignRefusal) -> [String] {
        let body: JSONValue
        do throws(JSONFault) {
            body = try JSONParser.parse(json)
        } catch {
            throw DelayQSSignRefusal("body is not JSON: \(error.description)")
        }
        switch body {
        case .array(let elements):
            var values: [String] = []
            for (index, element) in elements.enumerated() { values.append(try text(element, at: "[\(index)]")) }
            return values
        case .object(let members):
            var values: [String] = []
            for index in try PHPKeyOrder.indices(members.map(\.name)) {
                values.append(try text(members[index].value, at: ".\(members[index].name.prefix(100))"))
            }
            return values
        case .null, .bool, .number, .string:
            throw DelayQSSignRefusal("body is \(body.kind); an object or an array of values can be signed")
        }
    }

    private static func text(_ value: JSONValue, at place: String) throws(DelayQSSignRefusal) -> String {
        switch value {
        case .null: ""
        case .bool(let flag): flag ? "1" : ""
        case .number(let text): PHPNumber.text(text)
        case .string(let text): text
        case .array, .object:
            throw DelayQSSignRefusal("body\(place) is \(value.kind), which PHP cannot join with the other values")
        }
    }
}

/// Why a body cannot be signed.
package struct DelayQSSignRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ reason: String) {
        description = reason
    }
}
