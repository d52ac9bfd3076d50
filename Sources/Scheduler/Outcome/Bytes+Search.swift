import Glibc

extension [UInt8] {
    func contains(bytesOf text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard !wanted.isEmpty else { return true }
        return withUnsafeBytes { bytes in
            var rest = bytes[...]
            while rest.count >= wanted.count {
                let starts = rest.count - wanted.count + 1
                let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress!
                guard let found = memchr(start, Int32(wanted[0]), starts) else { return false }
                if memcmp(found, wanted, wanted.count) == 0 { return true }
                rest = rest.dropFirst(UnsafeRawPointer(found) - start + 1)
            }
            return false
        }
    }

    /// - Parameter word: of small ASCII letters.
    func contains(inAnyCase word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard self.count >= count else { return false }
        return (0...self.count - count).contains { start in
            // The bit is all that tells a capital from a small letter, and no other byte has the rest of one.
            (0..<count).allSatisfy { self[start + $0] | 0x20 == word.utf8Start[$0] }
        }
    }
}
