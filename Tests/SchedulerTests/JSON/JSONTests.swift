import Testing

@testable import Scheduler

struct JSONTests {
    @Test func valuesComeBackAsTheyWere() throws {
        let text = #"{"a":[1,-0.5e+10,true,false,null],"b":{"c":"d"},"":"","e":[],"f":{},"g":12345678901234567890.5}"#
        var writer = JSONWriter()
        writer.value(try JSONParser.parse(Array(text.utf8)))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }

    @Test func escapesAreDecoded() throws {
        let value = try JSONParser.parse(Array(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é\u0000""#.utf8))
        #expect(value.text == "\"\\/\u{8}\u{C}\n\r\tAéé".dropLast(2) + "é😀é\u{0}")
    }

    @Test func manyMembersAreCheckedForDuplicates() throws {
        let names = (0..<40).map { #""n\#($0)":0"# }
        #expect(try JSONParser.parse(Array("{\(names.joined(separator: ","))}".utf8)).members.count == 40)
        for name in [0, 15, 16, 17, 39] {
            let text = "{\((names + [#""n\#(name)":0"#]).joined(separator: ","))}"
            #expect(throws: JSONFault.self) { try JSONParser.parse(Array(text.utf8)) }
        }
    }

    @Test func theWriterEscapesWhatItMust() throws {
        let text = "\u{0}\u{1F}\"\\/\n\r\t\u{7F}ü😀"
        var writer = JSONWriter()
        writer.string(text)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #""\u0000\u001f\"\\/\n\r\t\#u{7F}ü😀""#)
        #expect(try JSONParser.parse(writer.bytes).text == text)
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func base64RoundTrip(_ text: String) {
        #expect(Base64.decode(Base64.encode(text.utf8)) == Array(text.utf8))
    }

    @Test func base64OfTheRFC() {
        #expect(Base64.encode("foob".utf8) == "Zm9vYg==")
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(
        arguments: [
            ([0x61], 1), ([0x61, 0xC3], 1), ([0x61, 0xC3, 0xA9], 3), ([0xE4, 0xB8], 0), ([0x61, 0xF0, 0x9F, 0x98], 1),
            ([0xF0, 0x9F, 0x98, 0x80], 4), ([0xFF], 1), ([0x80, 0x80, 0x80, 0x80], 4), ([], 0),
        ] as [([UInt8], Int)])
    func cutCharacters(_ bytes: [UInt8], _ kept: Int) {
        #expect(UTF8Text.withoutCutCharacter(bytes[...]).count == kept)
    }
}
