import Digests
import Testing

@Suite struct SealTests {
    private static let seal = Seal(key: Array(0..<32))!
    private static let context = Array("https://shop.example".utf8)

    @Test(arguments: [0, 1, 16, 38, 1000])
    func whatWasSealedOpens(_ size: Int) {
        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let sealed = Self.seal.close(content, for: Self.context)
        #expect(Self.seal.open(sealed, for: Self.context) == content)
        // Never twice the same.
        #expect(Self.seal.close(content, for: Self.context) != sealed)
        #expect(sealed.count == size + 28)
    }

    @Test func nothingElseOpensIt() {
        let sealed = Self.seal.close(Array("secret".utf8), for: Self.context)
        #expect(Seal(key: Array(1..<33))!.open(sealed, for: Self.context) == nil)
        #expect(Self.seal.open(sealed, for: Array("https://other.example".utf8)) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(Self.seal.open(changed, for: Self.context) == nil)
        }
        for size in [0, 27, sealed.count - 1] {
            #expect(Self.seal.open(Array(sealed.prefix(size)), for: Self.context) == nil)
        }
    }

    /// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", whose tag is the standard's.
    @Test func itIsTheStandards() {
        func bytes(_ hex: String) -> [UInt8] {
            let digits = Array(hex.utf8)
            return stride(from: 0, to: digits.count, by: 2).map {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)!
            }
        }
        let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let plain = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        )
        let sealed = bytes(
            "cafebabefacedbaddecaf888"
                + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b")
        let context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        #expect(Seal(key: key)?.open(sealed, for: context) == plain)
    }

    @Test func keysHaveOneSize() {
        for size in [0, 16, 31, 33] { #expect(Seal(key: [UInt8](repeating: 1, count: size)) == nil) }
    }
}
